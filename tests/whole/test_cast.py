"""Everybody whom the stories speak of can be met, and is who they are said to be."""

from __future__ import annotations

from volunteer import access


def test_the_cast_holds_the_roles_the_stories_need(
    here, community_admin, street_admin, auditor, neighbour_admin, laoli, team, laowang, tea_house, azhen
):
    held = {
        person.name: {hold.role for hold in person.holds}
        for person in (community_admin, street_admin, auditor, neighbour_admin, laoli, laowang, azhen)
    }
    assert held == {
        "何主任": {"community_admin"},
        "方科长": {"street_admin"},
        "钱审计": {"auditor"},
        "吴主任": {"community_admin"},
        "老李": {"team_leader"},
        "老王": {"partner_manager"},
        "阿珍": {"counter"},
    }
    with here.signed_in(azhen):
        assert access.may("voucher.redeem", tea_house)
    with here.signed_in(laoli):
        assert access.may("day.schedule", team)


def test_a_passer_by_is_signed_in_and_allowed_nothing(here, passer_by, xiaoman):
    with here.signed_in(passer_by):
        assert access.may("self")
        assert not passer_by.holds
    assert not xiaoman.holds
