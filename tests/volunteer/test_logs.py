"""A line a request: the route, never the address; no code, no number, no phone."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from volunteer import logs


def test_a_line_names_the_route_and_the_request(app: Any, caplog: pytest.LogCaptureFixture) -> None:
    """T23, S33."""
    with caplog.at_level(logging.INFO, "liyu.request"):
        app.test_client().get("/c/SECRETCODE123?phone=13800000001", headers={"X-Request-Id": "request-1234"})
    (line,) = [record for record in caplog.records if record.name == "liyu.request"]
    said = json.loads(logs.Json().format(line))
    assert said["route"] == "/c/<code>" and said["request_id"] == "request-1234" and said["status"] == 400
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
