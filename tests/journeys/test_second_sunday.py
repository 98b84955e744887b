"""A whole second Sunday rehearsed: 400 people, 30 of them without phones, no signal for twenty minutes, five who forget
to check out, three who cheat. In the evening every record says why it is there, and the books are right.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.journeys.walk import Person, given, problem
from volunteer import accounts, anomalies, checkin, hours, ledger, service_days, sheets, signing
from volunteer.accounts import passwords
from volunteer.appeals import queries as appeal_queries
from volunteer.checkin.models import Called, KeptScan
from volunteer.db import db
from volunteer.service_days import Signup

PLACES = 400
SUNDAY = "2026-03-08"

#: Everybody who signed up, by how the day goes for them.
GROUPS = {
    "wall": 325,
    "forget": 5,  # scan the wall in the morning and go home without another look at it
    "offline": 30,  # their phones are read while there is no signal
    "card": 10,
    "card_offline": 5,
    "pin": 5,
    "paper": 5,
    "number": 2,
    "tick": 3,
    "ghost": 6,  # never come: somebody at the gate reads pictures of their passes
    "forwarded": 1,  # stays at home and opens a picture of the wall's code
    "friend": 1,  # has a friend check him in on the friend's phone
    "on_leave": 1,
    "absent": 1,
}
WITHOUT_PHONES = ("card", "card_offline", "pin", "paper", "number", "tick")


@dataclass
class Sunday:
    """The day, who comes to it in which way, and who looks after it."""

    day: service_days.ServiceDay
    people: dict[str, list[accounts.User]]
    leader: accounts.User
    second: accounts.User
    gate: accounts.User
    office: accounts.User
    clock: Any

    def of(self, *groups: str) -> list[accounts.User]:
        return [one for group in groups or self.people for one in self.people[group]]

    def at(self, time: str) -> None:
        self.clock.move(f"{SUNDAY} {time}")


@pytest.fixture
def sunday(
    clock: Any,
    here: Any,
    make_day: Any,
    make_activity: Any,
    make_volunteers: Callable[[int], list[accounts.User]],
    team: Any,
    nankeng: Any,
    lao_wang: accounts.User,
    office: accounts.User,
) -> Sunday:
    """400 places, all taken."""
    assert sum(GROUPS.values()) == PLACES and sum(GROUPS[one] for one in WITHOUT_PHONES) == 30
    clock.move("2026-02-20 10:00")
    day = make_day(of=make_activity(plan="四百人分十个摊位，每摊两位负责人。"), capacity=PLACES)
    crowd = iter(make_volunteers(PLACES))
    people = {group: [next(crowd) for _one in range(count)] for group, count in GROUPS.items()}
    second = accounts.register(name="周敏", phone="13800000052", home=nankeng)
    accounts.appoint(second, "team_leader", team_id=team.id)
    gate = accounts.register(name="孙丽", phone="13800000053", home=nankeng)
    accounts.appoint(gate, "gatekeeper", team_id=team.id)
    for group in people.values():
        for one in group:
            service_days.sign_up(one, day)
    return Sunday(day, people, lao_wang, second, gate, office, clock)


@pytest.fixture
def live(sunday: Sunday, here: Any, command: Any, person: Any, script: Any) -> Sunday:
    """The day as it goes, told in order; every step by HTTP, as its person would."""
    here.commit()
    script = functools.cache(script)  # a phone stays signed in
    _before(sunday, person, script)
    _morning(sunday, person, script)
    _without_signal(sunday, script)
    _mid_morning(sunday, person, command)
    _noon(sunday, person, script, command)
    _paper(sunday, person)
    _office(sunday, person, command)
    return sunday


def test_the_evening_explains_every_record_and_the_books_are_right(
    live: Sunday, command: Any, person: Any
) -> None:
    """T01, T04, T06, T25, T26, O6: one whole second Sunday."""
    day, records = live.day, _records(live.day)
    grades = {
        group: dict(Counter(record.grade for one in people for record in records.get(one.id, ())))
        for group, people in live.people.items()
    }
    assert grades == {
        "wall": {"A": 325},
        "forget": {"B": 5},
        "offline": {"A": 30},
        "card": {"A": 10},
        "card_offline": {"A": 5},
        "pin": {"A": 5},
        "paper": {"B": 5},
        "number": {"C": 2},
        "tick": {"C": 3},
        "ghost": {},
        "forwarded": {},
        "friend": {},
        "on_leave": {},
        "absent": {},
    }

    # Every record says why it is there, and what happened to it since; none waits for anybody any more.
    for (record,) in records.values():
        why = appeal_queries.why(record)
        assert len(why.sentences) >= 3 and all(str(one) for one in why.sentences), record.source
        assert why.since and why.rule, record.source
    for group, words in {
        "wall": "扫大屏",
        "forget": "名单核对",
        "offline": "离线扫码",
        "card": "扫志愿者卡",
        "paper": "签名表",
        "tick": "人工",
    }.items():
        (record,) = records[live.people[group][0].id]
        page = person(live.people[group][0])
        page.open(f"/me/records/{record.id}")
        page.reads(words, "分钟")
    stays = db.session.scalars(select(checkin.Attendance)).all()
    assert Counter(stay.state for stay in stays) == {"closed": 340, "confirmed": 50, "void": 6}
    assert all(stay.reason for stay in stays if stay.state == "void")
    assert {one.state for one in db.session.scalars(select(hours.ServiceRecord))} == {
        "confirmed",
        "reversed",
    }

    # Nothing a device or a sheet brought is left lying about.
    kept = db.session.scalars(select(KeptScan)).all()
    assert Counter(one.outcome for one in kept) == {"to_confirm": 30 + 5 + 2 * 5}
    assert all(one.attendance_id for one in kept)
    assert {one.state for one in db.session.scalars(select(sheets.PaperSheet))} <= {"printed", "checked"}
    assert [one.state for one in db.session.scalars(select(anomalies.Anomaly))] == ["wrong"]

    # Whoever has no record took leave, or did not come.
    states = Counter(db.session.scalars(select(Signup.state).where(Signup.service_day_id == day.id)))
    assert states == {"attended": 390, "left": 1, "no_show": 9}
    left = db.session.scalars(select(Signup.volunteer_id).where(Signup.state == "left")).all()
    assert left == [live.people["on_leave"][0].id]

    # Points: what half hours come to, by grade; hours on somebody's word and ghosts earn none.
    for group, people in live.people.items():
        for one in people:
            mine = records.get(one.id, [])
            earned = sum(record.minutes // 30 * 5 for record in mine if record.grade != "C")
            assert ledger.balance(one.id) == earned, group
    assert {ledger.balance(one.id) for one in live.of("wall", "forget", "card", "pin", "paper")} == {25}

    inspected = command("ledger", "inspect", "--json")
    assert inspected.exit_code == 0, inspected.output


def _records(day: service_days.ServiceDay) -> dict[int, list[hours.ServiceRecord]]:
    """Everybody's records that count."""
    found: dict[int, list[hours.ServiceRecord]] = {}
    counted = select(hours.ServiceRecord).filter_by(service_day_id=day.id, state="confirmed")
    for one in db.session.scalars(counted):
        found.setdefault(one.volunteer_id, []).append(one)
    return found


# ── how it goes ──


def _before(sunday: Sunday, person: Any, script: Any) -> None:
    """The paper kit is printed; one takes leave in time."""
    sunday.clock.move("2026-03-06 20:00")
    leaving = script(sunday.people["on_leave"][0])
    assert leaving.delete(f"/service-days/{sunday.day.id}/signups/me").status_code in (200, 204)
    leader = person(sunday.leader).browser
    printed = leader.post(f"/service-days/{sunday.day.id}/sheets", data={"blanks": "0"})
    assert printed.status_code == 303
    printed = leader.post(
        f"/service-days/{sunday.day.id}/cards/printing",
        data={"user_id": [str(one.id) for one in sunday.of("card", "card_offline", "pin")]},
    )
    assert printed.status_code == 303


def _morning(sunday: Sunday, person: Any, script: Any) -> None:
    """Half past eight to nine: the wall, cards and PINs; and two of the three who cheat."""
    day = sunday.day
    sunday.at("08:36")
    owner, *rest = sunday.of("wall", "forget")
    seen = _by_the_wall(sunday, script, rest, "in")
    # The first cheat: a picture of the wall, opened at home.
    sunday.clock.pass_(seconds=40)
    at_home = script(sunday.people["forwarded"][0])
    problem(at_home.post("/checkins", {"code": seen, "scan": "at-home-1"}), 410, "checkin.stale_code")
    # The second: a phone that has checked in its owner, the friend signed in on it.
    phone, friend = person().browser, sunday.people["friend"][0]
    for one in (owner, friend):
        one.password_hash = passwords.kept("a-quiet-morning")
    db.session.commit()
    assert _on_this_phone(sunday, phone, script, owner).status_code == 303
    refused = _on_this_phone(sunday, phone, script, friend)
    assert refused.status_code == 409 and "一部手机一场只能签一个人" in refused.words

    sunday.at("08:52")
    gate = person(sunday.gate)
    _by_the_gate(sunday, gate, [(_card(one).url, "") for one in sunday.of("card")])
    _by_the_gate(sunday, gate, [(one.volunteer_no, _card(one).pin) for one in sunday.of("pin")])
    _by_the_gate(sunday, gate, [(one.volunteer_no, "") for one in sunday.of("number")])
    # The third: pictures of passes out of a chat group, one after the other.
    sunday.clock.pass_(seconds=30)
    for one in sunday.of("ghost"):
        _by_the_gate(sunday, gate, [(checkin.my_pass(one).code, "")], apart=1)
    assert _stays(day) == 330 + 10 + 5 + 2 + 6


def _on_this_phone(sunday: Sunday, phone: Any, script: Any, who: accounts.User) -> Any:
    phone.get("/sign-in")
    said = {"phone": accounts.phones.of(who), "password": "a-quiet-morning"}
    assert phone.post("/sign-in", data=said).status_code in (302, 303)
    phone.get("/scan")
    answer = phone.post("/checkins", data={"code": _shown(sunday, script), "scan": signing.scan_id()})
    phone.get("/me")
    phone.post("/sign-out", data={})
    return answer


def _without_signal(sunday: Sunday, script: Any) -> None:
    """08:59 to 09:19: the organiser's device keeps what it reads; 老王 ticks three and five sign on paper."""
    scans = []
    for n, one in enumerate(sunday.of("offline", "card_offline")):
        at = sunday.clock.move(f"{SUNDAY} 08:59") + timedelta(seconds=30 * n)
        sunday.clock.move(at)
        code = _card(one).url if one in sunday.people["card_offline"] else checkin.my_pass(one).code
        scans.append(
            {"scan": f"kept-{one.id:08}", "code": code, "direction": "in", "seen_at": at.isoformat()}
        )
    sunday.at("09:20")
    sent = {"service_day_id": sunday.day.id, "scans": scans}
    for _twice in range(2):
        answer = script(sunday.leader).post("/checkins/kept", sent)
        assert {one["outcome"] for one in given(answer, 200, "results")["results"]} == {"to_confirm"}


def _mid_morning(sunday: Sunday, person: Any, command: Any) -> None:
    """Three by the organiser's word, a head count, a roll-call, and what the platform sees by itself."""
    day = sunday.day
    sunday.at("09:25")
    leader = person(sunday.leader).browser
    for one in sunday.of("tick"):
        _tick(leader, day, one, "in")
    sunday.at("09:40")
    assert command("timetable", "run", "anomalies.days").exit_code == 0
    assert hours.people.held(day, sunday.people["ghost"][0].id), "let in, and paid once somebody has looked"

    sunday.at("10:00")
    leader = person(sunday.leader).browser
    counted = leader.post(f"/service-days/{day.id}/head-count", data={"people": "390"})
    assert counted.status_code == 303 and db.session.get_one(type(day), day.id).review is None
    assert leader.post(f"/service-days/{day.id}/roll-calls", data={"kind": "sample"}).status_code == 303
    ghosts = {one.id for one in sunday.of("ghost")}
    called = db.session.scalars(select(Called).order_by(Called.id)).all()
    assert len(called) == 20  # five in a hundred of those who are there
    for one in [(one.id, one.volunteer_id) for one in called]:
        state = "missing" if one[1] in ghosts else "present"
        marks = {"called": str(one[0]), "state": state}
        assert leader.post(f"/service-days/{day.id}/roll-call/marks", data=marks).status_code == 303


def _noon(sunday: Sunday, person: Any, script: Any, command: Any) -> None:
    """Half past eleven: out by the wall, by card, by PIN; five just go home."""
    sunday.at("11:31")
    _by_the_wall(sunday, script, sunday.of("wall", "offline"), "out")
    gate = person(sunday.gate)
    _by_the_gate(sunday, gate, [(_card(one).url, "") for one in sunday.of("card", "card_offline")])
    _by_the_gate(sunday, gate, [(one.volunteer_no, _card(one).pin) for one in sunday.of("pin")])
    _by_the_gate(sunday, gate, [(one.volunteer_no, "") for one in sunday.of("number")])
    for one in sunday.of("ghost"):
        _by_the_gate(sunday, gate, [(checkin.my_pass(one).code, "")])
    leader = person(sunday.leader).browser
    for one in sunday.of("tick"):
        _tick(leader, sunday.day, one, "out")
    sunday.at("12:40")
    assert command("timetable", "run", "checkin.close").exit_code == 0


def _paper(sunday: Sunday, person: Any) -> None:
    """Two in the afternoon: the signed sheets are typed by one and checked by another, then the roll is vouched for."""
    day = sunday.day
    sunday.at("14:00")
    signed = {one.id for one in sunday.of("paper")}
    rows = db.session.scalars(select(sheets.PaperRow).where(sheets.PaperRow.volunteer_id.in_(signed))).all()
    assert len(rows) == 5
    typing, checking = person(sunday.leader).browser, person(sunday.second).browser
    for sheet_id in sorted({row.sheet_id for row in rows}):
        revision = db.session.get_one(sheets.PaperSheet, sheet_id).revision
        typed = {"revision": str(revision), "done": "1"}
        for row in rows:
            if row.sheet_id == sheet_id:
                typed |= {f"came-{row.number}": "8:55", f"left-{row.number}": "11:30"}
        assert typing.post(f"/sheets/{sheet_id}/rows", data=typed).status_code == 303
        revision = db.session.get_one(sheets.PaperSheet, sheet_id, populate_existing=True).revision
        checked = checking.post(f"/sheets/{sheet_id}/check", data={"revision": str(revision)})
        assert checked.status_code == 303, checked.text[:400]

    sunday.at("15:00")
    everybody = {"user_id": [str(one.id) for one in sunday.of()]}
    vouched = person(sunday.leader).browser.post(
        f"/service-days/{day.id}/roll/confirmation", data=everybody, follow=True
    )
    assert "核对好了 50 人" in vouched.words


def _office(sunday: Sunday, person: Any, command: Any) -> None:
    """Four o'clock: the office looks at what was seen, and undoes who never came; three nights later the day is done."""
    sunday.at("16:00")
    desk = person(sunday.office)
    desk.open("/office/anomalies")
    desk.reads("签到快得不像逐个扫的", "6 个人由同一个人扫")
    (seen,) = db.session.scalars(select(anomalies.Anomaly)).all()
    answered = desk.browser.post(
        f"/office/anomalies/{seen.id}/answer", data={"outcome": "wrong", "reason": "六个人都没有来"}
    )
    assert answered.status_code == 303
    for one in sunday.of("ghost"):
        stay = db.session.scalars(select(checkin.Attendance).filter_by(volunteer_id=one.id)).one()
        undone = desk.browser.post(f"/checkins/{stay.id}/reversal", data={"reason": "没有来，照片上的码"})
        assert undone.status_code == 303, undone.text[:400]

    sunday.clock.move("2026-03-12 03:00")
    for job in ("service_days.close", "service_days.absences", "ledger.inspect", "ledger.seal"):
        assert command("timetable", "run", job).exit_code == 0, job


# ── hands ──


def _shown(sunday: Sunday, script: Any) -> str:
    """The wall's code just now."""
    wall = script(sunday.leader).get(f"/service-days/{sunday.day.id}/wall")
    return str(given(wall, 200, "code")["code"])


def _by_the_wall(sunday: Sunday, script: Any, people: list[accounts.User], way: str) -> str:
    """Each scans the wall with a phone, five in the time the code holds; return the last code."""
    code = ""
    for n, one in enumerate(people):
        if n % 5 == 0:
            sunday.clock.pass_(seconds=7 + n % 4)
            code = _shown(sunday, script)
        sunday.clock.pass_(seconds=1)
        answer = script(one).post("/checkins", {"code": code, "scan": f"{way}-{one.id:08}"})
        assert given(answer, 201)["direction"] == way
    return code


def _by_the_gate(sunday: Sunday, gate: Person, shown: list[tuple[str, str]], apart: int = 6) -> None:
    """Somebody reads a card or a pass at the gate, or types a number and its PIN."""
    for code, pin in shown:
        sunday.clock.pass_(seconds=apart)
        sent = {"code": code, "pin": pin, "scan": signing.scan_id()}
        answer = gate.browser.post(f"/service-days/{sunday.day.id}/checkins", data=sent)
        assert answer.status_code == 201, answer.text[:400]


def _card(one: accounts.User) -> Any:
    (face,) = checkin.cards.faces([one.id])
    return face


def _tick(leader: Any, day: service_days.ServiceDay, one: accounts.User, way: str) -> None:
    said = {"number": one.volunteer_no, "direction": way, "reason": "没带手机，本人在场"}
    assert leader.post(f"/service-days/{day.id}/roll/manual", data=said).status_code == 303


def _stays(day: service_days.ServiceDay) -> int:
    return len(db.session.scalars(select(checkin.Attendance.id).filter_by(service_day_id=day.id)).all())
