"""/metrics for Prometheus: what the processes counted, and what the database says, in at most two thousand rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from flask import Response, current_app, make_response, request
from sqlalchemy import func, select

from volunteer import clock, events, ledger, metrics, signing, timetable, vault
from volunteer.config import Config
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.events import Happened
from volunteer.hours import ServiceRecord
from volunteer.operation import health
from volunteer.web import Pages

pages = Pages("metrics", __name__)
#: What the database says is asked again after so many seconds.
FRESH_S = 10.0
Gauge = tuple[str, str, tuple[str, ...], dict[tuple[str, ...], float]]


@pages.get("/metrics", allow="public")
def metrics_now() -> Response:
    """The figures as text, for whoever has METRICS_TOKEN; without one, for this machine alone."""
    if not _may_scrape():
        raise NotFound
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.exposition import CONTENT_TYPE_LATEST

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families())
    response = make_response(generate_latest(registry))
    response.content_type = CONTENT_TYPE_LATEST
    return response


def _may_scrape() -> bool:
    config: Config = current_app.config["LIYU"]
    if config.metrics_token:
        return signing.same(request.headers.get("Authorization", ""), f"Bearer {config.metrics_token}")
    # Behind a proxy everybody comes from this machine; a proxy says for whom.
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    return request.remote_addr in ("127.0.0.1", "::1") and not forwarded


class _Families:
    """The collector: one family a figure."""

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        totals = metrics.totals()
        for name, (says, labels) in metrics.FAMILIES.items():
            if name.startswith("request_duration"):
                continue
            family = CounterMetricFamily(f"liyu_{name}", says, labels=labels)
            rows = {key[1:]: value for key, value in totals.items() if key[0] == name}
            for row, value in sorted(rows.items()) or ([] if labels else [((), 0.0)]):
                family.add_metric(row, value)
            yield family
        took = HistogramMetricFamily(
            "liyu_request_duration_seconds", metrics.FAMILIES["request_duration"][0], labels=("kind",)
        )
        for key, seconds in sorted(totals.items()):
            if key[0] == "request_duration_sum":
                took.add_metric((key[1],), _buckets(totals, key[1]), seconds)
        yield took
        for name, says, labels, found in _gauges():
            gauge = GaugeMetricFamily(f"liyu_{name}", says, labels=labels)
            for row, value in sorted(found.items()):
                gauge.add_metric(row, value)
            yield gauge


def _buckets(totals: dict[metrics.Key, float], kind: str) -> list[tuple[str, float]]:
    so_far, rows = 0.0, []
    for most in (*map(str, metrics.BUCKETS), "+Inf"):
        so_far += totals.get(("request_duration", kind, most), 0)
        rows.append((most, so_far))
    return rows


def _gauges() -> list[Gauge]:
    """What the database says, at most ten seconds old; without it, what stands in the process alone."""
    kept = current_app.extensions.setdefault("gauges", {"at": -FRESH_S, "found": []})
    if time.monotonic() - kept["at"] >= FRESH_S or current_app.testing:
        try:
            kept["found"] = _ask()
        except Exception:
            db.session.rollback()
            kept["found"] = [("database_up", "Whether the database answers.", (), {(): 0.0})]
        kept["at"] = time.monotonic()
    return [*kept["found"], *_pool()]


def _ask() -> list[Gauge]:
    now = clock.now()
    depth, oldest = events.waiting()
    waiting = select(func.count()).where(ServiceRecord.state == "provisional")
    made = _since(now, "backup.Made")
    proved = _since(now, "backup.Proved")
    night = timetable.latest().get("ledger.inspect")
    broken = dict.fromkeys(ledger.names(), 0.0)
    broken |= (night.result or {}).get("broken", {}) if night is not None else {}
    return [
        ("database_up", "Whether the database answers.", (), {(): 1.0}),
        ("ready", "Whether each check of /readyz holds.", ("check",), {
            (name,): float(health.holds(check)) for name, check in {**health.CHECKS, **health.AMBER}.items()
        }),
        ("outbox_depth", "Events that wait for a reaction.", (), {(): float(depth)}),
        ("outbox_age_seconds", "How long the oldest of them has waited.", (),
         {(): (now - oldest).total_seconds() if oldest else 0.0}),
        ("review_queue", "Hours that wait for somebody to confirm them.", (),
         {(): float(db.session.scalar(waiting) or 0)}),
        ("invariant_violations", "What the last nightly inspection found, by invariant.", ("id",),
         {(name,): float(count) for name, count in broken.items()}),
        ("inspection_age_seconds", "Since the last nightly inspection.", (),
         {(): (now - night.due).total_seconds()} if night is not None else {}),
        ("backup_age_seconds", "Since the last backup was made.", (), made),
        ("backup_proved_age_seconds", "Since the last trial restore.", (), proved),
        ("data_key_encryptions", "How often the busiest key of personal data has encrypted, of 2^30.", (),
         {(): float(vault.most_encryptions())}),
        ("seal_lag_seconds", "How long the oldest row that is not sealed has waited.", (),
         {(): health.seal_lag().total_seconds()}),
    ]  # fmt: skip


def _since(now: Any, kind: str) -> dict[tuple[str, ...], float]:
    last = db.session.scalar(
        select(Happened.at).where(Happened.kind == kind).order_by(Happened.id.desc()).limit(1)
    )
    return {(): (now - last).total_seconds()} if last is not None else {}


def _pool() -> list[Gauge]:
    pool: Any = db.engine.pool
    size, used = float(pool.size()), float(pool.checkedout())
    return [
        ("db_pool_size", "Connections this process may keep.", (), {(): size}),
        ("db_pool_in_use", "Connections in use in this process.", (), {(): used}),
    ]
