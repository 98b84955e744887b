"""What a person reads of their points: balance, when they end, each entry with its formula; on paper; as a file."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from volunteer import ledger


@pytest.fixture
def busy(earn, claim, xiaoman, clock, here):
    """小满 earned in January and in March, claimed a tea, gave it back, and one award was taken back."""
    clock.move("2026-01-20 12:00")
    why = {
        "title": "义剪进社区",
        "formula": {
            "kind": "time", "rule": 1, "minutes": 118, "planned": 150, "grade": "A", "blocks": 3,
            "block_minutes": 30, "per_block": 5, "coefficient": "1.2", "points": 18,
        },
    }  # fmt: skip
    ledger.award(xiaoman.id, 18, key="record:1", why=why, on=date(2026, 1, 20), area_path=xiaoman.area_path)
    clock.move("2026-03-07 09:00")
    earn(xiaoman, 10, "record:2")
    claim(xiaoman, 20, 7)
    ledger.release("claim:7", key="release:7", why={"title": "凉茶一壶"})
    claim(xiaoman, 5, 8)
    earn(xiaoman, 3, "record:3")
    ledger.reverse("record:3", move="reversal", new_key="record:3:reversal", why={"reason": "记错了人"})
    return xiaoman


def test_an_empty_statement_says_how_to_begin(visitor, xiaoman):
    page = visitor(xiaoman).get("/me/points")
    assert page.status_code == 200 and page.h1 == "我的积分"
    assert "还没有积分" in page.words


def test_the_statement_shows_the_balance_the_purses_and_every_entry(visitor, busy):
    page = visitor(busy).get("/me/points")
    assert "23" in page.words and "另有 5 分留给还没用的券" in page.words
    assert "2028年1月底到期" in page.words and "2028年3月底到期" in page.words
    assert "118 分钟 → 3 个半小时 × 5 × 1.2 = 18 分" in page.words
    assert "原因：记错了人" in page.words
    entries = ledger.queries.all_entries(busy.id)
    assert [(entry.points, entry.balance) for entry in entries] == [
        (-3, 23), (3, 26), (-5, 23), (20, 28), (-20, 8), (10, 28), (18, 18),
    ]  # fmt: skip


def test_english_reads_the_same(visitor, busy):
    page = visitor(busy, lang="en").get("/me/points")
    assert page.h1 == "My points"
    assert "118 minutes → 3 half-hours × 5 × 1.2 = 18 points" in page.words


def test_a_statement_costs_the_same_however_long_it_is(visitor, busy, earn):
    browser = visitor(busy)
    browser.get("/me/points")
    short = len(browser.get("/me/points").statements)
    for number in range(40):
        earn(busy, 5, f"record:{100 + number}")
    long = browser.get("/me/points")
    assert len(long.statements) == short <= 12


def test_a_long_statement_is_paged_and_every_balance_follows(visitor, xiaoman, earn, claim, here):
    for number in range(1, 61):
        earn(xiaoman, number, f"record:{number}")
        claim(xiaoman, 1, number)
    browser, after, seen = visitor(xiaoman), "", []
    while True:
        page = browser.get(f"/api/v1/me/statement{after}").json
        seen += page["items"]
        if page["next"] is None:
            break
        after = f"?after={page['next']}"
    assert len(seen) == 120 and len({entry["id"] for entry in seen}) == 120
    running = 0
    for entry in reversed(seen):
        running += entry["points"]
        assert entry["balance"] == running


def test_a_month_shows_that_month(visitor, busy):
    browser = visitor(busy)
    january = browser.get("/me/points?month=2026-01")
    assert "义剪进社区" in january.words and "记错了人" not in january.words
    assert "余 18" in january.words
    assert "这个月没有积分进出" in browser.get("/me/points?month=2026-02").words
    assert browser.get("/me/points?month=hello").status_code == 200


def test_points_about_to_end_are_said_at_the_top(visitor, busy, clock):
    clock.move("2027-12-02 10:00")
    assert "13 分快到期了" in visitor(busy).get("/me/points").words
    clock.move("2027-11-20 10:00")
    assert "快到期了" not in visitor(busy).get("/me/points").words


def test_the_statement_prints(visitor, busy):
    page = visitor(busy).get("/me/points/paper")
    assert page.h1 == "积分明细" and busy.volunteer_no in page.words
    assert "118 分钟" in page.words and "不能换钱" in page.words
    assert page.status_code == visitor(busy).get("/me/points/paper?month=2026-01").status_code == 200


def test_the_file_holds_no_formulas(visitor, xiaoman):
    """T16: whatever a title begins with, a spreadsheet shows it and runs nothing."""
    titles = ["=1+1", "+cmd", "-2", "@sum", "\tx", "＝１", "＋x", "－x", "＠x", "普通的标题"]
    for number, title in enumerate(titles):
        why = {"title": title, "formula": {"kind": "flat", "rule": 1, "grade": "A", "points": 5}}
        key = f"record:{number}"
        ledger.award(xiaoman.id, 5, key=key, why=why, on=date(2026, 3, 7), area_path=xiaoman.area_path)
    ledger.spend(xiaoman.id, 7, to="held:1", key="claim:1", why={"title": "=HYPERLINK(1)"})
    answer = visitor(xiaoman).get("/me/points.csv")
    assert answer.headers["Content-Type"].startswith("text/csv") and answer.text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [row["事项"].removeprefix("'") for row in reversed(rows[1:])] == titles
    for row in rows:
        text = [cell for name, cell in row.items() if name not in ("积分", "余额")]
        assert not any(cell.startswith(tuple("=+-@\t\r＝＋－＠")) for cell in text)
    assert (rows[0]["积分"], rows[0]["余额"]) == ("-7", "43")


def test_a_statement_is_its_owners(visitor, busy, daming):
    """T13: there is no address for somebody else's points."""
    assert "义剪进社区" not in visitor(daming).get("/me/points").words
    assert visitor(daming).get("/api/v1/me/statement").json == {"items": [], "next": None}
    assert visitor().get("/me/points").status_code == 302
    assert visitor().get("/api/v1/me/statement").status_code == 401


def test_the_api_gives_the_formula(visitor, busy):
    page = visitor(busy).get("/api/v1/me/statement?month=2026-01").json
    (entry,) = page["items"]
    assert set(entry) == {"id", "at", "move", "points", "balance", "why"}
    assert (entry["at"], entry["move"]) == ("2026-01-20T12:00:00+08:00", "award")
    assert entry["why"]["formula"]["minutes"] == 118
    assert entry["why"]["says"] == "118 分钟 → 3 个半小时 × 5 × 1.2 = 18 分"
    bad = visitor(busy).get("/api/v1/me/statement?month=202601")
    assert (bad.status_code, bad.json["code"]) == (422, "ledger.month")
    assert visitor(busy).get("/api/v1/me/statement?after=xx").json["code"] == "paging.cursor"


def test_only_who_watches_over_the_books_reads_how_they_stand(
    visitor, street_office, auditor, office, xiaoman
):
    for person, answer in [(street_office, 200), (auditor, 200), (office, 403), (xiaoman, 403)]:
        page = visitor(person).get("/office/ledger")
        assert page.status_code == answer
    assert "还没有核过账" in visitor(auditor).get("/office/ledger").words


def test_the_books_page_shows_last_nights_inspection(visitor, auditor, here, earn, xiaoman):
    from volunteer import timetable

    earn(xiaoman, 5)
    here.commit()
    with here.outside():
        for job in ("ledger.inspect", "ledger.seal"):
            timetable.run_by_hand(timetable.JOBS[job], date(2026, 3, 8))
    page = visitor(auditor).get("/office/ledger")
    assert "1 项不对" in page.words  # the award of this story has no record behind it
    assert "hours.award_has_record" in page.words
