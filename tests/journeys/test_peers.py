"""What the best peers test, at our gate and in our purse: each in our own words, through HTTP."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from tests.journeys.walk import given, items, problem
from volunteer import accounts, checkin, ledger, service_days
from volunteer.checkin import Attendance
from volunteer.db import WroteWhileReading, read_only


@pytest.fixture
def scan(script):
    """`scan(person, day)` scans the wall of a day now, each time by a new name."""
    count = iter(range(1000))

    def press(person, day, code=None):
        body = {"code": code or checkin.showing(day).code, "scan": f"scan-{next(count)}"}
        return script(person).post("/checkins", body)

    return press


@pytest.fixture
def keep(script, lao_wang):
    """`keep(day, (code, seen_at), …)`: the gate's device sends what it kept; the results."""
    count = iter(range(1000))

    def send(day, *scans):
        body = [{"scan": f"kept-{next(count)}", "code": code, "seen_at": f"{at}+08:00"} for code, at in scans]
        answer = script(lao_wang).post("/checkins/kept", {"service_day_id": day.id, "scans": body})
        return given(answer, 200)["results"]

    return send


# ── who stands at the door ──


def test_waiting_left_and_never_signed_up_are_three_stories_with_one_code(
    clock, scan, make_day, xiaoman, daming, grandma
):
    """CK-23, CK-24, CK-25: in the queue, gone again, a stranger to the list: none comes in, each is told why."""
    day = make_day(capacity=1)
    service_days.sign_up(xiaoman, day)
    service_days.sign_up(daming, day)
    service_days.leave(grandma, day) if service_days.sign_up(grandma, day) else None
    clock.move("2026-03-08 09:00")
    told = {who.name: problem(scan(who, day), 409, "checkin.not_signed_up") for who in (daming, grandma)}
    assert "候补" in told["陈大明"]["detail"] and "先报名" in told["李桂芳"]["detail"]
    given(scan(xiaoman, day), 201)


def test_a_minor_waits_for_the_guardian_at_the_door(clock, scan, make_activity, make_day, nankeng):
    """CK-53: the refusal says what is missing and who can help."""
    child = accounts.register(
        name="小雨",
        phone="13800000071",
        home=nankeng,
        birth_on=date(2012, 5, 1),
        guardian_phone="13800000072",
    )
    day = make_day(of=make_activity(walk_ins=True))
    clock.move("2026-03-08 09:00")
    assert "监护人" in problem(scan(child, day), 403, "checkin.guardian_needed")["detail"]


def test_the_right_person_on_the_wrong_day_keeps_the_scan(clock, keep, db, make_day, xiaoman):
    """CK-08, CK-22, CK-45: parked with its code and its reason, once; without a day there is nothing to send to."""
    sunday, next_sunday = make_day(), make_day("2026-03-15")
    service_days.sign_up(xiaoman, next_sunday)
    clock.move("2026-03-08 09:00")
    code = checkin.my_pass(xiaoman).code
    told = keep(sunday, (code, "2026-03-08T09:00:00"))
    assert [(one["outcome"], one["code"]) for one in told] == [("parked", "checkin.not_signed_up")]
    from volunteer.checkin.models import KeptScan

    kept = db.session.scalars(select(KeptScan)).all()
    assert [(one.code, one.refusal, one.service_day_id) for one in kept] == [
        (code, "checkin.not_signed_up", sunday.id)
    ]


def test_scans_are_sent_to_one_day(script, team, lao_wang):
    """CK-45."""
    answer = script(lao_wang).post("/checkins/kept", {"scans": []})
    assert "service_day_id" in problem(answer, 422, "form.invalid")["errors"]


def test_the_window_goes_with_a_day_that_was_moved(clock, scan, make_day, xiaoman):
    """CK-36."""
    day = make_day()
    service_days.sign_up(xiaoman, day)
    service_days.move(day, starts_at=_at("2026-03-08T14:00"), ends_at=_at("2026-03-08T16:00"))
    clock.move("2026-03-08 09:00")
    facts = problem(scan(xiaoman, day), 409, "checkin.closed")
    assert facts["opens"] == "2026-03-08T13:30:00+08:00"
    clock.move("2026-03-08 13:30")
    given(scan(xiaoman, day), 201)


def test_after_the_way_out_another_scan_changes_nothing(clock, scan, db, make_day, xiaoman):
    """CK-04, CK-30: one stay a day; who scans again is told what there is."""
    day = make_day()
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    given(scan(xiaoman, day), 201)
    clock.move("2026-03-08 11:30")
    left = given(scan(xiaoman, day), 201)
    clock.pass_(minutes=2)
    assert given(scan(xiaoman, day), 200) == left
    assert len(db.session.scalars(select(Attendance)).all()) == 1


def test_a_card_is_good_every_day_until_its_last(clock, keep, make_day, xiaoman):
    """CK-55: first scan of the day in, the same day again a repeat, the next day anew, past its date stale."""
    made = checkin.cards.make(xiaoman, xiaoman, until=date(2026, 3, 15))
    card = checkin.cards.face(made, xiaoman).url
    days = [make_day(on) for on in ("2026-03-08", "2026-03-15", "2026-03-22")]
    for day in days:
        service_days.sign_up(xiaoman, day)
    told = []
    for on, day in zip(("2026-03-08", "2026-03-15", "2026-03-22"), days, strict=True):
        for minute in ("00", "02"):
            clock.move(f"{on} 09:{minute}")
            told += [(one["outcome"], one["code"]) for one in keep(day, (card, f"{on}T09:{minute}:00"))]
        clock.move(f"{on} 11:30")
        if on != "2026-03-22":
            keep(day, (card, f"{on}T11:30:00"))
    fresh, stale = [("recorded", None), ("repeated", None)], [("parked", "checkin.stale_code")] * 2
    assert told == [*fresh, *fresh, *stale]


def test_the_keeper_of_the_gate_sees_what_the_gate_needs(script, visitor, here, team, day, xiaoman, daming):
    """CK-47: the roll with masked names and the scanner; no people, no papers, no undoing."""
    service_days.sign_up(xiaoman, day)
    accounts.appoint(daming, "gatekeeper", team_id=team.id)
    gate = script(daming)
    assert items(gate.get(f"/service-days/{day.id}/roll"))[0]["name"] == "小*"
    problem(gate.post("/checkins/1/reversal", {"reason": "x"}), 403, "access.denied")
    problem(
        gate.post(f"/service-days/{day.id}/roll/confirmation", {"user_ids": [xiaoman.id]}),
        403,
        "access.denied",
    )
    browser = visitor(daming)
    assert browser.get(f"/service-days/{day.id}/scanner").status_code == 200
    for page in ("/office/people", f"/office/people/{xiaoman.id}", "/office/audit"):
        assert browser.get(page).status_code == 403


# ── undoing ──


def test_who_may_undo_a_stay_and_how(clock, scan, script, db, day, xiaoman, lao_wang, other_office):
    """CK-48, CK-49, CK-59, ID-08: with a reason, by those it is in reach of, once; never by writing to the row."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    stay = given(scan(xiaoman, day), 201)["id"]
    path, leader = f"/checkins/{stay}/reversal", script(lao_wang)
    problem(script(xiaoman).post(path, {"reason": "x"}), 403, "access.denied")
    problem(script(other_office).post(path, {"reason": "x"}), 404, "not_found")
    problem(leader.post("/checkins/999999/reversal", {"reason": "x"}), 404, "not_found")
    assert "reason" in problem(leader.post(path, {}), 422, "form.invalid")["errors"]
    assert "reason" in problem(leader.post(path, {"reason": "   "}), 422, "form.invalid")["errors"]
    for method in ("put", "delete"):
        answer = getattr(leader.device, method)(f"/api/v1/checkins/{stay}", json={"state": "void"})
        assert answer.status_code in (404, 405)
    assert db.session.get(Attendance, stay).state == "open"

    key = "undo-one-stay"
    given(leader.post(path, {"reason": "扫错了人"}, key=key), 201)
    again = leader.post(path, {"reason": "扫错了人"}, key=key)
    assert given(again, 201) and again.headers["Idempotency-Replayed"] == "true"
    problem(
        leader.post("/checkins/999999/reversal", {"reason": "扫错了人"}, key=key), 422, "idempotency.mismatch"
    )
    assert given(leader.post(path, {"reason": "扫错了人"}), 200)["points"] == 0
    row = db.session.get(Attendance, stay)
    assert (row.state, row.reason) == ("void", "扫错了人"), "the row stays, with why"


def test_confirming_again_skips_who_is_confirmed(clock, scan, script, day, xiaoman, lao_wang):
    """SU-20: whoever is done is not done twice, and the answer says who was."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    given(scan(xiaoman, day), 201)
    clock.move("2026-03-08 13:00")
    path, leader = f"/service-days/{day.id}/roll/confirmation", script(lao_wang)
    assert given(leader.post(path, {"user_ids": [xiaoman.id]}), 201)["confirmed"] == [xiaoman.id]
    assert given(leader.post(path, {"user_ids": [xiaoman.id, 999]}), 201)["confirmed"] == []
    assert ledger.balance(xiaoman.id) == 25


# ── codes ──


def test_the_same_moment_has_the_same_code_and_showing_again_a_new_one(clock, script, day, voucher, xiaoman):
    """CK-19, ID-14: stable while it should be, changed when it is asked for; what was shown before is refused."""
    clock.move("2026-03-08 09:00:00")
    first = checkin.showing(day).code
    clock.pass_(seconds=14)
    assert checkin.showing(day).code == first
    clock.pass_(seconds=1)
    assert checkin.showing(day).code != first
    shown = [given(script(xiaoman).post(f"/vouchers/{voucher.id}/presentation"), 201) for _ in range(2)]
    assert shown[0]["code"] != shown[1]["code"] and shown[0]["typed"] != shown[1]["typed"]


# ── the purse ──


def test_a_statement_tells_the_balance_after_every_entry(clock, script, xiaoman, tea, give_points):
    """LG-05, LG-06: newest first; each line says what the purses held right after it, and a month can be asked for."""
    give_points(xiaoman, 100)
    someone = script(xiaoman)
    clock.pass_(days=1)
    claimed = given(someone.post("/vouchers", {"offer_id": tea.id}, key="k1"), 201)
    clock.move("2026-04-02 09:00")
    given(someone.post(f"/vouchers/{claimed['id']}/cancellation"), 201)
    told = items(someone.get("/me/statement"))
    assert [(one["move"], one["points"], one["balance"]) for one in told] == [
        ("release", 30, 100), ("claim", -30, 70), ("award", 100, 100),
    ]  # fmt: skip
    march = items(someone.get("/me/statement", month="2026-03"))
    assert [one["balance"] for one in march] == [70, 100]


def test_points_end_whatever_they_were_earned_by(
    clock, command, scan, script, make_activity, make_day, xiaoman, lao_wang
):
    """LG-29: by the hour, flat, and by the roll's confirmation: two years on, none is left."""
    timed = make_day("2026-03-08", of=make_activity())
    flat = make_day(
        "2026-03-15",
        of=make_activity(title="便民服务", pay_kind="flat", flat_points=8, walk_ins=True),
    )
    vouched = make_day("2026-03-22", of=make_activity(title="陪伴老人"))
    for day in (timed, vouched):
        service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    scan(xiaoman, timed)
    clock.move("2026-03-08 11:30")
    scan(xiaoman, timed)
    clock.move("2026-03-15 09:00")
    scan(xiaoman, flat)
    clock.move("2026-03-15 11:30")
    scan(xiaoman, flat)
    clock.move("2026-03-22 09:00")
    scan(xiaoman, vouched)
    clock.move("2026-03-22 13:00")
    script(lao_wang).post(f"/service-days/{vouched.id}/roll/confirmation", {"user_ids": [xiaoman.id]})
    assert ledger.balance(xiaoman.id) == 25 + 8 + 25
    clock.move("2028-04-01 01:00")
    assert ledger.balance(xiaoman.id) == 0, "gone for spending at midnight, swept or not"
    assert command("timetable", "run", "ledger.expire", "--on", "2028-04-01").exit_code == 0
    assert command("ledger", "inspect").exit_code == 0


def test_points_do_not_move_while_somebody_only_looks(here, xiaoman):
    """LG-09: a transfer inside a read is a mistake of ours: an error at once, not a race later."""
    here.commit()
    person, on = xiaoman.id, xiaoman.registered_at.date()
    with here.outside(), pytest.raises(WroteWhileReading), read_only():
        ledger.award(person, 5, key="in-a-read", why={"formula": {}}, on=on, area_path="/")
    assert ledger.balance(person) == 0 and ledger.inspect() == []


def _at(text):
    from datetime import datetime

    from volunteer.clock import ZONE

    return datetime.fromisoformat(text).replace(tzinfo=ZONE)
