"""CLOCK: the process believes that it is another moment. Only ever with the sample street."""

from __future__ import annotations

from datetime import datetime

import click

from rewards.demo.loading import loaded
from volunteer import clock
from volunteer.config import BadConfig


def rehearse(at: datetime) -> None:
    """Set the process's clock to a moment, ticking on from there.

    On the command line a database without the sample street keeps the real time, so that it can be filled first.

    :raises BadConfig: in a server without the sample street
    """
    if loaded():
        clock.rehearse(at)
    elif click.get_current_context(silent=True) is None:
        refuse()


def refuse() -> None:
    """Stop start-up with one line where a rehearsal was asked for and the sample street is missing."""
    if not loaded():
        raise BadConfig("CLOCK is for rehearsals with the sample data only: run `flask demo load` first")
