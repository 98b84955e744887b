"""Appeals on pages: why a record is here, not me, the answers and their clocks."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import select

from tests.volunteer.supplements.conftest import sheet
from volunteer.appeals.models import Appeal
from volunteer.db import db


@pytest.fixture
def at(entered: Any) -> str:
    return f"/me/records/{entered.id}"


def test_not_me_with_one_tap(
    visitor: Any, at: str, xiaoman: Any, daming: Any, auditor: Any, office: Any
) -> None:
    """V20: from my hours to the record, out of the totals, into the auditor's inbox; nobody else opens it."""
    phone = visitor(xiaoman)
    assert at in phone.get("/me/hours").links
    page = phone.get(at)
    assert "这是别人替你记的" in page.words and "王*国" in page.words and "积分规则第 1 版" in page.words
    assert visitor(daming).get(at).status_code == 404
    assert visitor(daming).post(f"{at}/rejection", {"reason": "x"}).status_code == 404
    assert "谢谢你核对" in phone.post(f"{at}/acceptance", {}, follow=True).words
    assert "已经撤下" in phone.post(f"{at}/rejection", {"reason": "那天我在老家"}, follow=True).words
    assert "等审计看" in phone.get("/me/appeals").words
    assert "已撤销" in phone.get(at).words
    desk = visitor(auditor)
    assert "申诉：不是我" in desk.get("/office/inbox").words
    assert "那天我在老家" in desk.get("/office/appeals").words
    (one,) = db.session.scalars(select(Appeal)).all()
    sent = {"outcome": "upheld", "reason": "名单是代签的，已约谈队长"}
    assert visitor(office).post(f"/appeals/{one.id}/final", sent).status_code == 403
    assert "已经告诉本人" in desk.post(f"/appeals/{one.id}/final", sent, follow=True).words
    assert "名单是代签的" in phone.get("/me/appeals").words


def test_an_appeal_from_the_record_to_the_auditor(
    visitor: Any, at: str, xiaoman: Any, office: Any, other_office: Any, auditor: Any, clock: Any
) -> None:
    """V19: with a photo; who answers by when is on the page; overdue is said in the inbox; then the second level."""
    phone, desk = visitor(xiaoman), visitor(office)
    assert phone.post(f"{at}/appeals", {"kind": "wrong", "words": ""}).status_code == 422
    assert (
        phone.post(
            f"{at}/appeals", {"kind": "wrong", "words": "少了", "photo": (io.BytesIO(b"x"), "a.jpg")}
        ).status_code
        == 422
    )
    sent = {"kind": "wrong", "words": "我十二点才走", "photo": (io.BytesIO(sheet()), "a.jpg")}
    page = phone.post(f"{at}/appeals", sent, follow=True)
    assert "南坑社区，3月20日" in page.words and "我十二点才走" in page.words
    assert "正在办" in phone.get(at).words
    (one,) = db.session.scalars(select(Appeal)).all()
    assert phone.get(f"/appeals/{one.id}/photo").mimetype == "image/jpeg"
    assert visitor(other_office).post(f"/appeals/{one.id}/photo").status_code == 404
    assert desk.post(f"/appeals/{one.id}/photo").mimetype == "image/jpeg"
    assert "3月20日" in desk.get("/office/inbox").words
    clock.move("2026-03-21 09:00")
    phone, desk = visitor(xiaoman), visitor(office)
    assert "超过期限" in desk.get("/office/inbox").words and "超过期限" in desk.get("/office/appeals").words
    answered = desk.post(
        f"/appeals/{one.id}/answer", {"outcome": "dismissed", "reason": "活动 11:30 就结束了"}, follow=True
    )
    assert "已经告诉本人" in answered.words
    assert "活动 11:30 就结束了" in phone.get("/me/appeals").words
    assert (
        "交给审计了"
        in phone.post(f"/appeals/{one.id}/escalation", {"reason": "我们收摊到十二点"}, follow=True).words
    )
    assert "我们收摊到十二点" in visitor(auditor).get("/office/appeals").words


def test_something_missing_or_a_complaint(
    visitor: Any, xiaoman: Any, day: Any, here: Any, clock: Any
) -> None:
    """V19: about a day or about none; what is not filled in is asked for; a taken-back one is gone."""
    clock.move("2026-03-09 09:00")
    phone = visitor(xiaoman)
    assert "没有申诉" in phone.get("/me/appeals").words
    assert phone.post("/me/appeals", {"kind": "complaint", "day": "0", "words": " "}).status_code == 422
    assert phone.post("/me/appeals", {"kind": "theft", "day": "0", "words": "x"}).status_code == 422
    filed = phone.post(
        "/me/appeals", {"kind": "complaint", "day": "0", "words": "有人收了老人的钱"}, follow=True
    )
    assert "有人收了老人的钱" in filed.words and "等社区答复" in filed.words
    (one,) = db.session.scalars(select(Appeal)).all()
    assert "撤回了" in phone.post(f"/appeals/{one.id}/withdrawal", {}, follow=True).words


def test_the_empty_desk_in_both_languages(visitor: Any, office: Any, auditor: Any) -> None:
    assert "没有等着的申诉" in visitor(office).get("/office/appeals").words
    assert "No appeals are waiting" in visitor(auditor, lang="en").get("/office/appeals").words
