"""Which rights each role has. A role is held somewhere: in an area and below, in a team, or at a partner."""

from __future__ import annotations

from volunteer import access
from volunteer.i18n import Sentence, _

#: Rights of people who look at everything in their area and change nothing; the auditor also answers appeals.
WATCHING = (
    "dashboard.read",
    "audit.read",
    "roll.read",
    "team.read",
    "activity.read",
    "statement.read",
    "statement.export",
    "partner.read",
    "finding.read",
    "anomaly.read",
)

TEAM = (
    "team.members", "activity.propose", "activity.edit", "day.schedule", "day.edit",
    "wall.show", "checkin.scan", "checkin.manual", "checkin.reverse", "roll.read", "roll.confirm", "team.read",
    "activity.read", "device.revoke", "patrol.plan", "finding.read", "supplement.file", "supplement.approve", "card.make",
)  # fmt: skip

OFFICE = (
    *WATCHING, "inbox.read", "team.approve", "team.suspend", "activity.approve", "day.edit", "day.schedule",
    "wall.show", "checkin.scan", "checkin.manual", "checkin.reverse", "roll.confirm", "hours.confirm",
    "partner.review", "partner.sign", "partner.pause", "offer.edit",
    "statement.draw", "statement.agree", "dispute.decide", "points.adjust", "person.read", "person.suspend", "person.prove", "person.reveal", "person.import", "station.edit",
    "device.revoke", "patrol.plan", "finding.answer", "supplement.file", "supplement.approve", "appeal.read", "appeal.answer",
    "anomaly.answer", "card.make", "giving.edit", "giving.approve",
)  # fmt: skip

ROLES: dict[str, tuple[str, ...]] = {
    "street_admin": (*OFFICE, "role.give", "export.take", "calendar.edit", "ledger.inspect",
                     "hours.confirm_long", "rules.read", "rules.draft", "rules.adopt", "scheme.edit", "month.close"),
    "community_admin": (*OFFICE, "role.give", "export.take", "calendar.edit"),
    "auditor": (*WATCHING, "ledger.inspect", "export.take", "inbox.read", "appeal.read", "appeal.review",
                "anomaly.review", "rules.read", "rules.adopt", "month.close"),
    "team_leader": TEAM,
    "gatekeeper": ("wall.show", "checkin.scan", "checkin.manual", "roll.read"),
    "partner_manager": ("counter.open", "voucher.redeem", "offer.edit", "statement.read", "statement.export", "statement.confirm",
                        "partner.staff", "partner.read", "device.revoke", "export.take"),
    "counter": ("counter.open", "voucher.redeem", "partner.read"),
}  # fmt: skip

for _role, _rights in ROLES.items():
    access.define(_role, _rights)

#: Other people's rights, money, particulars and files to take away: the office holds these with a second factor only.
access.guard((
    "role.give", "person.suspend", "person.prove", "person.reveal", "person.import", "statement.draw", "statement.agree",
    "dispute.decide", "points.adjust", "export.take", "statement.export", "partner.review", "partner.sign", "calendar.edit", "station.edit", "card.make",
    "rules.adopt", "month.close",
    "rules.adopt",
    "giving.approve",
))  # fmt: skip

#: Roles of the office: shorter sessions, and given by page.
OFFICE_ROLES = ("street_admin", "community_admin", "auditor")

#: Giving one of these takes two: one asks, another agrees.
ADMIN_ROLES = ("street_admin", "community_admin")

#: giver's role → kind of area → roles they may give there. Team and partner roles come from those features.
GIVABLE: dict[str, dict[str, tuple[str, ...]]] = {
    "street_admin": {
        "street": ("street_admin", "auditor"),
        "community": ("community_admin", "auditor"),
    },
    "community_admin": {"community": ("community_admin", "auditor")},
}

NAMES: dict[str, Sentence] = {
    "street_admin": _("街道管理员"),
    "community_admin": _("社区管理员"),
    "auditor": _("审计员"),
    "team_leader": _("队长"),
    "gatekeeper": _("签到员"),
    "partner_manager": _("商家负责人"),
    "counter": _("柜台"),
}


def name(role: str) -> Sentence:
    """Return what a role is called."""
    return NAMES.get(role) or Sentence(role)
