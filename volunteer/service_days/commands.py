"""`flask calendar import FILE`: a year's holidays and make-up workdays, as announced; `seed` asks the library."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from volunteer.db import transaction
from volunteer.errors import Refusal
from volunteer.service_days import calendar_table, holidays

calendar = AppGroup("calendar", help="放假安排：节假日和调休上班日。")
COMMANDS = (calendar,)


@calendar.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Read FILE (.xlsx or .csv with 日期, 类型, 名称) into the table; rows with faults are told and left out."""
    try:
        table = calendar_table.parse_table(file.read_bytes())
    except Refusal as refusal:
        raise click.ClickException(refusal.detail) from refusal
    for bad in table.errors:
        click.echo(f"{bad.row}: {bad.says}", err=True)
    with transaction():
        count = holidays.import_rows(table.rows)
    click.echo(count)
    if table.errors:
        raise SystemExit(1)


@calendar.command("seed")
def seed() -> None:
    """Fill in the years the library knows and the table does not."""
    with transaction():
        count = holidays.seed()
    click.echo(count)
