"""`flask seal …`: the audit chain sealed now, verified, anchored."""

from __future__ import annotations

import json
import re
import sys

import click
from flask.cli import AppGroup

from volunteer import chain
from volunteer.db import read_only

seal = AppGroup("seal", help="The audit chain: seal it, verify it, print where it stands.")


@seal.command("now")
def now() -> None:
    """Seal what was written since the last minute, without waiting for the next."""
    click.echo(f"{chain.seal()} rows sealed")


@seal.command("anchor")
@click.option(
    "--file", type=click.Path(dir_okay=False), help="Add the line to FILE, on another machine's disk."
)
def anchor(file: str | None) -> None:
    """Print the newest head, NUMBER:HEAD. Keep it where nobody who keeps the database can change it."""
    with read_only():
        newest = chain.anchor()
    if newest is None:
        raise click.ClickException("nothing is sealed yet")
    line = f"{newest[0]}:{newest[1]}"
    click.echo(line)
    if file:
        with open(file, "a") as kept:
            kept.write(f"{newest[2].isoformat()} {line}\n")


@seal.command("verify")
@click.option(
    "--anchor", "kept", metavar="NUMBER:HEAD", help="A head that was kept elsewhere, to prove from."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
def verify(kept: str | None, as_json: bool) -> None:
    """Prove every sealed row; exit 2 and name the first bad row of each block that does not hold."""
    with read_only():
        broken = chain.verify(_anchor(kept) if kept else None)
        newest = chain.anchor()
    if as_json:
        stands = f"{newest[0]}:{newest[1]}" if newest else None
        click.echo(json.dumps({"ok": not broken, "broken": [str(one) for one in broken], "stands": stands}))
    else:
        for one in broken:
            click.echo(f"BROKEN  {one}")
        click.echo(f"{newest[0] if newest else 0} blocks, {len(broken)} broken")
    if broken:
        sys.exit(2)


def _anchor(kept: str) -> tuple[int, str]:
    if not re.fullmatch(r"[0-9]{1,15}:[0-9a-f]{64}", kept):
        raise click.BadParameter(
            "expected NUMBER:HEAD as `flask seal anchor` prints it", param_hint="--anchor"
        )
    number, head = kept.split(":")
    return int(number), head


COMMANDS = (seal,)
