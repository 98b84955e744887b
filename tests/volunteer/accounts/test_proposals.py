"""What takes two of the office: an administrator's role, a lost factor taken away (T21, S07, M8)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from tests.cast import with_factor
from volunteer import accounts
from volunteer.accounts import appointments, factors, proposals
from volunteer.accounts.credential_models import Proposal
from volunteer.accounts.models import Grant


@pytest.fixture
def colleague(nankeng):
    """南坑's other administrator."""
    person = accounts.register(name="赵敏", phone="13800000071", home=nankeng, birth_on=date(1983, 1, 1))
    accounts.appoint(person, "community_admin", area=nankeng)
    return with_factor(person)


def holds(person):
    person.__dict__.pop("holds", None)
    return [hold.role for hold in person.holds]


def asked(db):
    return db.session.scalars(select(Proposal).order_by(Proposal.id.desc())).first()


def test_an_administrator_is_made_by_two(visitor, office, street_office, xiaoman, nankeng, db):
    """T21: asked by one, nothing changes; agreed by another, it is so; the inbox tells whose turn it is."""
    browser = visitor(office)
    form = {"role": "community_admin", "area_id": nankeng.id, "reason": "接替退休的同事"}
    assert browser.post(f"/office/people/{xiaoman.id}/roles", form).status_code == 302
    assert holds(xiaoman) == [] and "等另一位负责人同意" in browser.get(f"/office/people/{xiaoman.id}").words
    assert "等你同意" not in browser.get("/office/inbox").words
    above = visitor(street_office)
    assert "等你同意：管理员角色" in above.get("/office/inbox").words
    assert "接替退休的同事" in above.get(f"/office/people/{xiaoman.id}").words
    assert above.post(f"/office/proposals/{asked(db).id}/approval").status_code == 302
    assert holds(xiaoman) == ["community_admin"]
    assert db.session.scalar(select(Grant.given_by).filter_by(user_id=xiaoman.id)) == street_office.id
    assert above.post(f"/office/proposals/{asked(db).id}/approval").status_code == 409


def test_who_asked_does_not_agree(visitor, office, xiaoman, nankeng, db):
    """T21: the asker's own agreement is 409 proposal.takes_another; the database refuses it too."""
    proposals.ask_role(office, xiaoman, "community_admin", nankeng, None, "接替")
    answer = visitor(office).post(f"/office/proposals/{asked(db).id}/approval")
    assert answer.status_code == 409 and holds(xiaoman) == []
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(
            update(Proposal).values(decided_by=office.id, outcome="done", decided_at=Proposal.asked_at)
        )
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(
            update(Proposal).values(decided_by=xiaoman.id, outcome="done", decided_at=Proposal.asked_at)
        )


def test_a_refusal_changes_nothing_and_it_can_be_asked_again(
    visitor, office, colleague, xiaoman, nankeng, db
):
    """T21: one open proposal a person and act; a refusal closes it."""
    proposals.ask_role(office, xiaoman, "community_admin", nankeng, None, "接替")
    with pytest.raises(proposals.AskedAlready):
        proposals.ask_role(colleague, xiaoman, "community_admin", nankeng, None, "也想")
    assert visitor(colleague).post(f"/office/proposals/{asked(db).id}/refusal").status_code == 302
    assert holds(xiaoman) == []
    proposals.ask_role(office, xiaoman, "community_admin", nankeng, None, "再想想")


def test_the_neighbour_neither_asks_nor_agrees(
    visitor, office, other_office, auditor, xiaoman, nankeng, bantian, db
):
    """T21: nobody grants, asks or agrees beyond their own scope."""
    with pytest.raises(appointments.BeyondReach):
        proposals.ask_role(other_office, xiaoman, "community_admin", nankeng, None, "x")
    with pytest.raises(appointments.BeyondReach):
        proposals.ask_role(office, xiaoman, "street_admin", bantian, None, "x")
    proposals.ask_role(office, xiaoman, "community_admin", nankeng, None, "接替")
    number = asked(db).id
    assert visitor(other_office).post(f"/office/proposals/{number}/approval").status_code == 404
    assert visitor(auditor).post(f"/office/proposals/{number}/approval").status_code == 403
    assert visitor(xiaoman).post(f"/office/proposals/{number}/approval").status_code == 403
    assert visitor(other_office).post("/office/proposals/999999/approval").status_code == 404
    assert holds(xiaoman) == []


def test_a_lost_factor_is_taken_away_by_two(visitor, office, colleague, street_office, here, db):
    """S07: losing it takes two administrators; then every session ends and the password alone signs in."""
    desk = visitor(office)
    helper = visitor(colleague)
    assert "重置第二步验证" in helper.get(f"/office/people/{office.id}").words
    assert helper.post(f"/office/people/{office.id}/factor-reset", {"reason": "手机丢了"}).status_code == 302
    assert factors.enrolled(office) and desk.get("/me").status_code == 200
    assert helper.post(f"/office/proposals/{asked(db).id}/approval").status_code == 409
    assert visitor(street_office).post(f"/office/proposals/{asked(db).id}/approval").status_code == 302
    assert not factors.enrolled(office) and desk.get("/me").status_code == 302
    assert "第二步验证重置了" in visitor(office).get("/me/notices").words


def test_nobody_disarms_who_stands_above_them(office, colleague, street_office, xiaoman):
    """S07, T21: a community's administrators cannot take the street's factor away, nor their own."""
    assert not proposals.may_reset(office, street_office)
    assert not proposals.may_reset(office, office)
    assert proposals.may_reset(street_office, office) and proposals.may_reset(colleague, office)
    with pytest.raises(factors.NotBegun):
        proposals.ask_factor_reset(office, xiaoman, "没有也要重置")


def test_sent_out_everywhere_by_the_office(visitor, device, office, xiaoman):
    """S04: an administrator ends all of somebody's sessions and tokens; the account itself stays."""
    phone, script = visitor(xiaoman), device(xiaoman)
    done = visitor(office).post(f"/office/people/{xiaoman.id}/sessions/ending", {"reason": "手机丢了"})
    assert done.status_code == 302
    assert phone.get("/me").status_code == 302 and script.get("/api/v1/me").status_code == 401
    assert "手机丢了" in visitor(xiaoman).get("/me/notices").words and xiaoman.state == "active"


def test_more_fields_than_a_form_has_change_nothing(visitor, xiaoman, db):
    """T21: `role=admin&points=9999&sample=1&state=active` beside every field of one's own pages is not looked at."""
    browser = visitor(xiaoman)
    more = {
        "role": "street_admin", "roles": "street_admin", "points": "9999", "balance": "9999", "sample": "1",
        "user_id": "1", "area_path": "/", "given_by": "1", "factor_missing": "0", "is_admin": "true",
    }  # fmt: skip
    browser.post("/me/profile", {"name": "小满", "home": xiaoman.home_id, "birth_on": "1990-05-20", **more})
    for path in ("/me/consents/photo", "/me/factor", "/me/sessions/ending", "/me/closing", "/teams"):
        browser.post(path, more)
    stranger = visitor()
    stranger.post("/sign-in", {"phone": "13800000001", "password": "x", **more})
    stranger.post("/register", {"phone": "13800000001", "code": "000000", **more})
    assert holds(xiaoman) == [] and not xiaoman.sample and xiaoman.area_path != "/"
    assert db.session.scalar(select(func.count()).select_from(Grant)) == 0
