"""A month is closed by two people once everything is proved; its signed summary can be kept and verified."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import text

from tests.volunteer.ledger.planting import by_hand
from volunteer import ledger
from volunteer.errors import Refusal
from volunteer.ledger import closing
from volunteer.ledger.models import MonthAsk


@pytest.fixture
def march(here, office, street_office, xiaoman, daming, clock):
    """Forty points for 小满 by hand on 7 March, fifteen off again on the 20th; every night sealed until 1 April."""

    def move(person, points):
        asked = ledger.adjustments.ask(office, person, points, "漏记了", "签到表")
        ledger.adjustments.decide(asked, "", street_office, agreed=True)

    move(xiaoman, 40)
    clock.move("2026-03-20 10:00")
    move(xiaoman, -15)
    clock.move("2026-04-01 00:56")
    for day in (7, 20, 31):
        ledger.seal(date(2026, 3, day))
    clock.move("2026-04-01 09:00")
    here.commit()
    return move


@pytest.fixture
def closed(march, street_office, auditor, here):
    closing.ask("2026-03", street_office)
    made = closing.close("2026-03", auditor)
    here.commit()
    return made


def test_two_people_close_a_month_and_it_says_what_it_came_to(march, street_office, auditor, here):
    """U2, idea 24: asked by one, closed by another; again is the same row."""
    with pytest.raises(closing.NotAsked):
        closing.close("2026-03", auditor)
    asked = closing.ask("2026-03", street_office)
    assert closing.ask("2026-03", auditor) is asked
    with pytest.raises(closing.SamePerson):
        closing.close("2026-03", street_office)
    made = closing.close("2026-03", auditor)
    assert closing.close("2026-03", street_office) is made
    said = json.loads(made.summary)
    assert said["sums"] == {
        "issued": 25,
        "redeemed": 0,
        "expired": 0,
        "given": 0,
        "settled": 0,
        "circulated": 0,
    }
    assert said["at_the_end"] == {"outstanding": 25, "to_give": 0, "held": 0, "between": 0, "owed": 0}
    assert (said["books"]["postings"], said["books"]["days_sealed"]) == (2, 3)
    assert made.head == ledger.seal(date(2026, 3, 31)).head and closing.asked_for() == []


def test_the_database_wants_two_people(closed, db, engine, here):
    """T34."""
    with pytest.raises(Exception, match="four_eyes"):
        db.session.execute(
            text(
                "INSERT INTO month_close SELECT '2026-09', last_id, head, summary, key_id, public_key, signature, "
                "closed_at, made_by, made_by FROM month_close"
            )
        )
    here.undo()


def test_months_close_in_order_and_only_when_over_and_sealed(closed, march, street_office, clock, here):
    """Idea 24."""
    for month, code in (
        ("2026-04", "close.month_runs"),
        ("2026-05", "close.month_runs"),
        ("2026-02", "close.out_of_turn"),
    ):
        with pytest.raises(Refusal) as refused:
            closing.prove(month)
        assert refused.value.code == code, month
    clock.move("2026-06-01 00:30")
    with pytest.raises(closing.OutOfTurn):
        closing.prove("2026-05")
    with pytest.raises(closing.NotSealed):
        closing.prove("2026-04")


def test_every_point_is_in_exactly_one_month(closed, march, xiaoman, street_office, auditor, clock, here):
    """U2: what is posted in April for a day in March is April's, and April says so."""
    clock.move("2026-04-05 10:00")
    why = {"reason": "x"}
    month = ledger.tariff(date(2026, 3, 30), "/").purse_month(date(2026, 3, 30))
    step = (ledger.chart.purse(xiaoman.id, month), ledger.chart.ISSUED, 5)
    held = ledger.purses(xiaoman.id)[0].month
    step = (ledger.chart.purse(xiaoman.id, held), ledger.chart.ISSUED, 5)
    ledger.transfer(
        step, move="reversal", key="by-hand", volunteer_id=xiaoman.id, why=why, on=date(2026, 3, 30)
    )
    march(xiaoman, 10)
    clock.move("2026-05-01 00:56")
    ledger.seal(date(2026, 4, 30))
    proof = closing.prove("2026-04")
    assert proof.summary["for_closed_months"] == {"postings": 1, "points": 5}
    assert proof.summary["sums"]["issued"] == 5 and proof.summary["at_the_end"]["outstanding"] == 30
    assert proof.summary["books"]["previous_close"] == closed.head
    assert json.loads(closed.summary)["sums"]["issued"] == 25


def test_what_does_not_hold_stands_in_the_way(march, street_office, auditor, db, engine, here):
    """Idea 24: also between asking and agreeing."""
    closing.ask("2026-03", street_office)
    here.commit()
    with by_hand(db, engine):
        db.session.execute(text("UPDATE ledger_posting SET amount = 41 WHERE id = 1"))
    with pytest.raises(closing.NotProven) as refused:
        closing.close("2026-03", auditor)
    assert "ledger.balances" in refused.value.detail and "ledger.seals" in refused.value.detail


def test_a_part_that_is_not_in_or_open(march, street_office, monkeypatch):
    """Idea 24: what is missing always stands in the way, what is open unless somebody says so."""
    from volunteer.i18n import Sentence

    missing, still_open = [], [Sentence("一份没签")]
    monkeypatch.setitem(
        closing._features, "tests", lambda month: closing.Ready(missing, still_open, {"n": 1})
    )
    with pytest.raises(closing.NotProven, match=r"close\.not_proven"):
        closing.ask("2026-03", street_office)
    missing.append(Sentence("一家没出"))
    with pytest.raises(closing.NotProven):
        closing.ask("2026-03", street_office, allow_open=True)
    missing.clear()
    assert closing.ask("2026-03", street_office, allow_open=True).allow_open
    assert closing.prove("2026-03").summary["parts"]["tests"] == {"n": 1}


def test_a_summary_that_was_kept_is_verified(closed, db, engine, here):
    """Idea 24, T34: signed by a key of ours; every change is seen, in the file and in the books."""
    kept = closing.document(closed)
    assert closing.verify(kept) == []
    assert closing.verify(json.loads(json.dumps(kept))) == []
    for wrong in (
        None,
        {},
        kept | {"signed": kept["signed"].replace('"issued":25', '"issued":26')},
        kept | {"summary": kept["summary"] | {"month": "2026-02"}},
        kept | {"signature": kept["signature"] | {"value": "AAAA"}},
        kept | {"signature": kept["signature"] | {"public_key": "AAAA"}},
    ):
        assert closing.verify(wrong) != [], wrong
    with by_hand(db, engine):
        db.session.execute(text("UPDATE ledger_posting SET amount = 41 WHERE id = 1"))
    assert closing.verify(kept) != []


def test_somebody_elses_signature_is_none_of_ours(closed):
    """T34: signed well, but by a key that we did not write down."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key, kept = Ed25519PrivateKey.generate(), closing.document(closed)
    kept["signature"] |= {
        "public_key": closing._text(key.public_key().public_bytes_raw()),
        "value": closing._text(key.sign(kept["signed"].encode())),
    }
    assert closing.verify(kept) != []


def test_the_command_proves_asks_closes_and_fetches_again(
    march, command, street_office, auditor, xiaoman, tmp_path, db
):
    """Idea 24: one command; the first person asks, another one closes; the file verifies, a changed one does not."""
    out = tmp_path / "march.json"
    proved = command("ledger", "close-month", "2026-03", "--json")
    assert proved.exit_code == 0 and json.loads(proved.output)["wrong"] == []
    assert command("ledger", "close-month", "2026-04").exit_code == 1
    assert command("ledger", "close-month", "2026-03", "--by", xiaoman.volunteer_no).exit_code == 1
    assert command("ledger", "close-month", "2026-03", "--by", "000").exit_code == 1
    asked = command("ledger", "close-month", "2026-03", "--by", street_office.volunteer_no)
    assert asked.exit_code == 0 and "等另一位同意" in asked.output
    assert command("ledger", "close-month", "2026-03", "--by", street_office.volunteer_no).exit_code == 1
    done = command("ledger", "close-month", "2026-03", "--by", auditor.volunteer_no, "--out", str(out))
    assert done.exit_code == 0 and "已结账" in done.output and "Ed25519" in done.output
    again = command("ledger", "close-month", "2026-03", "--json")
    assert json.loads(again.output) == json.loads(out.read_text())
    assert command("ledger", "verify-close", str(out)).exit_code == 0
    paper = tmp_path / "march.pdf"
    command("ledger", "close-month", "2026-03", "--out", str(paper))
    assert paper.read_bytes().startswith(b"%PDF")
    out.write_text(out.read_text().replace("25", "26"))
    assert command("ledger", "verify-close", str(out)).exit_code == 1
    out.write_text("not json")
    assert command("ledger", "verify-close", str(out)).exit_code == 1


def test_the_pages(march, visitor, street_office, auditor, office, xiaoman):
    """Idea 24: asked for, agreed by another, on paper, and public without anybody's name."""
    desk, other = visitor(street_office), visitor(auditor)
    assert visitor(office).get("/office/months").status_code == 403
    assert "下一个：2026年3月" in desk.get("/office/months").words
    assert "等另一位同意" in desk.post("/office/months", {"month": "2026-03"}, follow=True).words
    assert desk.post("/office/months/2026-03/approval").status_code == 403
    assert "结好了" in other.post("/office/months/2026-03/approval", follow=True).words
    assert other.get("/office/months/2026-03.pdf").get_data().startswith(b"%PDF")
    assert other.get("/office/months/2026-01.pdf").status_code == 404
    said = visitor().get("/open/books/2026-03.json").json
    assert said["summary"]["sums"]["issued"] == 25 and closing.verify(said) == []
    assert visitor().get("/open/books/2026-01.json").status_code == 404
    page = visitor().get("/open/books").words
    assert "每个月的小结" in page and "郑海" not in page
    for person, path in ((street_office, "/office/months"), (None, "/open/books")):
        assert (visitor(person, lang="en") if person else visitor(lang="en")).get(path).status_code == 200


def test_two_close_at_once_and_one_row_is_written(march, here, app, together, street_office, auditor, db):
    """Idea 24: sixteen presses, one month."""
    from tests.races.hammer import insist

    closing.ask("2026-03", street_office)
    here.commit()
    who = auditor.id

    def press():
        with app.app_context():
            from volunteer import accounts

            return insist(lambda: closing.close("2026-03", db.session.get(accounts.User, who)).month)

    assert together([press] * 16) == ["2026-03"] * 16
    assert db.session.scalars(ledger.closing.select(MonthAsk)).all() and len(closing.closed()) == 1


def test_a_month_closed_before_a_figure_was_known_is_still_shown(closed, visitor, auditor, db, engine, here):
    """Idea 24: what was signed stays as it was signed; a figure that it does not have reads as none."""
    said = json.loads(closed.summary)
    del said["at_the_end"]["to_give"], said["sums"]["circulated"]
    with by_hand(db, engine):
        if engine.name != "sqlite":
            db.session.execute(text("ALTER TABLE month_close DISABLE TRIGGER ALL"))
        db.session.execute(text("UPDATE month_close SET summary = :said"), {"said": json.dumps(said)})
    here.commit()
    assert "每个月的小结" in visitor().get("/open/books").words
    assert visitor(auditor).get("/office/months/2026-03.pdf").get_data().startswith(b"%PDF")
