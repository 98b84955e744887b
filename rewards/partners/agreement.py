"""Signing for at most twelve months at a time; a renewal is a new version, never an edit."""

from __future__ import annotations

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select

from rewards.partners import pledges
from rewards.partners.application import NotWaiting
from rewards.partners.hands import refuse_own
from rewards.partners.models import Agreement, Partner
from volunteer import accounts, clock, events, notices
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _

MONTHS_MAX = 12
RENEWAL_DAYS = (60, 30, 7)


@events.kind
class Signed(events.Event):
    partner_id: int
    agreement_id: int


@events.kind
class AgreementEnded(events.Event):
    partner_id: int


class TooLong(Refusal):
    code = "partner.agreement_too_long"
    status = 422
    says = _("一份协议最长 12 个月，这一份最晚写到 {latest|date}。")


class DatesWrong(Refusal):
    code = "partner.agreement_dates"
    status = 422
    says = _("结束日期要在开始日期之后，也不能早于今天。")


class LicenceShort(Refusal):
    code = "partner.licence_short"
    status = 422
    says = _("证照 {until|date} 就到期了，协议不能从那以后才开始。")


class Overlaps(Refusal):
    code = "partner.agreement_overlaps"
    says = _("现在的协议到 {until|date} 为止，新的一份请从第二天开始。")


def sign(partner: Partner, starts_on: date, ends_on: date, *, statement_day: int | None = None) -> Agreement:
    """Sign an agreement; who asked becomes the partner's first manager. The same dates again are the same agreement.

    `statement_day` is on which day of a month its statement is drawn up: as before, or the first.

    :raises TooLong: beyond twelve months
    :raises Overlaps: while another one runs
    :raises HandInIt: by whoever the partner belongs to
    """
    latest = last(partner)
    if latest and (latest.starts_on, latest.ends_on, latest.ended_at) == (starts_on, ends_on, None):
        return latest
    if partner.state not in ("reviewed", "signed", "lapsed"):
        raise NotWaiting
    refuse_own(partner)
    if ends_on <= starts_on or ends_on < clock.today():
        raise DatesWrong
    if ends_on > starts_on + relativedelta(months=MONTHS_MAX) - timedelta(days=1):
        raise TooLong(latest=starts_on + relativedelta(months=MONTHS_MAX) - timedelta(days=1))
    if partner.licence_until is not None and partner.licence_until < starts_on:
        raise LicenceShort(until=partner.licence_until)
    if latest and latest.ended_at is None and latest.ends_on >= starts_on:
        raise Overlaps(until=latest.ends_on)

    agreement = Agreement(
        partner_id=partner.id,
        area_path=partner.area_path,
        version=(latest.version if latest else 0) + 1,
        starts_on=starts_on,
        ends_on=ends_on,
        signed_at=clock.now(),
        signed_by=events.actor() or partner.applicant_id,
        statement_day=statement_day or (latest.statement_day if latest else 1),
        pledge_id=accepted.id if (accepted := pledges.last(partner.id)) else None,
    )
    db.session.add(agreement)
    partner.state = "signed"
    partner.renewal_asked_at = partner.renewal_asked_by = None
    db.session.flush()
    # Only where nobody answers for it yet: a manager who was let go is not back with the next version.
    if not accounts.holders("partner_manager", partner_id=partner.id):
        applicant = db.session.get_one(accounts.User, partner.applicant_id)
        accounts.appoint(applicant, "partner_manager", partner_id=partner.id)

    notices.send_many(
        [manager.id for manager in accounts.holders("partner_manager", partner_id=partner.id)],
        _(
            "{partner} 的协议签好了：{starts|date} 到 {ends|date}。现在可以发布礼遇了。",
            partner=partner.name, starts=starts_on, ends=ends_on,
        ),
        key=f"agreement:{agreement.id}",
        link=f"/partners/{partner.id}",
    )  # fmt: skip
    events.record(
        Signed(partner_id=partner.id, agreement_id=agreement.id),
        about=f"partner:{partner.id}",
        whom=partner.applicant_id,
    )
    return agreement


def in_force(partner_id: int, on: date) -> Agreement | None:
    """Return the agreement that covers a day."""
    return db.session.scalar(
        select(Agreement)
        .where(
            Agreement.partner_id == partner_id,
            Agreement.starts_on <= on,
            Agreement.ends_on >= on,
            Agreement.ended_at.is_(None),
        )
        .order_by(Agreement.version.desc())
        .limit(1)
    )


def last(partner: Partner) -> Agreement | None:
    """Return the newest agreement, in force or not."""
    return db.session.scalar(
        select(Agreement).filter_by(partner_id=partner.id).order_by(Agreement.version.desc()).limit(1)
    )


def proposal(partner: Partner) -> tuple[date, date]:
    """Return the dates to propose for the next agreement: today or the day after this one, for a whole year."""
    until = covered_until(partner.id, clock.today())
    starts = until + timedelta(days=1) if until else clock.today()
    return starts, starts + relativedelta(months=MONTHS_MAX) - timedelta(days=1)


def covered_until(partner_id: int, on: date) -> date | None:
    """Return the last day covered without a gap from `on`, through renewals signed already."""
    runs = db.session.execute(
        select(Agreement.starts_on, Agreement.ends_on)
        .where(Agreement.partner_id == partner_id, Agreement.ended_at.is_(None), Agreement.ends_on >= on)
        .order_by(Agreement.starts_on)
    ).all()
    until: date | None = None
    for starts_on, ends_on in runs:
        if starts_on <= on if until is None else starts_on <= until + timedelta(days=1):
            until = max(until or ends_on, ends_on)
    return until


def wind_up(on: date) -> int:
    """End the partnerships whose last agreement is over before `on`, and return how many."""
    newest = select(func.max(Agreement.ends_on)).where(
        Agreement.partner_id == Partner.id, Agreement.ended_at.is_(None)
    )
    over = db.session.scalars(
        select(Partner)
        .where(Partner.state.in_(("signed", "paused")), newest.scalar_subquery() < on)
        .order_by(Partner.id)
    ).all()
    for partner in over:
        partner.state = "lapsed"
        notices.send_many(
            [manager.id for manager in accounts.holders("partner_manager", partner_id=partner.id)],
            _(
                "{partner} 的协议到期了，礼遇已经收起来。想继续合作，请在商家页申请续签。",
                partner=partner.name,
            ),
            key=f"agreement-over:{partner.id}:{on:%Y-%m-%d}",
            link=f"/partners/{partner.id}",
        )
        events.record(AgreementEnded(partner_id=partner.id), about=f"partner:{partner.id}")
    return len(over)


def days_ahead(on: date) -> dict[date, int]:
    """Return the days whose end is told on a day, each with how many days it is away."""
    return {on + timedelta(days=ahead): ahead for ahead in RENEWAL_DAYS}


def ask_for_renewal(on: date) -> int:
    """Tell the managers of partners whose last agreement ends in 60, 30 or 7 days, and return how many partners."""
    newest = (
        select(Agreement.partner_id, func.max(Agreement.ends_on).label("ends_on"))
        .where(Agreement.ended_at.is_(None))
        .group_by(Agreement.partner_id)
        .subquery()
    )
    days = days_ahead(on)
    ending = db.session.execute(
        select(Partner, newest.c.ends_on)
        .join(newest, newest.c.partner_id == Partner.id)
        .where(Partner.state == "signed", newest.c.ends_on.in_(days))
        .order_by(Partner.id)
    ).all()
    for partner, ends_on in ending:
        notices.send_many(
            [manager.id for manager in accounts.holders("partner_manager", partner_id=partner.id)],
            _(
                "{partner} 的协议还有 {days} 天到期（{ends|date}），想续签请在商家页申请。",
                partner=partner.name, days=days[ends_on], ends=ends_on,
            ),
            key=f"renewal:{partner.id}:{ends_on}:{days[ends_on]}",
            link=f"/partners/{partner.id}",
        )  # fmt: skip
    return len(ending)
