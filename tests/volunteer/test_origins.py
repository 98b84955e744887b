"""T14, T37: what another site sends is not done, and nobody gives us another name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.whole.crossing import verb
from volunteer import accounts, checkin, qr, service_days

SITES = ["cross-site", "same-site", "nonsense"]


def _acts(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Every route that is not a reading one: endpoint, method, an address of it."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static" and verb(rule) != "GET":
            named = dict.fromkeys(rule.arguments, "1" if "int:" in rule.rule else "photo")
            with app.test_request_context():
                yield rule.endpoint, verb(rule), app.url_for(rule.endpoint, **named)


def test_no_act_is_taken_from_another_site(app: Flask, device: Any, office: accounts.User) -> None:
    """T14: every route that acts, whoever asks, refuses what a page of another site sent."""
    browser, acts = device(office), list(_acts(app))
    assert len(acts) > 90
    for endpoint, method, address in acts:
        for site in SITES:
            answer = browser.browser.open(
                address, method=method, headers={**browser.headers, "Sec-Fetch-Site": site}
            )
            assert answer.status_code == 403, f"{endpoint} from {site}: {answer.status_code}"
    assert answer.json["code"] == "request.cross_site" or "别的网站" in answer.text


def test_no_form_is_taken_without_its_token_or_with_anothers(
    app: Flask, visitor: Any, office: Any, xiaoman: Any
) -> None:
    """T14: every form, without a token, with a made-up one, and with that of somebody else's session."""
    browser, theirs = visitor(office), visitor(xiaoman).csrf_token()
    for endpoint, method, address in _acts(app):
        if address.startswith("/api/") or endpoint == "csp.report":
            continue
        for token in (None, "made-up", theirs):
            answer = browser.browser.open(
                address,
                method=method,
                data={"csrf_token": token} if token else {},
                headers={"Sec-Fetch-Site": "same-origin"},
            )
            assert answer.status_code == 400, f"{endpoint} with {token}: {answer.status_code}"
            assert "放得太久" in answer.text


def test_json_is_json_and_a_cookie_alone_is_nobody(
    app: Flask, visitor: Any, device: Any, office: Any
) -> None:
    """T14: no call takes a form's body for JSON, and a browser's cookie needs our page's token."""
    by_cookie, by_token = visitor(office), device(office)
    for endpoint, method, address in _acts(app):
        if not address.startswith("/api/"):
            continue
        plain = by_cookie.open(address, method=method, data="{}", content_type="application/json", csrf=False)
        assert plain.status_code == 400, f"{endpoint} by cookie: {plain.status_code}"
        takes = app.view_functions[endpoint].extras.get("takes")  # type: ignore[attr-defined]
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
            if takes is None:
                continue
            answer = by_token.open(
                address,
                method=method,
                data="a=1",
                content_type=kind,
                headers={"Idempotency-Key": f"{kind}"[-12:].replace("/", "-")},
            )
            # 401: only an enrolled device may ask, and says so before anything of the body is read.
            assert answer.status_code in (401, 403, 415), f"{endpoint} as {kind}: {answer.status_code}"


def test_our_own_page_and_a_program_are_let_in(visitor: Any, xiaoman: accounts.User) -> None:
    for site in ("same-origin", "none", None):
        headers = {"Sec-Fetch-Site": site} if site else {}
        assert visitor(xiaoman).post("/me/notices/reading", headers=headers).status_code < 400, site


def test_over_tls_a_form_needs_no_referrer(make_app: Any, visitor: Any, xiaoman: accounts.User) -> None:
    """T14, S02: our pages tell nobody where they were left for, so forms come without it."""
    browser = visitor(xiaoman, app=make_app(base_url="https://localhost"))
    answer = browser.post(
        "/me/notices/reading", base_url="https://localhost", headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code < 400 and answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "host", ["evil.example", "liyu.example.org.evil.example", "", "liyu.example.org:80@evil.example"]
)
def test_under_another_name_there_is_nothing(make_app: Any, host: str) -> None:
    """T37."""
    app = make_app(base_url="https://liyu.example.org")
    answer = app.test_client().get("/", headers={"Host": host})
    assert answer.status_code == 400 and "Location" not in answer.headers


def test_under_our_own_name_and_to_probes_we_answer(make_app: Any) -> None:
    app = make_app(base_url="https://liyu.example.org")
    for host in ("liyu.example.org", "liyu.example.org:443", "localhost", "127.0.0.1:8000"):
        assert app.test_client().get("/calendar", headers={"Host": host}).status_code == 200, host
    assert app.test_client().get("/healthz", headers={"Host": "10.0.0.7:8000"}).status_code == 200


FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "8443",
    "X-Forwarded-Prefix": "/evil",
    "X-Real-Ip": "203.0.113.9",
    "Forwarded": "for=203.0.113.9;host=evil.example;proto=https",
    "X-Original-Url": "/office",
    "X-Rewrite-Url": "/office",
    "X-Http-Method-Override": "DELETE",
}


def test_forged_headers_change_no_code_and_no_link(
    visitor: Any, lao_wang: accounts.User, day: service_days.ServiceDay, clock: Any
) -> None:
    """T37: the wall's code, its picture and every link say the configured host."""
    clock.move("2026-03-08 09:00")
    page = visitor(lao_wang).get(f"/service-days/{day.id}/wall", headers=FORGED)
    assert page.status_code == 200 and "evil" not in page.text and "203.0.113" not in page.text
    shown = checkin.showing(day)
    assert shown.url.startswith("http://localhost/c/") and qr.read(qr.png(shown.url)) == [shown.url]


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_the_tries_of_one_address_are_counted_as_one_whatever_it_claims(
    make_app: Any, visitor: Any, proxies: int
) -> None:
    """T37, S10, T19: with so many proxies before us, only what the last of them says counts."""
    app = make_app(trusted_proxies=proxies)
    real = ", ".join(["198.51.100.7", *["10.0.0.2"] * (proxies - 1)])
    statuses = []
    for n in range(25):
        claimed = f"203.0.113.{n}"
        sent = {"X-Forwarded-For": f"{claimed}, {real}" if proxies else claimed, "X-Real-Ip": claimed}
        answer = visitor(app=app).post("/sign-in/code/message", {"phone": f"138111100{n:02d}"}, headers=sent)
        statuses.append(answer.status_code)
    assert 429 in statuses, statuses


def test_with_a_proxy_two_addresses_are_counted_apart(make_app: Any, visitor: Any) -> None:
    """T37: one proxy before us, and nobody waits for somebody else's tries."""
    app = make_app(trusted_proxies=1)
    for n in range(25):
        last = visitor(app=app).post(
            "/sign-in/code/message",
            {"phone": f"138111100{n:02d}"},
            headers={"X-Forwarded-For": f"198.51.100.{n}"},
        )
    assert last.status_code != 429
