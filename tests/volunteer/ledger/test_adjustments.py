"""Points by hand take two of the office: one asks and says what proves it, another agrees."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from volunteer import accounts, ledger, notices
from volunteer.accounts.proposals import AskedAlready, DecidedAlready, TakesAnother
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.events import Happened
from volunteer.ledger import adjustments
from volunteer.ledger.models import Adjustment, Posting

SENT = {"way": "give", "points": "20", "reason": "三月的巡河漏记了一次", "evidence": "签到表第二页，老王证明"}


@pytest.fixture
def asked(office: accounts.User, xiaoman: accounts.User) -> Adjustment:
    """何主任 asks for twenty points for 小满."""
    return adjustments.ask(office, xiaoman, 20, "三月的巡河漏记了一次", "签到表第二页")


def kinds() -> list[str]:
    found = db.session.scalars(select(Happened.kind).where(Happened.kind.like("ledger.Adjustment%")))
    return sorted(found)


def test_nothing_moves_until_another_one_agrees(
    asked: Adjustment, office: accounts.User, street_office: accounts.User, xiaoman: accounts.User, here: Any
) -> None:
    """T33: asked by one, agreed by another, moved once under its own key; told, and in the trail."""
    with pytest.raises(TakesAnother):
        adjustments.decide(asked, "", office, agreed=True)
    assert ledger.balance(xiaoman.id) == 0
    adjustments.decide(asked, "", street_office, agreed=True)
    with pytest.raises(DecidedAlready):
        adjustments.decide(asked, "", street_office, agreed=True)
    assert ledger.balance(xiaoman.id) == 20
    moved = ledger.find(f"adjustment:{asked.id}")
    assert moved is not None and (moved.move, moved.points) == ("adjustment", 20)
    assert kinds() == ["ledger.AdjustmentAsked", "ledger.AdjustmentDecided"]
    said = db.session.scalars(select(notices.Notice).filter_by(user_id=xiaoman.id)).one()
    assert said.facts == {"points": 20, "reason": "三月的巡河漏记了一次"}
    here.commit()
    assert ledger.inspect() == []


def test_points_are_taken_from_the_purse_that_ends_soonest_and_never_below_nothing(
    office: accounts.User, street_office: accounts.User, xiaoman: accounts.User, give_points: Any, here: Any
) -> None:
    """T33."""
    give_points(xiaoman, 30)
    taken = adjustments.ask(office, xiaoman, -25, "同一场记了两次", "名单核对过")
    adjustments.decide(taken, "", street_office, agreed=True)
    assert ledger.balance(xiaoman.id) == 5
    more = adjustments.ask(office, xiaoman, -6, "同一场记了两次", "名单核对过")
    with pytest.raises(adjustments.TooLittle) as refused, db.session.begin_nested():
        adjustments.decide(more, "", street_office, agreed=True)
    assert refused.value.facts == {"balance": 5, "points": 6}
    assert [found for found in ledger.inspect() if found.name == "ledger.adjustments"] == []


def test_nobody_is_given_more_than_one_may_hold(
    office: accounts.User, street_office: accounts.User, xiaoman: accounts.User, give_points: Any
) -> None:
    """T33: the limit of the scheme holds for the office as well."""
    give_points(xiaoman, 14_990)
    asked = adjustments.ask(office, xiaoman, 11, "漏记", "名单")
    with pytest.raises(adjustments.TooMuch), db.session.begin_nested():
        adjustments.decide(asked, "", street_office, agreed=True)
    assert ledger.balance(xiaoman.id) == 14_990


def test_a_refusal_moves_nothing_and_says_why(
    asked: Adjustment, office: accounts.User, street_office: accounts.User, xiaoman: accounts.User
) -> None:
    """T33."""
    with pytest.raises(Refusal):
        adjustments.decide(asked, " ", street_office, agreed=False)
    adjustments.decide(asked, "那天他不在名单上", street_office, agreed=False)
    assert ledger.balance(xiaoman.id) == 0 and asked.state == "refused"
    said = db.session.scalars(select(notices.Notice).filter_by(user_id=office.id)).one()
    assert said.facts == {"note": "那天他不在名单上"}
    adjustments.ask(office, xiaoman, 20, "这次附上名单", "名单第三页")


def test_nobody_adjusts_their_own_nor_more_than_a_thousand_nor_twice_at_once(
    asked: Adjustment, office: accounts.User, street_office: accounts.User, xiaoman: accounts.User, daming: Any,
    nankeng: Any,
) -> None:  # fmt: skip
    """T33, T06: a thousand points a person and act; one question at a time."""
    accounts.appoint(xiaoman, "community_admin", area=nankeng)
    with pytest.raises(adjustments.OwnPoints):
        adjustments.decide(asked, "", xiaoman, agreed=True)
    with pytest.raises(adjustments.OwnPoints):
        adjustments.ask(office, office, 5, "自己", "自己")
    for points in (0, 1001, -1001):
        with pytest.raises(adjustments.OutOfRange):
            adjustments.ask(office, daming, points, "多了", "多了")
    with pytest.raises(AskedAlready):
        adjustments.ask(street_office, xiaoman, 5, "又一次", "又一次")


def test_the_database_wants_two_people_as_well(asked: Adjustment, xiaoman: accounts.User) -> None:
    """T33: the constraints behind it."""
    for changed in (
        {"decided_by": asked.asked_by, "decided_at": asked.asked_at, "state": "done"},
        {"decided_by": xiaoman.id, "decided_at": asked.asked_at, "state": "done"},
        {"state": "done"},
        {"points": 1001},
    ):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(update(Adjustment).values(**changed))


def test_points_that_nobody_agreed_to_are_found_at_night(
    asked: Adjustment, xiaoman: accounts.User, here: Any
) -> None:
    """T33: a posting of this kind without its two people breaks an invariant, and so does one of another amount."""
    step = (ledger.chart.ISSUED, ledger.chart.purse(xiaoman.id, "2028-03"), 20)
    ledger.transfer(step, move="adjustment", key=f"adjustment:{asked.id}", volunteer_id=xiaoman.id)
    assert [found.name for found in ledger.inspect()] == ["ledger.adjustments"]


def test_the_pages(
    visitor: Any, office: accounts.User, street_office: accounts.User, other_office: accounts.User,
    xiaoman: accounts.User, lao_wang: accounts.User, here: Any,
) -> None:  # fmt: skip
    """T33, T13: ask by volunteer number; the next community's office neither asks nor decides."""
    desk = visitor(office)
    for number, status in (("123456789012", 422), (xiaoman.volunteer_no, 200)):
        answer = desk.post("/office/adjustments", SENT | {"number": number}, follow=True)
        assert answer.status_code == status, answer.words
    assert (
        visitor(other_office).post("/office/adjustments", SENT | {"number": xiaoman.volunteer_no}).status_code
        == 422
    )
    assert visitor(lao_wang).get("/office/adjustments").status_code == 403
    one = db.session.scalars(select(Adjustment)).one()
    assert "你提出的" in desk.get("/office/adjustments").words
    assert xiaoman.name not in desk.get("/office/adjustments").words
    assert visitor(other_office).post(f"/adjustments/{one.id}/approval", {}).status_code == 404
    assert desk.post(f"/adjustments/{one.id}/approval", {}).status_code == 409
    street = visitor(street_office)
    assert "三月的巡河漏记了一次" in street.get("/office/inbox").words
    assert "积分已经记上" in street.post(f"/adjustments/{one.id}/approval", {}, follow=True).words
    statement = visitor(xiaoman).get("/me/points").words
    assert "积分调整" in statement and "三月的巡河漏记了一次" in statement
    assert db.session.scalar(select(Posting.amount).filter_by(key=f"adjustment:{one.id}")) == 20
