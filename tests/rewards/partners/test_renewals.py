"""A manager asks to go on with the pledge as it reads today; the office signs, with the day statements are drawn up."""

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from rewards import partners
from rewards.partners.models import Pledge
from volunteer.errors import Refusal


def test_which_text_was_accepted_when_and_by_whom_is_kept(tea_house, boss_lin, db):
    """M1: the application's pledge."""
    kept = db.session.scalars(db.select(Pledge)).all()
    assert [(one.partner_id, one.version, one.accepted_by) for one in kept] == [
        (tea_house.id, 1, boss_lin.id)
    ]
    (agreement,) = db.session.scalars(db.select(partners.Agreement)).all()
    assert (agreement.pledge_id, agreement.statement_day) == (kept[0].id, 1)


def test_asking_is_for_the_last_sixty_days_and_needs_the_pledge(tea_house, boss_lin, clock):
    """M9."""
    with pytest.raises(Refusal) as early:
        partners.renewals.ask(tea_house, by=boss_lin, pledged=True)
    clock.move("2027-01-05 09:00")
    with pytest.raises(Refusal) as bare:
        partners.renewals.ask(tea_house, by=boss_lin, pledged=False)
    assert [early.value.code, bare.value.code] == ["partner.renewal_early", "partner.pledge"]


def test_asked_once_it_is_not_offered_again_and_who_is_paused_waits(tea_house, boss_lin, clock):
    """M9: the button goes with the request; a pause is for the office to end first."""
    clock.move("2027-01-05 09:00")
    partners.pause(tea_house, "装修")
    with pytest.raises(Refusal) as waits:
        partners.renewals.ask(tea_house, by=boss_lin, pledged=False)
    assert waits.value.code != "partner.pledge" and tea_house.renewal_asked_at is None
    partners.resume(tea_house)
    assert partners.renewals.open_now(tea_house)
    partners.renewals.ask(tea_house, by=boss_lin, pledged=True)
    assert not partners.renewals.open_now(tea_house)


def test_the_request_waits_in_the_inbox_until_it_is_signed(visitor, tea_house, boss_lin, office, clock, db):
    """M9: by hand, from the partner's page to the next agreement."""
    clock.move("2027-01-05 09:00")
    shop, desk = visitor(boss_lin), visitor(office)
    address = f"/partners/{tea_house.id}"
    assert "申请续签" in shop.get(address).words
    for _twice in range(2):
        page = shop.post(f"{address}/renewal", {"pledged": "y"}, follow=True)
    assert "等社区签" in page.words
    assert db.session.query(Pledge).count() == 2
    assert "商家续签" in desk.get("/office/inbox").words
    form = {"starts_on": "2027-03-01", "ends_on": "2028-02-28"}
    assert desk.post(f"{address}/agreements", {**form, "statement_day": "29"}).status_code == 422
    desk.post(f"{address}/agreements", {**form, "statement_day": "15"})
    assert "商家续签" not in desk.get("/office/inbox").words
    newest = db.session.scalars(
        db.select(partners.Agreement).order_by(partners.Agreement.version.desc())
    ).first()
    assert (newest.version, newest.statement_day, tea_house.renewal_asked_at) == (2, 15, None)
    assert newest.pledge_id == partners.pledges.last(tea_house.id).id


def test_the_database_knows_no_thirtieth_of_february(tea_house, db):
    """M7: every month has the day a statement is drawn up on."""
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(db.update(partners.Agreement).values(statement_day=29))


def test_the_next_agreement_keeps_the_day_of_the_last(tea_house, db):
    partners.sign(tea_house, date(2027, 3, 1), date(2028, 2, 28), statement_day=20)
    assert partners.sign(tea_house, date(2028, 2, 29), date(2029, 2, 27)).statement_day == 20
