"""S31, S32: each act that matters is one row of the trail, kept or undone with the act; no row names anybody."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import has_request_context
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from rewards import settlements, vouchers
from volunteer import accounts, checkin, events, service_days
from volunteer.accounts import consents, phone_codes, profile
from volunteer.db import db
from volunteer.events import Happened

Act = Callable[[], Any]


class World:
    """Everybody at hand, and a browser of theirs."""

    def __init__(self, **people: Any) -> None:
        self.__dict__.update(people)

    def post(self, who: Any, path: str, **fields: Any) -> Any:
        if who is None:
            return lambda: self.visitor().post(path, fields)
        browser = self.visitor(who)
        return lambda: browser.post(path, fields)


@pytest.fixture
def world(
    here: Any, visitor: Any, xiaoman: Any, daming: Any, lao_wang: Any, office: Any, street_office: Any, nankeng: Any,
    bantian: Any, day: Any, tea_house: Any, clock: Any, number: str, voucher: Any, azhen: Any, boss_lin: Any,
) -> World:  # fmt: skip
    keeper = accounts.register(name="鹂漱澜", phone="13977770001", home=nankeng, password="a-good-long-word")
    consents.give(xiaoman, ["id"])
    service_days.sign_up(xiaoman, day)
    here.commit()
    return World(
        visitor=visitor, here=here, clock=clock, xiaoman=xiaoman, daming=daming, lao_wang=lao_wang, office=office,
        street_office=street_office, day=day, keeper=keeper, nankeng=nankeng, tea_house=tea_house, number=number,
        voucher=voucher, azhen=azhen, boss_lin=boss_lin,
    )  # fmt: skip


@pytest.fixture
def number() -> str:
    return "440307199001311235"


def grant_id(user: Any) -> int:
    return db.session.scalar(select(accounts.Grant.id).where(accounts.Grant.user_id == user.id))


def manual(w: World) -> Act:
    w.clock.move("2026-03-08 09:10")
    return w.post(
        w.lao_wang,
        f"/service-days/{w.day.id}/roll/manual",
        volunteer=w.xiaoman.id,
        direction="",
        reason="手机没电了",
    )


def reversal(w: World) -> Act:
    w.clock.move("2026-03-08 09:10")
    stay = checkin.record(w.xiaoman, checkin.showing(w.day).code, "one")
    w.here.commit()
    return w.post(w.office, f"/checkins/{stay.id}/reversal", reason="扫错了人")


def taking_back(w: World) -> Act:
    accounts.appoint(w.daming, "auditor", area=w.nankeng)
    w.here.commit()
    return w.post(w.street_office, f"/office/people/{w.daming.id}/roles/{grant_id(w.daming)}/ending")


def restoring(w: World) -> Act:
    accounts.suspend(w.daming, "核实身份")
    w.here.commit()
    return w.post(w.office, f"/office/people/{w.daming.id}/restoration", reason="核实过了")


def redeemed(w: World) -> Any:
    """A voucher of March was used, and it is April."""
    vouchers.redeem(vouchers.present(w.voucher).code, "scan-of-march", w.azhen)
    w.clock.move("2026-04-01 09:00")
    w.here.commit()


def drawing(w: World) -> Act:
    redeemed(w)
    return w.post(w.office, "/settlements", month="2026-03")


def drawn(w: World) -> Any:
    redeemed(w)
    settlements.draw("2026-03")
    w.here.commit()
    return db.session.get(settlements.Statement, settlements.statement(w.tea_house, "2026-03").id)


def confirming(w: World) -> Act:
    return w.post(w.boss_lin, f"/statements/{drawn(w).id}/confirmation")


def agreeing(w: World) -> Act:
    statement = drawn(w)
    settlements.confirm(statement, w.boss_lin)
    w.here.commit()
    return w.post(w.office, f"/statements/{statement.id}/agreement")


def another_number(w: World) -> Act:
    code = phone_codes.issue("13977770008", "phone")
    w.here.commit()
    return w.post(w.xiaoman, "/me/phone", phone="13977770008", code=code)


#: S31's list: what is done, by which route, and the row it makes.
ACTS: dict[str, tuple[str, Callable[[World], Act]]] = {
    "log-in": (
        "accounts.SignedIn",
        lambda w: w.post(None, "/sign-in", phone="13977770001", password="a-good-long-word"),
    ),
    "grant": (
        "accounts.RoleGiven",
        lambda w: w.post(
            w.street_office, f"/office/people/{w.daming.id}/roles", role="auditor", area_id=w.nankeng.id
        ),
    ),
    "grant taken back": ("accounts.RoleTaken", taking_back),
    "reveal": (
        "accounts.Revealed",
        lambda w: w.post(w.office, f"/office/people/{w.xiaoman.id}/phone", reason="通知改期"),
    ),
    "ID card seen": (
        "accounts.IdNumberSeen",
        lambda w: w.post(w.office, f"/office/people/{w.xiaoman.id}/id-number", number=w.number),
    ),
    "suspension": (
        "accounts.Suspended",
        lambda w: w.post(w.office, f"/office/people/{w.daming.id}/suspension", reason="冒用他人身份"),
    ),
    "restoration": ("accounts.Restored", restoring),
    "manual check-in": ("checkin.CheckedIn", manual),
    "reversal": ("checkin.Reversed", reversal),
    "consent": ("accounts.ConsentGiven", lambda w: w.post(w.xiaoman, "/me/consents/photo", agreed="1")),
    "erasure": ("accounts.ClosingAsked", lambda w: w.post(w.xiaoman, "/me/closing")),
    "statements drawn": ("settlements.Drawn", drawing),
    "statement confirmed": ("settlements.Confirmed", confirming),
    "statement agreed": ("settlements.Agreed", agreeing),
    "another phone": ("accounts.PhoneChanged", another_number),
    "partner paused": (
        "partners.Paused",
        lambda w: w.post(w.office, f"/partners/{w.tea_house.id}/pause", reason="暂停营业"),
    ),
}


def counted(kind: str) -> int:
    return int(db.session.scalar(select(func.count()).where(Happened.kind == kind)) or 0)


class Torn(Exception):
    """The database went away at the last moment."""


@contextlib.contextmanager
def torn() -> Iterator[None]:
    """The commit of the next request fails."""

    def fail(session: Session) -> None:
        if has_request_context():
            raise Torn

    event.listen(Session, "before_commit", fail)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", fail)


@pytest.mark.parametrize("what", ACTS)
def test_each_act_is_one_row_kept_or_undone_with_it(world: World, here: Any, what: str) -> None:
    """S31: exactly one audit row in the transaction of the act, and none when that transaction fails."""
    kind, prepare = ACTS[what]
    act = prepare(world)
    here.commit()
    before, everything = counted(kind), db.session.scalar(select(func.count()).select_from(Happened))
    with torn(), contextlib.suppress(Torn):
        assert act().status_code >= 500
    assert db.session.scalar(select(func.count()).select_from(Happened)) == everything
    answer = act()
    assert answer.status_code in (200, 302, 303), (answer.status_code, answer.words[:800])
    assert counted(kind) == before + 1


def test_no_row_of_the_trail_names_anybody(
    world: World, here: Any, visitor: Any, voucher: Any, tea: Any, azhen: Any, command: Any
) -> None:
    """S32: ids, numbers and words of ours only; no name, phone or ID number of anybody in any kind of event."""
    w = world
    for what, (_kind, prepare) in ACTS.items():
        if what not in (
            "statements drawn",
            "statement confirmed",
            "statement agreed",
            "another phone",
            "erasure",
            "reversal",
            "manual check-in",
        ):
            prepare(w)()
    visitor(w.office).post(
        f"/office/people/{w.xiaoman.id}/phone", {"reason": f"家属 13977770009 要求，证件 {w.number}"}
    )
    profile.change(w.daming, name="陈大明明", home=w.nankeng, birth_on=None, skills="理发")
    manual(w)()
    w.clock.move("2026-03-08 11:31")
    checkin.record(w.xiaoman, checkin.showing(w.day).code, "two")
    w.here.commit()
    w.post(w.xiaoman, "/me/closing")()
    here.commit()
    with db.session.no_autoflush:
        told = db.session.execute(
            select(Happened.kind, Happened.facts, Happened.about, Happened.within)
        ).all()
    known = db.session.execute(select(accounts.User.name)).scalars().all()
    names = {name for name in known if len(name) > 1} | {"便民茶屋", "林慧", "鹂漱澜"}
    kinds = set()
    for kind, facts, about, within in told:
        said = json.dumps([facts, about, within], ensure_ascii=False)
        assert not [name for name in names if name in said], (kind, said)
        assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dX](?!\d)", said), (kind, said)
        kinds.add(kind)
    assert len(kinds) >= 20, sorted(kinds)


def test_no_kind_of_event_has_a_field_for_a_value_of_a_person(app: Any) -> None:
    """S32: what an event may carry is said by its class, and none has a place for a name, a phone or an address."""
    personal = {
        "name",
        "phone",
        "id_number",
        "birth_on",
        "address",
        "email",
        "guardian_phone",
        "password",
        "token",
    }
    wrong = [(kind, personal & set(cls.__dataclass_fields__)) for kind, cls in events.KINDS.items()]
    assert [one for one in wrong if one[1]] == []


def test_changing_keys_and_destroying_the_old_ones_is_one_row_each(
    xiaoman: Any, here: Any, command: Any
) -> None:
    """S31, S22: how many, never which."""
    here.commit()
    for words, kind in (
        (("keys", "rotate"), "operation.KeysChanged"),
        (("keys", "destroy", "--at-once"), "operation.KeysDestroyed"),
    ):
        assert command(*words).exit_code == 0
        told = db.session.scalars(select(Happened).filter_by(kind=kind)).one()
        assert set(told.facts) <= {"communities", "values", "keys"} and all(told.facts.values()), told.facts


def test_taking_a_file_away_is_one_row_each_time(world: World, here: Any, visitor: Any) -> None:
    """S31, T22: who exported which table and how many rows, though the page only reads."""
    drawn(world)
    here.commit()
    office = visitor(world.office)
    for path, kind in (
        ("/office/panels/points.csv", "dashboards.PanelExported"),
        (f"/partners/{world.tea_house.id}/statements/2026-03/lines.csv", "settlements.Exported"),
    ):
        for times in (1, 2):
            assert office.get(path).status_code == 200
            here.commit()
            told = db.session.scalars(select(Happened).filter_by(kind=kind)).all()
            assert len(told) == times and {one.actor_id for one in told} == {world.office.id}
            assert all("rows" in one.facts for one in told)
    before = counted("dashboards.PanelExported")
    assert visitor(world.xiaoman).get("/office/panels/points.csv").status_code == 403
    assert counted("dashboards.PanelExported") == before
