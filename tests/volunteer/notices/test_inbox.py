"""One's inbox: told once, read in one's own language, nobody else's business."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from sqlalchemy import func, select

from volunteer import accounts, clock, notices
from volunteer.i18n import Sentence
from volunteer.notices import Notice

TOLD = Sentence("{on|date} {at|time} 的服务日改到 {to|moment}，{why}")
FACTS = {
    "on": date(2026, 3, 8),
    "at": time(9, 0),
    "to": datetime(2026, 3, 15, 9, 0, tzinfo=clock.ZONE),
    "why": Sentence("还有 {n} 个名额", {"n": 3}),
}


def tell(person, key="day:7:moved", link="/calendar", n=3):
    notices.send(person.id, Sentence(TOLD.text, FACTS), key=key, link=link)


def test_the_same_thing_is_told_once(xiaoman, daming, db):
    tell(xiaoman)
    tell(xiaoman)
    tell(daming)
    tell(xiaoman, key="day:8:moved")
    assert db.session.scalar(select(func.count()).select_from(Notice)) == 3
    assert (notices.unread(xiaoman.id), notices.unread(daming.id)) == (2, 1)


def test_dates_times_and_sentences_come_back_as_they_went_in(visitor, xiaoman, db):
    tell(xiaoman)
    assert (
        "3月8日(周日) 09:00 的服务日改到 3月15日(周日) 09:00，还有 3 个名额"
        in visitor(xiaoman).get("/me/notices").words
    )
    kept = notices.shown(db.session.scalar(select(Notice)))
    assert kept.within("en").endswith("3 places left")


def test_going_to_what_it_is_about_marks_it_as_read(visitor, xiaoman, db):
    tell(xiaoman)
    notice = db.session.scalar(select(Notice.id))
    browser = visitor(xiaoman)
    assert "未读" in browser.get("/me/notices").words
    assert browser.post(f"/me/notices/{notice}/reading").location == "/calendar"
    assert notices.unread(xiaoman.id) == 0
    first = db.session.scalar(select(Notice.read_at))
    browser.post(f"/me/notices/{notice}/reading")
    assert db.session.scalar(select(Notice.read_at)) == first
    assert "没有未读" in browser.get("/me/notices?state=new").words


@pytest.mark.parametrize("link", [None, "//evil.example", "https://evil.example"])
def test_a_notice_leads_nowhere_else(visitor, xiaoman, db, link):
    """T10."""
    tell(xiaoman, link=link)
    notice = db.session.scalar(select(Notice.id))
    assert visitor(xiaoman).post(f"/me/notices/{notice}/reading").location == "/me/notices"


def test_all_at_once(visitor, xiaoman, daming):
    for n in range(5):
        tell(xiaoman, key=f"n:{n}")
    tell(daming)
    visitor(xiaoman).post("/me/notices/reading")
    assert (notices.unread(xiaoman.id), notices.unread(daming.id)) == (0, 1)


def test_nobody_reads_other_peoples_notices(visitor, xiaoman, daming, db):
    """T13."""
    tell(xiaoman)
    notice = db.session.scalar(select(Notice.id))
    assert visitor(daming).post(f"/me/notices/{notice}/reading").status_code == 404
    assert "还没有消息" in visitor(daming).get("/me/notices").words
    assert visitor().get("/me/notices").status_code == 302


def test_many_are_told_in_one_statement(db, xiaoman, daming, grandma):
    from tests.strict import statements

    db.session.flush()
    with statements() as said:
        notices.send_many([xiaoman.id, daming.id, grandma.id, xiaoman.id], TOLD, key="k")
    assert len(said) == 1
    assert notices.unread(grandma.id) == 1


def test_a_long_inbox_comes_in_parts(visitor, xiaoman):
    for n in range(35):
        tell(xiaoman, key=f"n:{n}")
    browser = visitor(xiaoman)
    page = browser.get("/me/notices")
    following = next(link for link in page.links if "after=" in link)
    assert "35 条未读" in page.text
    assert browser.get("/me/notices" + following).words.count("去看看") == 5


def test_who_is_looked_up_or_given_an_office_is_told(visitor, office, xiaoman, nankeng, db):
    browser = visitor(office)
    browser.post(f"/office/people/{xiaoman.id}/phone", {"reason": "通知改期"})
    browser.post(f"/office/people/{xiaoman.id}/roles", {"role": "auditor", "area_id": nankeng.id})
    browser.post(f"/office/people/{xiaoman.id}/suspension", {"reason": "核实中"})
    browser.post(f"/office/people/{xiaoman.id}/restoration", {"reason": "核实清楚了"})
    told = [str(notices.shown(notice)) for notice in db.session.scalars(select(Notice).order_by(Notice.id))]
    assert told == [
        "工作人员查看了你的手机号，原因：通知改期",
        "你现在是审计员，办公页在“我的”里。",
        "你的账号恢复了：核实清楚了",
    ]
    assert notices.unread(office.id) == 0, "what the command line gave is no news"
    page = visitor(xiaoman, lang="en").get("/me/notices")
    assert "You are now Auditor" in page.words


def test_who_gives_an_office_up_is_thanked(visitor, street_office, xiaoman, nankeng, db):
    accounts.appoint(xiaoman, "auditor", area=nankeng)
    grant = db.session.scalar(select(accounts.Grant).filter_by(user_id=xiaoman.id))
    visitor(street_office).post(f"/office/people/{xiaoman.id}/roles/{grant.id}/ending")
    assert "你不再担任审计员了，谢谢你。" in visitor(xiaoman).get("/me/notices").words
