"""A statement on paper: Chinese, several pages, totals, both names, a code that says whether two papers are the same."""

import io
from dataclasses import replace
from urllib.parse import quote

import pytest
import zxingcpp
from PIL import Image, ImageChops
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from rewards import settlements, vouchers
from rewards.settlements import genuine, sheet, statement_paper
from rewards.settlements.models import StatementPaper
from volunteer import papers
from volunteer.db import db


@pytest.fixture
def redeemed(voucher, azhen):
    vouchers.redeem(vouchers.present(voucher).code, "scan-1", azhen)
    return voucher


def lines(count):
    return [[n, "凉茶一壶䶮" * 3, "2026-03-07 09:00", "小*", 30, 18.0] for n in range(1, count + 1)]


def paper(count):
    return papers.Paper(
        title="2026年3月的账单", under="便民茶屋", facts=[("积分", "30 分")],
        columns=[papers.Column(head, 1, number=place > 3) for place, head in enumerate(sheet.heads())],
        rows=[[str(cell) for cell in line] for line in lines(count)],
        totals=["", "合计", "", "", "90", "54.00"], signed=[("商家确认：", "林*"), ("社区核准：", "")],
        seal="盖章处", check="核对码 ABCD",
    )  # fmt: skip


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (25, 1), (36, 2), (100, 3)])
def test_as_many_pages_as_it_takes(here, count, pages):
    """M7: nothing is written over the edge, and no page is empty."""
    drawn = papers._Drawing(paper(count)).draw()
    assert len(drawn) == pages
    for page in drawn:
        assert page.size == (papers.WIDTH, papers.HEIGHT)
        edge = page.crop((papers.WIDTH - 60, 0, papers.WIDTH, papers.HEIGHT))
        assert ImageChops.invert(edge).getbbox() is None, "something is cut off on the right"
        assert ImageChops.invert(page).getbbox() is not None
    assert papers.pdf(paper(count)) == papers.pdf(paper(count))


def test_the_partner_takes_the_pdf(visitor, redeemed, boss_lin, tea_house, daming, bakery, azhen):
    """M7, T13: only those it concerns; with a totals row in the sheet as well."""
    at = f"/partners/{tea_house.id}/statements/2026-03.pdf"
    answer = visitor(boss_lin).get(at)
    assert answer.get_data().startswith(b"%PDF") and "statement-" in answer.headers["Content-Disposition"]
    assert visitor(daming).get(at).status_code == 404 and visitor(azhen).get(at).status_code == 403
    assert visitor(boss_lin).get(f"/partners/{tea_house.id}/statements/2026-13.pdf").status_code == 422
    book = visitor(boss_lin).get(f"/partners/{tea_house.id}/statements/2026-03/lines.xlsx").get_data()
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert rows[-1][0] == "合计" and rows[-1][4:6] == [30, 18]
    assert Image.MIME["PDF"] == answer.mimetype


def test_the_check_code_is_of_what_the_statement_says(redeemed, tea_house, here):
    """M7: the same statement, the same code; another line or another figure, another code."""
    figures, some = settlements.statement(tea_house, "2026-03"), lines(3)
    one = statement_paper.code(tea_house, figures, some)
    assert one == statement_paper.code(
        tea_house, figures, [[n, "Tea", at, "X", p, v] for n, _t, at, _w, p, v in some]
    )
    for place in (0, 2, 4, 5):
        other = [list(line) for line in some]
        other[1][place] = 99
        assert statement_paper.code(tea_house, figures, other) != one


@pytest.fixture
def printed(redeemed, visitor, boss_lin, tea_house):
    """The statement of March, taken away on paper; its check code."""
    at = f"/partners/{tea_house.id}/statements/2026-03.pdf"
    assert visitor(boss_lin).get(at).status_code == 200 == visitor(boss_lin).get(at).status_code
    return db.session.scalars(select(StatementPaper)).one().code


def test_anybody_with_the_paper_sees_that_it_is_genuine(printed, visitor, tea_house, xiaoman):
    """M7, T13: partner, month, totals and state; nothing of who was there and what they had."""
    page = visitor().get(f"/statement-check?code={printed}").words
    for word in ("是真的", tea_house.name, "2026年3月", "1 张", "30 分", "本月进行中"):
        assert word in page, word
    assert "小*" not in page and "凉茶" not in page and "变化" not in page
    english = visitor(lang="en").get(f"/statement-check?code={printed}").words
    assert "Genuine" in english and tea_house.name in english
    assert "核对码" in visitor(xiaoman).get("/statement-check").words


def test_a_code_is_read_however_it_is_typed(printed, visitor):
    """M7: in small letters, with dashes and spaces, full-width, and with a letter taken for a digit."""
    assert genuine.read("oi23-4567-89ab-cdl0") == "0123456789ABCD10"
    dashed = "-".join(printed[n : n + 4] for n in range(0, 16, 4))
    full = "".join(chr(ord(sign) + 0xFEE0) for sign in printed)
    for typed in (dashed, dashed.lower(), f" {dashed.replace('-', ' ')} ", full):
        assert visitor().get(f"/statement-check?code={quote(typed)}").status_code == 200, typed


@pytest.mark.parametrize("typed", ["0123456789ABCDEF", "x", "<script>", "💮", "%00", "A" * 500])
def test_a_code_that_is_none_of_ours_is_kindly_said_so(printed, visitor, typed):
    """M7: and nothing is told of what there is."""
    answer = visitor().get(f"/statement-check?code={quote(typed, safe='%')}")
    assert answer.status_code in (200, 404) and "是真的" not in answer.words
    if answer.status_code == 404:
        assert "没有找到这个核对码" in answer.words and "再下载一份" in answer.words


def test_what_changed_since_is_said(printed, visitor, tea_house, here, give_points, xiaoman, tea, azhen):
    """M7, LG-36: the paper is genuine, and no longer what the month says."""
    give_points(xiaoman, 30)
    vouchers.redeem(vouchers.present(vouchers.claim(xiaoman, tea.id)).code, "scan-2", azhen)
    here.commit()
    page = visitor().get(f"/statement-check?code={printed}").words
    assert "是真的" in page and "又有变化" in page and "现在是 2 张、60 分" in page


def test_nobody_tries_codes(printed, visitor):
    """M7: thirty looks in ten minutes, then not; the empty page stays open."""
    stranger = visitor()
    answers = [stranger.get(f"/statement-check?code={n:016X}").status_code for n in range(31)]
    assert answers == [404] * 30 + [429]
    assert stranger.get("/statement-check").status_code == 200


def test_the_code_beside_the_seal_opens_the_check(here):
    """M7: what is drawn can be read by a phone."""
    link = "https://liyu.example/statement-check?code=0123-4567-89AB-CDEF"
    (page,) = papers._Drawing(replace(paper(1), link=link)).draw()
    found = zxingcpp.read_barcodes(page)
    assert [one.text for one in found] == [link]
    assert zxingcpp.read_barcodes(papers._Drawing(paper(1)).draw()[0]) == []
