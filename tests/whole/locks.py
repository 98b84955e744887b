"""Do the two locks say what pyproject.toml asks for? `make check` runs this; it needs no network.

Exit 0 and silence when they do; otherwise one line for each disagreement.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")


class Lock:
    """A lock as people read it: what is pinned, and which pins the project itself asked for."""

    def __init__(self, path: Path, project: str) -> None:
        self.name = path.name
        self.text = path.read_text()
        self.pins: dict[str, str] = {}
        self.asked: set[str] = set()
        self.bare: set[str] = set()
        for block in re.split(r"\n(?=\S)", self.text.strip()):
            if found := PIN.match(block):
                name = canonicalize_name(found[1])
                self.pins[name] = found[2]
                if f"{project} (pyproject.toml)" in block:
                    self.asked.add(name)
                if "--hash=sha256:" not in block:
                    self.bare.add(name)


def disagreements() -> list[str]:
    """Return every way in which the locks and pyproject.toml disagree."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = Lock(ROOT / "requirements.lock", project["name"])
    full = Lock(ROOT / "requirements-dev.lock", project["name"])
    run = _asked(project["dependencies"])
    test = run | _asked(project["optional-dependencies"]["dev"])

    wrong = _compare(run, lock) + _compare(test, full)
    wrong += [
        f"{name} is {version} in {lock.name} and {full.pins.get(name, 'missing')} in {full.name}"
        for name, version in lock.pins.items()
        if full.pins.get(name) != version
    ]
    for each in (lock, full):
        wrong += [f"{name} has no hash in {each.name}" for name in sorted(each.bare)]
        if "://" in each.text:
            wrong.append(f"{each.name} names an address; a lock holds names, versions and hashes")
    return wrong


def _asked(lines: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def _compare(asked: dict[str, Requirement], lock: Lock) -> list[str]:
    wrong = [
        f"{name} is asked for but not in {lock.name}" for name in sorted(asked.keys() - lock.pins.keys())
    ]
    wrong += [f"{name} is in {lock.name} but asked for no more" for name in sorted(lock.asked - asked.keys())]
    wrong += [
        f"{lock.name} pins {name} {lock.pins[name]}, which {requirement} does not allow"
        for name, requirement in asked.items()
        if name in lock.pins and not requirement.specifier.contains(lock.pins[name], prereleases=True)
    ]
    return wrong


if __name__ == "__main__":
    found = disagreements()
    for line in found:
        print(line)
    if found:
        sys.exit("The locks are out of date: run `make lock`.")
