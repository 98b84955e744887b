"""Roles: who holds what where, and who may give it (T21)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from volunteer import access, accounts
from volunteer.accounts import appointments, roles
from volunteer.accounts.models import Grant
from volunteer.accounts.people import NotYourself


def test_appointing_twice_is_one_role(db, xiaoman, nankeng):
    first = accounts.appoint(xiaoman, "community_admin", area=nankeng)
    assert accounts.appoint(xiaoman, "community_admin", area=nankeng) is first
    assert xiaoman.holds == (access.Hold("community_admin", area_path=nankeng.path),)
    accounts.dismiss(xiaoman, "community_admin", area=nankeng)
    accounts.dismiss(xiaoman, "community_admin", area=nankeng)
    assert xiaoman.holds == () and db.session.scalar(select(func.count()).select_from(Grant)) == 0


def test_a_role_ends_with_its_last_day(xiaoman, nankeng, clock):
    """T21."""
    accounts.appoint(xiaoman, "auditor", area=nankeng, until=date(2026, 3, 8))
    clock.move("2026-03-08 23:59")
    xiaoman.__dict__.pop("holds", None)
    assert len(xiaoman.holds) == 1
    clock.move("2026-03-09 00:00")
    xiaoman.__dict__.pop("holds", None)
    assert xiaoman.holds == () and accounts.holders("auditor", area_path=nankeng.path) == []


@pytest.mark.parametrize(
    ("role", "where"),
    [("king", {"team_id": 1}), ("counter", {}), ("counter", {"team_id": 1, "partner_id": 2})],
)
def test_a_role_is_known_and_held_in_exactly_one_place(xiaoman, role, where):
    with pytest.raises(appointments.UnknownRole):
        accounts.appoint(xiaoman, role, **where)


def test_who_to_tell(xiaoman, daming, grandma, nankeng, yangmei, bantian):
    accounts.appoint(xiaoman, "community_admin", area=nankeng)
    accounts.appoint(daming, "community_admin", area=bantian)
    accounts.appoint(grandma, "community_admin", area=yangmei)
    assert accounts.holders("community_admin", area_path=nankeng.path) == [xiaoman, daming]
    accounts.appoint(grandma, "counter", partner_id=5)
    assert accounts.holders("counter", partner_id=5) == [grandma]
    assert accounts.holders("team_leader", team_id=5) == []


def test_nobody_gives_more_than_is_theirs(
    here, street_office, office, other_office, auditor, lao_wang, xiaoman, nankeng, yangmei, bantian
):
    """T21: six givers × three roles × three places: only what is on the list goes through."""
    allowed = {
        (street_office, "street_admin", bantian), (street_office, "auditor", bantian),
        (street_office, "community_admin", nankeng), (street_office, "auditor", nankeng),
        (street_office, "community_admin", yangmei), (street_office, "auditor", yangmei),
        (office, "community_admin", nankeng), (office, "auditor", nankeng),
        (other_office, "community_admin", yangmei), (other_office, "auditor", yangmei),
    }  # fmt: skip
    for giver in (street_office, office, other_office, auditor, lao_wang, xiaoman):
        for role in roles.ROLES:
            for area in (bantian, nankeng, yangmei):
                assert appointments.may_give(giver, role, area) == ((giver, role, area) in allowed), (
                    giver.name, role, area.name,
                )  # fmt: skip


def test_the_office_gives_a_role_by_page_and_takes_it_back(visitor, office, xiaoman, nankeng, db):
    """S31."""
    browser = visitor(office)
    page = browser.get(f"/office/people/{xiaoman.id}")
    assert page.status_code == 200 and "给一个角色" in page.words
    done = browser.post(f"/office/people/{xiaoman.id}/roles", {"role": "auditor", "area_id": nankeng.id})
    assert done.status_code == 302
    grant = db.session.scalar(select(Grant).filter_by(user_id=xiaoman.id))
    assert (grant.role, grant.given_by) == ("auditor", office.id)
    assert "审计员" in browser.get(f"/office/people/{xiaoman.id}").words
    browser.post(f"/office/people/{xiaoman.id}/roles/{grant.id}/ending")
    assert db.session.scalar(select(func.count()).select_from(Grant).where(Grant.user_id == xiaoman.id)) == 0


@pytest.mark.parametrize("role", ["street_admin", "team_leader", "counter", "king"])
def test_a_role_that_is_not_theirs_is_not_given_by_page(visitor, office, xiaoman, nankeng, bantian, role):
    """T21."""
    for area in (nankeng, bantian):
        page = visitor(office).post(f"/office/people/{xiaoman.id}/roles", {"role": role, "area_id": area.id})
        assert page.status_code in (403, 422)
    xiaoman.__dict__.pop("holds", None)
    assert xiaoman.holds == ()


def test_nobody_gives_or_takes_their_own(here, office, nankeng, db):
    """T21."""
    grant = db.session.scalar(select(Grant).filter_by(user_id=office.id))
    with pytest.raises(NotYourself):
        appointments.give(office, office, "auditor", nankeng)
    with pytest.raises(NotYourself):
        appointments.take_back(office, grant)


def test_the_neighbours_people_do_not_exist(visitor, other_office, xiaoman, nankeng):
    """T13."""
    browser = visitor(other_office)
    assert browser.get(f"/office/people/{xiaoman.id}").status_code == 404
    for act in ("roles", "suspension", "restoration", "id-number", "phone"):
        assert browser.post(f"/office/people/{xiaoman.id}/{act}", {"reason": "看看"}).status_code == 404


def test_volunteers_have_no_office(visitor, xiaoman, daming):
    browser = visitor(xiaoman)
    assert browser.get("/office/people").status_code == 403
    assert browser.get(f"/office/people/{daming.id}").status_code == 403
    assert browser.post(f"/office/people/{daming.id}/roles", {"role": "auditor"}).status_code == 403


def test_every_right_asked_for_belongs_to_a_role():
    assert {"person.read", "person.prove", "person.reveal", "role.give"} <= set(
        roles.ROLES["community_admin"]
    )
    assert not {"person.reveal", "role.give", "person.suspend"} & set(roles.ROLES["auditor"])
    assert set(roles.NAMES) == set(roles.ROLES)
