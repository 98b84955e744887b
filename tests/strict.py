"""A visitor: a browser that is stricter than people, so that tests need not be.

Each request runs in a clean context of its own, as it would on a server: nothing of the test, and nothing of another
visitor, is in reach. Each page that comes back must be one we would show.
"""

from __future__ import annotations

import contextvars
import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from tests import chinese
from volunteer import clock

#: The most that a page asks is the board: once a box, and once for each kind of thing that does wait.
QUERIES_MAX = 40
ROOT = Path(__file__).resolve().parents[1]
ICONS = frozenset(re.findall(r'id="(i-[\w-]+)"', (ROOT / "static/icons.svg").read_text(encoding="utf-8")))
UNSEEN = {"script", "style", "template", "noscript"}

_statements: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("statements", default=None)


@event.listens_for(Engine, "before_cursor_execute")
def _count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    counted = _statements.get()
    if counted is not None:
        counted.append(statement)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what is said to the database inside the block, by this context."""
    collected: list[str] = []
    mark = _statements.set(collected)
    try:
        yield collected
    finally:
        _statements.reset(mark)


class Answer(TestResponse):
    """What came back: the usual response, and what a person reads on it."""

    text: str
    statements: list[str]

    @property
    def is_page(self) -> bool:
        return self.mimetype == "text/html" and bool(self.text)

    @cached_property
    def parsed(self) -> tuple[Element, list[str]]:
        """The page as a browser takes it, and what it had to mend; read once, it is a third of a visit's time."""
        return _parse(self.text)

    @property
    def tree(self) -> Element:
        return self.parsed[0]

    @cached_property
    def words(self) -> str:
        """The text a person sees, spaces collapsed."""
        body = self.tree.find("body")
        assert body is not None  # the parser always makes one
        return " ".join(" ".join(text for _, text in _seen(body)).split())

    @cached_property
    def h1(self) -> str:
        return " ".join("".join(self.all("h1")[0].itertext()).split())

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every element with this tag and these attributes; `class_` means one of its classes."""

        def fits(element: Element) -> bool:
            for name, value in attributes.items():
                have = element.get(name.rstrip("_").replace("_", "-"))
                if have is None or (value not in have.split() if name == "class_" else value != have):
                    return False
            return True

        return [element for element in self.tree.iter(tag) if fits(element)]

    @property
    def links(self) -> list[str]:
        return [href for a in self.all("a") if (href := a.get("href"))]


class Visitor:
    """One browser of one person (or of a stranger), with its own cookies."""

    def __init__(
        self,
        app: Flask,
        *,
        lang: str = "zh",
        before: Callable[[], None] = lambda: None,
        after: Callable[[], None] = lambda: None,
        clean: contextvars.Context | None = None,
    ) -> None:
        self.app, self.lang = app, lang
        self.browser = FlaskClient(app, type("Answer", (Answer, app.response_class), {}), use_cookies=True)
        self.queries_max = QUERIES_MAX
        self.headers: dict[str, str] = {}
        self._before, self._after = before, after
        self._clean = clean if clean is not None else contextvars.Context()
        self._token: str | None = None
        if lang != "zh":
            self.browser.set_cookie("lang", lang)
            self.headers["Accept-Language"] = lang

    def get(self, path: str, **options: Any) -> Answer:
        return self.open(path, method="GET", **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Answer:
        """Send a form with the token of the page it stands on, as a browser would; `csrf=False` leaves it out."""
        if "json" not in options and not path.startswith("/api/"):
            data = {"csrf_token": self.csrf_token(), **(data or {})} if options.get("csrf", True) else data
        return self.open(path, method="POST", data=data, **options)

    def put(self, path: str, **options: Any) -> Answer:
        return self.open(path, method="PUT", **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self.open(path, method="DELETE", **options)

    def open(self, path: str, *, follow: bool = False, csrf: bool = True, **options: Any) -> Answer:
        """Ask, look at what comes back with strict eyes, and hand it over; `follow` goes where it redirects to."""
        self._before()
        headers = {**self.headers, **dict(options.pop("headers", None) or {})}
        by_script = path.startswith("/api/") or options["method"] == "DELETE" or "json" in options
        if csrf and by_script and options["method"] != "GET" and "Authorization" not in headers:
            headers.setdefault("X-CSRFToken", self.csrf_token())
        now = clock.now()

        def ask() -> Answer:
            with clock.stopped(now), statements() as said:
                answer: Any = self.browser.open(path, follow_redirects=follow, headers=headers, **options)
                answer.statements = said
                answer.get_data()
                return answer

        answer = self._clean.copy().run(ask)
        self._after()
        if answer.is_page:
            self._remember_token(answer)
            fragment = "HX-Request" in headers
            look(answer, english=self.lang == "en", fragment=fragment)
            if options["method"] == "GET" and len(answer.statements) > self.queries_max:
                listed = "\n".join(
                    f"  {n}. {' '.join(s.split())[:160]}" for n, s in enumerate(answer.statements, 1)
                )
                raise AssertionError(
                    f"{path} asks the database {len(answer.statements)} times (at most {self.queries_max}):\n{listed}"
                )
        return answer

    def csrf_token(self) -> str:
        """The token of the last page this browser saw; a browser that saw none is given one."""
        if self._token is None:
            raw = hashlib.sha256(secrets.token_bytes(16)).hexdigest()

            def hand_over() -> str:
                with self.browser.session_transaction() as session:
                    kept = session.setdefault("csrf_token", raw)
                return URLSafeTimedSerializer(self.app.secret_key or "", salt="wtf-csrf-token").dumps(kept)

            self._token = self._clean.copy().run(hand_over)
        return self._token

    def _remember_token(self, answer: Answer) -> None:
        for tag, name, value in (("input", "csrf_token", "value"), ("meta", "csrf-token", "content")):
            for element in answer.all(tag, name=name):
                self._token = element.get(value) or self._token
                return


# ── what a page must be ──


def look(answer: Answer, *, english: bool = False, fragment: bool = False) -> None:
    """Fail with every fault of a page, each on a line of its own."""
    tree, parse_errors = answer.parsed
    found = [] if fragment else [*parse_errors, *_frame(tree, "en" if english else None)]
    found += [*_forms(tree), *_leaks(answer.text, tree, english)]
    if english:
        found += [f"still Chinese on an English page: {text!r}" for text in _untranslated(tree)]
    if found:
        where = answer.request.path if answer.request else "?"
        raise AssertionError(f"{where} ({answer.status_code}):\n" + "\n".join(f"  {line}" for line in found))


def _parse(text: str) -> tuple[Element, list[str]]:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(text)
    lines = text.splitlines() or [""]
    faults = [
        f"line {line}: {code} {facts or ''} in {lines[min(line, len(lines)) - 1].strip()[:120]!r}"
        for (line, _column), code, facts in parser.errors
    ]
    return tree, faults


def _frame(tree: Element, lang: str | None) -> Iterator[str]:
    count = sum(1 for _ in tree.iter("h1"))
    if count != 1:
        yield f"{count} h1 instead of one"
    title = tree.find("head/title")
    if title is None or not (title.text or "").strip():
        yield "no title"
    if not (tree.get("lang") or "").strip():
        yield "no lang on <html>"
    elif lang and not (tree.get("lang") or "").startswith(lang):
        yield f"lang is {tree.get('lang')!r} on a page asked for in {lang}"
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    for twice in sorted({one for one in ids if one and ids.count(one) > 1}):
        yield f"id {twice!r} is given twice"
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element.get("style") is not None or any(name.startswith("on") for name in element.attrib):
            yield f"<{element.tag}> carries style= or on…=, which our own policy blocks"
        inside = element.tag == "script" and not element.get("src") and (element.text or "").strip()
        if inside and element.get("type") != "application/json":
            yield "a script inside the page, which our own policy blocks"
        drawing = (element.get("href") or "").partition("#")[2] if element.tag.endswith("use") else ""
        if drawing and drawing not in ICONS:
            yield f"no icon is called {drawing}"
        if element.tag == "img" and element.get("alt") is None:
            yield f"<img src={element.get('src')!r}> without alt"


def _forms(tree: Element) -> Iterator[str]:
    for form in tree.iter("form"):
        if (form.get("method") or "get").lower() == "post" and not any(
            field.get("name") == "csrf_token" and field.get("value") for field in form.iter("input")
        ):
            yield f"the form to {form.get('action') or 'this page'} has no csrf_token"


def _leaks(text: str, tree: Element, english: bool) -> Iterator[str]:
    for sign in ("{{", "{%", "}}"):
        if sign in text:
            at = text.index(sign)
            yield f"{sign} reached the page: {text[max(0, at - 40) : at + 40]!r}"
    for element, words in _seen(tree):
        # An English sentence may begin with "None"; a Chinese page never has the word.
        if words.strip() == "None" or (not english and re.search(r"\bNone\b", words)):
            yield f"None reached the page in <{element.tag}>: {words.strip()[:80]!r}"
        if re.search(r"<[\w.]+ object at 0x|Sentence\(", words):
            yield f"an object reached the page: {words.strip()[:80]!r}"
        if unfilled := re.search(r"\{\w+(\|\w+)?\}", words):
            yield f"{unfilled[0]} was never filled in: {words.strip()[:80]!r}"
    for element in tree.iter():
        for name, value in element.items():
            if value == "None" or (name in ("href", "src", "action") and re.search(r"[/=]None\b", value)):
                yield f'{name}="{value}" on <{element.tag}>'


def _untranslated(tree: Element) -> Iterator[str]:
    for element in tree.iter():
        for name in ("alt", "title", "placeholder", "aria-label", "value"):
            value = element.get(name) or ""
            if (name != "value" or element.get("type") in ("submit", "button")) and chinese.ours(value):
                yield value
    for _, words in _seen(tree, chinese_too=False):
        if chinese.ours(words):
            yield words.strip()


def _seen(root: Element, *, chinese_too: bool = True) -> Iterator[tuple[Element, str]]:
    """Every piece of text a person sees, with the element it stands in."""
    if not isinstance(root.tag, str) or root.tag in UNSEEN:
        return
    if not chinese_too and (root.get("lang") or "").startswith("zh"):
        return  # says of itself that it is Chinese: the link to the Chinese page, a quoted name
    if root.text:
        yield root, root.text
    for child in root:
        yield from _seen(child, chinese_too=chinese_too)
        if child.tail:
            yield root, child.tail
