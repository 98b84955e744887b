"""A partner that a mistaken complaint ended comes back: another person says so, what was taken down stays down."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from rewards import offers, partners
from volunteer import accounts
from volunteer.db import transaction
from volunteer.errors import Refusal
from volunteer.events import Happened


@pytest.fixture
def ended(tea_house, office, here):
    """Ended by its third strike of today; returns that strike."""
    with here.signed_in(office):
        for reason in ("搭售", "又搭售"):
            partners.uphold(tea_house, reason)
        last = partners.strikes.strike_for(tea_house, "还搭售")
    assert tea_house.state == "terminated"
    return last


@pytest.fixture
def mistaken(ended, street_office):
    """The third was a mistake, and another person said so."""
    return partners.take_back(ended, "看错了店", by=street_office)


def refused(partner, by):
    with pytest.raises(Refusal) as found:
        partners.reinstate(partner, "认定错了", by=by)
    return found.value.code


def test_another_person_brings_it_back_with_its_agreement(tea_house, mistaken, street_office, db, clock):
    """M8: two strikes count still, so the pause of the second goes on for its thirty days."""
    partners.reinstate(tea_house, "认定错了", by=street_office)
    assert (tea_house.state, tea_house.paused_until) == ("paused", date(2026, 4, 6))
    assert partners.agreement.last(tea_house).ended_at is None
    happened = db.session.scalars(db.select(Happened).filter_by(kind="partners.Reinstated")).one()
    assert happened.facts == {"partner_id": tea_house.id}
    again = partners.reinstate(tea_house, "认定错了", by=street_office)
    assert again.state == "paused"
    assert db.session.query(Happened).filter_by(kind="partners.Reinstated").count() == 1
    clock.move("2026-04-07 00:45")
    assert partners.back_from_pause(date(2026, 4, 7)) == 1 and partners.standing(tea_house) == "good"


def test_after_thirty_days_it_is_in_force_at_once(tea_house, mistaken, street_office, clock):
    clock.move("2026-05-01 09:00")
    partners.reinstate(tea_house, "认定错了", by=street_office)
    assert (tea_house.state, partners.standing(tea_house)) == ("signed", "good")


def test_once_its_agreement_would_be_over_a_new_one_is_needed_and_can_be_signed(
    tea_house, mistaken, street_office, clock
):
    """M8, M9."""
    clock.move("2027-03-05 09:00")
    partners.reinstate(tea_house, "认定错了", by=street_office)
    assert tea_house.state == "lapsed" and partners.agreement.last(tea_house).ended_at is not None
    partners.sign(tea_house, date(2027, 3, 5), date(2028, 3, 4))
    assert partners.standing(tea_house) == "good"


def test_not_by_whoever_ended_it_nor_by_its_own_people(tea_house, mistaken, office, street_office):
    """M8: two persons."""
    assert refused(tea_house, office) == "partner.reinstate_same"
    accounts.appoint(street_office, "partner_manager", partner_id=tea_house.id)
    assert refused(tea_house, street_office) == "partner.hand_in_it"
    assert tea_house.state == "terminated"


def test_the_database_wants_another_person_too(tea_house, mistaken, db):
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(
            text("UPDATE partner SET reinstated_by = terminated_by, reinstated_at = terminated_at")
        )


def test_while_all_three_count_it_stays_ended_however_long_ago(tea_house, ended, street_office, clock):
    """M8: only a mistake brings it back, not time."""
    assert refused(tea_house, street_office) == "partner.reinstate_stands"
    clock.move("2027-09-01 09:00")
    assert refused(tea_house, street_office) == "partner.reinstate_stands"


def test_one_that_was_ended_for_another_reason_stays_ended(tea_house, street_office, office, here):
    with here.signed_in(office):
        partners.terminate(tea_house, "搬走了")
    assert refused(tea_house, street_office) == "partner.reinstate_other"


def test_one_that_is_not_ended_has_nothing_to_take_back(tea_house, street_office):
    assert refused(tea_house, street_office) == "partner.state"


def test_of_two_who_bring_it_back_at_once_one_does(
    app, tea_house, mistaken, street_office, deputy, together, here, db
):
    """M8: decided by one conditional update."""
    here.commit()
    partner_id = tea_house.id

    def by(person_id):
        def act():
            with app.app_context(), transaction():
                partner = db.session.get_one(partners.Partner, partner_id)
                person = db.session.get_one(accounts.User, person_id)
                partners.reinstate(partner, "认定错了", by=person)
                return "back"

        return act

    answers = together([by(street_office.id), by(deputy.id)])
    assert sorted(getattr(one, "code", one) for one in answers) == ["back", "partner.state"]
    assert db.session.query(Happened).filter_by(kind="partners.Reinstated").count() == 1


@pytest.fixture
def deputy(nankeng):
    person = accounts.register(name="郑海", phone="13800000053", home=nankeng)
    accounts.appoint(person, "community_admin", area=nankeng)
    return person


def test_what_was_taken_down_stays_down_and_a_late_reaction_leaves_what_is_new(
    tea_house, tea, mistaken, street_office, clock, here, make_offer
):
    """M8: the shelf is the manager's to fill again, and nothing told late empties it."""
    clock.move("2026-05-01 09:00")
    partners.reinstate(tea_house, "认定错了", by=street_office)
    fresh = make_offer(title="新茶")
    here.commit()  # only now is the end told
    assert (tea.state, fresh.state) == ("withdrawn", "published")
    with pytest.raises(Refusal):
        offers.resume(tea)


def test_ended_again_it_can_be_brought_back_by_neither_of_old(
    tea_house, mistaken, street_office, office, clock, here
):
    clock.move("2026-05-01 09:00")
    partners.reinstate(tea_house, "认定错了", by=street_office)
    with here.signed_in(street_office):
        partners.uphold(tea_house, "再搭售")
    assert (tea_house.state, tea_house.reinstated_by) == ("terminated", None)
    assert refused(tea_house, office) == "partner.reinstate_stands"


def test_what_somebody_else_did_a_moment_ago_is_not_done_again(tea_house, mistaken, street_office, db):
    """M8: whoever looked before the other one decided finds nothing to change."""
    assert tea_house.state == "terminated"
    other = db.update(partners.Partner).values(state="signed").execution_options(synchronize_session=False)
    db.session.execute(other)
    assert refused(tea_house, street_office) == "partner.state"
    assert db.session.query(Happened).filter_by(kind="partners.Reinstated").count() == 0
