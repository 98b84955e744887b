"""What an outside program may rely on in an answer: its status, its names, its problem document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.strict import Answer, Visitor

PROBLEM = {"type", "title", "status", "code", "detail"}


class Script:
    """A program that speaks the JSON API with somebody's token."""

    def __init__(self, device: Visitor) -> None:
        self.device = device

    def get(self, path: str, **query: Any) -> Answer:
        return self.device.get(f"/api/v1{path}", query_string=query)

    def post(self, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> Answer:
        headers = {"Idempotency-Key": key} if key else {}
        options: dict[str, Any] = {} if body is None else {"json": body}
        return self.device.post(f"/api/v1{path}", headers=headers, **options)

    def delete(self, path: str, body: dict[str, Any] | None = None) -> Answer:
        options: dict[str, Any] = {} if body is None else {"json": body}
        return self.device.delete(f"/api/v1{path}", **options)


def given(answer: Answer, status: int, *names: str) -> dict[str, Any]:
    """Return the JSON of an answer with this status, in which each of these names stands."""
    assert answer.status_code == status, (answer.status_code, answer.text[:600])
    assert answer.mimetype == "application/json", answer.mimetype
    missing = set(names) - set(answer.json)
    assert not missing, f"{sorted(missing)} is missing in {answer.json}"
    return answer.json


def items(answer: Answer, *names: str) -> list[dict[str, Any]]:
    """Return the rows of a list; each has these names, and the list says whether it goes on."""
    rows = given(answer, 200, "items", "next")["items"]
    assert rows, "an empty list proves nothing"
    for row in rows:
        assert not set(names) - set(row), f"{sorted(set(names) - set(row))} is missing in {row}"
    return rows


def problem(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """Return the problem document (RFC 9457) of a refusal with this status and stable code."""
    assert (answer.status_code, (answer.json or {}).get("code")) == (status, code), answer.text[:600]
    assert answer.mimetype == "application/problem+json", answer.mimetype
    assert not PROBLEM - set(answer.json), f"{sorted(PROBLEM - set(answer.json))} is missing"
    assert answer.json["status"] == status and answer.json["detail"] and answer.json["title"]
    return answer.json


def moment(text: str) -> datetime:
    """Read an ISO 8601 moment; it must say its offset."""
    read = datetime.fromisoformat(text)
    assert read.tzinfo is not None, f"{text} does not say its offset"
    return read
