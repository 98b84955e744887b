"""Enrol a device, see which there are, revoke one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from volunteer import access, accounts, clock, events
from volunteer.community import Area
from volunteer.db import db
from volunteer.devices import signatures
from volunteer.devices.models import Device
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.teams import Team

#: A right at a place makes its holder's device a scanner or a counter.
KINDS = {"gate": "checkin.scan", "counter": "voucher.redeem"}
SHOWN_MAX = 200
TOUCH_EVERY = timedelta(minutes=10)


@events.kind
class DeviceEnrolled(events.Event):
    device_id: int
    kind: str


@events.kind
class DeviceRevoked(events.Event):
    device_id: int


class NotYours(Refusal):
    code = "device.no_place"
    status = 403
    says = _("扫码设备由队长、签到员、社区或商家柜台登记，你现在没有这些岗位。")
    who = _("请队长在队伍里给你“签到员”的岗位。")


class Enrolled(Refusal):
    code = "device.enrolled"
    says = _("这台设备已经登记过了。")
    who = _("直接打开扫码页就能用。")


class Revoked(Refusal):
    code = "device.revoked"
    status = 401
    says = _("这台设备已经停用，不能再上传。")
    who = _("之前扫的码没有丢，社区看过可以收下。还要用这台设备，请重新登记。")


@dataclass(frozen=True)
class Place:
    """Where a device may be enrolled: what it does there."""

    kind: str
    hold: access.Hold

    @property
    def key(self) -> str:
        """A name for a form's choice."""
        hold = self.hold
        return f"{self.kind}-{hold.team_id or ''}-{hold.partner_id or ''}-{hold.area_path or ''}"


def places(person: accounts.User) -> list[Place]:
    """Where a person may enrol a device: each post that scans, once."""
    found = [
        Place(kind, hold) for kind, right in KINDS.items() for hold in person.holds if right in hold.rights
    ]
    return list({one.key: one for one in found}.values())


def place_names(found: Sequence[Place]) -> dict[str, str]:
    """What the teams and areas among some places are called."""
    team_ids = [one.hold.team_id for one in found if one.hold.team_id]
    paths = [one.hold.area_path for one in found if one.hold.area_path]
    named = {
        row.id: row.name
        for row in db.session.execute(select(Team.id, Team.name).where(Team.id.in_(team_ids)))
    }
    areas = {
        row.path: row.name
        for row in db.session.execute(select(Area.path, Area.name).where(Area.path.in_(paths)))
    }
    return {
        one.key: named.get(one.hold.team_id or 0) or areas.get(one.hold.area_path or "") or ""
        for one in found
    }


def enrol(
    owner: accounts.User, place: Place, *, name: str, public_key: bytes, session_id: int | None = None
) -> Device:
    """Take a device's public key into the registry.

    :raises NotYours: not a place of the owner's
    :raises volunteer.devices.BadSignature: not a P-256 key
    :raises Enrolled: a key that is known
    """
    if place.key not in {one.key for one in places(owner)}:
        raise NotYours
    signatures.load(public_key)
    key_id = hashlib.sha256(public_key).hexdigest()
    if db.session.scalar(select(Device.id).where(Device.key_id == key_id)) is not None:
        raise Enrolled

    at = clock.now()
    device = Device(
        key_id=key_id,
        public_key=public_key,
        kind=place.kind,
        name=name.strip()[:40],
        owner_id=owner.id,
        area_path=place.hold.area_path or owner.area_path,
        team_id=place.hold.team_id,
        partner_id=place.hold.partner_id,
        sign_in_id=session_id,
        enrolled_at=at,
        seen_at=at,
    )
    db.session.add(device)
    db.session.flush()

    events.record(
        DeviceEnrolled(device_id=device.id, kind=device.kind), about=f"device:{device.id}", whom=owner.id
    )
    return device


def used(device: Device, session_id: int | None = None) -> None:
    """Note that a device is in use, every ten minutes at most."""
    at = clock.now()
    if at - device.seen_at >= TOUCH_EVERY or (session_id and session_id != device.sign_in_id):
        device.seen_at, device.sign_in_id = at, session_id or device.sign_in_id
        db.session.flush()


def revoke(device: Device, *, by: accounts.User) -> Device:
    """Take a device out of use at once and end the session it was last seen in; again changes nothing."""
    if device.revoked_at is not None:
        return device
    device.revoked_at, device.revoked_by = clock.now(), by.id
    db.session.flush()
    session = db.session.get(accounts.sessions.SignIn, device.sign_in_id) if device.sign_in_id else None
    # Whoever revokes the device in his hands goes on with what he does.
    if session is not None and session.user_id != by.id:
        accounts.sessions.close(session)

    events.record(DeviceRevoked(device_id=device.id), about=f"device:{device.id}", whom=device.owner_id)
    return device


def mine(person: accounts.User) -> Sequence[Device]:
    """A person's own devices, those in use first."""
    return db.session.scalars(
        select(Device)
        .where(Device.owner_id == person.id)
        .order_by(Device.revoked_at.is_not(None), Device.id.desc())
        .limit(SHOWN_MAX)
    ).all()


def reached(person: accounts.User) -> Sequence[Any]:
    """Other people's devices that this person may revoke, with their owners' names."""
    statement = (
        select(Device, accounts.User.name)
        .join(accounts.User, accounts.User.id == Device.owner_id)
        .where(Device.owner_id != person.id)
        .order_by(Device.revoked_at.is_not(None), Device.seen_at.desc(), Device.id)
        .limit(SHOWN_MAX)
    )
    return db.session.execute(access.within(statement, Device, "device.revoke")).all()
