"""What we took from others is what they published: names, licences and sums in VENDOR.txt, recomputed."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"
FOLDERS = sorted(path for path in VENDOR.iterdir() if path.is_dir())
SUM = re.compile(r"^([0-9a-f]{64})  (.+)$", re.MULTILINE)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_nobody_changed_what_we_took_from_others(folder: Path):
    """S42."""
    listed = {name: total for total, name in SUM.findall((folder / "VENDOR.txt").read_text())}
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "VENDOR.txt"
    }
    assert found == listed


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_says_its_name_version_and_licence(folder: Path):
    text = (folder / "VENDOR.txt").read_text()
    facts = dict(re.findall(r"^(name|version|licence): (\S.*)$", text, re.MULTILINE))
    assert facts.keys() == {"name", "version", "licence"}
    assert folder.name.endswith(f"-{facts['version']}")
    assert (folder / "LICENSE").stat().st_size > 200


def test_nothing_lies_beside_the_folders():
    assert [path.name for path in VENDOR.iterdir() if path.is_file()] == []
