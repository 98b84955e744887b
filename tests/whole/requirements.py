"""Which test proves which requirement of security: read from docstrings, written to tests/SECURITY.md.

A test says what it proves at the start of its docstring: "T12, S04: a stolen copy is worth nothing." So may a
whole file. Run `python -m tests.whole.requirements` to write the page anew.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS / "SECURITY.md"
COMMAND = ".venv/bin/python -m tests.whole.requirements"

THREATS = {
    "T01": "a screenshot of the wall's code is forwarded",
    "T02": "a code is relayed live",
    "T03": "a code or a request is replayed",
    "T04": "somebody checks in for another",
    "T05": "a code is forged",
    "T06": "an organiser colludes",
    "T07": "a shop over-redeems",
    "T08": "points are spent twice on two phones",
    "T09": "voucher codes are guessed",
    "T10": "a false poster, a link that leads elsewhere",
    "T11": "sharing that is rewarded",
    "T12": "a session is fixed or stolen",
    "T13": "things of another community, team or person are reached by their address",
    "T14": "another site sends our forms",
    "T15": "script in names, texts, file names and codes",
    "T16": "formulas in tables that are exported",
    "T17": "injection into SQL, templates, logs and headers",
    "T18": "phones and accounts are found out",
    "T19": "messages are sent without end",
    "T20": "passwords and codes are guessed",
    "T21": "rights are widened",
    "T22": "personal data is scraped",
    "T23": "secrets and personal data in logs",
    "T24": "clocks of scanners go wrong",
    "T25": "kept scans arrive late",
    "T26": "kept scans arrive twice, from two devices, in any order",
    "T27": "a scan when the day is over, called off or full",
    "T28": "a volunteer's phone is lost",
    "T29": "a scanner or a shop's device is lost",
    "T30": "expiry meets a redemption",
    "T31": "points come back after they expired",
    "T32": "a refund after the statement was paid",
    "T33": "an administrator's mistake",
    "T34": "somebody edits the database",
    "T35": "two schedulers, jobs that overlap",
    "T36": "huge or hostile input",
    "T37": "forged hosts and forwarding headers",
    "T38": "minors",
}
BASELINE = {
    "S01": "a content policy on every answer, and nothing in the pages that it would block",
    "S02": "the other headers",
    "S03": "cookies",
    "S04": "sessions are rows, and end at once",
    "S05": "reading changes nothing",
    "S06": "passwords",
    "S07": "a second factor for the office",
    "S08": "who is about to do something grave proves again who they are",
    "S09": "the first administrator, no default account, no default secret",
    "S10": "limits, and what happens when they cannot be counted",
    "S20": "ID numbers and phones are sealed",
    "S21": "no nonce twice",
    "S22": "keys are changed while people work",
    "S23": "secrets come from files or the environment and stand nowhere else",
    "S24": "a key for each purpose",
    "S25": "masks, and looking behind them",
    "S30": "the trail cannot be edited unseen",
    "S31": "what is grave is in the trail, once",
    "S32": "no personal value in the trail",
    "S33": "no personal value in logs",
    "S42": "dependencies are pinned by hash",
    "S43": "a bill of materials, known faults, few dependencies",
    "S44": "the linter's security rules, every exception explained",
}
REQUIRED = {**THREATS, **BASELINE}

#: What has no test, since when, and why. A line leaves as soon as a test names the id.
WITHOUT: dict[str, tuple[str, str]] = {}
#: What is proven in part: what is left, since when, and why.
PARTLY: dict[str, tuple[str, str]] = {
    "T15": (
        "2026-11-21",
        "every run plants one of the sixty payloads, the long profile all of them",
    ),
    "T17": (
        "2026-11-21",
        "each run sends three payloads to a route, the long profile all of them; no second scanner of the source beside the linter",
    ),
    "T29": (
        "2026-11-21",
        "devices are enrolled, sign and are revoked; the roster a scanner would hold offline, wiped after the day, comes with the offline scanner's page",
    ),
    "S03": (
        "2026-11-21",
        "plain HTTP starts without DEV=1: the first command of the README opens on this machine without TLS",
    ),
    "S43": (
        "2026-11-21",
        "27 direct dependencies where 25 was the goal, each of them imported; known faults are not looked up where pip-audit is missing",
    ),
    "T13": (
        "2026-11-21",
        "row-level security in the database is not asked for; `access.find` and the matrix stand for it",
    ),
    "T16": ("2026-11-21", "no spreadsheet program is at hand here: files are read back by libraries only"),
}

ID = r"[STF]\d\d"
START = re.compile(rf"{ID}(?:[–-]{ID})?(?:\s*[,;]\s*(?:and\s+)?{ID}(?:[–-]{ID})?)*(?=[:.,;)\s]|$)")
RANGE = re.compile(rf"({ID})(?:[–-]({ID}))?")


@dataclass(frozen=True, order=True)
class Proof:
    """A test, or a whole file of them."""

    file: str
    test: str

    @property
    def line(self) -> str:
        return f"- [{self.file}]({self.file})" + (f" `{self.test}`" if self.test else ", the whole file")


def ids(docstring: str) -> list[str]:
    """Return the ids a docstring starts with; `T18–T20` are three."""
    start = START.match(docstring)
    return [one for found in RANGE.findall(start[0]) for one in _between(*found)] if start else []


def _between(first: str, last: str) -> list[str]:
    return [f"{first[0]}{n:02d}" for n in range(int(first[1:]), int((last or first)[1:]) + 1)]


def proofs() -> dict[str, set[Proof]]:
    """Return the tests of every id that any docstring starts with."""
    found: dict[str, set[Proof]] = {}
    for path in sorted(TESTS.rglob("*.py")):
        file = path.relative_to(TESTS).as_posix()
        for test, docstring in _docstrings(path):
            for one in ids(docstring):
                found.setdefault(one, set()).add(Proof(file, test))
    return found


def _docstrings(path: Path) -> Iterator[tuple[str, str]]:
    tree = ast.parse(path.read_text())
    tests = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and re.match(r"test_|Test|fault_|f\d\d_", node.name)
    ]
    if tests:
        yield "", ast.get_docstring(tree) or ""
    for node in tests:
        yield node.name, ast.get_docstring(node) or ""


def page() -> str:
    """Return the page as it should be."""
    found = proofs()
    lines = [
        "# 安全要求与测试 · Security requirements and their tests",
        "",
        f"Written by `{COMMAND}` from the docstrings of the tests; not by hand.",
        "",
        "## Not proven",
        "",
        *([f"- **{one}** {REQUIRED[one]}: {why} ({since})" for one, (since, why) in sorted(WITHOUT.items())] or ["Nothing."]),
        "",
        "## Proven in part",
        "",
        *([f"- **{one}** {REQUIRED[one]}: {why} ({since})" for one, (since, why) in sorted(PARTLY.items())] or ["Nothing."]),
    ]  # fmt: skip
    for title, known in (("Threats", THREATS), ("Baseline", BASELINE)):
        lines += ["", f"## {title}"]
        for one, words in known.items():
            lines += ["", f"### {one} {words}", "", *_lines(found.get(one, set()))]
    beyond = sorted(set(found) - set(REQUIRED))
    if beyond:
        lines += ["", "## Faults, and what is asked beyond the list"]
        for one in beyond:
            lines += ["", f"### {one}", "", *_lines(found[one])]
    return "\n".join(lines) + "\n"


def _lines(tests: set[Proof]) -> list[str]:
    return [one.line for one in sorted(tests)] or ["No test; see above."]


if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"{PAGE.relative_to(TESTS.parent)}: {len(set(REQUIRED) & set(proofs()))} of {len(REQUIRED)}")
