"""Paper on a phone and on a laptop: typed down the columns, checked beside the photo, printed on A4; it fits."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.browser.test_pages_fit import RULES, WIDER
from volunteer import accounts, checkin, photos, qr, service_days, sheets
from volunteer.sheets.rows import Typed

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("SHEET_PICTURES")
NAMES = ("李桂芳", "陈大明", "张淑贞", "欧阳建国", "阿卜杜拉·麦麦提", "周小敏", "何玉兰", "林志强")


def fits(page: Page, name: str) -> None:
    """Nothing runs off the side and axe has nothing to say; keeps a picture where one is asked for."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
    assert page.evaluate(WIDER) == [], name
    page.evaluate("scrollTo(0, 0)")
    found = Axe().run(page, options=RULES).response["violations"]
    assert found == [], f"{name}: {[(one['id'], one['nodes'][0]['target']) for one in found]}"


def scan(code: str) -> bytes:
    """A photo of a filled sheet."""
    paper = Image.new("RGB", (1240, 1754), "#f6f3ec")
    draw = ImageDraw.Draw(paper)
    for y in range(240, 1500, 60):
        draw.line((60, y, 1180, y), "black", 2)
    for x in (60, 160, 520, 680, 860, 1010, 1180):
        draw.line((x, 240, x, 1500), "black", 2)
    paper.paste(Image.open(io.BytesIO(qr.png(code, box=4))), (1000, 40))
    held = io.BytesIO()
    paper.save(held, "JPEG")
    return held.getvalue()


@pytest.fixture
def paper(
    here: Any,
    clock: Any,
    make_day: Callable[..., service_days.ServiceDay],
    nankeng: Any,
    lao_wang: accounts.User,
    team: Any,
) -> dict[str, Any]:
    """Eight who signed up, two of whom scanned; the sheet with its photo; Sunday afternoon; 周敏 leads the team too."""
    day = make_day(capacity=40)
    people = [
        accounts.register(name=name, phone=f"1371000000{n}", home=nankeng) for n, name in enumerate(NAMES)
    ]
    for person in people:
        service_days.sign_up(person, day)
    second = accounts.register(name="周敏", phone="13800000052", home=nankeng)
    accounts.appoint(second, "team_leader", team_id=team.id)
    (sheet,) = sheets.printing.draw_up(day, blanks=12, by=lao_wang)
    clock.move("2026-03-08 09:00")
    for n, person in enumerate(people[:2]):
        checkin.record(person, checkin.showing(day).code, f"wall-in-{n}")
    clock.move("2026-03-08 14:00")
    photos.keep(scan(sheet.code), about=sheets.printing.name(sheet), area_path=day.area_path)
    here.commit()
    return {"sheet": sheet.id, "day": day.id, "second": second}


def test_times_are_typed_down_the_column(
    phone: Any, laptop: Any, paper: dict[str, Any], lao_wang: accounts.User
) -> None:
    """O6: Enter goes down the column, a dot is the row above, and a wrong time is said in its place."""
    page = laptop(lao_wang)
    page.goto(f"/sheets/{paper['sheet']}")
    page.get_by_role("button", name="看照片").click()
    page.locator("#came-1").fill("855")
    page.locator("#came-1").press("Enter")
    expect(page.locator("#came-2")).to_be_focused()
    page.locator("#came-2").fill(".")
    page.locator("#left-1").fill("25:00")
    page.get_by_role("button", name="录完了").click()
    expect(page.locator("#left-1-error")).to_contain_text("看不懂这个时间")
    expect(page.locator("#came-1")).to_have_value("855")
    fits(page, "type-zh-1280")
    small = phone(lao_wang)
    small.goto(f"/sheets/{paper['sheet']}")
    fits(small, "type-zh-360")


def test_every_page_of_paper_fits(
    phone: Any, laptop: Any, seen: Any, paper: dict[str, Any], lao_wang: accounts.User
) -> None:
    """Typing, checking, the result and the list, in two languages and two widths."""

    def type_in() -> None:
        sheet = photos.db.session.get_one(sheets.PaperSheet, paper["sheet"])
        whose = {person.name: row.number for row, person in sheets.printing.rows_of(sheet) if person}
        said = {number: Typed("8:55", "11:30") for number in whose.values()}
        said |= {whose["陈大明"]: Typed("9:40", "11:30"), whose["周小敏"]: Typed(absent=True)}
        said |= {whose["何玉兰"]: Typed("9:00", "10:30", note="先走了，家里有事")}
        sheets.rows.save(sheet, said, revision=sheet.revision, by=lao_wang)
        sheets.rows.finish(sheet, by=lao_wang)

    at = f"/sheets/{paper['sheet']}"
    for lang in ("zh", "en"):
        for sit, width in ((phone, 360), (laptop, 1280)):
            page = sit(lao_wang, lang=lang)
            page.goto(f"/service-days/{paper['day']}/sheets")
            fits(page, f"index-{lang}-{width}")
            if lang == "en":
                page.goto(at)
                fits(page, f"type-{lang}-{width}")
            page.context.close()
    seen(type_in)
    for lang in ("zh", "en"):
        for sit, width in ((phone, 360), (laptop, 1280)):
            page = sit(paper["second"], lang=lang)
            page.goto(at)
            if (look := page.locator("form[action$=opening] button")).count():
                look.click()
                page.locator(".paper-frame img").wait_for()
            fits(page, f"check-{lang}-{width}")
            page.context.close()
    page = laptop(paper["second"])
    page.goto(at)
    page.get_by_role("button", name="和纸上一样").click()
    expect(page.get_by_text("核对好了").first).to_be_visible()
    fits(page, "checked-zh-1280")


def test_a_sheet_is_one_page_of_a4(laptop: Any, paper: dict[str, Any], lao_wang: accounts.User) -> None:
    """67号令: twenty rows, the code and the footer stand on one page each."""
    for lang in ("zh", "en"):
        page = laptop(lao_wang, lang=lang)
        for address, name in (
            (f"/sheets/{paper['sheet']}/paper", "paper"),
            (f"/service-days/{paper['day']}/slips", "slips"),
        ):
            page.goto(address)
            if PICTURES:
                page.screenshot(path=str(Path(PICTURES) / f"{name}-{lang}.png"), full_page=True)
            pdf = page.pdf(prefer_css_page_size=True, print_background=True)
            if PICTURES:
                (Path(PICTURES) / f"{name}-{lang}.pdf").write_bytes(pdf)
            assert pdf.count(b"/Type /Page\n") == 1, (name, lang)
        page.context.close()
