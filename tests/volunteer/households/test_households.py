"""Family who act for somebody: agreed by both or at the desk, bounded, written down, ended by either (V24, T01, T04)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from volunteer import accounts, checkin, clock, community, events, households, notices, service_days
from volunteer.checkin import Attendance
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.households import Proxy, helping, proxies, queries
from volunteer.service_days import Signup


@pytest.fixture
def pair(
    here: Any, grandma: accounts.User, xiaoman: accounts.User, office: accounts.User
) -> households.Proxy:
    """小满 helps 李奶奶: both came to the desk."""
    made = proxies.register(grandma, xiaoman, "祖孙一起来的，看过身份证", office)
    here.commit()
    return made


def _refused(act: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as refusal:
        act()
    return refusal.value.code


def _notices(person: accounts.User) -> list[str]:
    rows = db.session.scalars(select(notices.Notice).filter_by(user_id=person.id).order_by(notices.Notice.id))
    return [one.text for one in rows]


# ── agreeing ──


def test_one_asks_and_the_other_agrees(here: Any, grandma: accounts.User, xiaoman: accounts.User) -> None:
    """V24: asked by phone and name, agreed in the person's own account; both are told."""
    proxies.ask(xiaoman, "13800000003", "李桂芳", helps=True)
    (waiting,) = queries.of(grandma.id)
    assert waiting.Proxy.state == "asked" and queries.of(xiaoman.id) == []
    assert _refused(lambda: proxies.agree(waiting.Proxy, xiaoman)) == "household.others_answer"
    with pytest.raises(NotFound):
        helping.helped(waiting.Proxy.id, xiaoman)
    proxies.agree(waiting.Proxy, grandma)
    proxies.agree(waiting.Proxy, grandma)
    assert (waiting.Proxy.how, waiting.Proxy.agreed_by) == ("self", grandma.id)
    assert helping.helped(waiting.Proxy.id, xiaoman)[1].id == grandma.id
    assert any("家人代办登记好了" in one for one in _notices(grandma))
    assert any("家人代办登记好了" in one for one in _notices(xiaoman))


def test_who_wants_help_asks_too(here: Any, grandma: accounts.User, xiaoman: accounts.User) -> None:
    """V24: the other way round the helper agrees."""
    proxies.ask(grandma, "13800000001", "小满", helps=False)
    (waiting,) = queries.of(xiaoman.id)
    proxies.agree(waiting.Proxy, xiaoman)
    assert (waiting.Proxy.person_id, waiting.Proxy.helper_id) == (grandma.id, xiaoman.id)


def test_the_answer_is_the_same_whoever_is_asked(
    visitor: Any, here: Any, grandma: accounts.User, xiaoman: accounts.User
) -> None:
    """T09: a known phone with its name, with another name, an unknown phone: one answer, nothing to see for the asker."""
    here.commit()
    phone = visitor(xiaoman)
    said, made = [], []
    for number, name in (("13800000003", "张三"), ("13899999999", "李桂芳"), ("13800000003", "李桂芳")):
        page = phone.post("/household/asks", data={"way": "help", "phone": number, "name": name}, follow=True)
        said.append((page.status_code, page.words))
        made.append(len(db.session.scalars(select(Proxy)).all()))
    assert len(set(said)) == 1 and made == [0, 0, 1]
    assert [row.person_id for row in db.session.scalars(select(Proxy))] == [grandma.id]
    assert (
        "household" in phone.get("/me/copy.json").text
        and "asked" not in phone.get("/me/copy/household.csv").text
    )


def test_asking_has_a_bound(visitor: Any, here: Any, xiaoman: accounts.User) -> None:
    """T09: five a day, whatever they come to."""
    here.commit()
    phone = visitor(xiaoman)
    sent = {"way": "help", "phone": "13899999999", "name": "李桂芳"}
    answers = [phone.post("/household/asks", data=sent).status_code for _n in range(6)]
    assert answers == [303] * 5 + [429]


def test_nobody_helps_himself_nor_a_minor(
    here: Any, xiaoman: accounts.User, office: accounts.User, nankeng: community.Area
) -> None:
    child = accounts.register(
        name="小华",
        phone="13800000077",
        home=nankeng,
        birth_on=date(2012, 1, 1),
        guardian_phone="13800000004",
    )
    assert _refused(lambda: proxies.ask(xiaoman, "13800000001", "小满", helps=True)) == "household.oneself"
    assert _refused(lambda: proxies.register(xiaoman, xiaoman, "看过", office)) == "household.oneself"
    assert _refused(lambda: proxies.register(child, xiaoman, "看过", office)) == "household.minor"
    assert _refused(lambda: proxies.ask(child, "13800000001", "小满", helps=False)) == "household.minor"
    proxies.ask(xiaoman, "13800000077", "小华", helps=True)
    assert queries.of(child.id) == []


def test_three_helpers_a_person_and_five_people_a_helper(
    here: Any, make_volunteers: Callable[[int], list[accounts.User]], office: accounts.User
) -> None:
    """V24."""
    people = make_volunteers(8)
    for helper in people[1:4]:
        proxies.register(people[0], helper, "看过", office)
    assert _refused(lambda: proxies.register(people[0], people[4], "看过", office)) == "household.helpers"
    for person in (people[4], people[5], people[6], people[7]):
        proxies.register(person, people[1], "看过", office)
    assert _refused(lambda: proxies.register(people[2], people[1], "看过", office)) == "household.helped"
    proxies.end(proxies.living(people[0].id, people[1].id), people[0])
    assert proxies.register(people[2], people[1], "看过", office).state == "agreed"


def test_staff_register_other_people_only(here: Any, grandma: accounts.User, office: accounts.User) -> None:
    """V24: the desk is logged, with what was seen; nobody registers his own, nor without a word."""
    assert _refused(lambda: proxies.register(grandma, office, "我妈", office)) == "household.own"
    assert _refused(lambda: proxies.register(office, grandma, "我妈", office)) == "household.own"
    now = clock.now()
    forged = Proxy(
        person_id=grandma.id, helper_id=office.id, state="agreed", asked_by=grandma.id, asked_at=now, how="desk",
        agreed_by=office.id, agreed_at=now, reason="x",
    )  # fmt: skip
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.add(forged)
        db.session.flush()


def test_two_have_one_agreement(
    here: Any, pair: Proxy, grandma: accounts.User, xiaoman: accounts.User, office: accounts.User
) -> None:
    """V24: registering again returns it; two cannot live side by side."""
    assert proxies.register(grandma, xiaoman, "又来了", office).id == pair.id
    twin = Proxy(
        person_id=grandma.id, helper_id=xiaoman.id, state="asked", asked_by=xiaoman.id, asked_at=pair.asked_at
    )
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.add(twin)
        db.session.flush()


@pytest.mark.parametrize("who", ["grandma", "xiaoman"])
def test_either_side_ends_it(
    request: Any,
    visitor: Any,
    here: Any,
    pair: Proxy,
    who: str,
    grandma: accounts.User,
    xiaoman: accounts.User,
) -> None:
    """V24: at any time, and at once; both are told."""
    person = request.getfixturevalue(who)
    assert "解除了" in visitor(person).post(f"/household/{pair.id}/ending", data={}, follow=True).words
    assert visitor(xiaoman).get(f"/household/{pair.id}").status_code == 404
    for one in (grandma, xiaoman):
        assert any("家人代办解除了" in words for words in _notices(one))


def test_who_leaves_takes_it_along(
    here: Any, pair: Proxy, xiaoman: accounts.User, grandma: accounts.User
) -> None:
    """S52: closed with the account, and what was written about it goes."""
    accounts.closing.close(xiaoman)
    here.commit()
    db.session.refresh(pair)
    assert (pair.state, pair.reason) == ("ended", "账号注销")


# ── helping ──


def test_a_helper_signs_up_and_takes_leave_and_it_is_written_who_did(
    visitor: Any, here: Any, clock: Any, pair: Proxy, day: service_days.ServiceDay,
    grandma: accounts.User, xiaoman: accounts.User,
) -> None:  # fmt: skip
    """V24: logged; the person reads it under 家人, and both are told."""
    here.commit()
    phone = visitor(xiaoman)
    assert "清洁家园" in phone.get(f"/household/{pair.id}").words
    sent = {"day_id": str(day.id)}
    assert phone.post(f"/household/{pair.id}/signups", data=sent).status_code == 422  # the risk, unread
    done = phone.post(f"/household/{pair.id}/signups", data=sent | {"risk_known": "y"}, follow=True)
    assert "替李桂芳报上了" in done.words
    signup = db.session.scalars(select(Signup)).one()
    assert (signup.volunteer_id, signup.state) == (grandma.id, "accepted")
    told = db.session.scalars(select(events.Happened).filter_by(kind="service_days.SignedUp")).one()
    assert (told.actor_id, told.whom) == (xiaoman.id, grandma.id)
    assert "小满" in visitor(grandma).get("/household").words
    left = phone.post(f"/household/{pair.id}/departures", data=sent | {"reason": "她感冒了"}, follow=True)
    assert "替李桂芳退出了" in left.words
    for one in (grandma, xiaoman):
        assert sum("{helper}替{person}" in words for words in _notices(one)) == 2


def test_a_strangers_agreement_opens_nothing(
    visitor: Any,
    here: Any,
    pair: Proxy,
    day: service_days.ServiceDay,
    grandma: accounts.User,
    daming: accounts.User,
) -> None:
    """T13: neither to a third person nor, of the helper's pages, to the person helped."""
    here.commit()
    for person in (daming, grandma):
        browser = visitor(person)
        for path in ("", "/pass"):
            assert browser.get(f"/household/{pair.id}{path}").status_code == 404
        for path in ("signups", "departures", "pass"):
            sent = {"day_id": str(day.id), "risk_known": "y"}
            assert browser.post(f"/household/{pair.id}/{path}", data=sent).status_code == 404
    assert visitor(daming).post(f"/household/{pair.id}/ending", data={}).status_code == 404
    assert visitor(daming).post(f"/household/{pair.id}/agreement", data={}).status_code == 404


def test_a_suspended_person_is_not_acted_for(
    visitor: Any,
    here: Any,
    pair: Proxy,
    grandma: accounts.User,
    xiaoman: accounts.User,
    office: accounts.User,
) -> None:
    with here.signed_in(office):
        accounts.suspend(grandma, "证件不符")
    here.commit()
    assert visitor(xiaoman).get(f"/household/{pair.id}/pass").status_code == 409


def test_the_pass_on_the_helpers_phone_is_opened_by_a_press_and_scanned_by_the_organiser(
    visitor: Any, here: Any, clock: Any, pair: Proxy, day: service_days.ServiceDay,
    grandma: accounts.User, xiaoman: accounts.User, lao_wang: accounts.User,
) -> None:  # fmt: skip
    """V24, T04: a look writes nothing and shows nothing; once opened, once a day in the trail."""
    service_days.sign_up(grandma, day)
    clock.move("2026-03-08 09:00")
    here.commit()
    phone = visitor(xiaoman)
    code = checkin.my_pass(grandma).code
    assert "打开志愿者码" in phone.get(f"/household/{pair.id}/pass").words
    assert phone.get(f"/household/{pair.id}/pass/now", headers={"HX-Request": "true"}).status_code == 409
    assert queries.shown_for([grandma.id], date(2026, 3, 8)) == {}
    for _n in range(2):
        phone.post(f"/household/{pair.id}/pass", data={})
    assert "会自己刷新" in phone.get(f"/household/{pair.id}/pass").words
    now = phone.get(f"/household/{pair.id}/pass/now", headers={"HX-Request": "true"})
    assert now.status_code == 200 and "会自己刷新" in now.words
    assert queries.shown_for([grandma.id, xiaoman.id], date(2026, 3, 8)) == {grandma.id: [xiaoman.id]}
    assert queries.shown_for([grandma.id], date(2026, 3, 7)) == {}
    sent = {"code": code, "scan": "a-scan-of-hers"}
    assert visitor(lao_wang).post(f"/service-days/{day.id}/checkins", data=sent).status_code == 201
    assert db.session.scalars(select(Attendance)).one().volunteer_id == grandma.id
    clock.move("2026-03-09 09:00")
    assert "打开志愿者码" in phone.get(f"/household/{pair.id}/pass").words
    phone.post(f"/household/{pair.id}/pass", data={})
    shown = db.session.scalars(select(events.Happened).filter_by(kind="households.PassShown")).all()
    assert [(one.actor_id, one.whom) for one in shown] == [(xiaoman.id, grandma.id)] * 2


def test_a_helper_spends_no_points_and_reads_no_particulars(
    visitor: Any, here: Any, pair: Proxy, grandma: accounts.User, xiaoman: accounts.User
) -> None:
    """V24, T13: what the helper sees is a name, a number, days; no phone, no birthday, no points."""
    pages = [visitor(xiaoman).get(f"/household/{pair.id}{path}").words for path in ("", "/pass")]
    for secret in ("138****0003", "1953", "积分"):
        assert all(secret not in words for words in pages), secret


# ── the desk ──


def test_the_desk_registers_and_ends_within_reach(
    visitor: Any, here: Any, grandma: accounts.User, xiaoman: accounts.User, passer_by: accounts.User,
    office: accounts.User, other_office: accounts.User, lao_wang: accounts.User,
) -> None:  # fmt: skip
    """V24, T13: staff who look at papers, for two people of their own community."""
    here.commit()
    desk, path = visitor(office), f"/office/people/{grandma.id}/household"
    assert "家人代办" in desk.get(f"/office/people/{grandma.id}").words
    for helper, reason, status in (
        (passer_by, "看过", 422),
        (xiaoman, "", 422),
        (xiaoman, "祖孙一起来的", 303),
    ):
        sent = {"number": helper.volunteer_no, "reason": reason}
        assert desk.post(path, data=sent).status_code == status
    assert "祖孙一起来的" in desk.get(path).words
    assert visitor(other_office).get(path).status_code == 404
    assert visitor(lao_wang).get(path).status_code == 403
    proxy = db.session.scalars(select(Proxy)).one()
    assert (proxy.how, proxy.agreed_by) == ("desk", office.id)
    assert desk.post(f"{path}/{proxy.id}/ending", data={}).status_code == 303
    assert desk.post(f"/office/people/{lao_wang.id}/household/{proxy.id}/ending", data={}).status_code == 404
