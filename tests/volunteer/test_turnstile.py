"""Many through at once: each gets its own answer, after the commit; one that spoils the batch spoils nobody's day."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from volunteer import clock, events
from volunteer.accounts.tokens import TokenIssued
from volunteer.batches import Batch, LostRace
from volunteer.db import db
from volunteer.errors import Busy, NotFound, Refusal
from volunteer.events import Happened
from volunteer.turnstile import MOST, Turnstile


def ask(turnstile: Turnstile[int, str], numbers: Sequence[int]) -> list[Any]:
    """Everybody asks at once; return what each got."""
    got: list[Any] = [None] * len(numbers)

    def one(place: int) -> None:
        try:
            got[place] = turnstile.through(numbers[place])
        except Exception as error:
            got[place] = error

    people = [threading.Thread(target=one, args=(place,)) for place in range(len(numbers))]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return got


def written() -> list[int]:
    db.session.rollback()
    return sorted(row.whom for row in db.session.scalars(db.select(Happened).where(Happened.about == "turn")))


def write(numbers: Sequence[int]) -> list[str | Refusal]:
    """Write an event for each, refuse thirteen."""
    batch, said = Batch(), list[str | Refusal]()
    for number in numbers:
        if number == 13:
            said.append(NotFound())
            continue
        events.record(TokenIssued(user_id=number), about="turn", whom=number, into=batch)
        said.append(f"done {number}")
    batch.write()
    return said


def test_each_gets_its_own_answer_and_many_share_a_commit(app: Any, here: Any) -> None:
    rounds: list[int] = []

    def many(numbers: Sequence[int]) -> list[str | Refusal]:
        rounds.append(len(numbers))
        return write(numbers)

    got = ask(Turnstile(app, many), range(60))

    assert [one for n, one in enumerate(got) if n != 13] == [f"done {n}" for n in range(60) if n != 13]
    assert isinstance(got[13], NotFound)
    assert written() == [n for n in range(60) if n != 13]
    assert sum(rounds) == 60 and max(rounds) <= MOST


def test_who_spoils_the_batch_is_taken_alone_and_the_others_are_there(app: Any, here: Any) -> None:
    """A row that somebody else wrote meanwhile: the batch leaves no trace, then each is settled by itself."""
    gate = threading.Event()

    def many(numbers: Sequence[int]) -> list[str | Refusal]:
        gate.wait(0.2)  # so that the rest gather behind the first
        said = write(numbers)
        if 7 in numbers:
            raise LostRace
        return said

    got = ask(Turnstile(app, many), range(12))

    assert isinstance(got[7], Busy)
    assert [one for n, one in enumerate(got) if n != 7] == [f"done {n}" for n in range(12) if n != 7]
    assert written() == [n for n in range(12) if n != 7]


def test_a_race_lost_once_is_won_the_second_time(app: Any, here: Any) -> None:
    tries: list[int] = []

    def many(numbers: Sequence[int]) -> list[str | Refusal]:
        tries.append(len(numbers))
        if len(tries) == 1:
            raise LostRace
        return write(numbers)

    assert ask(Turnstile(app, many), [5]) == ["done 5"]
    assert written() == [5]


def test_what_breaks_reaches_whoever_asked(app: Any, here: Any) -> None:
    def many(numbers: Sequence[int]) -> list[str | Refusal]:
        raise ZeroDivisionError

    assert all(isinstance(one, ZeroDivisionError) for one in ask(Turnstile(app, many), range(3)))
    assert written() == []


class Told(Exception):
    """What a driver says, with the state PostgreSQL gives it."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def test_without_room_on_the_disk_nobody_is_tried_alone(app: Any, here: Any) -> None:
    """F07: the batch fails as one; sixty more tries would only keep sixty people waiting."""
    tries: list[int] = []

    def many(numbers: Sequence[int]) -> list[str | Refusal]:
        tries.append(len(numbers))
        time.sleep(0.05)  # so that the rest gather behind the first
        raise OperationalError("", {}, Told("53100"))

    assert all(isinstance(one, OperationalError) for one in ask(Turnstile(app, many), range(20)))
    assert len(tries) <= 2


def test_a_lock_on_one_row_keeps_only_its_own_waiting(app: Any, here: Any) -> None:
    """F10: the batch has waited for it; then the others go through, and the one is told to come again."""

    def many(numbers: Sequence[int]) -> list[str | Refusal]:
        time.sleep(0.05)
        if 7 in numbers:
            raise OperationalError("", {}, Told("55P03"))
        return write(numbers)

    got = ask(Turnstile(app, many), range(12))

    assert isinstance(got[7], OperationalError)
    assert written() == [n for n in range(12) if n != 7]


def test_behind_a_lock_on_everything_nobody_waits_for_sixty_others(app: Any, here: Any) -> None:
    """F10: two in a row found it held; the rest hear it at once."""
    tries: list[int] = []

    def many(numbers: Sequence[int]) -> list[str | Refusal]:
        tries.append(len(numbers))
        time.sleep(0.05)
        raise OperationalError("", {}, Told("55P03"))

    # Whoever comes after it was found held twice is told that it is busy.
    assert all(isinstance(one, OperationalError | Busy) for one in ask(Turnstile(app, many), range(30)))
    assert len(tries) <= 6


def test_while_everything_is_locked_one_looks_and_the_others_hear_at_once(app: Any, here: Any) -> None:
    """F12: and once one is through, whoever comes is."""
    locked, looking, go = threading.Event(), threading.Event(), threading.Event()
    locked.set()

    def many(numbers: Sequence[int]) -> list[str | Refusal]:
        if locked.is_set():
            looking.set()
            go.wait(10)
            raise OperationalError("", {}, Told("55P03"))
        return write(numbers)

    turnstile = Turnstile(app, many)
    go.set()
    assert isinstance(ask(turnstile, [1])[0], OperationalError)
    go.clear()
    looking.clear()
    first = threading.Thread(target=ask, args=(turnstile, [2]))
    first.start()
    assert looking.wait(10)
    began = time.monotonic()
    assert all(isinstance(one, Busy) for one in ask(turnstile, range(20)))
    assert time.monotonic() - began < 5
    locked.clear()
    go.set()
    first.join()
    assert ask(turnstile, [3]) == ["done 3"]
    assert ask(turnstile, [4, 5]) == ["done 4", "done 5"]


def test_nobody_waits_for_ever(app: Any, here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("volunteer.turnstile.PATIENCE_S", 0.05)
    gate = threading.Event()

    def many(numbers: Sequence[int]) -> list[str | Refusal]:
        gate.wait(10)
        return write(numbers)

    turnstile = Turnstile(app, many)
    with pytest.raises(Busy):
        turnstile.through(3)
    gate.set()
    monkeypatch.undo()
    assert turnstile.through(4) == "done 4"  # the writer is done with the first before the database goes away


def test_a_row_that_is_not_as_it_was_seen_is_a_lost_race(here: Any, xiaoman: Any) -> None:
    """Both engines: what was seen must still hold when it is written."""
    batch = Batch()
    batch.change(type(xiaoman), xiaoman.id, seen={"state": "suspended"}, registered_at=clock.now())
    with pytest.raises(LostRace):
        batch.write()
    batch = Batch()
    batch.change(
        type(xiaoman), xiaoman.id, seen={"state": "active", "birth_on": xiaoman.birth_on}, name="小满二"
    )
    batch.write()
    db.session.refresh(xiaoman)
    assert xiaoman.name == "小满二"
