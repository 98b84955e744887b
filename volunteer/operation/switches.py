"""`flask read-only on|off|status`: close the platform to writing, and open it again."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from volunteer import events, maintenance
from volunteer.db import db, read_only, transaction


@events.kind
class ClosedToWriting(events.Event):
    """The platform may only be read from now on."""


@events.kind
class OpenToWriting(events.Event):
    """The platform may be written to again."""


switch = AppGroup("read-only", help="Close the platform to writing while people go on reading.")


@switch.command("on")
@click.option("--why", default="", help="For those who look at the row later.")
def close(why: str) -> None:
    """Answer every write with 503 maintenance.read_only, in every process, within two seconds."""
    with transaction():
        maintenance.close(why)
        events.record(ClosedToWriting(), about="platform:1")
    click.echo("closed to writing; `flask read-only off` opens it again")


@switch.command("off")
def open_again() -> None:
    """Take writes again."""
    with transaction():
        maintenance.open_again()
        events.record(OpenToWriting(), about="platform:1")
    click.echo("open to writing")


@switch.command("status")
def status() -> None:
    """Say whether writing is closed, and since when."""
    with read_only():
        row = db.session.get(maintenance.Closed, 1)
    click.echo(f"closed since {row.since:%Y-%m-%d %H:%M} {row.why}".rstrip() if row else "open")


COMMANDS = (switch,)
