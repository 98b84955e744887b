"""Paper on pages: from the printer to the roll, who sees what, and a photo that finds its sheet."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from tests.whole.worlds import PHOTO
from volunteer import accounts, codes, photos, qr, service_days, sheets, teams
from volunteer.checkin import Attendance
from volunteer.db import db
from volunteer.events import Happened
from volunteer.sheets.rows import Typed


def form(sheet: sheets.PaperSheet, said: dict[int, tuple[str, str]], **more: str) -> dict[str, str]:
    """What the typing page sends: every row, most of them empty."""
    sent = {"revision": str(sheet.revision)}
    for row in range(1, 21):
        came, left = said.get(row, ("", ""))
        sent |= {f"came-{row}": came, f"left-{row}": left, f"note-{row}": ""}
    return sent | more


def picture(code: str) -> bytes:
    """A photo of a table with a sheet on it."""
    scene = Image.new("RGB", (1400, 1000), (120, 90, 60))
    paper = Image.new("RGB", (900, 900), "white")
    paper.paste(Image.open(io.BytesIO(qr.png(f"http://localhost/b/{code}", box=6))), (600, 20))
    scene.paste(paper.rotate(4, expand=True, fillcolor=(120, 90, 60)), (200, 20))
    held = io.BytesIO()
    scene.save(held, "JPEG", quality=70)
    return held.getvalue()


def test_from_the_printer_to_the_roll(
    visitor: Any,
    signed_up: service_days.ServiceDay,
    lao_wang: Any,
    second_leader: Any,
    xiaoman: Any,
    clock: Any,
) -> None:
    """O6, 67号令: printed, signed, typed, checked by somebody else, confirmed with the roll, worth grade B."""
    desk, day = visitor(lao_wang), signed_up
    assert "纸质材料" in desk.get(f"/service-days/{day.id}/desk").words
    assert "还没有打印过签到表" in desk.get(f"/service-days/{day.id}/sheets").words
    printed = desk.post(f"/service-days/{day.id}/sheets", {"blanks": "5"}, follow=True)
    assert (
        "李桂芳" in printed.words and "小满" in printed.words and xiaoman.volunteer_no[-4:] in printed.words
    )
    assert xiaoman.volunteer_no not in printed.text
    (sheet,) = db.session.scalars(select(sheets.PaperSheet)).all()
    assert sheets.marks.of(1, 2) in printed.words

    clock.move("2026-03-08 14:00")
    at = f"/sheets/{sheet.id}"
    kept = desk.post(f"{at}/rows", form(sheet, {2: ("8:55", "25:00")}, done="1"), follow=True)
    assert "还有 1 处要看一看" in kept.words and "看不懂这个时间" in kept.words
    assert [one.get("value") for one in kept.all("input", name="left-2")] == ["25:00"], (
        "what was typed is there"
    )
    assert (
        "录完了" in desk.post(f"{at}/rows", form(sheet, {2: ("8:55", "11:30")}, done="1"), follow=True).words
    )
    assert "等另一个人核对" in desk.get(at).words and "和纸上一样" not in desk.get(at).words
    assert desk.post(f"{at}/check", {"revision": str(sheet.revision)}).status_code == 403
    assert desk.post(f"{at}/rows", {"revision": "²"}).status_code == 409

    other = visitor(second_leader)
    assert "会记上" in other.get(at).words
    done = other.post(f"{at}/check", {"revision": str(sheet.revision)}, follow=True)
    assert "核对好了" in done.words and "记下了，等名单核对" in done.words
    assert "签名表" in other.get(f"/service-days/{day.id}/roll").words
    assert "核对好了 1 人" in other.post(
        f"/service-days/{day.id}/roll/confirmation", {"user_id": str(xiaoman.id)}, follow=True
    ).words  # fmt: skip
    assert "B 级" in visitor(xiaoman).get("/me/hours").words


def test_who_reaches_a_sheet(
    visitor: Any, paper: sheets.PaperSheet, xiaoman: Any, other_office: Any, office: Any, auditor: Any
) -> None:
    """T13: the team and its office; to the next community it does not exist, a volunteer is no organiser."""
    for path in (
        f"/sheets/{paper.id}",
        f"/sheets/{paper.id}/paper",
        f"/service-days/{paper.service_day_id}/sheets",
    ):
        assert visitor(office).get(path).status_code == 200
        assert visitor(other_office).get(path).status_code == 404
        for person in (xiaoman, auditor):
            assert visitor(person).get(path).status_code == 403


def test_the_code_on_a_sheet_tells_a_stranger_nothing(
    visitor: Any, paper: sheets.PaperSheet, xiaoman: Any, lao_wang: Any, other_office: Any
) -> None:
    """T05: whoever may type it lands on it; others read what it is for, whether it exists or not."""
    at = f"/b/{paper.code}"
    assert visitor(lao_wang).get(at).headers["Location"].endswith(f"/sheets/{paper.id}")
    for person in (None, xiaoman, other_office):
        page = visitor(person).get(at) if person else visitor().get(at)
        assert "这是一张纸质签到表" in page.words and "李桂芳" not in page.words
    assert "这是一张纸质签到表" in visitor().get(f"/b/{codes.new_sheet()}").words
    assert visitor().get("/b/NONSENSE").status_code == 400


def test_a_photo_finds_its_sheet_and_stays_with_it(
    visitor: Any,
    afternoon: sheets.PaperSheet,
    lao_wang: Any,
    other_office: Any,
    second_leader: Any,
    clock: Any,
) -> None:
    """T32: the photo is sealed, each look at it is written down, and it is there for both hands."""
    desk, day_id = visitor(lao_wang), afternoon.service_day_id
    sent = {"photo": (io.BytesIO(picture(afternoon.code)), "sheet.jpg")}
    found = desk.post(f"/service-days/{day_id}/sheets/find", sent)
    assert found.headers["Location"].endswith(f"/sheets/{afternoon.id}")
    kept = photos.of(f"sheet:{afternoon.id}")
    assert kept is not None and b"JFIF" not in kept.jpeg_sealed
    other, image = visitor(second_leader), f"/sheets/{afternoon.id}/photo"
    assert desk.get(image).mimetype == "image/jpeg", "whoever brought it sees it"
    assert other.get(image).status_code == 409 and "看照片" in other.get(f"/sheets/{afternoon.id}").words
    other.post(f"{image}/opening", {})
    assert other.get(image).mimetype == "image/jpeg" and other.get(image).mimetype == "image/jpeg"
    seen = db.session.scalars(select(Happened).filter_by(kind="photos.PhotoSeen").order_by(Happened.id)).all()
    assert [(row.actor_id, row.about) for row in seen] == [
        (person.id, f"sheet:{afternoon.id}") for person in (lao_wang, second_leader)
    ]
    clock.pass_(minutes=9 * 60)
    assert other.get(image).status_code == 409, "tomorrow it takes another line in the trail"
    assert visitor(other_office).get(f"/sheets/{afternoon.id}/photo").status_code == 404
    again = desk.post(f"/sheets/{afternoon.id}/photo", {"photo": (io.BytesIO(PHOTO), "b.png")})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"mark": "0012"}, "对不上"),
        ({"mark": sheets.marks.of(9, 1)}, "这一场没有第 9 张表"),
        ({}, "对不上"),
    ],
)
def test_a_wrong_row_mark_opens_nothing(
    visitor: Any, afternoon: sheets.PaperSheet, lao_wang: Any, sent: dict[str, str], said: str
) -> None:
    answer = visitor(lao_wang).post(f"/service-days/{afternoon.service_day_id}/sheets/find", sent)
    assert answer.status_code == 422 and said in answer.words


def test_a_row_mark_opens_its_sheet(visitor: Any, afternoon: sheets.PaperSheet, lao_wang: Any) -> None:
    answer = visitor(lao_wang).post(
        f"/service-days/{afternoon.service_day_id}/sheets/find", {"mark": sheets.marks.of(1, 7).lower()}
    )
    assert answer.headers["Location"].endswith(f"/sheets/{afternoon.id}#row-7")


def test_a_photo_without_a_code_or_of_another_community(
    visitor: Any, afternoon: sheets.PaperSheet, lao_wang: Any
) -> None:
    """T13: a code that is not within reach looks like none."""
    desk, at = visitor(lao_wang), f"/service-days/{afternoon.service_day_id}/sheets/find"
    for photo in (PHOTO, b"no picture", picture(codes.new_sheet())):
        answer = desk.post(at, {"photo": (io.BytesIO(photo), "a.jpg")})
        assert answer.status_code == 422, photo[:20]


def test_a_typed_sheet_waits_in_the_inbox_of_somebody_else(
    visitor: Any, afternoon: sheets.PaperSheet, type_in: Any, office: Any
) -> None:
    type_in(afternoon, {2: Typed("9:00", "11:30")})
    desk = visitor(office)
    assert "签到表等核对" in desk.get("/office/inbox").words
    assert "退回去了" in desk.post(f"/sheets/{afternoon.id}/return", {"reason": "第二行"}, follow=True).words
    assert "第二行" in desk.get(f"/sheets/{afternoon.id}").words


def test_a_torn_sheet_is_spoilt_on_the_page(visitor: Any, paper: sheets.PaperSheet, lao_wang: Any) -> None:
    desk = visitor(lao_wang)
    assert "第 1 张作废了" in desk.post(f"/sheets/{paper.id}/spoiling", {}, follow=True).words
    assert desk.post(f"/sheets/{paper.id}/rows", form(paper, {2: ("9:00", "")})).status_code == 409


def test_my_copy_has_my_rows_on_paper(
    here: Any, afternoon: sheets.PaperSheet, type_in: Any, xiaoman: accounts.User, daming: accounts.User
) -> None:
    """PIPL 45: what a sheet says of somebody is in their own copy, and in nobody else's."""
    type_in(afternoon, {2: Typed("8:55", "11:30")})
    rows = list(accounts.copies.PARTS["paper"].rows(xiaoman))
    assert [(row["came"], row["left"], row["state"]) for row in rows] == [("8:55", "11:30", "typed")]
    assert list(accounts.copies.PARTS["paper"].rows(daming)) == []


def test_two_who_check_at_once_record_it_once(
    visitor: Any,
    afternoon: sheets.PaperSheet,
    type_in: Any,
    second_leader: Any,
    office: Any,
    together: Any,
    here: Any,
) -> None:
    """T26."""
    type_in(afternoon, {1: Typed("8:50", "11:30"), 2: Typed("8:55", "11:30")})
    at, said = f"/sheets/{afternoon.id}/check", {"revision": str(afternoon.revision)}
    hands = [visitor(second_leader), visitor(office)]
    for one in hands:
        one.get(f"/sheets/{afternoon.id}")
    here.commit()
    answers = together([lambda one=one: one.post(at, said).status_code for one in hands])
    here.commit()
    assert answers == [303, 303]
    assert len(db.session.scalars(select(Attendance)).all()) == 2
    assert len(db.session.scalars(select(Happened).filter_by(kind="sheets.SheetChecked")).all()) == 1


def test_one_person_on_two_sheets_that_are_checked_at_once_makes_one_stay(
    visitor: Any, afternoon: sheets.PaperSheet, signed_up: Any, type_in: Any, lao_wang: Any, second_leader: Any,
    office: Any, together: Any, here: Any,
) -> None:  # fmt: skip
    """T26."""
    (other,) = sheets.printing.draw_up(signed_up, blanks=0, by=lao_wang)
    hands = []
    for sheet, person in ((afternoon, second_leader), (other, office)):
        type_in(sheet, {2: Typed("8:55", "11:30")})
        hands.append((visitor(person), f"/sheets/{sheet.id}/check", {"revision": str(sheet.revision)}))
    for browser, at, _said in hands:
        browser.get(at.removesuffix("/check"))
    here.commit()
    answers = together([lambda one=one: one[0].post(one[1], one[2]).status_code for one in hands])
    here.commit()
    assert answers == [303, 303]
    assert len(db.session.scalars(select(Attendance)).all()) == 1


def test_two_who_print_at_once_get_two_sheets(
    visitor: Any, signed_up: Any, lao_wang: Any, second_leader: Any, together: Any, here: Any
) -> None:
    at = f"/service-days/{signed_up.id}/sheets"
    hands = [visitor(lao_wang), visitor(second_leader)]
    for one in hands:
        one.get(at)
    here.commit()
    answers = together([lambda one=one: one.post(at, {"blanks": "0"}).status_code for one in hands])
    here.commit()
    assert answers == [303, 303]
    assert sorted(db.session.scalars(select(sheets.PaperSheet.number))) == [1, 2]


def test_the_scan_page_leads_from_a_sheet_to_its_own_page(
    visitor: Any, paper: sheets.PaperSheet, lao_wang: Any
) -> None:
    sent = {"code": f"http://localhost/b/{paper.code}", "scan": "wrong-page-1"}
    assert visitor(lao_wang).post("/checkins", sent).headers["Location"].endswith(f"/b/{paper.code}")


def test_a_team_that_hosts_together_checks_what_the_other_typed(
    visitor: Any,
    afternoon: sheets.PaperSheet,
    type_in: Any,
    day: Any,
    daming: Any,
    nankeng: Any,
    xiaoman: Any,
) -> None:
    """M8: the co-hosting team is a second pair of eyes."""
    cohost = teams.approve(teams.found(daming, nankeng, "邻里互助队", "elderly", "陪伴老人。"))
    type_in(afternoon, {2: Typed("8:55", "11:30")})
    at, said = f"/sheets/{afternoon.id}", {"revision": str(afternoon.revision)}
    assert visitor(daming).get(at).status_code == 404
    service_days.share(day, cohost)
    assert "核对好了" in visitor(daming).post(f"{at}/check", said, follow=True).words
