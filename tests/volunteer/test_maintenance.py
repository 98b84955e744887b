"""Closed to writing: people go on reading, nobody changes anything, and all hear of it within seconds."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from volunteer import maintenance, timetable
from volunteer.db import db
from volunteer.operation import scheduler


@pytest.fixture(autouse=True)
def heard_at_once(app: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Every look is a fresh one."""
    app.extensions.pop("closed_to_writing", None)
    monkeypatch.setattr(maintenance, "LOOK_EVERY_S", 0.0)
    yield
    app.extensions.pop("closed_to_writing", None)


def test_writes_wait_and_reads_go_on(
    command: Any, visitor: Any, device: Any, here: Any, day: Any, xiaoman: Any
) -> None:
    """O7: 503 maintenance.read_only with Retry-After; the page is there and says so; then all is as before."""
    phone, reader = device(xiaoman), visitor(xiaoman)
    signups = f"/api/v1/service-days/{day.id}/signups"
    assert command("read-only", "on", "--why", "moving house").exit_code == 0
    assert "moving house" in command("read-only", "status").output
    refused = phone.post(signups, json={})
    assert (refused.status_code, refused.json["code"]) == (503, "maintenance.read_only")
    assert int(refused.headers["Retry-After"]) > 0
    page = reader.get(f"/service-days/{day.id}")
    assert page.status_code == 200 and "现在只能看" in page.words
    assert visitor(xiaoman, lang="en").get(f"/service-days/{day.id}").words.count("Maintenance") == 1
    assert command("read-only", "off").exit_code == 0
    assert command("read-only", "status").output == "open\n"
    assert phone.post(signups, json={}).status_code == 201
    assert "现在只能看" not in reader.get(f"/service-days/{day.id}").words
    kinds = db.session.scalars(text("SELECT kind FROM event WHERE kind LIKE 'operation.%' ORDER BY id")).all()
    assert kinds == ["operation.ClosedToWriting", "operation.OpenToWriting"]


def test_nobody_signs_in_meanwhile(command: Any, visitor: Any, xiaoman: Any) -> None:
    """Signing in writes a session; it waits like everything else, and says why."""
    command("read-only", "on")
    answer = visitor().post("/sign-in", {"phone": "13800000001", "password": "whatever"})
    assert answer.status_code == 503 and "维护" in answer.words


def test_the_timetable_rests_meanwhile(command: Any, here: Any) -> None:
    kept = dict(timetable.JOBS)
    timetable.JOBS.clear()
    nights: list[Any] = []
    try:
        timetable.daily("test.sweep")(lambda on: nights.append(on) or 1)
        command("read-only", "on")
        with here.outside():
            assert scheduler.tick("a:1") == 0 and not nights
        command("read-only", "off")
        with here.outside():
            assert scheduler.tick("a:1") == 1
    finally:
        timetable.JOBS.clear()
        timetable.JOBS.update(kept)


def test_a_process_looks_at_most_once_a_second(
    visitor: Any, xiaoman: Any, device: Any, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """O7: never a query for each request."""
    monkeypatch.setattr(maintenance, "LOOK_EVERY_S", 3600.0)
    app.extensions.pop("closed_to_writing", None)
    phone = device(xiaoman)
    looks: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        looks.extend([statement] if "closed_to_writing" in statement else [])

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        for _ in range(5):
            assert phone.post("/api/v1/checkins", json={}).status_code == 422
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    assert len(looks) == 1


def test_a_run_that_is_handed_back_is_done_by_the_next(here: Any) -> None:
    """O4: a scheduler that must stop gives up its claims; the next one does not wait a quarter of an hour."""
    kept = dict(timetable.JOBS)
    timetable.JOBS.clear()
    try:
        timetable.daily("test.slow")(lambda on: 1)
        job = timetable.JOBS["test.slow"]
        due = job.due_on(timetable.clock.today())
        with here.outside():
            claim = timetable._claim(job, due, "")
            assert claim is not None and timetable.run(job, due) is None
            timetable._running.add(claim.run_id)
            try:
                assert timetable.working()
                with timetable.transaction():
                    assert timetable.hand_back() == 1
            finally:
                timetable._running.discard(claim.run_id)
            done = timetable.run(job, due)
            assert done is not None and (done.outcome, done.tries) == ("done", 2)
    finally:
        timetable.JOBS.clear()
        timetable.JOBS.update(kept)
