"""`flask keys …`: changing the keys of personal data while people work, and destroying the old ones."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from time import sleep
from typing import TypeVar

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from volunteer import clock, events, vault
from volunteer.batches import lost_race
from volunteer.db import read_only, transaction

#: Long enough for everybody who had a value under an old key in their hands to be done with it.
GRACE = timedelta(minutes=15)
TRIES = 8

T = TypeVar("T")


@events.kind
class KeysChanged(events.Event):
    """The communities have new data keys, and so many values were sealed anew."""

    communities: int
    values: int


@events.kind
class KeysDestroyed(events.Event):
    keys: int


keys = AppGroup("keys", help="The keys of personal data: count, change, destroy.")


@keys.command("list")
def list_keys() -> None:
    """Print each community's keys and how often they have encrypted."""
    with read_only():
        for key in vault.everything():
            state = "destroyed" if key.wrapped is None else "retired" if key.retired_at else "in use"
            click.echo(f"{key.scope}  {key.kid:>3}  {key.encryptions:>10}  {key.made_at:%Y-%m-%d}  {state}")


@keys.command("rotate")
@click.option("--resume", is_flag=True, help="Go on with a change that was cut short; make no new keys.")
@click.option("--batch", default=200, show_default=True, help="How many rows a transaction seals anew.")
def rotate(resume: bool, batch: int) -> None:
    """Give each community a new data key, wrapped under the first SECRET_KEY, and seal everything anew.

    People go on working meanwhile. To change SECRET_KEY: serve with "old,new", then with "new,old", run this, and
    then serve with "new" alone.
    """
    with read_only():
        scopes = vault.scopes()
    for scope in scopes:
        if not resume:
            _patiently(lambda scope=scope: vault.renew(scope))  # type: ignore[misc]
        _patiently(lambda scope=scope: vault.rewrap(scope))  # type: ignore[misc]
    total, unreadable = 0, 0
    for column in vault.COLUMNS:
        after: int | None = 0
        while after is not None:
            after, changed, lost = _patiently(
                lambda column=column, after=after: vault.reseal(column, after, batch)  # type: ignore[misc]
            )
            total += changed
            unreadable += len(lost)
            for row in lost:
                click.echo(f"does not open: {column.table}.{column.column} of row {row}", err=True)
    changed_keys = KeysChanged(communities=len(scopes), values=total)
    _patiently(lambda: events.record(changed_keys, about="platform:1"))
    click.echo(f"{len(scopes)} communities, {total} values sealed anew, {unreadable} that do not open")
    if unreadable:
        sys.exit(1)


@keys.command("destroy")
@click.option("--at-once", is_flag=True, help="Do not wait a quarter of an hour after the change.")
def destroy(at_once: bool) -> None:
    """Destroy the retired keys under which nothing stands any more; copies under them never open again."""
    before = clock.now() + timedelta(seconds=1) if at_once else clock.now() - GRACE
    gone = _patiently(lambda: _destroyed(before))
    click.echo(f"{gone} keys destroyed")


def _destroyed(before: datetime) -> int:
    gone = vault.destroy(before)
    events.record(KeysDestroyed(keys=gone), about="platform:1")
    return gone


def _patiently(act: Callable[[], T]) -> T:
    """Do one step in a transaction of its own, again where somebody else was faster."""
    for nth in range(1, TRIES + 1):
        try:
            with transaction():
                return act()
        except DBAPIError as fault:
            if nth == TRIES or not lost_race(fault):
                raise
            sleep(0.05 * nth)
    raise AssertionError("unreachable")


COMMANDS = (keys,)
