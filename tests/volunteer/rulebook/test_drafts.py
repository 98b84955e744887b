"""Rules take two people: drafted, tried on the last quarter, agreed to by another, in force from their day on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tests.cast import with_factor
from volunteer import accounts, hours, ledger, notices, rulebook
from volunteer import clock as moments
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.events import Happened
from volunteer.ledger import rules
from volunteer.rulebook import drafts
from volunteer.rulebook.models import RuleDraft

DOUBLE = {"points_per_hour": 20}
NEXT = date(2026, 5, 1)


@pytest.fixture
def serve(
    xiaoman: accounts.User, activity: Any, make_day: Callable[..., Any], clock: Any
) -> Callable[[accounts.User, str, int], hours.ServiceRecord]:
    """`serve(xiaoman, "2026-03-01", 120)`: a confirmed record of that day."""
    made = iter(range(1, 100))

    def one(who: accounts.User, on: str, minutes: int) -> hours.ServiceRecord:
        now = moments.now()
        clock.move(f"{on} 08:00")
        day = make_day(on, "09:00", "11:30")
        clock.move(now)
        return hours.record_stay(
            source=f"attendance:{next(made)}", volunteer_id=who.id, day=day, activity=activity,
            minutes=minutes, grade="A", **hours.so_far(who.id, day.on),
        )  # fmt: skip

    return one


@pytest.fixture
def chief(bantian: Any) -> accounts.User:
    """Another administrator of the street."""
    person = accounts.register(name="周主任", phone="13900000091", home=bantian)
    accounts.appoint(person, "street_admin", area=bantian)
    return with_factor(person)


@pytest.fixture
def draft(chief: accounts.User, clock: Any) -> RuleDraft:
    """周主任 drafts twice as much an hour, from May on."""
    clock.move("2026-03-20 10:00")
    return drafts.edit(drafts.begin(chief), DOUBLE, NEXT, "一小时二十分")


def tried(draft: RuleDraft) -> RuleDraft:
    return drafts.keep(draft, dict(draft.params), rulebook.try_out(draft.params, draft.area_path))


def refused(act: Callable[..., Any], *args: Any) -> str:
    with pytest.raises(Refusal) as no:
        act(*args)
    return no.value.code


def test_the_last_quarter_says_who_gains_and_how_much(
    draft: RuleDraft, xiaoman: accounts.User, daming: accounts.User, serve: Any, clock: Any
) -> None:
    """A3, idea 23: ninety days, to yesterday; people by number and masked name."""
    serve(xiaoman, "2025-12-20", 150)  # the first of the ninety days
    serve(xiaoman, "2026-03-01", 120)
    serve(daming, "2026-03-19", 60)  # too short of the shift for points
    serve(xiaoman, "2025-12-19", 150)  # the day before
    serve(xiaoman, "2026-03-20", 150)  # today is not over
    trial = rulebook.try_out(draft.params, draft.area_path)
    assert (trial["first"], trial["last"]) == ("2025-12-20", "2026-03-19")
    assert (trial["records"], trial["people"], trial["before"], trial["after"]) == (3, 2, 45, 90)
    assert (trial["gain"], trial["lose"]) == (1, 0)
    assert (
        trial["up"] == [{"number": xiaoman.volunteer_no, "name": "小*", "before": 45, "after": 90}]
        and not trial["down"]
    )
    assert [(one["before"], one["after"]) for one in trial["teams"]] == [(45, 90)]


def test_who_is_at_a_limit_is_counted_under_both_rules(
    draft: RuleDraft, xiaoman: accounts.User, serve: Any, give_points: Any
) -> None:
    serve(xiaoman, "2026-03-01", 120)
    give_points(xiaoman, 80)
    trial = rulebook.try_out({"balance_cap_points": 100, "annual_cap_points": 20}, draft.area_path)
    assert trial["full"] == {"before": {"balance": 0, "year": 0}, "after": {"balance": 1, "year": 1}}
    above = rulebook.try_out({"balance_cap_points": 101, "annual_cap_points": 21}, draft.area_path)
    assert above["full"]["after"] == {"balance": 0, "year": 0}


def test_from_its_day_on_the_rules_are_those_a_second_person_agreed_to(
    draft: RuleDraft, chief: accounts.User, street_office: accounts.User, xiaoman: accounts.User, serve: Any,
    clock: Any, here: Any,
) -> None:  # fmt: skip
    """A3: never backwards: what was recorded before keeps its version and its points."""
    before = serve(xiaoman, "2026-03-01", 120)
    assert refused(drafts.propose, draft) == "rules.untried"
    drafts.propose(tried(draft))
    assert refused(drafts.adopt, draft, chief) == "rules.own"
    drafts.adopt(draft, street_office)
    assert (draft.state, draft.decided_by) == ("adopted", street_office.id)
    assert ledger.tariff(date(2026, 4, 30), draft.area_path).points_per_hour == 10
    assert ledger.tariff(NEXT, draft.area_path).points_per_hour == 20
    after = serve(xiaoman, "2026-05-03", 120)
    assert (before.points, before.formula["rule"], after.points, after.formula["rule"]) == (20, 1, 40, 2)
    assert refused(drafts.edit, draft, {}, date(2026, 6, 1), "再改") == "rules.state"
    assert refused(drafts.drop, draft) == "rules.state"
    kinds = db.session.scalars(select(Happened.kind).where(Happened.kind.like("rulebook.%")))
    assert sorted(kinds) == ["rulebook.Adopted", "rulebook.Drafted", "rulebook.Proposed"]
    told = db.session.scalars(
        select(notices.Notice.user_id).where(
            notices.Notice.link == f"/rules?street={draft.area_path.strip('/')}"
        )
    ).all()
    assert {chief.id, street_office.id} <= set(told) and xiaoman.id not in told
    here.commit()
    assert ledger.inspect() == []


def test_what_is_changed_after_the_trial_is_tried_again(draft: RuleDraft) -> None:
    """A3: a trial belongs to the numbers it was made with; the words and the day may change."""
    tried(draft)
    drafts.edit(draft, DOUBLE, date(2026, 6, 1), "一小时二十分，六月起")
    assert draft.trial is not None
    drafts.edit(draft, DOUBLE | {"voucher_days": 60}, NEXT, "一小时二十分")
    assert draft.trial is None and refused(drafts.propose, draft) == "rules.untried"
    assert refused(drafts.keep, draft, DOUBLE, {}) == "rules.untried"


def test_a_draft_that_says_nothing_new_is_not_proposed(street_office: accounts.User, clock: Any) -> None:
    clock.move("2026-03-20 10:00")
    same = drafts.edit(drafts.begin(street_office), {"points_per_hour": 10}, NEXT, "没有改")
    assert refused(drafts.propose, tried(same)) == "rules.nothing"


def test_rules_that_came_between_send_the_draft_back_to_the_trial(
    draft: RuleDraft, street_office: accounts.User
) -> None:
    """A3: what was agreed to was compared with other rules."""
    drafts.propose(tried(draft))
    rules.publish({"voucher_days": 30}, date(2026, 4, 1), "券管三十天", area_path=draft.area_path)
    assert refused(drafts.adopt, draft, street_office) == "rules.moved"
    assert ledger.tariff(NEXT, draft.area_path).points_per_hour == 10


def test_a_draft_whose_day_has_come_is_not_adopted(
    draft: RuleDraft, street_office: accounts.User, clock: Any
) -> None:
    drafts.propose(tried(draft))
    clock.move("2026-05-01 00:00")
    assert refused(drafts.adopt, draft, street_office) == "rules.too_early"
    assert refused(drafts.edit, drafts.begin(street_office), {}, NEXT, "今天") == "rules.too_early"


def test_what_was_proposed_keeps_the_trial_it_was_proposed_with(draft: RuleDraft) -> None:
    """A3: whoever agrees reads what was tried; a trial that comes late does not change it."""
    drafts.propose(tried(draft))
    kept = dict(draft.trial or {})
    assert refused(drafts.keep, draft, DOUBLE, {"another": "trial"}) == "rules.state" and draft.trial == kept


def test_a_draft_whose_day_has_come_is_not_proposed(draft: RuleDraft, clock: Any) -> None:
    """A3: never backwards: nobody is asked to agree to a day that has begun."""
    tried(draft)
    clock.move("2026-05-01 00:00")
    assert refused(drafts.propose, draft) == "rules.too_early" and draft.state == "draft"


def test_what_is_sent_back_says_why_and_can_be_proposed_again(
    draft: RuleDraft, chief: accounts.User, street_office: accounts.User
) -> None:
    assert refused(drafts.send_back, draft, "再想想", street_office) == "rules.not_proposed"
    drafts.propose(tried(draft))
    assert refused(drafts.send_back, draft, "再想想", chief) == "rules.own"
    drafts.send_back(draft, "券也要一起改", street_office)
    assert (draft.state, draft.reason) == ("draft", "券也要一起改")
    said = db.session.scalars(select(notices.Notice).filter_by(user_id=chief.id)).all()
    assert any(notice.facts.get("reason") == "券也要一起改" for notice in said)
    assert drafts.propose(draft).reason is None


def test_a_draft_can_be_put_away_until_it_is_adopted(draft: RuleDraft, street_office: accounts.User) -> None:
    assert drafts.drop(drafts.drop(draft)).state == "dropped"
    assert refused(drafts.propose, draft) == "rules.state"
    assert refused(drafts.adopt, draft, street_office) == "rules.not_proposed"


def test_numbers_that_make_no_sense_are_refused(draft: RuleDraft) -> None:
    assert refused(drafts.edit, draft, {"points_per_hour": 7}, NEXT, "七分") == "tariff.invalid"


def test_the_database_itself_wants_two_people_and_a_trial(draft: RuleDraft, here: Any) -> None:
    """S31: past our code, too."""
    tried(draft)
    here.commit()
    for wrong in ({"decided_by": draft.made_by}, {"state": "adopted"}, {"state": "proposed", "trial": None}):
        with pytest.raises(IntegrityError):
            db.session.execute(update(RuleDraft).where(RuleDraft.id == draft.id).values(**wrong))
        db.session.rollback()
