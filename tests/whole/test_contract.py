"""What the outside relies on, name by name: commands, environment, addresses, calls, codes, invariants.

The walks of tests/journeys prove that it works; this proves that nothing went missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from volunteer import ledger
from volunteer.config import BadConfig, Config
from volunteer.errors import Refusal

pytestmark = pytest.mark.whole
ROOT = Path(__file__).resolve().parents[2]

#: call → (status of its first success, names in the body, names in the answer); `*` marks a list's items.
CALLS: dict[str, tuple[int, str, str]] = {
    "POST /tokens": (201, "phone password", "token expires_at user"),
    "GET /me": (200, "", "id name volunteer_no balance minutes minutes_by_grade stars roles"),
    "GET /areas": (200, "", "items next"),
    "GET /teams": (200, "", "items next *id *name *kind *area_id *state *mine"),
    "POST /teams": (201, "name kind area_id", "id state"),
    "POST /activities": (
        201,
        "team_id title category content place risk guarantees pay walk_ins",
        "id state",
    ),
    "POST /activities/{activity_id}/publication": (201, "", "state"),
    "POST /activities/{activity_id}/series": (
        201,
        "rrule from starts ends capacity ahead",
        "id service_days clashes",
    ),
    "POST /service-days": (
        201,
        "activity_id starts_at ends_at capacity",
        "id on starts_at ends_at capacity state",
    ),
    "GET /service-days": (200, "", "items next *id *on *starts_at *ends_at *capacity *state"),
    "GET /service-days/{day_id}": (200, "", "id on starts_at ends_at capacity state"),
    "POST /service-days/{day_id}/signups": (201, "", "state place"),
    "DELETE /service-days/{day_id}/signups/me": (200, "", ""),
    "GET /service-days/{day_id}/wall": (200, "", "code url changes_at valid_until"),
    "GET /service-days/{day_id}/roll": (200, "", "items"),
    "POST /service-days/{day_id}/roll/confirmation": (201, "user_ids", ""),
    "GET /me/pass": (200, "", "code url valid_until"),
    "POST /vending/redemptions": (
        201,
        "code scan machine slot",
        "voucher_id offer_id offer slot quantity at",
    ),
    "POST /vending/failures": (201, "scan reason", "voucher_id state at"),
    "POST /checkins": (
        201,
        "code scan seen_at",
        "id service_day_id direction at minutes grade points balance state",
    ),
    "POST /checkins/kept": (200, "service_day_id scans", "results"),
    "POST /checkins/{attendance_id}/reversal": (201, "reason", ""),
    "GET /me/statement": (200, "", "items next *id *at *move *points *balance *why"),
    "GET /offers": (200, "", "items next *id *title *partner *kind *points *stock *per_person *until"),
    "POST /offers": (201, "partner_id title kind points stock per_person from until", "id"),
    "POST /vouchers": (201, "offer_id", "id state points expires_on balance"),
    "POST /vouchers/{voucher_id}/presentation": (201, "", "code url typed valid_until"),
    "GET /vouchers/{voucher_id}": (200, "", "id state"),
    "POST /vouchers/{voucher_id}/cancellation": (201, "", "state balance"),
    "POST /redemptions": (201, "code scan", "voucher_id state at offer holder"),
    "POST /redemptions/refusals": (201, "code scan reason", ""),
    "GET /partners": (200, "", "items next"),
    "GET /settlements": (200, "", "items next"),
}
NEEDS_A_KEY = {"POST /vouchers"}

CODES = {
    "auth.required": 401, "access.denied": 403, "not_found": 404, "form.invalid": 422, "rate.limited": 429,
    "signing.forged": 400, "checkin.stale_code": 410, "checkin.closed": 409, "checkin.not_signed_up": 409,
    "checkin.cancelled": 409, "signup.overlaps": 409, "ledger.insufficient": 409, "offer.sold_out": 409,
    "offer.limit": 409, "voucher.already_redeemed": 409, "voucher.not_presented": 409, "voucher.lapsed": 410,
    "voucher.cancelled": 410, "idempotency.mismatch": 422, "idempotency.required": 400,
    "idempotency.in_progress": 409,
}  # fmt: skip

ADDRESSES = {
    "/healthz": 200, "/api/v1/openapi.json": 200, "/api/v1/docs": 200, "/calendar": 200, "/calendar.ics": 200,
    "/c/NOT-A-CODE": 400, "/v/NOT-A-CODE": 200, "/m/NOT-A-CODE": 200, "/p/NOSUCH": 404,
}  # fmt: skip

COMMANDS = {
    "db upgrade": (), "demo load": ("--size",), "accounts create-admin": (), "accounts token": (),
    "accounts import": (), "ledger inspect": ("--json",), "timetable list": (), "timetable run": ("--on",),
    "scheduler": (), "serve": (), "doctor": (), "backup create": (), "backup restore": (), "calendar import": (),
}  # fmt: skip

#: What `flask ledger inspect` proves, sentence by sentence of the contract, and the name it goes by.
INVARIANTS = {
    "every posting has two different ends and a positive amount": "ledger.two_ends",
    "no purse, held or partner address below zero": "ledger.floor",
    "every kept balance equals the sum of its postings": "ledger.balances",
    "every award belongs to one hours record or flat check-in": "hours.award_has_record",
    "an award carries its formula": "hours.formula",
    "a record is awarded at most once": "hours.paid_once",
    "a record is reversed at most once": "hours.reversed_once",
    "a voucher's postings match its state": "vouchers.postings",
    "stock = given in − claimed + returned, never below zero": "offers.stock",
    "sign-ups accepted ≤ capacity": "service_days.capacity",
    "one open attendance a person": "checkin.one_open",
    "every redeemed voucher is on exactly one statement line or in the open month": "statements.every_voucher",
    "the hash chain over sealed days verifies": "ledger.seals",
}


# ── calls ──


@pytest.fixture
def described(app: Flask) -> dict[str, Any]:
    """The API as it describes itself."""
    answer: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").json or {}
    return answer


def _named(schema: dict[str, Any] | None, described: dict[str, Any]) -> dict[str, Any]:
    """The properties behind a reference."""
    name = (schema or {}).get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = described["components"]["schemas"].get(name, {}).get("properties", {})
    return found


@pytest.mark.parametrize("call", CALLS)
def test_a_call_takes_and_gives_what_the_contract_says(call: str, described: dict[str, Any]) -> None:
    method, path = call.split()
    status, body, answer = CALLS[call]
    operation = described["paths"].get(f"/api/v1{path}", {}).get(method.lower())
    assert operation is not None, f"{call} is not there"

    taken = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    assert set(body.split()) <= set(_named(taken, described)), f"{call} does not take what it should"

    assert str(status) in operation["responses"], f"{call} does not answer {status}"
    schema = operation["responses"][str(status)].get("content", {}).get("application/json", {}).get("schema")
    given = _named(schema, described)
    row = _named(given.get("items", {}).get("items"), described)
    for name in answer.split():
        assert name.removeprefix("*") in (row if name.startswith("*") else given), f"{call} gives no {name}"

    keys = [one for one in operation["parameters"] if one["name"] == "Idempotency-Key"]
    assert bool(keys) == (method == "POST"), f"{call}: the key is for every POST"
    assert [one["required"] for one in keys] == [call in NEEDS_A_KEY] * len(keys)


def test_every_call_beyond_the_contract_is_an_addition(described: dict[str, Any]) -> None:
    """Each call there is answers problems in one shape; none hides under the contract's names."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            for status in ("401", "403", "404", "409", "422", "429"):
                content = operation["responses"][status]["content"]
                assert list(content) == ["application/problem+json"], f"{method} {path} {status}"


# ── codes ──


def _kinds(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for one in kind.__subclasses__():
        yield one
        yield from _kinds(one)


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_in_use_with_its_status(code: str, app: Flask) -> None:
    assert {one.status for one in _kinds() if one.code == code} == {CODES[code]}


def test_every_code_is_one_short_name_and_one_status(app: Flask) -> None:
    statuses: dict[str, set[int]] = {}
    for one in _kinds():
        if one.__module__.startswith(("volunteer", "rewards")):
            assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", one.code), (
                f"{one.__module__}.{one.__name__}: {one.code}"
            )
            statuses.setdefault(one.code, set()).add(one.status)
    assert {code: both for code, both in statuses.items() if len(both) > 1} == {}


def test_the_button_of_every_refusal_leads_somewhere(app: Flask) -> None:
    """An address that exists, with facts for what stands in it."""
    endpoints = {rule.endpoint: rule.arguments for rule in app.url_map.iter_rules()}
    for one in _kinds():
        if one.action is None:
            continue
        name = f"{one.__module__}.{one.__name__}"
        assert one.action[1] in endpoints, f"{name} leads to {one.action[1]}"
        arguments = one.action[2] if len(one.action) > 2 else {}
        assert isinstance(arguments, dict), f"{name}: name the facts in a dict"
        assert set(arguments) == endpoints[one.action[1]], f"{name} leaves out part of the address"


# ── addresses, commands, environment ──


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_stands_on_paper_answers(address: str, app: Flask) -> None:
    assert app.test_client().get(address).status_code == ADDRESSES[address]


def test_the_process_says_whether_visitors_may_come(app: Flask) -> None:
    answer = app.test_client().get("/readyz")
    assert answer.status_code in (200, 503) and set(answer.json or {}) == {"status", "failing"}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_there_with_its_options(command: str, app: Flask) -> None:
    found: click.Command = app.cli
    for word in command.split():
        assert isinstance(found, click.Group) and word in found.commands, f"flask {command}"
        found = found.commands[word]
    options = {name for parameter in found.params for name in parameter.opts}
    assert set(COMMANDS[command]) <= options
    assert FlaskCliRunner(app).invoke(args=[*command.split(), "--help"]).exit_code == 0


@pytest.mark.parametrize("target", ["run", "test", "check"])
def test_a_target_of_make_is_there(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


GOOD = {
    "DATABASE_URL": "postgresql://liyu@db/liyu",
    "DATABASE_REPLICA_URL": "postgresql://liyu@replica/liyu",
    "SECRET_KEY": "first-0123456789-abcdefghij-klmnop,second-0123456789-abcdefghij-klmno",
    "BASE_URL": "https://liyu.example.org",
    "HOST": "0.0.0.0",
    "PORT": "9000",
    "WORKERS": "4",
    "TRUSTED_PROXIES": "1",
    "LOG_FORMAT": "json",
    "SMS_PROVIDER": "console",
    "CLOCK": "2026-12-13T08:45:00+08:00",
}
BAD = {
    "DATABASE_URL": "mysql://x",
    "SECRET_KEY": "short",
    "BASE_URL": "liyu.example.org",
    "PORT": "99999",
    "WORKERS": "many",
    "TRUSTED_PROXIES": "-1",
    "LOG_FORMAT": "xml",
    "SMS_PROVIDER": "pigeon",
    "CLOCK": "2026-12-13 08:45",
}


def test_the_environment_is_read_to_the_letter(tmp_path: Path) -> None:
    config = Config.from_env(GOOD, tmp_path)
    assert (config.base_url, config.port, config.workers, config.trusted_proxies, config.log_format) == (
        "https://liyu.example.org", 9000, 4, 1, "json",
    )  # fmt: skip
    assert len(config.secret_keys) == 2 and config.replica_url and config.clock


@pytest.mark.parametrize("name", BAD)
def test_a_bad_value_stops_the_start_with_one_line_that_names_it(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfig) as stopped:
        Config.from_env(GOOD | {name: BAD[name]}, tmp_path)
    assert name in str(stopped.value) and "\n" not in str(stopped.value)


# ── invariants ──


def test_the_inspection_proves_every_sentence_of_the_contract(command: Any) -> None:
    import json

    told = json.loads(command("ledger", "inspect", "--json").output)
    text = json.dumps(told)
    missing = [sentence for sentence, name in INVARIANTS.items() if f'"{name}"' not in text]
    assert missing == []
    assert ledger.inspect() == []
