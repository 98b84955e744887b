"""Enrol this device, see which there are, revoke one that is lost; and a sign of life from one in use."""

from __future__ import annotations

import base64
import binascii

from flask import current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from volunteer import access, devices, render, signing
from volunteer.devices import registry, signatures
from volunteer.devices.forms import EnrolForm
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("devices", __name__)

render.navigate("service", _("扫码设备"), "devices.index", "checkin.scan", icon="phone", order=70)
render.navigate("courtesy", _("扫码设备"), "devices.index", "counter.open", icon="phone", order=60)

WHAT = {"gate": _("签到扫码"), "counter": _("柜台核销")}


class NoKey(Refusal):
    code = "device.no_key"
    status = 422
    says = _("这个浏览器没有交出设备的钥匙。请用系统自带的浏览器或新一点的浏览器打开这一页。")
    who = _("在微信里打开的话，点右上角“在浏览器打开”。")


@pages.get("/devices", allow="self")
def index() -> str:
    """My devices, this one enrolled with one press, and those I may revoke."""
    return _page(EnrolForm(formdata=None))


def _page(form: EnrolForm) -> str:
    places = devices.places(current_user)
    names = registry.place_names(places)
    form.place.choices = [
        SelectChoice(one.key, " · ".join(filter(None, (str(WHAT[one.kind]), names.get(one.key)))))
        for one in places
    ]
    return render_template(
        "volunteer/devices/index.html",
        form=form,
        places=places,
        challenge=_challenge(),
        mine=devices.mine(current_user),
        others=devices.reached(current_user) if access.may("device.revoke") else [],
        what=WHAT,
    )


def _challenge() -> str:
    """What the device signs to prove that it holds its key: ten minutes, this person's alone."""
    return signing.signed(current_app.extensions["keyring"], "device", {"for": current_user.id}, lasts=600)


@pages.post("/devices", allow="self")
def enrol() -> ResponseReturnValue:
    """Take the key this browser has made."""
    form = EnrolForm()
    chosen = {one.key: one for one in devices.places(current_user)}
    form.place.choices = [SelectChoice(key, "") for key in chosen]
    if not chosen:
        raise registry.NotYours
    if not form.validate():
        return _page(form), 422
    key = _key(form.public_key.data or "")
    challenge = request.form.get("challenge", "")
    told = signing.read(current_app.extensions["keyring"], "device", challenge)
    if told.get("for") != current_user.id:
        raise signatures.BadSignature
    signatures.verify(key, form.proof.data or "", challenge.encode())
    made = devices.enrol(
        current_user,
        chosen[form.place.data],
        name=form.name.data or "",
        public_key=key,
        session_id=g.get("sign_in_id"),
    )
    flash(str(_("“{name}”登记好了，扫的码会带上这台设备的签名。", name=made.name)), "good")
    return redirect(url_for("devices.index"), 303)


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoKey from None
    if not key:
        raise NoKey
    return key


@pages.post("/devices/<int:device_id>/revocation", allow="self")
def revoke(device_id: int) -> ResponseReturnValue:
    """Take a device out of use at once: its owner, the team's leader, the shop's manager or the office."""
    device = access.find(devices.Device, device_id, right=("self", "device.revoke"), lock=True)
    devices.revoke(device, by=current_user)
    flash(str(_("“{name}”停用了，从现在起不能上传。", name=device.name)), "good")
    return redirect(url_for("devices.index"), 303)


@pages.post("/devices/sign-of-life", allow="self")
def seen() -> ResponseReturnValue:
    """A device in use says so, signed; one that is revoked learns it."""
    device = devices.signer(request)
    if device is None or device.owner_id != current_user.id:
        raise devices.Unknown
    if device.revoked_at is not None:
        raise devices.Revoked
    devices.used(device, g.get("sign_in_id"))
    return jsonify({"name": device.name})
