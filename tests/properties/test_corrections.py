"""LG-33: whatever is undone, scanned again, asked for late, disowned or appealed against, in whatever order and however
often: time and points count once, and what was paid goes back once."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.volunteer.supplements.conftest import sheet
from volunteer import accounts, appeals, checkin, hours, ledger, service_days, supplements
from volunteer.checkin import undoing
from volunteer.checkin.undo_models import ReversalRequest
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.ledger import Posting
from volunteer.supplements import requests

PLANNED, PAY = 150, 25
DEVICE = "d" * 32
PHOTO = sheet()


class Story:
    """小满's one Sunday, and everything that can be done to it; refusals are answers too."""

    def __init__(self, person: Any, day: Any, leader: Any, desks: list[Any], clock: Any) -> None:
        self.person, self.day, self.leader, self.desks, self.clock = person, day, leader, desks, clock
        self.names = itertools.count()
        self.last = ""

    def scan(self, at: str) -> None:
        if checkin_time(at) < self.clock_now():
            return
        self.clock.move(f"2026-03-08 {at}")
        scan = f"scan-{next(self.names)}"
        answer = checkin.scan_pass(self.leader, self.day.id, checkin.my_pass(self.person).code, scan)
        undoing.took(answer, scan, device=DEVICE, by=self.leader)
        self.last = scan

    def clock_now(self) -> str:
        from volunteer import clock

        return f"{clock.now():%Y-%m-%d %H:%M}"

    def stay(self) -> Any:
        newest = select(checkin.Attendance).order_by(checkin.Attendance.id.desc())
        return db.session.scalars(newest.execution_options(populate_existing=True)).first()

    def record(self) -> Any:
        newest = select(hours.ServiceRecord).order_by(hours.ServiceRecord.id.desc())
        return db.session.scalars(newest.execution_options(populate_existing=True)).first()

    def supplement(self) -> Any:
        newest = select(supplements.Supplement).order_by(supplements.Supplement.id.desc())
        return db.session.scalars(newest.execution_options(populate_existing=True)).first()

    # ── what people do ──

    def come(self) -> None:
        self.scan("09:00")

    def leave(self) -> None:
        self.scan("11:30")

    def take_back(self) -> None:
        undoing.undo(self.day, self.last, reason="扫错了", device=DEVICE, by=self.leader)

    def send_again(self) -> None:
        given = checkin.scan_pass(
            self.leader, self.day.id, checkin.my_pass(self.person).code, self.last or "never"
        )
        undoing.took(given, self.last or "never", device=DEVICE, by=self.leader)

    def vouch(self) -> None:
        if self.clock_now() < "2026-03-08 13:00":
            self.clock.move("2026-03-08 13:00")
        checkin.confirm(self.day, [self.person.id], self.leader)

    def undo_on_the_roll(self) -> None:
        if self.stay() is not None:
            undoing.reverse(self.stay(), reason="没有到场", by=self.leader)

    def agree_to_undo(self) -> None:
        waits = db.session.scalars(select(ReversalRequest).filter_by(state="open")).first()
        if waits is not None:
            undoing.decide(waits, "", self.desks[0], agreed=True)

    def ask_late(self) -> None:
        if self.clock_now() < "2026-03-08 19:00":
            self.clock.move("2026-03-08 19:00")
        supplements.file(self.person, self.day, PLANNED, "没扫上", by=self.person, photo=PHOTO)

    def agree(self) -> None:
        if self.supplement() is not None:
            for desk in self.desks:
                supplements.agree(self.supplement(), by=desk)

    def night(self) -> None:
        if self.supplement() is not None and self.supplement().notice_until is not None:
            self.clock.move(f"2026-03-{self.supplement().notice_until.day + 1:02} 00:10")
            supplements.end(self.supplement().id)

    def overtake(self) -> None:
        for day_id, person_id in requests.overtaken(self.day.on):
            supplements.overtake(day_id, person_id)

    def disown(self) -> None:
        if self.record() is not None:
            appeals.not_me(self.record(), by=self.person)

    def appeal_and_undo(self) -> None:
        if self.record() is not None:
            asked = appeals.file(self.person, "wrong", "不对", record=self.record())
            appeals.answer(asked, "upheld", "撤掉", by=self.desks[0], undo=True)

    def spend(self) -> None:
        if ledger.balance(self.person.id) >= 10:
            key = f"claim:{next(self.names)}"
            ledger.spend(self.person.id, 10, to=ledger.chart.held(1), key=key, why={})


def checkin_time(at: str) -> str:
    return f"2026-03-08 {at}"


ACTS = (
    "come", "leave", "take_back", "send_again", "vouch", "undo_on_the_roll", "agree_to_undo", "ask_late", "agree",
    "night", "overtake", "disown", "appeal_and_undo", "spend",
)  # fmt: skip


@pytest.fixture
def story(
    xiaoman: accounts.User, day: Any, lao_wang: Any, office: Any, nankeng: Any, clock: Any
) -> Callable[[], Story]:
    deputy = accounts.register(name="郑国强", phone="13800000051", home=nankeng)
    accounts.appoint(deputy, "community_admin", area=nankeng)
    service_days.sign_up(xiaoman, day)

    def begin() -> Story:
        clock.move("2026-03-08 08:30")
        return Story(xiaoman, day, lao_wang, [office, deputy], clock)

    return begin


def tell(story: Story, acts: list[str]) -> None:
    """Do one after the other, each as a request would: a refusal leaves no trace; after each the sums are right."""
    for act in acts:
        with contextlib.suppress(Refusal), db.session.begin_nested():
            getattr(story, act)()
        db.session.expire_all()
        once(story.person, acts)


def once(person: Any, acts: list[str]) -> None:
    """Nobody has more than the day is worth; what the person holds is what the records say; nothing went back twice."""
    totals = hours.totals(person.id)
    assert totals.minutes + totals.waiting <= PLANNED or doubled_for_now(), acts
    earned = db.session.scalar(select(func.coalesce(func.sum(Posting.amount), 0)).filter_by(move="award"))
    back = db.session.scalar(select(func.coalesce(func.sum(Posting.amount), 0)).filter_by(move="reversal"))
    spent = db.session.scalar(select(func.coalesce(func.sum(Posting.amount), 0)).filter_by(move="claim"))
    assert earned - back == totals.points <= PAY, acts
    assert ledger.balance(person.id) == earned - back - spent >= 0, acts
    twice = select(Posting.reverses_id).where(Posting.reverses_id.is_not(None))
    found = list(db.session.scalars(twice))
    assert len(found) == len(set(found)), acts


def doubled_for_now() -> bool:
    """A scan that came in beside late hours; in at most five minutes it stands in their place."""
    return bool(requests.overtaken(min(row.on for row in db.session.scalars(select(hours.ServiceRecord)))))


@given(acts=st.lists(st.sampled_from(ACTS), min_size=4, max_size=14))
@settings(max_examples=40)
def test_time_and_points_count_once_whatever_is_done(
    story: Callable[[], Story], here: Any, acts: list[str]
) -> None:
    """LG-33: in any order, any number of times."""
    told = story()
    with contextlib.suppress(EndOfStory), db.session.begin_nested():
        tell(told, acts)
        tell(told, ["overtake"])
        assert hours.totals(told.person.id).minutes <= PLANNED, acts
        broken = [found.name for found in ledger.inspect()]
        assert [name for name in broken if not name.startswith(("chain", "vouchers"))] == [], (acts, broken)
        raise EndOfStory


class EndOfStory(Exception):
    """What was told is forgotten, so that the next story begins on the same morning."""


KNOWN = {
    "undo and scan again": ["come", "leave", "take_back", "leave", "take_back", "send_again", "leave"],
    "the way in, twice": ["come", "take_back", "come", "take_back", "come", "leave"],
    "late hours beside a scan": ["come", "leave", "ask_late", "agree", "night"],
    "undone, then late hours": ["come", "leave", "undo_on_the_roll", "ask_late", "agree", "night", "night"],
    "late hours twice": ["ask_late", "ask_late", "agree", "agree", "night", "night", "ask_late"],
    "late hours, then the roll": ["come", "undo_on_the_roll", "ask_late", "agree", "vouch", "night", "overtake"],
    "not me, then late hours": ["come", "vouch", "disown", "disown", "ask_late", "agree", "night"],
    "late hours, then an appeal": ["ask_late", "agree", "night", "appeal_and_undo", "appeal_and_undo", "ask_late"],
    "an appeal and the roll": ["come", "leave", "appeal_and_undo", "undo_on_the_roll", "take_back", "leave"],
    "not me and the roll": ["come", "vouch", "disown", "undo_on_the_roll", "agree_to_undo", "take_back"],
    "spent, then everything": [
        "come", "leave", "spend", "take_back", "undo_on_the_roll", "disown", "appeal_and_undo", "leave",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_the_exploits_we_know(story: Callable[[], Story], name: str, here: Any) -> None:
    """LG-33: submit, cancel, submit: by every door we have."""
    told = story()
    tell(told, KNOWN[name])
    tell(told, ["overtake"])
    assert hours.totals(told.person.id).minutes <= PLANNED
    here.commit()
    assert [found.name for found in ledger.inspect() if not found.name.startswith("vouchers")] == []
