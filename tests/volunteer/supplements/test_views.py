"""Late hours on pages: how far they are, who sees what, and the public notice."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import select

from tests.volunteer.supplements.conftest import sheet
from volunteer import service_days, supplements
from volunteer.db import db
from volunteer.events import Happened

SENT = {"minutes": "120", "words": "一直在门口指路，手机没电了。"}


def with_photo(**more: Any) -> dict[str, Any]:
    return SENT | {"photo": (io.BytesIO(sheet()), "sheet.jpg")} | more


@pytest.fixture
def missed(xiaoman: Any, day: Any, clock: Any, here: Any) -> service_days.ServiceDay:
    """小满 signed up, came, and could not scan; it is the evening."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 19:00")
    return day


def test_from_the_form_to_the_hours(
    visitor: Any, missed: Any, xiaoman: Any, office: Any, street_office: Any, other_office: Any, command: Any, clock: Any,
) -> None:  # fmt: skip
    """O8: asked for with a photo, two agree, everybody may see it masked, the night records it."""
    phone, at = visitor(xiaoman), f"/service-days/{missed.id}/supplements/me"
    assert "清洁家园" in phone.get("/me/supplements").words
    assert "最多 150 分钟" in phone.get(at).words
    assert phone.post(at, SENT).status_code == 422, "no photo"
    assert phone.post(at, with_photo(minutes="151")).status_code == 422
    assert phone.post(at, SENT | {"photo": (io.BytesIO(b"no picture"), "a.jpg")}).status_code == 422
    assert "等第一位同意" in phone.post(at, with_photo(), follow=True).words
    assert "已经提交过补录" in phone.get(at).words
    assert phone.post(at, with_photo()).status_code == 409

    (one,) = db.session.scalars(select(supplements.Supplement)).all()
    assert visitor().get("/publicity").words.count("小*") == 0, "not before two have agreed"
    desk = visitor(office)
    page = desk.get("/office/supplements")
    assert "小*" in page.words and "小满" not in page.words and "补录" in desk.get("/office/inbox").words
    assert desk.get(f"/supplements/{one.id}/photo").status_code == 404, "looking is an act"
    picture = desk.post(f"/supplements/{one.id}/photo")
    assert phone.get(f"/supplements/{one.id}/photo").mimetype == "image/jpeg"
    assert picture.mimetype == "image/jpeg" and picture.headers["Cache-Control"] == "no-store"
    seen = db.session.scalars(select(Happened).filter_by(kind="photos.PhotoSeen")).all()
    assert [(row.actor_id, row.about) for row in seen] == [(office.id, f"supplement:{one.id}")]
    assert "还要另一位" in desk.post(f"/supplements/{one.id}/approval", {}, follow=True).words
    assert desk.post(f"/supplements/{one.id}/approval", {}).status_code == 409
    assert visitor(other_office).post(f"/supplements/{one.id}/approval", {}).status_code == 404
    assert "开始公示" in visitor(street_office).post(f"/supplements/{one.id}/approval", {}, follow=True).words

    public = visitor().get("/publicity").words
    assert f"小*（…{xiaoman.volunteer_no[-4:]}）" in public and "小满" not in public
    assert "一直在门口指路" not in public, "what was written is for those who decide"
    command("timetable", "run", "supplements.notice", "--on", "2026-03-12")
    clock.move("2026-03-12 08:00")
    assert "记上了" in phone.get("/me/supplements").words
    hours = phone.get("/me/hours").words
    assert "C 级" in hours and "2" in hours
    assert "小*" not in visitor().get("/publicity").words


def test_somebody_objects_on_the_public_page(
    visitor: Any, shown: Any, xiaoman: Any, daming: Any, office: Any
) -> None:
    """P6: a stranger is asked to sign in; whose hours they are sees no button; the office sees what was said."""
    at = f"/supplements/{shown.id}/objection"
    assert "登录后提出异议" in visitor().get("/publicity").words
    assert visitor().post(at, {"reason": "没看到他"}).status_code == 401
    assert "提出异议" not in visitor(xiaoman).get("/publicity").words
    assert visitor(xiaoman).post(at, {"reason": "我"}).status_code == 409
    neighbour = visitor(daming)
    assert neighbour.post(at, {"reason": " "}).status_code == 422
    assert "谢谢你提出来" in neighbour.post(at, {"reason": "那天没看到他"}, follow=True).words
    desk = visitor(office)
    assert (
        "那天没看到他" in desk.get("/office/supplements").words
        and "陈*明" not in desk.get("/publicity").words
    )
    assert "公示继续" in desk.post(f"{at}/dismissal", {"reason": "他在后厨"}, follow=True).words
    assert desk.post(f"/supplements/{shown.id}/refusal", {"reason": "再看一遍，不对"}).status_code == 303
    assert "再看一遍，不对" in visitor(xiaoman).get("/me/supplements").words


def test_an_organiser_asks_for_somebody(
    visitor: Any, missed: Any, lao_wang: Any, xiaoman: Any, daming: Any, other_office: Any
) -> None:
    """O8: by volunteer number; the paper's place will do; the person is told and may take it back."""
    desk, at = visitor(lao_wang), f"/service-days/{missed.id}/supplements"
    assert "替没扫上码的人补录时长" in desk.get(f"/service-days/{missed.id}/roll").words
    assert visitor(daming).get(at).status_code == 403 and visitor(other_office).get(at).status_code == 404
    assert desk.post(at, SENT | {"number": "123456789012", "sheet": "档案盒"}).status_code == 422
    assert desk.post(at, SENT | {"number": xiaoman.volunteer_no}).status_code == 422, "no proof"
    filed = desk.post(at, SENT | {"number": xiaoman.volunteer_no, "sheet": "档案盒"}, follow=True)
    assert "替 小* 提交了" in filed.words
    (one,) = db.session.scalars(select(supplements.Supplement)).all()
    assert "和你有关" in desk.get("/office/supplements").words
    assert desk.post(f"/supplements/{one.id}/approval", {}).status_code == 409
    phone = visitor(xiaoman)
    assert "王*国 替你提交了" in phone.get("/me/notices").words
    assert phone.get(f"/supplements/{one.id}/photo").status_code == 404
    assert "撤回了" in phone.post(f"/supplements/{one.id}/withdrawal", {}, follow=True).words


def test_nothing_to_show_yet(visitor: Any, xiaoman: Any, office: Any) -> None:
    assert "还没有补录过" in visitor(xiaoman).get("/me/supplements").words
    assert "没有等着看的补录" in visitor(office).get("/office/supplements").words
    assert "现在没有公示的补录" in visitor(lang="zh").get("/publicity").words
    assert "No late hours are shown now" in visitor(lang="en").get("/publicity").words
