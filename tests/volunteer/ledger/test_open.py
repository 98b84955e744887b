"""The published heads, and a person's own rows under one of them: seen on a page, checked by a script of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.volunteer.ledger.planting import by_hand
from volunteer import ledger
from volunteer.ledger import proof

SCRIPT = Path(__file__).parents[3] / "static" / "check_rows.py"


@pytest.fixture
def sealed(here, earn, claim, xiaoman, daming, grandma, clock):
    """7 March: two rows of 小满, between those of others; 8 March: one of 大明."""
    earn(daming, 12, "record:2")
    earn(xiaoman, 18)
    earn(grandma, 7, "record:3")
    claim(xiaoman, 10, 1)
    clock.move("2026-03-08 12:00")
    earn(daming, 3, "record:4")
    clock.move("2026-03-09 00:55")
    ledger.seal(date(2026, 3, 7))
    ledger.seal(date(2026, 3, 8))
    here.commit()


def check(tmp_path, rows, books=None):
    """Run the published script on files as somebody would; whether it is content, and what it says."""
    (tmp_path / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    files = [tmp_path / "rows.json"]
    if books is not None:
        (tmp_path / "books.json").write_text(json.dumps(books), encoding="utf-8")
        files.append(tmp_path / "books.json")
    ran = subprocess.run([sys.executable, SCRIPT, *files], capture_output=True, text=True, check=False)
    return ran.returncode == 0, ran.stdout + ran.stderr


def test_anybody_sees_the_heads_and_nobodys_rows(visitor, sealed, xiaoman):
    """U1: the newest first; others may keep the file for a while."""
    page = visitor().get("/open/books")
    heads = [one.head for one in (ledger.seal(date(2026, 3, 8)), ledger.seal(date(2026, 3, 7)))]
    assert [page.words.index(head) for head in heads] == sorted(page.words.index(head) for head in heads)
    assert "小满" not in page.words
    answer = visitor().get("/open/books.json")
    assert [one["head"] for one in answer.json["days"]] == heads
    assert [one["on"] for one in answer.json["days"]] == ["2026-03-08", "2026-03-07"]
    assert "max-age" in answer.headers["Cache-Control"] and "public" in answer.headers["Cache-Control"]
    assert set(answer.json["days"][0]) == {"on", "postings", "head", "root", "version"}


def test_a_person_finds_their_own_rows_inside(visitor, sealed, xiaoman, grandma, tmp_path):
    """U1: on the page, and by the script on another machine, against the heads that were kept."""
    phone = visitor(xiaoman)
    assert "我的记录在账里" in phone.get("/me/points").words
    page = phone.get("/me/points/proof")
    assert "验过了：2 笔都在账里" in page.words
    rows = phone.get("/me/points/proof.json?on=2026-03-07").json
    books = visitor().get("/open/books.json").json
    ok, said = check(tmp_path, rows, books)
    assert ok and said.startswith("OK 2026-03-07 2 rows"), said
    lines = [json.loads(row["line"]) for row in rows["rows"]]
    assert {line[9] for line in lines} == {xiaoman.id}, "only one's own rows"
    assert phone.get("/me/points/proof.json?on=2026-03-08").status_code == 404
    assert phone.get("/me/points/proof.json?on=soon").status_code == 404
    assert "这一天没有你的记录" in phone.get("/me/points/proof?on=2026-03-08").words
    assert visitor().get("/me/points/proof").status_code == 302


@pytest.mark.parametrize("what", ["line", "salt", "path", "root", "postings", "previous"])
def test_the_script_notices_every_change(sealed, xiaoman, tmp_path, what):
    """U1: a row that was made up, or a head that was not published, is refused."""
    rows = proof.of(xiaoman.id, date(2026, 3, 7)).plain()
    assert check(tmp_path, rows)[0]
    row = rows["rows"][0]
    if what == "line":
        row["line"] = row["line"].replace("18", "180")
    elif what == "salt":
        row["salt"] = "00" * 32
    elif what == "path":
        row["path"] = row["path"][:-1]
    elif what == "postings":
        rows["postings"] += 1
    else:
        rows[what] = "1" * 64
    assert not check(tmp_path, rows)[0]


def test_a_head_that_was_not_published_is_refused(sealed, xiaoman, tmp_path):
    """U1."""
    rows = proof.of(xiaoman.id, date(2026, 3, 7)).plain()
    ok, said = check(tmp_path, rows, {"days": [{"on": "2026-03-07", "head": "f" * 64}]})
    assert not ok and "NOT THE HEAD" in said


def test_a_row_that_was_changed_is_not_inside(sealed, xiaoman, db, engine, here, visitor):
    """U1, T34: the page says so."""
    with by_hand(db, engine):
        db.session.execute(text("UPDATE ledger_posting SET amount = 19 WHERE key = 'record:1'"))
    assert not proof.of(xiaoman.id, date(2026, 3, 7)).holds
    here.commit()
    assert "对不上" in visitor(xiaoman).get("/me/points/proof").words


def test_somebody_elses_change_is_seen_too(sealed, xiaoman, db, engine):
    """U1, T34: the root is over all rows."""
    with by_hand(db, engine):
        db.session.execute(text("UPDATE ledger_posting SET amount = 19 WHERE key = 'record:3'"))
    assert not proof.of(xiaoman.id, date(2026, 3, 7)).holds


def test_before_the_first_night_the_page_says_when(visitor, xiaoman, earn, here):
    """U1."""
    assert "还没有封好的记录" in visitor(xiaoman).get("/me/points/proof").words
    assert "还没有封过账" in visitor().get("/open/books").words


def test_a_day_sealed_the_old_way_says_so(visitor, here, earn, xiaoman, clock, db):
    """U1: no leaf to show, and the page does not claim one."""
    earn(xiaoman, 18)
    clock.move("2026-03-08 00:55")
    from volunteer.clock import now

    db.session.add(
        ledger.Seal(on=date(2026, 3, 7), last_id=1, postings=1, head="0" * 64, sealed_at=now(), version=1)
    )
    here.commit()
    assert "按以前的办法" in visitor(xiaoman).get("/me/points/proof").words
    assert visitor(xiaoman).get("/me/points/proof.json?on=2026-03-07").status_code == 404


def test_in_english(visitor, sealed, xiaoman):
    """U1."""
    assert visitor(lang="en").get("/open/books").status_code == 200
    assert "2 rows" in visitor(xiaoman, lang="en").get("/me/points/proof").words
