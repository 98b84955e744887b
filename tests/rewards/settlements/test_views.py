"""A month on the screen, on paper and as a file."""

import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from rewards import settlements, vouchers
from rewards.settlements import sheet


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
