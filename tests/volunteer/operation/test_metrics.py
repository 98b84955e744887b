"""/metrics: figures for a machine, none of them about a person, from every process."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from volunteer import checkin, metrics, service_days

TOKEN = "a-token-for-the-scraper-0123456789"


@pytest.fixture(autouse=True)
def from_nothing() -> Any:
    metrics.forget()
    yield
    metrics.forget()
    metrics.share(None)


def _read(answer: Any) -> dict[tuple[str, ...], float]:
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_morning_at_the_gate_is_counted(
    visitor: Any, here: Any, day: Any, xiaoman: Any, daming: Any, device: Any, clock: Any
) -> None:
    """O2: check-ins by result, points by move, requests by route, and nobody's name."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    code = checkin.showing(day).code
    device(xiaoman).post("/api/v1/checkins", json={"code": code, "scan": "scan-000001"})
    device(daming).post("/api/v1/checkins", json={"code": code, "scan": "scan-000002"})
    clock.move("2026-03-08 11:30")
    code = checkin.showing(day).code
    device(xiaoman).post("/api/v1/checkins", json={"code": code, "scan": "scan-000003"})
    answer = visitor().get("/metrics")
    told = _read(answer)
    assert told["liyu_checkins_total", "in"] == told["liyu_checkins_total", "out"] == 1
    assert told["liyu_checkins_total", "checkin.not_signed_up"] == 1
    assert told["liyu_ledger_transfers_total", "award"] == 1 and told["liyu_ledger_points_total", "award"] > 0
    assert told["liyu_requests_total", "POST", "/api/v1/checkins", "201"] == 2
    assert told["liyu_request_duration_seconds_bucket", "checkin", "+Inf"] == 3
    assert told["liyu_invariant_violations", "ledger.balances"] == 0
    assert told["liyu_database_up",] == 1 and told["liyu_outbox_depth",] == 0
    for secret in (xiaoman.name, "1380000", code):
        assert secret not in answer.text


def test_what_was_rolled_back_is_not_counted(here: Any, xiaoman: Any, give_points: Any) -> None:
    here.commit()
    give_points(xiaoman, 10, "one")
    here.undo()
    assert ("ledger_transfers", "award") not in metrics.totals()
    give_points(xiaoman, 10, "two")
    here.commit()
    assert metrics.totals()["ledger_points", "award"] == 10


def test_whoever_has_the_token_or_sits_at_the_machine_may_look(app: Any, make_app: Any) -> None:
    """O2: not a stranger, not through a proxy, not with another token; and 404 says nothing."""
    plain, guarded = app.test_client(), make_app(metrics_token=TOKEN).test_client()
    assert plain.get("/metrics").status_code == 200
    assert plain.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    assert plain.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404
    assert guarded.get("/metrics").status_code == 404
    assert guarded.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    far = {"REMOTE_ADDR": "203.0.113.9"}
    given = {"Authorization": f"Bearer {TOKEN}"}
    assert guarded.get("/metrics", headers=given, environ_base=far).status_code == 200


def test_a_scrape_stays_small_whatever_is_asked(app: Any) -> None:
    """O2: at most two thousand rows, however many addresses are tried."""
    for n in range(5000):
        metrics.count("refusals", f"made.up_{n}")
    told = _read(app.test_client().get("/metrics"))
    assert len(told) <= 2000
    assert told["liyu_refusals_total", "other"] >= 3000


def test_every_process_is_counted_and_those_that_ended_too(app: Any, tmp_path: Path) -> None:
    """O2: workers are processes; the one that is scraped tells for all of them."""
    metrics.share(tmp_path)
    for number in range(3):
        child = os.fork()
        if child == 0:
            metrics.count("sms", "sent", by=number + 1)
            metrics.flush()
            os._exit(0)
        os.waitpid(child, 0)
    metrics.count("sms", "sent", by=10)
    assert metrics.totals()["sms", "sent"] == 16
    assert len(list(tmp_path.glob("*.json"))) >= 3 and json.loads(next(tmp_path.glob("*.json")).read_text())


def test_counting_is_cheap_enough_for_the_gate() -> None:
    began = time.perf_counter()
    for _ in range(10_000):
        metrics.count("events", "checkin.CheckedIn")
    assert time.perf_counter() - began < 2  # 200 µs each, where about one is usual


def test_without_a_database_the_rest_is_still_told(app: Any, make_app: Any) -> None:
    away = make_app(database_url="postgresql://nobody@127.0.0.1:9/none")
    told = _read(away.test_client().get("/metrics"))
    assert told["liyu_database_up",] == 0 and ("liyu_db_pool_size",) in told
