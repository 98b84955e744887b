"""Whose code it is, and everything a scan needs to know of the day and the person, in one statement for many scans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import BigInteger, Date, Integer, Row, Text, and_, bindparam, case, exists, func, select
from sqlalchemy.orm import Bundle, aliased

from volunteer import accounts, clock, codes, hours, ledger
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.batches import as_rows, asked, next_id
from volunteer.checkin import cards, credit, passes
from volunteer.checkin.models import Attendance, SharedPhone
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.hours import ServiceRecord
from volunteer.service_days import ServiceDay, Signup

#: What a scan asks about a stay.
STAY = (
    "id", "service_day_id", "volunteer_id", "in_at", "in_how", "in_scan", "out_at", "minutes", "grade", "points", "state", "reason",
)  # fmt: skip


def holder(code: str) -> tuple[accounts.User, str, passes.PassCode | None]:
    """Whose pass, card or 12-digit volunteer number this is, and how it was shown.

    :raises signing.Forged: not ours, or nobody's
    :raises passes.Revoked: replaced by a newer one; or a card that was reported lost, or never made
    """
    plain = "".join(code.split())
    if plain.isascii() and plain.isdigit() and len(plain) == 12:
        volunteer = accounts.by_number(plain)
        if volunteer is None:
            raise NotFound
        return volunteer, "number", None
    seen: dict[bytes, accounts.User] = {}

    def revision_of(public: bytes) -> int | None:
        user = accounts.by_public(codes.encode(public))
        if user is not None:
            seen[public] = user
        return user.pass_revision if user else None

    read = passes.read_pass(
        current_app.extensions["keyring"], code, revision_of, base_url=current_app.config["BASE_URL"]
    )
    volunteer = seen[read.volunteer]
    if read.kind == "card":
        cards.check(read, volunteer)
    return volunteer, read.kind, read


@dataclass(frozen=True)
class Asked:
    """What one scan wants to know: who (by id, or by the fingerprint of a bearer token), which scan, which day."""

    scan: str
    volunteer_id: int | None = None
    token: str | None = None
    public: str | None = None
    day_id: int | None = None
    device: str | None = None


def look(scans: Sequence[Asked]) -> dict[int, Row[Any]]:
    """Everything these scans need to know, in one statement: position → row; no row, no such day or person."""
    rows = [
        {"n": n, "who": one.volunteer_id, "token": one.token, "scan": one.scan, "public": one.public, "day": one.day_id, "device": one.device}
        for n, one in enumerate(scans)
    ]  # fmt: skip
    said = {
        "scans": as_rows(rows),
        "purses_from": ledger.chart.month_of(clock.today()),
        "now": clock.now(),
        "month_from": clock.today().replace(day=1),
        "year_from": (year := clock.today().replace(month=1, day=1)),
        "year_before": year.replace(year=year.year - 1),
    }
    found = db.session.execute(_statement(db.engine.dialect.name), said)
    return {row.n: row for row in found}


@cache
def _statement(_dialect: str) -> Any:
    """The look itself, built once an engine."""
    scan = asked(
        "scans", n=Integer, who=BigInteger, token=Text, scan=Text, public=Text, day=BigInteger, device=Text
    )
    stay, past = aliased(Attendance, name="stay"), aliased(Attendance, name="past")
    other, scanned = aliased(Attendance, name="other"), aliased(Attendance, name="scanned")
    the_day = aliased(ServiceDay, name="the_day")
    here = (past.service_day_id == ServiceDay.id, past.volunteer_id == User.id, past.state != "void")
    newest = select(func.max(past.id)).where(*here).scalar_subquery()
    sessions = select(func.count()).select_from(past).where(*here).scalar_subquery()
    # The phone has checked somebody else in here, and no organiser has said that these two share it.
    somebody_else = exists().where(
        past.service_day_id == ServiceDay.id,
        past.device == scan.c.device,
        past.volunteer_id != User.id,
        past.state != "void",
    )
    allowed = exists().where(SharedPhone.service_day_id == ServiceDay.id, SharedPhone.volunteer_id == User.id)
    # Whoever leaves after midnight on 31 December served in the year that is over.
    this_year = bindparam("year_from", type_=Date())
    year_from = case((ServiceDay.on >= this_year, this_year), else_=bindparam("year_before", type_=Date()))
    # Two index look-ups cost less than one condition with an "or" in it.
    named = select(the_day.id).where(the_day.public == scan.c.public).scalar_subquery()
    way_in = select(past.id).where(past.in_scan == scan.c.scan).scalar_subquery()
    way_out = select(past.id).where(past.out_scan == scan.c.scan).scalar_subquery()
    return (
        select(
            scan.c.n,
            User.id.label("volunteer_id"),
            User.birth_on,
            accounts.guarded(User.id).label("guarded"),
            ServiceDay,
            Activity,
            Signup.state.label("signup"),
            Bundle("last", *(getattr(stay, name) for name in STAY)),
            Bundle("scanned", *(getattr(scanned, name) for name in STAY)),
            other.service_day_id.label("elsewhere"),
            and_(somebody_else, ~allowed).label("borrowed"),
            sessions.label("sessions"),
            *(sums.label(name) for name, sums in hours.queries.on_date(User.id, ServiceDay.on).items()),
            hours.queries.points_between(User.id, bindparam("month_from", type_=Date()), ServiceDay.on).label(
                "points_month"
            ),
            hours.queries.points_between(User.id, year_from, ServiceDay.on).label("points_year"),
            hours.queries.flat_paid(ServiceDay.id, User.id).label("flat_paid"),
            hours.queries.held(ServiceDay.id, User.id).label("held"),
            credit.column(ServiceDay.id, User.id).label("share"),
            ledger.queries.balance_from(User.id, bindparam("purses_from", type_=Text())).label("balance"),
            next_id(Attendance, scan.c.n).label("attendance_id"),
            next_id(ServiceRecord, scan.c.n).label("record_id"),
        )
        .select_from(scan)
        .join(User, User.id == func.coalesce(scan.c.who, accounts.tokens.holder_of(scan.c.token)))
        .join(ServiceDay, ServiceDay.id == func.coalesce(scan.c.day, named))
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .outerjoin(Signup, and_(Signup.service_day_id == ServiceDay.id, Signup.volunteer_id == User.id))
        .outerjoin(stay, stay.id == newest)
        .outerjoin(scanned, scanned.id == func.coalesce(way_in, way_out))
        .outerjoin(
            other,
            and_(other.volunteer_id == User.id, other.state == "open", other.service_day_id != ServiceDay.id),
        )
    )
