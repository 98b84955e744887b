"""The faults by name: what each does, what must come out, how large its short and its long form are.

    @fault("F02", "workers killed under load", target="0 lost, 0 doubled", short={"scans": 300}, long={"scans": 20_000})
    def workers_killed(engine: str, dice: Random, *, scans: int) -> Outcome:

`engine` is "sqlite" or "postgresql"; every chance comes from the dice, whose seed is printed. A fault that cannot run
on this machine raises Skipped and says why.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

BOTH = ("sqlite", "postgresql")


class Skipped(Exception):
    """This machine cannot do it; the text says why."""


@dataclass
class Outcome:
    """What came out: in words with its numbers, and whether the target was reached."""

    figure: str
    ok: bool


@dataclass
class Run:
    """One fault on one engine, as it is printed and written down."""

    name: str
    engine: str
    figure: str
    target: str
    ok: bool | None
    seed: int
    seconds: float
    size: dict[str, Any] = field(default_factory=dict)
    skipped: str | None = None

    def plain(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Fault:
    """Something that breaks, and what must hold all the same."""

    name: str
    what: str
    target: str
    act: Callable[..., Outcome]
    engines: Sequence[str]
    short: Mapping[str, Any]
    long: Mapping[str, Any]

    def run(
        self,
        engine: str,
        *,
        long: bool = False,
        seed: int | None = None,
        size: Mapping[str, int] | None = None,
    ) -> Run:
        """Do it and return what came out; a fault that cannot run here comes back as skipped."""
        size = {**(self.long if long else self.short), **(size or {})}
        seed = random.SystemRandom().randrange(2**31) if seed is None else seed
        print(f"{self.name} {engine} seed={seed} {size}", flush=True)
        begun = time.monotonic()
        skipped, ok = None, None
        try:
            came = self.act(engine, random.Random(seed), **size)
            figure, ok = came.figure, came.ok
        except Skipped as why:
            figure, skipped = "", str(why)
        seconds = round(time.monotonic() - begun, 1)
        return Run(self.name, engine, figure, self.target, ok, seed, seconds, size, skipped)


FAULTS: dict[str, Fault] = {}


def fault(
    name: str,
    what: str,
    *,
    target: str,
    engines: Sequence[str] = BOTH,
    short: Mapping[str, Any] | None = None,
    long: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Outcome]], Callable[..., Outcome]]:
    """Register a fault under its name; a fault without a `short` form runs in `make faults` alone."""

    def register(act: Callable[..., Outcome]) -> Callable[..., Outcome]:
        assert name not in FAULTS, name
        FAULTS[name] = Fault(name, what, target, act, engines, short or {}, long or short or {})
        return act

    return register


def prove(name: str, engine: str) -> Run:
    """Run the short form inside a test: print its figure, skip where it cannot run, fail where it falls short."""
    import pytest

    done = FAULTS[name].run(engine)
    if done.skipped:
        pytest.skip(done.skipped)
    print(f"{name} {engine}: {done.figure} ({done.seconds} s)")
    assert done.ok, f"{done.figure}; target: {done.target}; seed {done.seed}"
    return done
