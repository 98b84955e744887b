"""Alive, ready, and the doctor: what fails is named, and nothing else is told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from volunteer.db import db


def test_alive_asks_nothing_of_the_database(app: Any, visitor: Any) -> None:
    answer = visitor().get("/healthz")
    assert answer.status_code == 200 and answer.json == {"status": "ok"}
    assert answer.statements == []


def test_not_ready_names_what_fails_and_nothing_else(visitor: Any) -> None:
    answer = visitor().get("/readyz")
    assert answer.status_code == 503
    assert set(answer.json) == {"status", "failing"}
    assert set(answer.json["failing"]) == {"migrations", "scheduler"}  # made by create_all, and nobody ticks


def test_the_doctor_finds_a_guard_that_is_gone(here: Any, command: Any, engine: Any) -> None:
    """T34."""
    assert "ok    append-only guards" in command("doctor").output
    gone = "DROP TRIGGER event_u" if engine.name == "sqlite" else "DROP TRIGGER event_ud ON event"
    db.session.execute(text(gone))
    here.commit()
    found = command("doctor")
    assert found.exit_code == 1 and "FAIL  append-only guards" in found.output


def test_the_api_describes_every_call_it_has(app: Any, visitor: Any) -> None:
    told = visitor().get("/api/v1/openapi.json").json["paths"]
    mounted = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")} - {
        "/api/v1/openapi.json",
        "/api/v1/docs",
    }
    assert len(told) == len(mounted)
    assert told["/api/v1/vouchers"]["post"]["parameters"][0]["required"] is True
    assert "201" in told["/api/v1/checkins"]["post"]["responses"]
