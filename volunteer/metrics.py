"""What this process has counted: a dictionary in memory, shared with its sisters through a file each.

Counting costs a lock and an addition, so the scan at the gate may be counted too. Every two seconds a process that
counted something writes its sums into METRICS_DIR (`flask serve` makes one); a scrape adds the files up. No label
ever holds anything of a person.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

FLUSH_S = 2.0
#: Beyond so many rows everything new is counted as "other": a scrape stays small whatever is thrown at us.
ROWS_MAX = 1500
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 1.0, 2.5, 5.0, 10.0)

#: name → (what it is, its labels)
FAMILIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "requests": ("Requests answered.", ("method", "route", "status")),
    "request_seconds": ("Seconds spent answering.", ("method", "route")),
    "request_duration": ("Requests by how long they took, at most `le` seconds.", ("kind", "le")),
    "request_duration_sum": ("Seconds spent, by kind.", ("kind",)),
    "refusals": ("Refusals by code.", ("code",)),
    "checkins": ("Check-ins by result: in, out, or the code of the refusal.", ("result",)),
    "events": ("Things that happened, by kind.", ("kind",)),
    "ledger_transfers": ("Transfers committed, by move.", ("move",)),
    "ledger_points": ("Points moved, by move.", ("move",)),
    "idempotent_replays": ("Answers given again under their key.", ()),
    "db_retries": ("Transactions run again, by SQLSTATE.", ("sqlstate",)),
    "db_checkouts": ("Connections taken from the pool.", ()),
    "db_checkout_seconds": ("Seconds waited for a connection.", ()),
    "csp_reports": ("Reports of browsers about our content policy, by rule.", ("directive",)),
    "sms": ("Text messages, by outcome.", ("outcome",)),
    "jobs": ("Runs of the timetable, by job and outcome.", ("job", "outcome")),
    "argon2_waits": ("Passwords that had to wait for a free place to be hashed.", ()),
}
Key = tuple[str, ...]

_lock = threading.Lock()
_sums: dict[Key, float] = {}
_folder: Path | None = None
_flusher: tuple[int, threading.Thread] | None = None


def count(name: str, *labels: str, by: float = 1) -> None:
    """Add to one figure; the labels in the order FAMILIES says."""
    key = (name, *labels)
    with _lock:
        if key not in _sums and len(_sums) >= ROWS_MAX:
            key = (name, *("other" for _ in labels))
        _sums[key] = _sums.get(key, 0) + by
    if _folder is not None and (_flusher is None or _flusher[0] != os.getpid()):
        _start()


def took(method: str, route: str, kind: str, status: int, seconds: float) -> None:
    """Count one request and how long it took."""
    bucket = next((str(most) for most in BUCKETS if seconds <= most), "+Inf")
    count("requests", method, route, str(status))
    count("request_seconds", method, route, by=seconds)
    count("request_duration", kind, bucket)
    count("request_duration_sum", kind, by=seconds)


def share(folder: Path | None) -> None:
    """Write the sums of this process, and of those forked from it, into a folder; None keeps them to ourselves."""
    global _folder
    _folder = folder


def totals() -> dict[Key, float]:
    """The sums of this process and of every other that shares the folder, those that ended included."""
    with _lock:
        found = dict(_sums)
    for sums in _others():
        for key, value in sums:
            found[key] = found.get(key, 0) + value
    return found


def forget() -> None:
    """Begin again at nothing; for a process that was forked, whose parent counts on."""
    with _lock:
        _sums.clear()


def counting(act: Callable[[], None], seconds: float) -> threading.Thread:
    """Do something every so often in the background of this process."""

    def beat() -> None:
        while True:
            time.sleep(seconds)
            with suppress(OSError):
                act()

    thread = threading.Thread(target=beat, daemon=True, name="metrics")
    thread.start()
    return thread


def flush() -> None:
    """Write the sums of this process now."""
    if _folder is None:
        return
    with _lock:
        rows = [[*key, value] for key, value in _sums.items()]
    mine = _folder / f"{os.getpid()}.json"
    part = mine.with_suffix(".part")
    part.write_text(json.dumps(rows))
    part.replace(mine)


def _start() -> None:
    global _flusher
    with _lock:
        if _flusher is not None and _flusher[0] == os.getpid():
            return
        _flusher = (os.getpid(), counting(flush, FLUSH_S))


def _others() -> Iterator[list[tuple[Key, float]]]:
    if _folder is None:
        return
    for file in _folder.glob("*.json"):
        if file.stem != str(os.getpid()):
            with suppress(OSError, ValueError):
                yield [(tuple(row[:-1]), row[-1]) for row in json.loads(file.read_text())]


os.register_at_fork(after_in_child=forget)
