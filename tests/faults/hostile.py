"""Text as people paste it and as attackers write it, into every field there is; and what was taken is shown again."""

from __future__ import annotations

import html
import json
import unicodedata
from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import text as sql

from tests.faults.ground import Form, Ground, standing
from tests.faults.registry import Outcome, fault
from tests.whole.crossing import WouldCommit, forget_tries, nothing_commits, verb
from volunteer.db import db

Text = str | bytes
#: Each has broken something somewhere: joiners, marks on marks, turned reading, nothing at all, far too much.
LIST: tuple[Text, ...] = (
    "", " ", "\t\n", "\0", "a\0b", "👨‍👩‍👧‍👦🏳️‍🌈", "👍🏽🇨🇳", "e\u0301" * 30, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!", "\u202eabc", "\u2066x\u2069",
    "\ud800", "\udfff\ud800", "a\udc80b", b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\xf0\x28\x8c\xbc", b"\x80" * 50,
    "\ufeff南坑", "\u200b\u200c\u200d", "０１２３", "ﷺ" * 40, "𠮷野家", "ǅ", "İ", "ß", "\x1b[31m", "\x7f", "\uffff", "\U0010ffff",
    "<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "{{7*7}}", "{points}", "%s%n%x", "${jndi:ldap://x}",
    "'; DROP TABLE account; --", "\\", "..%2f..%2fetc/passwd", "NaN", "null", "-1", "1e999", "9" * 400, "=1+1", "@SUM(A1)",
    "\u2028\u2029\x85", "\r\nSet-Cookie: a=b", "a" * 100_000, "汉" * 100_000, "\U000e0041", "अनुच्छेद", "مرحبا", "ﬁ①②③", "\u0301",
)  # fmt: skip
ALPHABETS = (
    "abc ",
    "汉字，。",
    "\u200d\u202e\u0301",
    "👍🏽🇨🇳",
    "<>&\"'{}%",
    "\0\x1b\t\n",
    "\ud800\udc00",
    "0123456789-+.eE",
)
GOOD = {"date": "2026-04-20", "date-time": "2026-04-20T09:00:00+08:00", "time": "09:00", None: "一句话"}


@fault(
    "F20",
    "hostile text into every field of every form and of the API, every question and address",
    target="0 × 5xx; stored = shown",
    short={"pages": 12, "routes": 60, "each": 1, "shown": 12},
    long={"pages": 1_000, "routes": 1_000, "each": 2, "shown": 100},
)
def hostile(engine: str, dice: Random, *, pages: int, routes: int, each: int, shown: int) -> Outcome:
    with standing(engine) as ground:
        trial = Trial(ground, dice, each)
        with nothing_commits():
            forms = trial.into_forms(pages)
            fields = trial.into_the_api()
            trial.into_addresses(routes)
        read_back = trial.read_back(shown)
    figure = (
        f"{trial.sent} texts into {forms} fields of forms, {fields} of the API, {trial.addresses} addresses; "
        f"{trial.broken} × 5xx; {read_back} stored and read back, {len(trial.wrong) - trial.broken} otherwise"
    )
    return Outcome(figure + "".join(f"; {one}" for one in trial.wrong[:3]), not trial.wrong and read_back > 0)


class Trial:
    """Sends texts, and keeps what came back that should not."""

    def __init__(self, ground: Ground, dice: Random, each: int) -> None:
        self.ground, self.dice, self.each = ground, dice, each
        self.wrong: list[str] = []
        self.sent = self.broken = self.addresses = 0

    def texts(self) -> Iterator[Text]:
        """So many of the list, and as many made up."""
        yield from self.dice.sample(LIST, min(self.each, len(LIST)))
        for _ in range(self.each // 4):
            size = self.dice.choice((1, 3, 12, 45, 300))
            yield "".join(self.dice.choice(self.dice.choice(ALPHABETS)) for _ in range(size))

    def into_forms(self, pages: int) -> int:
        """One field after another of each form, the others as its page suggests; return how many fields."""
        fields = 0
        for form in self.ground.forms(self.dice, pages):
            for name in form.fields:
                fields += name != "csrf_token"
                for text in self.texts() if name != "csrf_token" else ():
                    self.send(form.rule, form.at, form.role, name, text, **_as_form(form, name, text))
        return fields

    def into_the_api(self) -> int:
        """One text field after another of each body, the others as described; return how many fields."""
        description = self.ground.app.test_client().get("/api/v1/openapi.json").json
        fields = 0
        for rule, at, role in self.ground.routes():
            if verb(rule) == "GET" or not at.startswith("/api/"):
                continue
            body = _described(description, rule.rule, verb(rule).lower(), self.ground.world.things)
            for name in [one for one, value in body.items() if isinstance(value, str)]:
                fields += 1
                for text in self.texts():
                    self.send(rule, at, role, name, text, data=_as_json(body, name, text), json_too=True)
        return fields

    def into_addresses(self, routes: int) -> None:
        """Into each text of an address, and into each question, of so many routes at the most."""
        there = list(self.ground.routes())
        for rule, at, role in self.dice.sample(there, min(routes, len(there))):
            for text in self.dice.sample(LIST, min(self.each, len(LIST))):
                part = (
                    quote(text[:2000], safe="", errors="surrogatepass")
                    if isinstance(text, str)
                    else quote(text)
                )
                asked = f"{at}?q={part}&after={part}&from={part}&month={part}&area={part}&next={part}"
                for name in rule.arguments:
                    value = str(self.ground.world.things.get(name, ""))
                    if value and not value.isdigit():
                        asked = at.replace(value, part)
                self.addresses += 1
                self.send(rule, asked, role, "address", text)

    def send(self, rule: Any, at: str, role: str, name: str, text: Text, **body: Any) -> Any:
        """Send it as that role would; nothing is kept."""
        if self.sent % 40 == 0:
            self.ground.clean.copy().run(forget_tries, self.ground.app)
        self.sent += 1
        person = self.ground.people[role]
        headers = {"Authorization": f"Bearer {person.token}", "Idempotency-Key": f"hostile-{self.sent}"}
        if body.pop("json_too", False):
            body["content_type"] = "application/json"
        elif not at.startswith("/api/"):
            headers = {"Cookie": f"sid={person.cookie}"}

        def ask() -> Any:
            return self.ground.app.test_client(use_cookies=False).open(
                at, method=verb(rule), headers=headers, **body
            )

        try:
            answer = self.ground.clean.copy().run(ask)
        except WouldCommit:
            return None
        if answer.status_code >= 500 and rule.endpoint != "health.ready":
            self.broken += 1
            self.wrong.append(f"{answer.status_code} for {text[:20]!r} as {name} of {rule}")
        return answer

    def read_back(self, count: int) -> int:
        """Found teams about each text: what was taken is what was sent in one spelling, and stands on its page."""
        rule = next(one for one, _at, _role in self.ground.routes() if one.endpoint == "teams_api.create")
        page = next(one for one, _at, _role in self.ground.routes() if one.endpoint == "teams.show")
        area, taken = 2, 0
        every = [one for one in LIST if isinstance(one, str)]
        while len(every) < count:
            every.append("".join(self.dice.choice(self.dice.choice(ALPHABETS[:5])) for _ in range(20)))
        self.dice.shuffle(every)
        for nth, text in enumerate(every[:count]):
            body = {"name": f"第{nth}志愿队", "kind": "party", "area_id": area, "about": text}
            made = self.send(
                rule, "/api/v1/teams", "volunteer", "about", text, data=json.dumps(body), json_too=True
            )
            if made is None or made.status_code != 201:
                continue
            taken += 1
            with self.ground.app.app_context(), db.engine.connect() as books:
                kept = books.scalar(sql("SELECT about FROM team WHERE id = :id"), {"id": made.json["id"]})
            if _letters(kept) != _letters(text):
                self.wrong.append(f"stored otherwise than sent: {text[:20]!r}")
            seen = self.send(page, f"/teams/{made.json['id']}", "volunteer", "page", text)
            if " ".join(kept.split()) not in " ".join(html.unescape(seen.text).split()):
                self.wrong.append(f"shown otherwise than stored: {text[:20]!r}")
        return taken


def _letters(text: str) -> list[str]:
    """What may not get lost: all but blanks and what nobody sees."""
    plain = unicodedata.normalize("NFC", text)
    return [one for one in plain if not one.isspace() and unicodedata.category(one) not in ("Cf", "Cc")]


def _as_form(form: Form, name: str, text: Text) -> dict[str, Any]:
    data = urlencode(form.fields | {name: text}, errors="surrogatepass")
    return {"data": data, "content_type": "application/x-www-form-urlencoded"}


def _as_json(body: dict[str, Any], name: str, text: Text) -> bytes:
    if isinstance(text, str):
        return json.dumps(body | {name: text}).encode()  # a lone surrogate can be written as an escape
    return json.dumps(body | {name: "HERE"}).encode().replace(b"HERE", text)


def _described(description: Any, rule: str, method: str, things: dict[str, Any]) -> dict[str, Any]:
    """A body as the description asks for, empty where it asks for none."""

    def plain(schema: Any, name: str) -> Any:
        while "$ref" in schema:
            schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        schema = next(iter(schema.get("anyOf", [])), schema)
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        if kind == "object":
            return {one: plain(inner, one) for one, inner in schema.get("properties", {}).items()}
        if kind == "string":
            return GOOD.get(schema.get("format"), "一句话") if name not in ("scan",) else "scan-1"
        return {"integer": things.get(name, 3), "boolean": True, "array": []}.get(str(kind))

    path = rule.replace("<int:", "{").replace("<", "{").replace(">", "}")
    operation = description["paths"].get(path, {}).get(method, {})
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    made = plain(content.get("schema", {}), "")
    return made if isinstance(made, dict) else {}
