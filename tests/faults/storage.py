"""The disk: full, cut off from its power, and a log that lost its end."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.faults.databases import fill_up, small_disk
from tests.faults.kills import others
from tests.faults.load import Book
from tests.faults.registry import Outcome, Skipped, fault
from tests.faults.stand import Stand

TABLES = ("attendance", "ledger_posting", "event")


@fault(
    "F07",
    "the disk fills up under load, and is cleared again",
    target="writes 503 storage.full, reads go on, /readyz red; good answers again ≤ 5 s after; 0 lost",
    short={"scans": 40, "full_s": 2, "seconds_max": 30.0},
    long={"scans": 1_500, "full_s": 15, "seconds_max": 5.0},
)
def disk_full(engine: str, dice: Random, *, scans: int, full_s: int, seconds_max: float) -> Outcome:
    size = 12 if engine == "sqlite" else 300
    with small_disk(size) as disk, Stand(engine, people=scans, folder=disk) as stand:
        first = stand.scans(people=stand.street.people[: scans // 4])
        book = first.finish()
        stuffing = fill_up(disk)
        load = stand.scans(people=stand.street.people[scans // 4 :])
        begun = time.monotonic()
        reads, ready = [], 200
        while time.monotonic() - begun < full_s or not load.book.statuses["503 storage.full"]:
            token = stand.street.people[0].token
            reads.append(stand.service.get("/api/v1/me", token=token)[0])
            ready = stand.service.get("/readyz")[0]
            time.sleep(0.2)
            if time.monotonic() - begun > full_s + 20:
                break
        stuffing.unlink()
        freed = time.monotonic()
        back = None
        while back is None and time.monotonic() - freed < 60:
            back = load.book.good_since(freed)
            time.sleep(0.02)
        load.finish()
        refused = load.book.statuses["503 storage.full"]
        wrong = [one for one in load.book.statuses if one.startswith("5") and one != "503 storage.full"]
        said = others(load)
        book.merge(load.book)
        proof = stand.prove(book)
    figure = (
        f"{proof}; full: {said}; reads {sorted(set(reads))}, /readyz {ready}; "
        f"good answers again {back or 99:.2f} s after"
    )
    good = proof.good and proof.acknowledged == scans and refused and not wrong and set(reads) == {200}
    return Outcome(figure, bool(good) and ready == 503 and (back or 99) <= seconds_max)


@fault(
    "F06",
    "the log of embedded SQLite loses its end, or a bit of it",
    target="opens to a prefix of what was acknowledged, never a mix: 100 %",
    engines=("sqlite",),
    short={"scans": 30, "cuts": 60, "flips": 20},
    long={"scans": 400, "cuts": 2_048, "flips": 400},
)
def torn_log(engine: str, dice: Random, *, scans: int, cuts: int, flips: int) -> Outcome:
    with Stand("sqlite", people=scans) as stand, tempfile.TemporaryDirectory() as spare:
        # One after another, so that the acknowledged history has one order.
        book = stand.scans(clients=1).finish()
        stand.service.kill()
        wal = Path(f"{stand.file}-wal")
        whole = wal.read_bytes()
        order = list(book.answers)
        at = Path(spare) / "torn.db"
        lengths = list(range(len(whole), max(0, len(whole) - (1 << 20)), -512))
        chosen = sorted(dice.sample(lengths, min(cuts, len(lengths))), reverse=True)
        wrong, least, seen = [], scans, 0
        for length in chosen:
            verdict, held = _opened(stand.file, at, whole[:length], order)
            wrong += [f"cut at {length}: {verdict}"] if verdict else []
            seen, least = seen + 1, min(least, held)
        for _ in range(flips):
            place = dice.randrange(len(whole))
            torn = bytearray(whole)
            torn[place] ^= 1 << dice.randrange(8)
            verdict, held = _opened(stand.file, at, bytes(torn), order)
            wrong += [f"flip at {place}: {verdict}"] if verdict else []
            seen, least = seen + 1, min(least, held)
    figure = f"{seen - len(wrong)} of {seen} torn logs of {len(whole) >> 10} KB opened to a prefix"
    figure += f" ({least} to {scans} of {scans} scans)" + (f"; {wrong[:3]}" if wrong else "")
    return Outcome(figure, not wrong and seen > 0)


def _opened(database: Path, at: Path, log: bytes, order: list[str]) -> tuple[str, int]:
    """Open a copy with this log; return what is wrong with it, and how many scans it holds."""
    for leftover in at.parent.glob(f"{at.name}*"):
        leftover.unlink()
    shutil.copyfile(database, at)
    Path(f"{at}-wal").write_bytes(log)
    with contextlib.closing(sqlite3.connect(at)) as torn:
        held = [scan for (scan,) in torn.execute("SELECT in_scan FROM attendance ORDER BY id")]
        paid = torn.execute("SELECT count(*) FROM ledger_posting WHERE key LIKE 'flat:%'").fetchone()[0]
        balance = torn.execute("SELECT coalesce(sum(amount), 0) FROM ledger_balance").fetchone()[0]
        moved = torn.execute("SELECT coalesce(sum(amount), 0) FROM ledger_posting").fetchone()[0]
        sound = torn.execute("PRAGMA integrity_check").fetchone()[0]
    if held != order[: len(held)]:
        return "not a prefix", len(held)
    if paid != len(held) or balance != moved:
        return f"a mix: {len(held)} stays, {paid} paid, {moved} points moved, {balance} held", len(held)
    return ("" if sound == "ok" else f"integrity: {sound}"), len(held)


@fault(
    "F05",
    "power cut: the file system is shut down under the database",
    target="0 acknowledged lost, database intact, at every cut",
    short=None,
    long={"cuts": 10, "scans": 4_000},
)
def power_cut(engine: str, dice: Random, *, cuts: int, scans: int) -> Outcome:
    lost, broken, acknowledged, told, loaded = 0, [], 0, [], 0
    for nth in range(cuts):
        kind = ("xfs", "ext4")[nth % 2]
        with power(kind) as line, Stand(engine, people=scans, folder=line.folder) as stand:
            load = stand.scans()
            # At a random scan rather than a random second: fast machines are done before slow ones begin.
            until = dice.randrange(scans // 20, scans * 9 // 10)
            while load.answered < until and not load.done():
                time.sleep(0.002)
            loaded += not load.done()
            line.cut()
            stand.service.kill()
            if stand.cluster:
                stand.cluster.kill()
            book: Book = load.stop()
            line.back()
            if stand.cluster:
                stand.cluster.start()
            else:
                with contextlib.closing(sqlite3.connect(stand.file)) as found:
                    verdict = found.execute("PRAGMA integrity_check").fetchone()[0]
                    broken += [] if verdict == "ok" else [f"{kind}: {verdict}"]
            proof = stand.prove(book)
            lost += proof.lost
            acknowledged += proof.acknowledged
            broken += [f"{kind}: {proof}"] if not proof.good else []
            told.append(kind)
    figure = f"{cuts} cuts ({told.count('xfs')} xfs, {told.count('ext4')} ext4; {loaded} in mid-load), "
    figure += f"{acknowledged} acknowledged, {lost} lost"
    clean = not lost and not broken and loaded == cuts
    return Outcome(figure + (f"; {broken[:3]}" if broken else ", all intact"), clean)


class Line:
    """A file system on a file, whose power may go and come back."""

    def __init__(self, kind: str, image: Path, folder: Path) -> None:
        self.kind, self.image, self.folder = kind, image, folder

    def mount(self) -> None:
        subprocess.run(["mount", "-o", "loop", self.image, self.folder], check=True, capture_output=True)

    def cut(self) -> None:
        """Nothing that is not on the disk by now will ever be."""
        subprocess.run(["xfs_io", "-x", "-c", "shutdown", self.folder], check=True, capture_output=True)

    def back(self) -> None:
        """Mount it again, as after the power came back; the log of the file system is replayed."""
        for _ in range(100):
            if not subprocess.run(["umount", self.folder], capture_output=True, check=False).returncode:
                break
            time.sleep(0.1)
        self.mount()


@contextlib.contextmanager
def power(kind: str) -> Iterator[Line]:
    """A file system of this kind with nothing on it.

    :raises Skipped: where loop devices cannot be mounted
    """
    needed = ("mkfs.xfs", "mkfs.ext4", "xfs_io", "mount")
    if os.geteuid() != 0 or not all(map(shutil.which, needed)):
        raise Skipped(f"a power cut needs root and {', '.join(needed)}")
    room = Path(tempfile.mkdtemp(prefix="liyu-power-"))
    image, folder = room / "image", room / "disk"
    folder.mkdir()
    room.chmod(0o755)
    with image.open("wb") as file:
        file.truncate(400 << 20)
    make = ["mkfs.xfs", "-q"] if kind == "xfs" else ["mkfs.ext4", "-q", "-F"]
    line = Line(kind, image, folder)
    try:
        try:
            subprocess.run([*make, image], check=True, capture_output=True)
            line.mount()
        except subprocess.CalledProcessError as fault:
            raise Skipped(f"loop devices cannot be mounted here: {fault.stderr.decode()[:120]}") from fault
        folder.chmod(0o755)
        yield line
    finally:
        subprocess.run(["umount", "-l", folder], capture_output=True, check=False)
        shutil.rmtree(room, ignore_errors=True)
