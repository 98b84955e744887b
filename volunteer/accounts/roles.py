"""Which rights each role has. A role is held somewhere: in an area and below, in a team, or at a partner."""

from __future__ import annotations

from volunteer import access

#: Rights of people who look at everything in their area and change nothing.
WATCHING = (
    "dashboard.read",
    "audit.read",
    "roll.read",
    "team.read",
    "activity.read",
    "statement.read",
    "partner.read",
)

TEAM = (
    "team.edit", "team.members", "activity.propose", "activity.edit", "day.schedule", "day.edit",
    "wall.show", "checkin.scan", "checkin.manual", "checkin.reverse", "roll.read", "roll.confirm", "team.read",
    "activity.read",
)  # fmt: skip

OFFICE = (
    *WATCHING, "inbox.read", "team.approve", "team.suspend", "activity.approve", "day.edit", "day.schedule",
    "wall.show", "checkin.scan", "checkin.manual", "checkin.reverse", "roll.confirm",
    "partner.review", "partner.sign", "partner.pause", "offer.edit", "offer.approve",
    "statement.draw", "statement.agree", "person.read", "person.suspend", "station.edit",
)  # fmt: skip

ROLES: dict[str, tuple[str, ...]] = {
    "street_admin": (*OFFICE, "role.give", "rules.edit", "calendar.edit", "ledger.inspect"),
    "community_admin": (*OFFICE, "role.give", "calendar.edit"),
    "auditor": (*WATCHING, "ledger.inspect", "inbox.read"),
    "team_leader": TEAM,
    "gatekeeper": ("wall.show", "checkin.scan", "checkin.manual", "roll.read"),
    "partner_manager": ("counter.open", "voucher.redeem", "offer.edit", "statement.read", "statement.confirm",
                        "partner.staff", "partner.read"),
    "counter": ("counter.open", "voucher.redeem", "partner.read"),
}  # fmt: skip

for _role, _rights in ROLES.items():
    access.define(_role, _rights)
