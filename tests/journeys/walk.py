"""What an outside program may rely on in an answer: its status, its names, its problem document."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

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


class Person:
    """Somebody at a browser who reads the page, follows its links and presses its buttons; nothing else."""

    def __init__(self, browser: Visitor) -> None:
        self.browser = browser
        self.page: Answer
        self.address = "/"

    def open(self, path: str) -> Answer:
        """Type an address, or tap a link somebody sent."""
        return self._arrive(self.browser.get(path, follow=True))

    def click(self, words: str) -> Answer:
        """Follow the link that says this; one in the page itself before one in its frame."""
        links = [*(link for main in self.page.all("main") for link in main.iter("a")), *self.page.all("a")]
        for link in links:
            if words in _said(link) and link.get("href"):
                return self.open(urljoin(self.address, link.get("href")))
        raise AssertionError(
            f"no link says {words!r} on {self.address}: {[_said(a) for a in self.page.all('a')]}"
        )

    def press(self, words: str, status: int | None = None, /, **typed: Any) -> Answer:
        """Fill in what is typed and press the button that says this, sending what its form holds."""
        found = [
            (form, button)
            for form in self.page.all("form")
            for button in form.iter("button")
            if words in _said(button) and (button.get("type") or "submit") == "submit"
        ]
        fits = [(form, button) for form, button in found if set(typed) <= _names(form)]
        assert fits, (
            f"no form with a button {words!r} takes {sorted(typed)} on {self.address}: "
            f"{[(_said(b), sorted(_names(f))) for f in self.page.all('form') for b in f.iter('button')]}"
        )
        form, button = fits[0]
        sent = _held(form) | typed
        if button.get("name"):
            sent[button.get("name")] = button.get("value") or ""
        action = urljoin(self.address, button.get("formaction") or form.get("action") or self.address)
        if (form.get("method") or "get").lower() == "get":
            return self._arrive(self.browser.get(action, query_string=sent, follow=True))
        answer = self._arrive(self.browser.post(action, data=sent, follow=True))
        if status is not None:
            assert answer.status_code == status, (answer.status_code, answer.words[:400])
        else:
            assert answer.status_code < 400, (answer.status_code, answer.words[:600])
        return answer

    def reads(self, *words: str) -> None:
        """Fail unless all of this stands on the page."""
        missing = [word for word in words if word not in self.page.words]
        assert not missing, f"{missing} is not on {self.address}: {self.page.words[:1500]}"

    def _arrive(self, answer: Answer) -> Answer:
        self.page, self.address = answer, answer.request.full_path.rstrip("?")
        return answer


def _said(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _names(form: Element) -> set[str]:
    return {
        name for tag in ("input", "select", "textarea") for one in form.iter(tag) if (name := one.get("name"))
    }


def _held(form: Element) -> dict[str, Any]:
    """What a browser sends of a form nobody has typed into."""
    held: dict[str, Any] = {}
    for field in form.iter("input"):
        name, kind = field.get("name"), field.get("type") or "text"
        if not name or kind in ("submit", "button", "file", "image"):
            continue
        if kind in ("radio", "checkbox"):
            if field.get("checked") is None:
                continue
            value = field.get("value") or "on"
            held[name] = [*held[name], value] if isinstance(held.get(name), list) else [value]
        else:
            held[name] = field.get("value") or ""
    for area in form.iter("textarea"):
        if area.get("name"):
            held[area.get("name") or ""] = "".join(area.itertext())
    for select in form.iter("select"):
        options = list(select.iter("option"))
        chosen = next(
            (one for one in options if one.get("selected") is not None), options[0] if options else None
        )
        if select.get("name") and chosen is not None:
            held[select.get("name") or ""] = chosen.get("value", _said(chosen))
    return held
