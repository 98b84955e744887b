"""Alive, ready, and the doctor: what fails is named, and nothing else is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask_migrate import stamp
from sqlalchemy import text

from volunteer import accounts, chain, metrics
from volunteer.db import db
from volunteer.operation import health, scheduler


def test_alive_asks_nothing_of_the_database(app: Any, visitor: Any) -> None:
    answer = visitor().get("/healthz")
    assert answer.status_code == 200 and answer.json == {"status": "ok"}
    assert answer.statements == []


def test_not_ready_names_what_fails_and_nothing_else(visitor: Any) -> None:
    answer = visitor().get("/readyz")
    assert answer.status_code == 503
    assert set(answer.json) == {"status", "failing"}
    assert set(answer.json["failing"]) == {"migrations", "scheduler"}  # made by create_all, and nobody ticks


def test_ready_when_all_is_well_and_amber_when_the_clock_went_back(
    here: Any, engine: Any, make_app: Any, visitor: Any, clock: Any, xiaoman: Any
) -> None:
    """O1, F13: a clock that goes back is named while people go on; the scheduler's silence takes us out."""
    with here.outside():
        stamp()
        scheduler.take("a:1")
    assert visitor().get("/readyz").json == {"status": "ready", "failing": []}
    clock.pass_(minutes=-2)
    answer = visitor().get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "amber", "failing": ["clock"]})
    accounts.sessions.open(xiaoman)  # what happens by that clock is early itself, and reassures nobody
    here.commit()
    assert visitor().get("/readyz").json == {"status": "amber", "failing": ["clock"]}
    clock.pass_(minutes=6)
    answer = visitor().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "failing", "failing": ["scheduler"]})


def test_the_probe_of_the_database_leaves_nothing(here: Any, visitor: Any) -> None:
    """O1: readiness writes a row and takes it back."""
    visitor().get("/readyz")
    assert db.session.scalar(text("SELECT count(*) FROM rate_limit WHERE key = 'probe'")) == 0


def test_a_database_that_takes_no_writes_is_not_ready(here: Any, visitor: Any) -> None:
    db.session.execute(text("ALTER TABLE rate_limit RENAME TO away"))
    here.commit()
    try:
        assert "database" in visitor().get("/readyz").json["failing"]
        assert visitor().get("/healthz").status_code == 200
    finally:
        db.session.execute(text("ALTER TABLE away RENAME TO rate_limit"))
        here.commit()


def test_a_full_disk_and_an_unsealed_day_are_named(
    here: Any, visitor: Any, clock: Any, monkeypatch: Any, xiaoman: Any, give_points: Any
) -> None:
    monkeypatch.setattr(health, "DISK_FREE_LEAST", 1.1)
    assert "disk" in visitor().get("/readyz").json["failing"]
    give_points(xiaoman, 10)
    here.commit()
    assert health.sealed()
    clock.pass_(minutes=3)
    assert not health.sealed() and health.seal_lag().total_seconds() == 180
    with here.outside():
        chain.seal()
    assert health.sealed()
    clock.move("2026-03-08 01:05")
    assert not health.sealed() and health.seal_lag().total_seconds() == 8 * 60


def test_a_server_that_is_stopping_wants_nobody(
    here: Any, visitor: Any, make_app: Any, tmp_path: Path
) -> None:
    """O4: told to stop, /readyz is red at once; what has begun is still answered."""
    ours = make_app(metrics_dir=str(tmp_path))
    metrics.share(None)
    (tmp_path / "stopping").touch()
    answer = visitor(app=ours).get("/readyz")
    assert (answer.status_code, answer.json["failing"]) == (503, ["stopping"])
    assert visitor(app=ours).get("/healthz").status_code == 200


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
