"""The README's map is the house as it stands; what it shows and names is there."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENTRY = re.compile(r"^((?:[│├└─]|\s)*)((?:[\w.-]+/)*(?:[\w.-]+/|[\w-]*\.\w+|Makefile|LICENSE))(?=\s|$)")


@cache
def _readme() -> str:
    return (ROOT / "README.md").read_text()


def _map() -> set[str]:
    """Every path in the README's map of the house."""
    for block in re.findall(r"^```\w*\n(.*?)^```", _readme(), re.MULTILINE | re.DOTALL):
        if "app.py" in block and "volunteer/" in block:
            return _paths(block)
    raise AssertionError("README.md has no map: a code block with app.py and volunteer/ in it")


def _paths(block: str) -> set[str]:
    found, above = set(), [(-1, "")]
    for line in block.splitlines():
        if entry := ENTRY.match(line):
            depth, name = len(entry[1]), entry[2]
            while above[-1][0] >= depth:
                above.pop()
            path = above[-1][1] + name
            found.add(path.rstrip("/"))
            if name.endswith("/"):
                above.append((depth, path))
    return found


def test_the_map_shows_only_what_is_there():
    assert not (gone := sorted(path for path in _map() if not (ROOT / path).exists())), gone


def test_the_map_shows_every_feature_and_all_the_ground():
    rooms = {
        path.relative_to(ROOT).as_posix()
        for package in ("volunteer", "rewards")
        for path in (ROOT / package).iterdir()
        if (path / "__init__.py").exists() or (path.suffix == ".py" and path.name != "__init__.py")
    }
    assert not (unseen := sorted(rooms - _map())), unseen


def test_pictures_and_links_of_the_readme_lead_somewhere():
    inside = [
        link
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", _readme())
        if "://" not in link and "@" not in link
    ]
    inside += [source for source in re.findall(r'<img[^>]+src="([^"]+)"', _readme()) if "://" not in source]
    assert not (gone := [link for link in inside if not (ROOT / link).exists()]), gone


def test_commands_named_in_the_readme_exist():
    goals = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)\b", _readme())) <= goals


def test_the_changelog_has_its_newest_entry_on_top():
    heads = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert heads
    dates = [found[0] for head in heads if (found := re.findall(r"\d{4}-\d{2}-\d{2}", head))]
    assert dates == sorted(dates, reverse=True)


def test_nothing_local_is_committed():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    assert not [path for path in listed if path.startswith("instance/") and path != "instance/.gitignore"]
    assert not [path for path in listed if path.endswith((".db", ".sqlite", ".pyc", ".env", "uv.lock"))]
