"""My hours with why each record is here; the office's long days."""

from __future__ import annotations

import pytest

from volunteer import hours, ledger


@pytest.fixture
def stay(here, day, activity):
    def stay(person, minutes, source="attendance:1", grade="A", on=day, **facts):
        return hours.record_stay(
            source=source,
            volunteer_id=person.id,
            day=on,
            activity=activity,
            minutes=minutes,
            grade=grade,
            **facts,
        )

    return stay


@pytest.fixture
def long_day(stay, xiaoman, make_day):
    """Ten hours in a row: the community confirms."""
    return stay(xiaoman, 600, "attendance:9", on=make_day("2026-03-15", "08:00", "18:00"))


def test_nobody_has_served_yet(visitor, xiaoman):
    page = visitor(xiaoman).get("/me/hours")
    assert page.h1 == "我的时长" and "还没有服务记录" in page.words


def test_each_record_says_its_grade_and_why_it_is_here(visitor, stay, xiaoman, lao_wang, make_day):
    stay(xiaoman, 150)
    stay(xiaoman, 120, "attendance:2", "B", make_day("2026-03-09"), recorder_id=lao_wang.id)
    stay(xiaoman, 60, "attendance:3", "C", make_day("2026-03-10"), recorder_id=lao_wang.id)
    page = visitor(xiaoman).get("/me/hours")
    for words in [
        "你到场和离开时各扫了一次码，系统当场记下。",
        "有一次扫码，另一头由 王*国 核对名单后确认。",
        "没有扫码，由 王*国 事后补录。",
        "150 分钟 → 5 个半小时 × 5 × 1.0 = 25 分",
        "清洁家园",
        "5.5",
    ]:
        assert words in page.words
    only = visitor(xiaoman).get("/me/hours?grade=B")
    assert "王*国 核对名单" in only.words and "系统当场记下" not in only.words
    assert visitor(xiaoman).get("/me/hours?grade=Z").status_code == 200


def test_many_records_cost_no_more_than_few(visitor, stay, xiaoman, make_day):
    browser = visitor(xiaoman)
    stay(xiaoman, 150)
    few = len(browser.get("/me/hours").statements)
    for number in range(2, 40):
        stay(xiaoman, 30, f"attendance:{number}", on=make_day(f"2026-04-{number % 28 + 1:02}"))
    many = browser.get("/me/hours")
    assert len(many.statements) == few
    rest = next(link for link in many.links if "after=" in link)
    assert browser.get(f"/me/hours{rest}" if rest.startswith("?") else rest).status_code == 200


def test_a_person_reads_his_own_hours_only(visitor, stay, xiaoman, daming):
    """T13."""
    stay(xiaoman, 150)
    assert "清洁家园" not in visitor(daming).get("/me/hours").words
    assert visitor().get("/me/hours").status_code == 302


def test_the_community_confirms_a_long_day(
    visitor, long_day, xiaoman, office, other_office, lao_wang, auditor
):
    assert "等社区确认" in visitor(xiaoman).get("/me/hours").words
    for person, answer in [(xiaoman, 403), (lao_wang, 403), (auditor, 403), (other_office, 404)]:
        assert visitor(person).post(f"/office/hours/{long_day.id}/confirmation").status_code == answer
    assert "没有等着确认的时长" in visitor(other_office).get("/office/hours").words

    browser = visitor(office)
    assert "10 小时" in browser.get("/office/hours").words and "小*" in browser.get("/office/hours").words
    assert browser.post(f"/office/hours/{long_day.id}/confirmation").status_code == 302
    assert ledger.balance(xiaoman.id) == 80 and hours.totals(xiaoman.id).minutes == 600
    assert browser.post(f"/office/hours/{long_day.id}/confirmation").status_code == 302
    assert ledger.balance(xiaoman.id) == 80


def test_more_than_twelve_hours_are_for_the_street(visitor, stay, xiaoman, office, street_office, make_day):
    record = stay(xiaoman, 780, on=make_day("2026-03-15", "07:00", "20:00"))
    assert "由街道确认" in visitor(office).get("/office/hours").words
    assert visitor(office).post(f"/office/hours/{record.id}/confirmation").status_code == 403
    assert visitor(street_office).post(f"/office/hours/{record.id}/confirmation").status_code == 302
    assert hours.totals(xiaoman.id).minutes == 780


def test_turning_down_needs_a_reason(visitor, long_day, xiaoman, office):
    browser = visitor(office)
    assert browser.post(f"/office/hours/{long_day.id}/reversal", data={"reason": ""}).status_code == 422
    answer = browser.post(f"/office/hours/{long_day.id}/reversal", data={"reason": "下午没有在场"})
    assert answer.status_code == 302
    assert "下午没有在场" in visitor(xiaoman).get("/me/hours").words
    assert ledger.balance(xiaoman.id) == 0


def test_long_days_wait_in_the_inbox(visitor, long_day, office):
    assert "时长待确认" in visitor(office).get("/office/inbox").words
