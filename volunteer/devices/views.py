"""Enrol this device, see which there are, revoke one that is lost; and a sign of life from one in use."""

from __future__ import annotations

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from volunteer import access, devices, render
from volunteer.devices import proofs, registry
from volunteer.devices.forms import EnrolForm
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("devices", __name__)

render.navigate("service", _("扫码设备"), "devices.index", "checkin.scan", icon="phone", order=70)
render.navigate("courtesy", _("扫码设备"), "devices.index", "counter.open", icon="phone", order=60)

WHAT = {"gate": _("签到扫码"), "counter": _("柜台核销")}


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
        challenge=proofs.challenge(current_user),
        mine=devices.mine(current_user),
        others=devices.reached(current_user) if access.may("device.revoke") else [],
        what=WHAT,
    )


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
    key = proofs.proven(
        current_user, form.public_key.data or "", form.proof.data or "", request.form.get("challenge", "")
    )
    made = devices.enrol(
        current_user,
        chosen[form.place.data],
        name=form.name.data or "",
        public_key=key,
        session_id=g.get("sign_in_id"),
    )
    flash(str(_("“{name}”登记好了，扫的码会带上这台设备的签名。", name=made.name)), "good")
    return redirect(url_for("devices.index"), 303)


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
    # Whoever works at a counter may use its till; a scanner is its owner's.
    if device is None or (device.owner_id != current_user.id and not _at_its_counter(device)):
        raise devices.Unknown
    if device.revoked_at is not None:
        raise devices.Revoked
    devices.used(device, g.get("sign_in_id"))
    return jsonify({"name": device.name})


def _at_its_counter(device: devices.Device) -> bool:
    return device.kind == "counter" and access.may("voucher.redeem", device)
