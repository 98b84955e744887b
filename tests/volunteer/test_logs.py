"""A line a request: the route, never the address; no code, no number, no phone."""

from __future__ import annotations

import json
import logging
import uuid
from typing import Any

import pytest
from sqlalchemy import select, text

from volunteer import logs, service_days, signing, timetable
from volunteer.db import db
from volunteer.events import Happened


def test_a_line_names_the_route_and_the_request(app: Any, caplog: pytest.LogCaptureFixture) -> None:
    """T23, S33."""
    with caplog.at_level(logging.INFO, "liyu.request"):
        app.test_client().get("/c/SECRETCODE123?phone=13800000001", headers={"X-Request-Id": "request-1234"})
    (line,) = [record for record in caplog.records if record.name == "liyu.request"]
    said = json.loads(logs.Json().format(line))
    assert said["route"] == "/c/<code>" and said["request_id"] == "request-1234" and said["status"] == 400
    assert said["ms"] >= 0 and said["actor"] is None
    assert "SECRETCODE123" not in json.dumps(said) and "13800000001" not in json.dumps(said)


def test_a_crash_keeps_its_trace_on_one_line() -> None:
    """T17."""
    try:
        raise ValueError("line one\nline two")
    except ValueError:
        record = logging.getLogger("liyu").makeRecord(
            "liyu", 40, "f", 1, "crashed", (), exc_info=__import__("sys").exc_info()
        )
    said = logs.Json().format(record)
    assert "\n" not in said and "ValueError" in json.loads(said)["trace"]


def test_one_grep_for_a_request_id_tells_the_whole_story(
    device: Any, here: Any, day: Any, xiaoman: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """O3: the request's line, what happened in it and what followed carry the id the caller was given."""
    phone = device(xiaoman)
    with caplog.at_level(logging.INFO, "liyu"):
        answer = phone.post(f"/api/v1/service-days/{day.id}/signups", json={})
    assert answer.status_code == 201, answer.text
    given = answer.headers["X-Request-Id"]
    assert uuid.UUID(given).version == 7
    lines = [json.loads(logs.Json().format(record)) for record in caplog.records]
    story = [line for line in lines if line.get("request_id") == given]
    assert {line["logger"] for line in story} >= {"liyu.request", "liyu.event"}, lines
    (request,) = [line for line in story if line["logger"] == "liyu.request"]
    assert request["actor"] == xiaoman.id
    kept = db.session.scalars(select(Happened.kind).where(Happened.request_id == given)).all()
    assert sorted(kept) == sorted(line["event"] for line in story if line["logger"] == "liyu.event")


def test_an_insane_request_id_is_replaced(app: Any) -> None:
    """O3, T17: nobody writes into our logs through a header."""
    for asked in ("short", "x" * 65, "a b c d e f g h", 'quote"quote"', "编号编号编号编号"):
        answer = app.test_client().get("/healthz", headers={"X-Request-Id": asked.encode().decode("latin-1")})
        assert uuid.UUID(answer.headers["X-Request-Id"]).version == 7


def test_a_job_has_an_id_of_its_own(here: Any, caplog: pytest.LogCaptureFixture) -> None:
    kept, seen = dict(timetable.JOBS), []
    try:
        timetable.daily("test.told")(lambda on: seen.append(logs.request_id()) or 1)
        with here.outside(), caplog.at_level(logging.INFO, "liyu"):
            timetable.run_by_hand(timetable.JOBS["test.told"])
    finally:
        timetable.JOBS.clear()
        timetable.JOBS.update(kept)
    assert uuid.UUID(seen[0]).version == 7
    assert "test.told" in " ".join(record.getMessage() for record in caplog.records)


def test_what_was_rolled_back_is_not_told(here: Any, day: Any, xiaoman: Any, caplog: Any) -> None:
    """A line says what is true: an event that left no trace leaves none in the log."""
    here.commit()
    with caplog.at_level(logging.INFO, "liyu.event"):
        service_days.sign_up(xiaoman, day)
        here.undo()
        assert [record for record in caplog.records if record.name == "liyu.event"] == []
        service_days.sign_up(xiaoman, day)
        here.commit()
    assert [record.getMessage() for record in caplog.records if record.name == "liyu.event"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("called 13800001234 twice", "called 138****1234 twice"),
        ("+86 138-0000-1234", "138****1234"),
        ("110101195802141234 was typed", "110***********1234 was typed"),
        ("GET /c/0123456789ABCDEFGHJK", "GET /c/…" + signing.fingerprint("0123456789ABCDEFGHJK")[:6]),
        ("Authorization: Bearer abcdefgh.ijkl", "Authorization: ***"),
        ("sent bearer abcdefgh.ijkl on", "sent bearer *** on"),
        ("Cookie: sid=4711; form=1", "Cookie: ***"),
        ("password=hunter2&token='abc'", "password=***&token=***"),
        ("DETAIL:  Key (name)=(王小明) exists.\nnext", "DETAIL: …\nnext"),
        (
            "job 2026-03-07 of 202603071234567890123 in 1.5 s",
            "job 2026-03-07 of 202603071234567890123 in 1.5 s",
        ),
    ],
)
def test_what_looks_like_somebodys_is_struck_out(said: str, kept: str) -> None:
    """T23, S33: phones, ID numbers, codes, tokens, cookies, passwords and a database's detail never reach a line."""
    record = logging.getLogger("liyu").makeRecord("liyu", 40, "f", 1, said, (), None)
    assert logs.Text("%(message)s").format(record) == kept
    assert json.loads(logs.Json().format(record))["event"] == kept


def test_a_line_carries_listed_facts_only(app: Any) -> None:
    """T23: a fact that nobody listed is left out, whatever it is."""
    facts = {"route": "/c/<code>", "phone": "13800001234", "name": "王小明"}
    record = logging.getLogger("liyu").makeRecord("liyu", 40, "f", 1, "x", (), None, extra={"facts": facts})
    said = json.loads(logs.Json().format(record))
    assert said["route"] == "/c/<code>" and not {"phone", "name"} & said.keys()


def test_the_page_of_a_crash_shows_the_number_to_look_for(app: Any, here: Any) -> None:
    """O3: whoever saw it break can say which request it was."""
    db.session.execute(text("ALTER TABLE holiday RENAME TO away"))
    db.session.execute(text("ALTER TABLE service_day RENAME TO gone"))
    here.commit()
    with here.outside():
        answer = app.test_client().get("/calendar")
    assert answer.status_code == 500 and answer.headers["X-Request-Id"] in answer.text
