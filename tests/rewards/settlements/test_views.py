"""A month on the screen, on paper and as a file."""

import csv
import io

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import insert, select

from rewards import partners, settlements, vouchers
from rewards.settlements import sheet
from volunteer import accounts
from volunteer.dashboards.models import ExportRequest
from volunteer.db import db


@pytest.fixture
def redeemed(voucher, azhen):
    vouchers.redeem(vouchers.present(voucher).code, "scan-1", azhen)
    return voucher


def test_the_open_month_shows_what_was_redeemed_a_minute_ago(visitor, redeemed, boss_lin, tea_house):
    desk = visitor(boss_lin)
    assert "本月进行中" in desk.get(f"/partners/{tea_house.id}/statements").words
    page = desk.get(f"/partners/{tea_house.id}/statements/2026-03")
    assert "凉茶一壶" in page.words and "小*" in page.words and "30 分" in page.words
    assert "凉茶一壶" in desk.get(f"/partners/{tea_house.id}/statements/2026-03/print").words


def test_confirmed_by_the_partner_agreed_by_the_office(
    visitor, redeemed, boss_lin, office, azhen, tea_house, clock, here
):
    clock.move("2026-04-01 09:00")
    desk = visitor(office)
    assert "现在出账单" in desk.get("/settlements?month=2026-03").words
    assert "出好了 1 家" in desk.post("/settlements", {"month": "2026-03"}, follow=True).words
    statement = settlements.statement(tea_house, "2026-03")
    here_ = f"/statements/{statement.id}"
    assert visitor(azhen).post(f"{here_}/confirmation").status_code == 403
    assert desk.post(f"{here_}/agreement").status_code == 409
    shop = visitor(boss_lin)
    assert "待核准" in shop.post(f"{here_}/confirmation", follow=True).words
    assert "已核准" in desk.post(f"{here_}/agreement", follow=True).words


def test_the_files_hold_the_same_lines(visitor, redeemed, boss_lin, tea_house, tea):
    desk = visitor(boss_lin)
    plain = desk.get(f"/partners/{tea_house.id}/statements/2026-03/lines.csv")
    lines = list(csv.reader(io.StringIO(plain.get_data().decode("utf-8-sig"))))
    assert lines[1][1:] == ["凉茶一壶", "2026-03-07 09:00", "小*", "30", "18.0"]
    book = desk.get(f"/partners/{tea_house.id}/statements/2026-03/lines.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book.get_data())).get_sheet_by_index(0).to_python()
    assert rows[1][1] == "凉茶一壶" and rows[1][4] == 30
    assert desk.get(f"/partners/{tea_house.id}/statements/2026-03/lines.exe").status_code == 404


@pytest.mark.parametrize("title", ["=1+1", "+A1", "-A1", "@sum", "＝1+1"])
def test_no_cell_is_a_formula(title):
    """T16: what a spreadsheet would run is text in the file."""
    line = [[1, title, "", "小*", 30, 1.0]]
    assert sheet.as_csv(line).decode("utf-8-sig").splitlines()[1].split(",")[1] == f"'{title}"
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(sheet.as_xlsx(line, "2026-03")))
        .get_sheet_by_index(0)
        .to_python()
    )
    assert rows[1][1] == f"'{title}"


def test_a_month_that_is_none(visitor, boss_lin, tea_house):
    for month in ("2026-13", "abc", "0000-01"):
        assert visitor(boss_lin).get(f"/partners/{tea_house.id}/statements/{month}").status_code == 422


def test_only_those_it_concerns(
    visitor, redeemed, tea_house, azhen, xiaoman, daming, bakery, auditor, other_office
):
    """T13."""
    here = f"/partners/{tea_house.id}/statements"
    for person, status in [(azhen, 403), (xiaoman, 403), (daming, 404), (other_office, 404), (auditor, 200)]:
        assert visitor(person).get(here).status_code == status


def test_the_api_lists_a_month(visitor, redeemed, office, clock, tea_house):
    from volunteer import accounts

    headers = {"Authorization": f"Bearer {accounts.tokens.issue(office)}"}
    item = visitor().get("/api/v1/settlements?month=2026-03", headers=headers).json["items"][0]
    assert item == {
        "id": None, "partner": {"id": tea_house.id, "name": "便民茶屋"}, "month": "2026-03", "state": "open",
        "count": 1, "points": 30, "value_cents": 1800,
    }  # fmt: skip
    clock.move("2026-04-01 09:00")
    settlements.draw("2026-03")
    item = visitor().get("/api/v1/settlements?month=2026-03", headers=headers).json["items"][0]
    assert (item["state"], item["count"]) == ("draft", 1)


def test_in_english(visitor, redeemed, boss_lin, tea_house, office):
    desk, shop = visitor(office, lang="en"), visitor(boss_lin, lang="en")
    here = f"/partners/{tea_house.id}/statements"
    for address in (here, f"{here}/2026-03", f"{here}/2026-03/print", f"{here}/2026-02", "/settlements"):
        assert shop.get(address).status_code == 200
    assert desk.get("/settlements?month=2026-02").status_code == 200


@pytest.fixture
def long_month(redeemed, azhen, here):
    """Five hundred and one lines in March: the first one many times over."""
    table = vouchers.Voucher.__table__
    row = dict(db.session.execute(select(table).where(table.c.id == redeemed.id)).mappings().one())
    row |= {"asked_with": None, "typed_hash": None, "scan": None}
    del row["id"]
    copies = [{**row, "public": f"copy-{n}"} for n in range(500)]
    db.session.execute(insert(table), copies)
    here.commit()
    return redeemed


@pytest.fixture
def partner_of_lin(tea_house):
    """林老板's wife, who manages the tea house as well."""
    person = partners.invite(tea_house, name="黄桂英", phone="13800000024")
    accounts.appoint(person, "partner_manager", partner_id=tea_house.id)
    return person


def test_a_month_of_more_than_five_hundred_lines_takes_two(
    visitor,
    long_month,
    boss_lin,
    partner_of_lin,
    azhen,
    office,
    other_office,
    bakery,
    daming,
    tea_house,
    clock,
):
    """T22: asked for with a reason; the shop's other manager agrees; a quarter of an hour; the last line says who."""
    month = f"/partners/{tea_house.id}/statements/2026-03"
    shop, why = visitor(boss_lin), {"reason": "年底对账", "kind": "csv"}
    page = shop.get(month)
    assert "这个月有 501 行" in page.words and len(page.all("tr")) == 51 and "下载整份" in page.words
    for path in ("lines.csv", "lines.xlsx", "print"):
        assert shop.get(f"{month}/{path}").status_code == 409, path
    assert shop.post(f"{month}/lines", why | {"reason": " "}).status_code == 422
    assert shop.post(f"{month}/lines", why | {"kind": "exe"}).status_code == 404
    for _again in range(2):
        assert "要另一位同事同意" in shop.post(f"{month}/lines", why, follow=True).words
    asked = db.session.scalars(select(ExportRequest)).one()
    assert (asked.row_count, asked.partner_id, asked.reason) == (501, tea_house.id, "年底对账")
    for person, status in ((azhen, 403), (daming, 404), (other_office, 404), (boss_lin, 409)):
        assert visitor(person).post(f"/exports/{asked.id}/approval").status_code == status, person.name
    assert (
        "年底对账"
        in visitor(office).get("/office/inbox").words + visitor(office).get("/office/exports").words
    )
    assert "年底对账" not in visitor(daming).get("/office/exports").words
    wife = visitor(partner_of_lin)
    assert "看一看同不同意" in wife.get("/me/notices").words
    assert "2026年3月" in wife.get("/office/exports").words
    wife.post(f"/exports/{asked.id}/approval")
    assert wife.post(f"{month}/lines", why, follow=True).h1, "agreeing gives nothing to who agreed"
    got = shop.post(f"{month}/lines", why)
    lines = list(csv.reader(io.StringIO(got.get_data().decode("utf-8-sig"))))
    assert len(lines) == 1 + 501 + 1 and boss_lin.volunteer_no in lines[-1][0] and lines[1][3] == "小*"
    book = shop.post(f"{month}/lines", why | {"kind": "xlsx"}).get_data()
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert len(rows) == 504 and boss_lin.volunteer_no in rows[-1][0] and rows[-2][0] == "合计"
    assert boss_lin.volunteer_no in shop.get(f"{month}/print").words
    clock.pass_(minutes=16)
    later = visitor(boss_lin)
    assert later.get(f"{month}/print").status_code == 409
    assert "要另一位同事同意" in later.post(f"{month}/lines", why, follow=True).words


def test_where_a_shop_has_one_manager_the_community_agrees(visitor, long_month, boss_lin, office, tea_house):
    """T22."""
    month, why = f"/partners/{tea_house.id}/statements/2026-03", {"reason": "年底对账", "kind": "csv"}
    shop = visitor(boss_lin)
    shop.post(f"{month}/lines", why)
    asked = db.session.scalars(select(ExportRequest)).one()
    visitor(office).post(f"/exports/{asked.id}/approval")
    assert "下载" in shop.get("/office/exports").words
    assert len(shop.post(f"{month}/lines", why).get_data().splitlines()) == 503


def test_a_short_month_leaves_as_before(visitor, redeemed, boss_lin, tea_house):
    """T22: up to five hundred lines nobody else is asked, and no line is added."""
    month = f"/partners/{tea_house.id}/statements/2026-03"
    shop = visitor(boss_lin)
    assert len(shop.get(f"{month}/lines.csv").get_data().splitlines()) == 2
    assert "导出人" not in shop.get(f"{month}/print").words
    assert db.session.scalars(select(ExportRequest)).all() == []
