"""Who signed a request: `X-Device` names the key, `X-Device-Signature` is over the method, the path and the body."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from flask import Request
from sqlalchemy import select

from volunteer.db import db
from volunteer.devices.models import Device
from volunteer.errors import Refusal
from volunteer.i18n import _

KEY_BYTES_MAX = 128
#: WebCrypto writes r and s side by side.
SIDE = 32


class BadSignature(Refusal):
    code = "device.signature"
    status = 400
    says = _("设备的签名对不上，请刷新页面再试一次。")
    who = _("还是不行，请队长把这台设备停用，再登记一次。")


class Unknown(Refusal):
    code = "device.unknown"
    status = 401
    says = _("这台设备还没有登记。扫过的码都留着，登记以后会自动上传。")
    who = _("请队长或社区在“扫码设备”里看一看，需要的话再登记一次。")
    action = (_("登记这台设备"), "devices.index")


def load(public_key: bytes) -> ec.EllipticCurvePublicKey:
    """Return the P-256 key in a SubjectPublicKeyInfo.

    :raises BadSignature: for anything else
    """
    try:
        key = serialization.load_der_public_key(public_key[:KEY_BYTES_MAX])
    except ValueError:
        raise BadSignature from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadSignature
    return key


def verify(public_key: bytes, signature: str, message: bytes) -> None:
    """See that a message was signed with the device's key.

    :raises BadSignature: it was not
    """
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        raise BadSignature from None
    if len(raw) != 2 * SIDE:
        raise BadSignature
    pair = utils.encode_dss_signature(int.from_bytes(raw[:SIDE]), int.from_bytes(raw[SIDE:]))
    try:
        load(public_key).verify(pair, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise BadSignature from None


def signer(asking: Request) -> Device | None:
    """Return the device that signed a request, revoked or not; None where none says it did.

    :raises Unknown: it names a key nobody enrolled
    :raises BadSignature: the signature does not fit
    """
    key_id = asking.headers.get("X-Device", "")
    if not key_id:
        return None
    device = db.session.scalar(select(Device).where(Device.key_id == key_id[:64]))
    if device is None:
        raise Unknown
    message = f"{asking.method} {asking.path}\n".encode() + asking.get_data(cache=True)
    verify(device.public_key, asking.headers.get("X-Device-Signature", ""), message)
    return device
