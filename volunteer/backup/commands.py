"""`flask backup create FILE`, `restore FILE`, `check FILE`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import AppGroup

from volunteer.backup import verbs
from volunteer.backup.container import BadBackup
from volunteer.backup.contents import Manifest

backup = AppGroup("backup", help="Backups: make one, go back to one, prove that one can be gone back to.")
FILE = click.Path(dir_okay=False, path_type=Path)


@backup.command("create")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
def create(file: Path, as_json: bool) -> None:
    """Make a sealed backup of this moment while people go on working."""
    with _progress("backing up") as tick:
        manifest = verbs.create(file, tick)
    _tell(file, manifest, [], as_json)


@backup.command("restore")
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Put it in the place of what the database holds now.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
def restore(file: Path, replace: bool, as_json: bool) -> None:
    """Go back to a backup, bring it to this schema, compare the counts, inspect the books."""
    with _progress("restoring") as tick:
        restored = verbs.restore(file, tick, replace_all=replace)
    _tell(file, restored.manifest, restored.wrong, as_json)


@backup.command("check")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
def check(file: Path, as_json: bool) -> None:
    """Restore into a database of its own, compare, inspect, and take that database away again."""
    with _progress("restoring beside") as tick:
        restored = verbs.check(file, tick)
    _tell(file, restored.manifest, restored.wrong, as_json)


def _tell(file: Path, manifest: Manifest, wrong: list[str], as_json: bool) -> None:
    told = {"ok": not wrong, "file": str(file), "bytes": file.stat().st_size, "wrong": wrong}
    if as_json:
        click.echo(json.dumps(told | manifest.plain(), ensure_ascii=False, indent=2))
    else:
        rows, sealed = sum(manifest.rows.values()), manifest.sealed_on or "-"
        click.echo(
            f"{file}  {told['bytes']} bytes  {rows} rows  schema {manifest.revision or '-'}  sealed {sealed}"
        )
        for one in wrong:
            click.echo(f"FAIL  {one}")
    if wrong:
        sys.exit(1)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar where somebody watches; what is wrong with a file is one line and exit 1."""
    try:
        with click.progressbar(length=1000, label=label, file=sys.stderr) as bar:
            yield lambda done, total: bar.update(1000 * done // max(total, 1) - bar.pos)
    except (BadBackup, OSError) as error:
        raise click.ClickException(str(error)) from None


COMMANDS = (backup,)
