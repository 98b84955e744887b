"""Routes that name their right; commit below 400; lost races run again; bodies, cursors, headers."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from volunteer import accounts, community
from volunteer.community import Area
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.paging import page
from volunteer.web import Api, Pages


class TooManyStreets(Refusal):
    code = "street.too_many"
    says = _("街道已经够多了")


@pytest.fixture
def trial(make_app: Any) -> Flask:
    """The platform with a few routes of the test's own."""
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = False
    pages, api = Pages("trial", __name__), Api("trial_api", __name__)

    @pages.post("/trial/<int:status>", allow="public")
    def end_with(status: int) -> Any:
        community.add("street", "坂田街道")
        return "done", status

    @pages.post("/trial/refusal", allow="public")
    def refuse() -> Any:
        community.add("street", "坂田街道")
        db.session.flush()
        raise TooManyStreets

    @pages.post("/trial/race", allow="public")
    def race() -> Any:
        request.tries = getattr(request, "tries", 0) + 1  # type: ignore[attr-defined]
        community.add("street", f"第{request.tries}次")  # type: ignore[attr-defined]
        db.session.flush()
        if request.tries == 1:  # type: ignore[attr-defined]
            raise IntegrityError("INSERT", {}, Exception("somebody was faster"))
        return "done"

    @pages.get("/trial/write", allow="public")
    def write() -> Any:
        db.session.add(Area(kind="street", name="坂田街道", path="/1/"))
        return "done"

    @api.get("/trial/areas", allow="public")
    def areas() -> Any:
        found = page(select(Area), key=Area.id, size=2)
        return {"items": [area.id for area in found], "next": found.next}

    app.register_blueprint(pages)
    app.register_blueprint(api)
    return app


def _streets(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Area.name)))


def test_a_route_without_a_right_cannot_be_registered() -> None:
    """T13."""
    pages = Pages("bare", __name__)
    with pytest.raises(TypeError):
        pages.get("/bare")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        pages.route("/bare")


@pytest.mark.parametrize(("status", "kept"), [(200, 1), (201, 1), (303, 1), (400, 0), (422, 0), (503, 0)])
def test_an_answer_below_400_commits_and_no_other(trial: Flask, status: int, kept: int) -> None:
    assert trial.test_client().post(f"/trial/{status}").status_code == status
    assert len(_streets(trial)) == kept


def test_a_refusal_is_a_card_and_leaves_no_trace(trial: Flask) -> None:
    answer = trial.test_client().post("/trial/refusal")
    assert answer.status_code == 409 and "街道已经够多了" in answer.text
    assert _streets(trial) == []


def test_a_lost_race_runs_once_more(trial: Flask) -> None:
    assert trial.test_client().post("/trial/race").status_code == 200
    assert _streets(trial) == ["第2次"]


def test_a_get_that_writes_fails(trial: Flask) -> None:
    """S05."""
    assert trial.test_client().get("/trial/write").status_code == 500
    assert _streets(trial) == []


def test_pages_follow_a_key_and_skip_nothing(trial: Flask) -> None:
    from volunteer.db import transaction

    with trial.app_context(), transaction():
        for n in range(5):
            community.add("street", f"街道{n}")
    browser, seen, after = trial.test_client(), [], ""
    while after is not None:
        answer = browser.get(f"/api/v1/trial/areas?after={after}" if after else "/api/v1/trial/areas").json
        seen += answer["items"]
        after = answer["next"]
    assert seen == sorted(seen, reverse=True) and len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "WyJhIl0", "eyJhIjoxfQ", "%00", "WzEsMl0"])
def test_a_cursor_of_ones_own_making_is_refused(trial: Flask, cursor: str) -> None:
    answer = trial.test_client().get(f"/api/v1/trial/areas?after={cursor}")
    assert answer.status_code == 422 and answer.json["code"] == "paging.cursor"


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "request.malformed"),
        (b"[" * 100_000, "application/json", 400, "request.malformed"),
        (b'{"a": NaN}', "application/json", 400, "request.malformed"),
        (b'{"a": 99999999999999999999}', "application/json", 400, "request.malformed"),
        (b'{"a": "\\ud800"}', "application/json", 400, "request.malformed"),
        (b'{"a": "\\u0000"}', "application/json", 400, "request.malformed"),
        (b"\xff\xfe", "application/json", 400, "request.malformed"),
        (b"a=1", "text/plain", 415, "request.media_type"),
        (b"{}", "application/json", 422, "form.invalid"),
        (b'{"a": "' + b"x" * 300_000 + b'"}', "application/json", 413, "request.too_large"),
    ],
)
def test_a_bad_body_has_a_named_refusal(app: Flask, body: bytes, kind: str, status: int, code: str) -> None:
    """T36."""
    answer = app.test_client().post("/api/v1/tokens", data=body, content_type=kind)
    assert answer.status_code == status, answer.text[:200]
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == code
    assert {"type", "title", "status", "detail"} <= set(answer.json)


def test_a_stranger_is_told_to_sign_in_before_what_is_wrong(app: Flask) -> None:
    answer = app.test_client().post("/api/v1/checkins", data=b"{", content_type="application/json")
    assert answer.status_code == 401 and answer.json["code"] == "auth.required"


def test_every_answer_carries_the_headers(app: Flask) -> None:
    """S01, S02: on pages, on JSON, on what is not there."""
    for address in ("/", "/nothing-here", "/api/v1/nothing", "/healthz"):
        headers = app.test_client().get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe-inline" not in policy and "wasm" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Referrer-Policy" in headers and "Permissions-Policy" in headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Request-Id"]


def test_a_sane_request_id_is_kept_and_another_is_not(app: Flask) -> None:
    """T17."""
    browser = app.test_client()
    assert (
        browser.get("/healthz", headers={"X-Request-Id": "abcdef-123456"}).headers["X-Request-Id"]
        == "abcdef-123456"
    )
    assert browser.get("/healthz", headers={"X-Request-Id": "<script>"}).headers["X-Request-Id"] != "<script>"


def test_a_page_that_is_not_there_says_so_kindly(visitor: Any) -> None:
    answer = visitor().get("/no/such/page")
    assert answer.status_code == 404 and "没有这个页面" in answer.words


def test_a_form_without_its_token_is_refused(visitor: Any, xiaoman: accounts.User) -> None:
    """T14."""
    answer = visitor(xiaoman).post("/checkins", data={}, csrf=False)
    assert answer.status_code == 400 and "放得太久" in answer.words


def test_static_files_with_a_fingerprint_are_kept_for_good(app: Flask) -> None:
    browser = app.test_client()
    with (
        browser.get("/static/css/tokens.css?v=abc") as kept,
        browser.get("/static/css/tokens.css") as checked,
    ):
        assert "immutable" in kept.headers["Cache-Control"]
        assert "immutable" not in checked.headers["Cache-Control"]
