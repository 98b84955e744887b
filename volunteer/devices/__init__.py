"""Scanners and counters: a device enrols once with a key that never leaves it, signs what it uploads, and can be revoked.

Volunteers' own phones are not enrolled. Programs with a bearer token may sign; pages of ours must.
"""

from volunteer.devices import proofs
from volunteer.devices.models import Device
from volunteer.devices.registry import (
    DeviceEnrolled,
    DeviceRevoked,
    Place,
    Revoked,
    enrol,
    mine,
    places,
    reached,
    revoke,
    used,
)
from volunteer.devices.signatures import BadSignature, Unknown, signer

__all__ = [
    "BadSignature",
    "Device",
    "DeviceEnrolled",
    "DeviceRevoked",
    "Place",
    "Revoked",
    "Unknown",
    "enrol",
    "mine",
    "places",
    "proofs",
    "reached",
    "revoke",
    "signer",
    "used",
]
