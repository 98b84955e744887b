"""A backup is made while people check in."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.conftest import SECRET
from tests.faults.kills import others
from tests.faults.registry import Outcome, fault
from tests.faults.service import ROOT
from tests.faults.stand import Stand


@fault(
    "F30",
    "a backup made under load, restored elsewhere and inspected",
    target="p99 ≤ 2 × without (long form); the restored books are clean, nothing else fails",
    short={"scans": 60, "ratio_max": 50.0},
    long={"scans": 4_000, "ratio_max": 2.0},
)
def backup_under_load(engine: str, dice: Random, *, scans: int, ratio_max: float) -> Outcome:
    with Stand(engine, people=scans) as stand, tempfile.TemporaryDirectory() as spare:
        file = Path(spare) / "backup"
        half = scans // 2
        calm = stand.scans(people=stand.street.people[:half], clients=8)
        book = calm.finish()
        load = stand.scans(people=stand.street.people[half:], clients=8)
        made = 0
        seconds = []
        while made == 0 or not load.done():
            begun = time.monotonic()
            told = _flask(stand.url, "backup", "create", str(file) + f"-{made}")
            seconds.append(time.monotonic() - begun)
            made += 1
            if told.returncode or made >= 20:
                break
        load.finish()
        checked = _flask(stand.url, "backup", "check", str(file) + f"-{made - 1}")
        before, during = book.quantile(0.99), load.book.quantile(0.99)
        wrong = others(load)
        book.merge(load.book)
        proof = stand.prove(book)
    ratio = during / before
    figure = (
        f"{proof}; {made} backups of {max(seconds):.1f} s, p99 {during * 1000:.0f} ms against {before * 1000:.0f} ms: "
        f"{ratio:.2f} ×; restored and inspected: {'clean' if not checked.returncode else 'FAILED'}"
    )
    failed = (
        (told.stderr + checked.stderr).strip().splitlines()[-1:]
        if told.returncode or checked.returncode
        else []
    )
    figure += "".join(f"; {line[:200]}" for line in failed) + ("" if wrong == "none" else f"; {wrong}")
    good = proof.good and proof.acknowledged == scans and not told.returncode and not checked.returncode
    return Outcome(figure, good and ratio <= ratio_max)


def _flask(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": SECRET, "BASE_URL": "http://localhost"}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
