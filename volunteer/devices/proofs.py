"""A device proves that it holds the key it hands in: it signs a challenge that is this person's, for ten minutes."""

from __future__ import annotations

import base64
import binascii

from flask import current_app

from volunteer import accounts, signing
from volunteer.devices import signatures
from volunteer.errors import Refusal
from volunteer.i18n import _

LASTS = 600


class NoKey(Refusal):
    code = "device.no_key"
    status = 422
    says = _("这个浏览器没有交出设备的钥匙。请用系统自带的浏览器或新一点的浏览器打开这一页。")
    who = _("在微信里打开的话，点右上角“在浏览器打开”。")


def challenge(person: accounts.User) -> str:
    """Return what the device signs to prove that it holds its key: ten minutes, this person's alone."""
    return signing.signed(current_app.extensions["keyring"], "device", {"for": person.id}, lasts=LASTS)


def proven(person: accounts.User, public_key: str, proof: str, said: str) -> bytes:
    """Return the key that a page's script handed in, with its signature over the challenge.

    :raises NoKey: there is none
    :raises signing.Forged, signing.Lapsed, signatures.BadSignature: the challenge or the proof does not hold
    """
    try:
        key = base64.b64decode(public_key, validate=True)
    except (binascii.Error, ValueError):
        raise NoKey from None
    if not key:
        raise NoKey
    told = signing.read(current_app.extensions["keyring"], "device", said)
    if told.get("for") != person.id:
        raise signatures.BadSignature
    signatures.verify(key, proof, said.encode())
    return key
