"""Two databases of ten years of a street, one a tenth of the other: made here, or those the caller has already.

with pair(full=False) as both:        # a tenth and a hundredth; full=True: the whole and a tenth
    both.large, both.small            # addresses
    both.stays                        # attendances in the larger one, so that a figure can say what it is of
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from benchmarks import stand

#: Of the ten years of `flask demo load --size decade`.
SCALES = {True: (1.0, 0.1), False: (0.1, 0.01)}
#: What counts as the full size: the loader makes three million, give or take what chance leaves out.
WHOLE = 2_900_000


@dataclass(frozen=True)
class Pair:
    """Two filled databases; `load_s` is how long the larger one took to fill, None where it was there before."""

    large: str
    small: str
    stays: int
    load_s: float | None = None

    @property
    def mark(self) -> str:
        """What stands behind the name of a figure that is not of the full size."""
        return "" if self.stays >= WHOLE else f"_of_{round(self.stays, -4) // 1000}k"


@contextmanager
def pair(urls: Sequence[str] = (), *, full: bool = False) -> Iterator[Pair]:
    """Yield two databases: the ones given, else new ones that are thrown away after."""
    if urls:
        yield Pair(urls[0], urls[1], _stays(urls[0]))
        return
    with stand.postgres() as address:
        large, small = (_filled(address, scale) for scale in SCALES[full])
        yield Pair(large[0], small[0], _stays(large[0]), large[1])


def _filled(address: str, scale: float) -> tuple[str, float]:
    name = f"decade_{round(scale * 100)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = f"{address.rsplit('/', 1)[0]}/{name}"
    stand.flask("db", "upgrade", database=url)
    began = time.monotonic()
    stand.flask("demo", "load", "--size", "decade", "--scale", str(scale), database=url)
    took = time.monotonic() - began
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    return url, took


def _stays(url: str) -> int:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT count(*) FROM attendance").fetchone()
    assert row is not None
    return int(row[0])
