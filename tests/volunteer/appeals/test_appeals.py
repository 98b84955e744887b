"""Not me, errors, omissions, complaints: said by whom it concerns, answered in ten working days, twice at most."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tests.volunteer.appeals.conftest import record_of
from volunteer import accounts, appeals, hours, ledger, notices
from volunteer.appeals import answers, ownership, queries
from volunteer.appeals.models import Appeal, RecordAnswer
from volunteer.checkin.models import Attendance
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.events import Happened


def held(person: Any) -> tuple[int, int]:
    """Points and minutes of somebody."""
    return ledger.balance(person.id), hours.totals(person.id).minutes


# ── not me ──


def test_not_me_takes_a_record_out_at_once(entered: Any, xiaoman: Any, here: Any) -> None:
    """V20: hours and points go, by the entry that paid; the record stays in the trail; the auditor has it."""
    assert held(xiaoman) == (25, 150)
    said = appeals.not_me(entered, "那天我在老家", by=xiaoman)
    assert held(xiaoman) == (0, 0)
    assert (record_of(xiaoman).state, record_of(xiaoman).minutes) == ("reversed", 150)
    assert (said.kind, said.state, said.words) == ("not_me", "escalated", "那天我在老家")
    assert appeals.not_me(entered, "再点一次", by=xiaoman).id == said.id
    assert db.session.scalars(select(Attendance.state)).all() == ["void"]
    kinds = db.session.scalars(select(Happened.kind).where(Happened.kind.like("appeals.%"))).all()
    assert sorted(kinds) == ["appeals.AppealFiled", "appeals.Disowned"]
    here.commit()
    assert ledger.inspect() == []


def test_not_me_after_the_points_are_spent_waits_for_the_auditor(
    entered: Any, xiaoman: Any, here: Any
) -> None:
    """V20: nothing half undone; the auditor has it, and the invariant knows why the record still stands."""
    ledger.spend(xiaoman.id, 10, to=ledger.chart.held(1), key="claim:1", why={})
    said = appeals.not_me(entered, "不是我", by=xiaoman)
    assert said.state == "escalated" and record_of(xiaoman).state == "confirmed"
    assert held(xiaoman) == (15, 150)
    told = db.session.scalars(select(Happened).filter_by(kind="appeals.Disowned")).one()
    assert told.facts == {"record_id": entered.id, "taken_out": False}
    assert "appeals.disowned" not in [found.name for found in ledger.inspect()]


def test_a_disowned_record_that_counts_again_is_found_at_night(entered: Any, xiaoman: Any) -> None:
    """V20, T33: the invariant."""
    db.session.add(RecordAnswer(record_id=entered.id, mine=False, said_at=entered.recorded_at))
    db.session.flush()
    assert "appeals.disowned" in [found.name for found in ledger.inspect()]


def test_only_within_a_fortnight_and_only_of_what_others_entered(
    entered: Any, xiaoman: Any, clock: Any
) -> None:
    """V20."""
    clock.move("2026-03-22 13:00")
    assert ownership.may_say(entered)
    clock.move("2026-03-22 13:01")
    assert not ownership.may_say(entered)
    for say in (appeals.not_me, appeals.accept):
        with pytest.raises(ownership.TooLate):
            say(entered, by=xiaoman)
    assert held(xiaoman) == (25, 150)


def test_of_ones_own_scans_one_appeals(scanned: Any, xiaoman: Any) -> None:
    """V20."""
    assert not ownership.may_say(scanned)
    with pytest.raises(ownership.ByYourself):
        appeals.not_me(scanned, by=xiaoman)


def test_it_was_me_and_on_second_thoughts_it_was_not(entered: Any, xiaoman: Any) -> None:
    """V20: a thumb that slipped is put right within the fortnight."""
    appeals.accept(entered, by=xiaoman)
    assert appeals.accept(entered, by=xiaoman).mine and held(xiaoman) == (25, 150)
    appeals.not_me(entered, by=xiaoman)
    assert not db.session.get_one(RecordAnswer, entered.id).mine and held(xiaoman) == (0, 0)


# ── appeals ──


@pytest.fixture
def filed(scanned: Any, xiaoman: Any) -> Appeal:
    """小满 says that her record is wrong."""
    return appeals.file(xiaoman, "wrong", "我十点就走了", record=scanned)


def test_answered_within_ten_working_days(filed: Any, scanned: Any, xiaoman: Any, office: Any) -> None:
    """V19: who answers by when is known at once; the answer and its reason reach the volunteer."""
    assert (filed.state, filed.due_on) == ("filed", date(2026, 3, 20)), "Sunday and ten working days"
    assert appeals.file(xiaoman, "complaint", "又说一次", record=scanned).id == filed.id
    with pytest.raises(Refusal):
        appeals.answer(filed, "dismissed", " ", by=office)
    with pytest.raises(answers.NoOutcome):
        appeals.answer(filed, "maybe", "不知道", by=office)
    appeals.answer(filed, "dismissed", "签退是 11:30 扫的", by=office)
    with pytest.raises(answers.NotWaiting):
        appeals.answer(filed, "upheld", "又想了想", by=office)
    said = db.session.scalars(select(notices.Notice).filter_by(key=f"appeal:{filed.id}:answered")).one()
    assert said.user_id == xiaoman.id and said.facts["answer"] == "签退是 11:30 扫的"
    assert held(xiaoman) == (25, 150)


def test_upheld_the_record_may_be_undone_at_once(filed: Any, xiaoman: Any, office: Any, here: Any) -> None:
    """V19, T33: its person asked and another agreed; the points go back once."""
    with pytest.raises(answers.CannotUndo):
        appeals.answer(filed, "dismissed", "撤掉", by=office, undo=True)
    appeals.answer(filed, "upheld", "看了监控，十点走的", by=office, undo=True)
    assert held(xiaoman) == (0, 0) and record_of(xiaoman).reason == "看了监控，十点走的"
    here.commit()
    assert ledger.inspect() == []


def test_spent_points_keep_the_answer_from_undoing(filed: Any, xiaoman: Any, office: Any) -> None:
    """V19: nothing is answered then, so it can be answered otherwise."""
    ledger.spend(xiaoman.id, 20, to=ledger.chart.held(1), key="claim:1", why={})
    with pytest.raises(ledger.Spent), db.session.begin_nested():
        appeals.answer(filed, "upheld", "撤掉", by=office, undo=True)
    db.session.expire_all()
    assert filed.state == "filed" and held(xiaoman) == (5, 150)


def test_nobody_with_a_hand_in_it_answers(
    entered: Any, xiaoman: Any, lao_wang: Any, office: Any, team: Any, nankeng: Any
) -> None:
    """V19, T33: not whose it is, not who recorded it or leads the team; and the auditor is not who answered first."""
    appeal = appeals.file(xiaoman, "wrong", "记少了", record=entered)
    for person in (xiaoman, lao_wang):
        with pytest.raises(answers.HandInIt):
            appeals.answer(appeal, "dismissed", "没有", by=person)
    leads = accounts.register(name="周敏", phone="13800000052", home=nankeng)
    accounts.appoint(leads, "team_leader", team_id=team.id)
    with pytest.raises(answers.HandInIt):
        appeals.answer(appeal, "dismissed", "没有", by=leads)
    appeals.answer(appeal, "dismissed", "没有少", by=office)
    appeals.escalate(appeal, "真的少了")
    for person in (xiaoman, lao_wang, office):
        with pytest.raises(answers.HandInIt):
            appeals.finish(appeal, "upheld", "对", by=person)


def test_the_auditor_has_the_last_word(
    filed: Any, xiaoman: Any, office: Any, auditor: Any, clock: Any
) -> None:
    """V19: once answered, once escalated, once final; whoever answered first is told when it was upheld."""
    with pytest.raises(answers.NotWaiting):
        appeals.escalate(filed, "等不及")
    with pytest.raises(answers.NotWaiting):
        appeals.finish(filed, "upheld", "对", by=auditor)
    appeals.answer(filed, "dismissed", "签退是 11:30 扫的", by=office)
    clock.move("2026-03-16 09:00")
    appeals.escalate(filed, "那不是我扫的")
    assert appeals.escalate(filed, "又点一次").escalation == "那不是我扫的"
    assert filed.due_on == date(2026, 3, 30)
    appeals.finish(filed, "upheld", "设备不是本人的手机", by=auditor)
    with pytest.raises(answers.NotWaiting):
        appeals.escalate(filed, "再来")
    told = (
        select(notices.Notice.user_id).filter_by(key=f"appeal:{filed.id}:final").order_by(notices.Notice.id)
    )
    assert list(db.session.scalars(told)) == [xiaoman.id, office.id]


def test_taken_back_before_it_is_answered(filed: Any, scanned: Any, xiaoman: Any, office: Any) -> None:
    appeals.withdraw(filed)
    assert appeals.withdraw(filed).state == "withdrawn"
    with pytest.raises(answers.NotWaiting):
        appeals.answer(filed, "upheld", "好", by=office)
    assert appeals.file(xiaoman, "wrong", "还是不对", record=scanned).id != filed.id


def test_nobody_appeals_against_somebody_elses_record(scanned: Any, daming: Any) -> None:
    """T13."""
    with pytest.raises(NotFound):
        appeals.file(daming, "wrong", "他记多了", record=scanned)


def test_the_database_wants_other_eyes(filed: Any, xiaoman: Any, office: Any) -> None:
    """V19, T33: the constraints behind it."""
    for changed in (
        {"state": "answered"},
        {"state": "answered", "answer": "好", "answered_by": xiaoman.id, "outcome": "upheld"},
        {"state": "final", "answered_by": office.id, "final_by": office.id},
        {"state": "final"},
        {"outcome": "maybe"},
    ):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(update(Appeal).values(**changed))


# ── why is this here ──


def said(record: Any) -> str:
    return " ".join(str(one) for one in queries.why(record).sentences)


def test_why_a_record_of_two_scans_is_here(scanned: Any) -> None:
    """V20: who, when, with what, how well it is proven, how the points came, under which rules."""
    words = said(scanned)
    for part in (
        "系统当场记下", "09:00", "扫大屏", "11:30", "指纹 ffffffff", "A 级",
        "150 分钟 → 5 个半小时 × 5 × 1.0 = 25 分",
    ):  # fmt: skip
        assert part in words, words
    assert queries.why(scanned).rule == 1


def test_why_a_record_others_entered_is_here_and_what_changed_since(
    entered: Any, xiaoman: Any, office: Any
) -> None:
    """V20: the organiser by a masked name; undone, it says by whom, when and why."""
    words = said(entered)
    assert "王*国" in words and "名单核对" in words and "王建国" not in words
    appeals.not_me(entered, by=xiaoman)
    since = [str(line.what) for line in queries.why(record_of(xiaoman)).since]
    assert "名单核对，记上时长" in since and "撤销服务记录" in since and "本人说不是自己的" in since
