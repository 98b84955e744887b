"""From the application to the plaque, and what ends it."""

from datetime import date

import pytest

from rewards import partners
from volunteer import accounts
from volunteer.errors import NotFound
from volunteer.events import Happened


@pytest.fixture
def ask(boss_lin, nankeng):
    def send(by=boss_lin, **changes):
        fields = {
            "name": "便民茶屋", "kind": "caring_enterprise", "licence_no": "9144 0300 ma5example1",
            "address": "南坑路 8 号", "contact_name": "林慧", "contact_phone": "138 0000 0021", "pledged": True,
        }  # fmt: skip
        return partners.apply(by, nankeng, **(fields | changes))

    return send


def test_from_the_application_to_the_plaque(ask, boss_lin, here, office):
    asked = ask()
    assert (asked.state, asked.contact_phone_masked) == ("applied", "138****0021")
    with here.signed_in(office):
        assert partners.review(asked).state == "reviewed"
        signed = partners.sign(asked, date(2026, 3, 7), date(2027, 3, 6))
        assert (asked.state, signed.version, signed.signed_by) == ("signed", 1, office.id)
        number = partners.grant_plaque(asked).plaque_no
    assert len(number) == 8 and partners.by_plaque(number.lower()).id == asked.id
    assert "partner_manager" in {hold.role for hold in boss_lin.holds}
    assert partners.standing(asked) == "good"
    assert partners.grant_plaque(asked).plaque_no == number


def test_there_is_no_plaque_before_an_agreement(ask):
    asked = ask()
    for state in ("applied", "reviewed"):
        assert asked.state == state
        with pytest.raises(partners.plaque.NotSigned):
            partners.grant_plaque(asked)
        partners.review(asked)
    assert asked.plaque_no is None


@pytest.mark.parametrize("typed", ["", "AB\0CDEFG", "12345678", "%", "牌号" * 500])
def test_a_number_that_nobody_has_is_not_there(tea_house, typed):
    """F20: a NUL, too, is asked of no database."""
    with pytest.raises(NotFound):
        partners.by_plaque(typed)
    with pytest.raises(NotFound):
        partners.by_plaque(f"{tea_house.plaque_no}7")


def test_the_phone_is_kept_sealed(ask, app):
    asked = ask()
    assert b"13800000021" not in asked.contact_phone_sealed
    assert partners.contact(asked) == "13800000021"


def test_without_the_pledge_or_with_a_dead_licence_nobody_can_ask(ask):
    for changes, code in (
        ({"pledged": False}, "partner.pledge"),
        ({"licence_until": date(2026, 1, 1)}, "partner.licence_past"),
        ({"kind": "casino"}, "form.invalid"),
    ):
        with pytest.raises(Exception) as refused:
            ask(**changes)
        assert refused.value.code == code


def test_one_licence_is_one_partner(ask, daming):
    first = ask()
    assert ask(address="南坑路 9 号").id == first.id and first.address == "南坑路 9 号"
    with pytest.raises(Exception) as refused:
        ask(by=daming)
    assert refused.value.code == "partner.known"


def test_rejected_with_a_reason_may_be_mended(ask):
    asked = partners.reject(ask(), "证照看不清")
    assert (asked.state, asked.reason) == ("rejected", "证照看不清")
    assert ask(name="便民茶屋二店").state == "applied"


def test_nobody_reviews_their_own(ask, here, boss_lin):
    asked = ask()
    with here.signed_in(boss_lin), pytest.raises(Exception) as refused:
        partners.review(asked)
    assert refused.value.code == "partner.own"


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [
        (date(2026, 3, 7), date(2027, 3, 7), "partner.agreement_too_long"),
        (date(2026, 3, 7), date(2026, 3, 1), "partner.agreement_dates"),
        (date(2025, 1, 1), date(2025, 6, 1), "partner.agreement_dates"),
        (date(2029, 1, 1), date(2029, 6, 1), "partner.licence_short"),
    ],
)
def test_an_agreement_is_at_most_twelve_months(ask, starts, ends, code):
    asked = partners.review(ask(licence_until=date(2028, 1, 1)))
    with pytest.raises(Exception) as refused:
        partners.sign(asked, starts, ends)
    assert refused.value.code == code


def test_a_renewal_is_a_new_version_from_the_day_after(tea_house):
    with pytest.raises(Exception) as refused:
        partners.sign(tea_house, date(2027, 2, 1), date(2027, 12, 31))
    assert refused.value.code == "partner.agreement_overlaps"
    assert partners.sign(tea_house, date(2027, 3, 1), date(2028, 2, 28)).version == 2
    assert partners.covered_until(tea_house.id, date(2026, 3, 7)) == date(2028, 2, 28)
    assert partners.wind_up(date(2027, 3, 1)) == 0


def test_the_night_ends_what_is_over(tea_house, clock):
    assert partners.wind_up(date(2027, 2, 28)) == 0
    assert partners.wind_up(date(2027, 3, 1)) == 1
    assert tea_house.state == "lapsed"
    clock.move("2027-03-02 09:00")
    partners.sign(tea_house, date(2027, 3, 2), date(2028, 3, 1))
    assert partners.standing(tea_house) == "good"


def test_three_upheld_complaints_end_it(tea_house, clock):
    """M8: told, paused for thirty days, terminated."""
    assert partners.uphold(tea_house, "搭售") == 1 and tea_house.state == "signed"
    partners.uphold(tea_house, "又搭售")
    assert (tea_house.state, tea_house.paused_until) == ("paused", date(2026, 4, 6))
    assert partners.back_from_pause(date(2026, 4, 7)) == 1 and tea_house.state == "signed"
    partners.uphold(tea_house, "还搭售")
    assert tea_house.state == "terminated" and partners.standing(tea_house) == "terminated"


def test_a_partner_gives_the_two_roles_of_its_own_and_each_once(tea_house, azhen, db):
    """T13: no manager makes anybody an administrator; and inviting again is told to nobody."""
    for role in ("street_admin", "community_admin", "auditor", "chief"):
        with pytest.raises(partners.crew.UnknownRole):
            partners.invite(tea_house, "陈阿珍", "13800000022", role)
    partners.invite(tea_house, "陈阿珍", "13800000022")
    told = db.select(db.func.count()).where(
        Happened.kind == "partners.StaffInvited", Happened.whom == azhen.id
    )
    assert db.session.scalar(told) == 1


def test_staff_are_invited_by_phone_once(tea_house, azhen, xiaoman):
    assert partners.invite(tea_house, "陈阿珍", "138 0000 0022").id == azhen.id
    assert partners.invite(tea_house, "谁都行", "13800000001").id == xiaoman.id
    assert [hold.role for hold in xiaoman.holds] == ["counter"]
    partners.dismiss(tea_house, xiaoman, "counter")
    assert xiaoman.holds == ()
    assert accounts.by_phone("13800000001").id == xiaoman.id


def test_somebody_always_answers_for_a_partner(tea_house, boss_lin):
    with pytest.raises(Exception) as refused:
        partners.dismiss(tea_house, boss_lin, "partner_manager")
    assert refused.value.code == "partner.last_manager"


def test_a_plaque_that_never_was(here):
    with pytest.raises(NotFound):
        partners.by_plaque("00000000")
