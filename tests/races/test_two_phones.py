"""A volunteer with two phones, and a gate with two ways in: at the same instant, one stay and one payment."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from volunteer import checkin, ledger, service_days
from volunteer.checkin import Attendance
from volunteer.hours import ServiceRecord

pytestmark = pytest.mark.races
PHONES = 8


@pytest.fixture
def code(here):
    """What the wall shows now."""
    return lambda day: checkin.showing(day).code


def statuses(answers):
    faults = [one for one in answers if isinstance(one, BaseException)]
    assert not faults, faults[0]
    return Counter(answer.status_code for answer in answers)


def stays(db, person):
    return db.session.scalars(select(Attendance).filter_by(volunteer_id=person.id)).all()


def scanning(phone, text, scan):
    return lambda: phone.post("/api/v1/checkins", json={"code": text, "scan": scan})


def test_two_phones_of_one_volunteer_are_one_stay(clock, db, together, device, xiaoman, day, code):
    """CK-58, T03: eight scans at one instant, each by another name, are one way in; eight more are one way out."""
    service_days.sign_up(xiaoman, day)
    phones = [device(xiaoman) for _ in range(PHONES)]
    clock.move("2026-03-08 09:00")
    wall = code(day)
    came = together([scanning(phone, wall, f"in-{n}") for n, phone in enumerate(phones)])
    assert statuses(came) == {201: 1, 200: PHONES - 1}
    assert len({answer.json["id"] for answer in came}) == 1

    clock.move("2026-03-08 11:30")
    wall = code(day)
    left = together([scanning(phone, wall, f"out-{n}") for n, phone in enumerate(phones)])
    assert statuses(left) == {201: 1, 200: PHONES - 1}
    assert {answer.json["points"] for answer in left} == {25}
    assert [stay.state for stay in stays(db, xiaoman)] == ["closed"]
    assert len(db.session.scalars(select(ServiceRecord)).all()) == 1
    assert ledger.balance(xiaoman.id) == 25 and ledger.inspect() == []


def test_the_same_post_a_hundred_times_from_twenty_threads(clock, db, together, device, xiaoman, day, code):
    """T03: one row and one award; the ninety-nine others get the answer there is."""
    service_days.sign_up(xiaoman, day)
    phones = [device(xiaoman) for _ in range(20)]
    for at, scan in (("2026-03-08 09:00", "the-way-in"), ("2026-03-08 11:30", "the-way-out")):
        clock.move(at)
        wall = code(day)
        heard = together(
            [
                lambda phone=phone, wall=wall, scan=scan: [scanning(phone, wall, scan)() for _ in range(5)]
                for phone in phones
            ]
        )
        faults = [one for one in heard if isinstance(one, BaseException)]
        assert not faults, faults[0]
        answers = [answer for five in heard for answer in five]
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 99}
        assert len({answer.data for answer in answers}) == 1
    assert [stay.state for stay in stays(db, xiaoman)] == ["closed"]
    assert len(db.session.scalars(select(ServiceRecord)).all()) == 1
    assert ledger.balance(xiaoman.id) == 25 and ledger.inspect() == []


def test_one_scan_sent_eight_times_is_one_stay(clock, db, together, device, xiaoman, day, code):
    """CK-03, CK-05: a flaky phone sends the same scan again and again."""
    service_days.sign_up(xiaoman, day)
    phones = [device(xiaoman) for _ in range(PHONES)]
    clock.move("2026-03-08 09:00")
    answers = together([scanning(phone, code(day), "the-scan") for phone in phones])
    assert statuses(answers) == {201: 1, 200: PHONES - 1}
    assert len({answer.data for answer in answers}) == 1 and len(stays(db, xiaoman)) == 1


def test_a_flat_day_pays_two_phones_once(clock, db, together, device, make_activity, make_day, xiaoman, code):
    """LG-10, LG-20: the first points ever of a person, asked for by eight phones; nobody signed up before."""
    stall = make_activity(title="便民服务", pay_kind="flat", flat_points=8, coefficient=10, walk_ins=True)
    day = make_day(of=stall, capacity=3)
    phones = [device(xiaoman) for _ in range(PHONES)]
    clock.move("2026-03-08 09:00")
    answers = together([scanning(phone, code(day), f"in-{n}") for n, phone in enumerate(phones)])
    assert statuses(answers) == {201: 1, 200: PHONES - 1}
    db.session.refresh(day)
    assert (day.accepted, ledger.balance(xiaoman.id)) == (1, 8) and ledger.inspect() == []


def test_two_days_at_once_leave_one_open_stay(
    clock, db, together, device, make_activity, make_day, xiaoman, code
):
    """T04, invariant: one open attendance a person, even at two places in the same second."""
    days = [make_day(of=make_activity(title=title, walk_ins=True)) for title in ("清洁家园", "陪伴老人")]
    phones = [device(xiaoman) for _ in range(PHONES)]
    clock.move("2026-03-08 09:00")
    walls = [code(day) for day in days]
    answers = together([scanning(phone, walls[n % 2], f"in-{n}") for n, phone in enumerate(phones)])
    counted = statuses(answers)
    assert counted[201] == 1 and set(counted) <= {200, 201, 409}
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"checkin.elsewhere"}
    assert [stay.state for stay in stays(db, xiaoman)] == ["open"] and ledger.inspect() == []


def test_the_wall_and_the_gate_at_one_instant(
    clock, db, together, device, visitor, lao_wang, xiaoman, day, code
):
    """CK-58: her phone scans the wall while 老王 scans her pass; a third device sends what it kept."""
    service_days.sign_up(xiaoman, day)
    phone, gates = device(xiaoman), [visitor(lao_wang) for _ in range(4)]
    kept = device(lao_wang)
    for gate in gates:
        gate.csrf_token()
    clock.move("2026-03-08 09:00")
    mine = checkin.my_pass(xiaoman).code
    uploaded = {
        "service_day_id": day.id,
        "scans": [{"scan": "kept-1", "code": mine, "seen_at": "2026-03-08T09:00:00+08:00"}],
    }

    def at_the_gate(gate, n):
        form = {"code": mine, "scan": f"gate-scan-{n}"}
        return lambda: gate.post(f"/service-days/{day.id}/checkins", data=form)

    answers = together(
        [
            scanning(phone, code(day), "phone-scan"),
            *(at_the_gate(gate, n) for n, gate in enumerate(gates)),
            lambda: kept.post("/api/v1/checkins/kept", json=uploaded),
        ]
    )
    counted = statuses(answers[:-1])
    outcome = answers[-1].json["results"][0]["outcome"]
    assert counted[201] == (0 if outcome == "recorded" else 1) and set(counted) <= {200, 201}
    assert outcome in ("recorded", "repeated")
    assert [stay.state for stay in stays(db, xiaoman)] == ["open"] and ledger.inspect() == []


def test_one_person_eight_phones_one_poster(db, clock, together, visitor, xiaoman, lao_wang, day):
    """T03, T08: one stay, and one of the week's two that a poster is enough for."""
    service_days.sign_up(xiaoman, day)
    service_days.trust_poster(day, True)
    poster = checkin.posters.make(day=day, by=lao_wang)
    clock.move("2026-03-08 09:00")
    phones, code, day_id = [visitor(xiaoman) for _ in range(8)], poster.code, day.id
    for phone in phones:
        phone.csrf_token()
    answers = together(
        [
            lambda phone=phone, n=n: phone.post(
                f"/d/{code}/checkins", {"scan": f"poster-phone-{n}", "day_id": day_id}
            )
            for n, phone in enumerate(phones)
        ]
    )
    assert statuses(answers) == {303: 8}
    assert db.session.scalar(select(func.count(checkin.posters.PosterAward.id))) == 1
    assert db.session.scalar(select(func.count(checkin.Attendance.id))) == 1
