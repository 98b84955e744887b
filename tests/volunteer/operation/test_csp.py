"""S01: what browsers report of our content policy is counted and told without anybody's address."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from flask import Flask


def _old(**said: str) -> str:
    return json.dumps({"csp-report": {"effective-directive": "script-src", **said}})


def _new(**said: str) -> str:
    body = {"effectiveDirective": "img-src", **said}
    return json.dumps([{"type": "csp-violation", "body": body}, {"type": "csp-violation", "body": body}])


def test_a_report_is_one_line_of_rule_thing_and_route(app: Flask, caplog: Any) -> None:
    """S01, S33: neither the code in the address nor the query of what was blocked is written down."""
    with caplog.at_level(logging.WARNING, "liyu.csp"):
        answer = app.test_client().post(
            "/csp",
            data=_old(
                **{
                    "blocked-uri": "https://evil.example/p?phone=13800000001",
                    "document-uri": "http://localhost/c/SECRET?a=1",
                }
            ),
            content_type="application/csp-report",
        )
    assert answer.status_code == 204
    assert caplog.messages == ["content policy script-src evil.example /c/<code>"]


def test_both_shapes_are_read_and_anything_else_is_no_report(app: Flask, caplog: Any) -> None:
    browser = app.test_client()
    with caplog.at_level(logging.WARNING, "liyu.csp"):
        assert (
            browser.post(
                "/csp", data=_new(blockedURL="inline", documentURL="http://localhost/me")
            ).status_code
            == 204
        )
        for junk in (
            "",
            "[]",
            "{",
            "[" * 5000,
            '{"csp-report": 3}',
            '[{"body": "a"}]',
            "null",
            "\x00",
            '"a"',
        ):
            assert browser.post("/csp", data=junk).status_code == 204, junk
    assert caplog.messages == ["content policy img-src inline /me"] * 2


@pytest.mark.parametrize(
    "said", ["a\nb", "<script>", "javascript:alert(1)", "http://[", "x" * 9999, "data:text/html,13800000001"]
)
def test_nothing_strange_is_written_down(app: Flask, caplog: Any, said: str) -> None:
    """T17."""
    with caplog.at_level(logging.WARNING, "liyu.csp"):
        body = _old(**{"blocked-uri": said, "document-uri": said, "effective-directive": said})
        assert app.test_client().post("/csp", data=body).status_code in (204, 413)
    assert all(
        len(line) < 120 and "\n" not in line and "1380" not in line and "<" not in line
        for line in caplog.messages
    )


def test_a_flood_is_stopped_and_a_long_one_refused(app: Flask) -> None:
    """S01, T36: thirty a minute from one address, eight KiB each."""
    browser = app.test_client()
    assert browser.post("/csp", data="x" * 9000).status_code == 413
    answers = [browser.post("/csp", data=_old()).status_code for _ in range(40)]
    assert answers.count(204) in (29, 30) and answers[-1] == 429
