"""`flask hours rebuild`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from volunteer import clock
from volunteer.db import transaction
from volunteer.hours import rollups

hours_group = AppGroup("hours", help="Hours: make the kept figures anew.")


@hours_group.command("rebuild")
def rebuild() -> None:
    """Make every kept figure anew from the records."""
    with transaction():
        rollups.rebuild(clock.today())
    click.echo("时长的汇总重新算好了。")


COMMANDS = (hours_group,)
