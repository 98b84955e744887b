"""Everybody whom the stories speak of can be met, and is who they are said to be."""

from __future__ import annotations

from volunteer import access


def test_the_cast_holds_the_roles_the_stories_need(
    here, office, street_office, auditor, other_office, lao_wang, team, boss_lin, tea_house, azhen
):
    people = (office, street_office, auditor, other_office, lao_wang, boss_lin, azhen)
    assert [{hold.role for hold in person.holds} for person in people] == [
        {"community_admin"},
        {"street_admin"},
        {"auditor"},
        {"community_admin"},
        {"team_leader"},
        {"partner_manager"},
        {"counter"},
    ]
    with here.signed_in(azhen):
        assert access.may("voucher.redeem", tea_house)
    with here.signed_in(lao_wang):
        assert access.may("day.schedule", team)


def test_a_passer_by_is_signed_in_and_allowed_nothing(here, passer_by, xiaoman):
    with here.signed_in(passer_by):
        assert access.may("self")
        assert not passer_by.holds
    assert not xiaoman.holds
