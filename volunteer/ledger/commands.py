"""`flask ledger inspect` and `flask ledger rules`."""

from __future__ import annotations

import json
import sys

import click
from flask.cli import AppGroup

from volunteer import clock
from volunteer.db import read_only, transaction
from volunteer.ledger import inspection, params, rollups, rules

books = AppGroup("ledger", help="The books: inspect them, read the rules.")


@books.command("inspect")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
def inspect(as_json: bool) -> None:
    """Prove every invariant; exit 0 when all hold, 1 when one does not."""
    with read_only():
        findings = inspection.findings()
    ok = not any(found.count for found in findings)
    if as_json:
        said = {"ok": ok, "at": clock.now().isoformat(), "invariants": [found.plain() for found in findings]}
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        for found in findings:
            click.echo(
                f"{'ok  ' if not found.count else 'FAIL'} {found.count:>6}  {found.name}  {found.says}"
            )
            for example in found.examples:
                click.echo(f"             {example}")
    if not ok:
        sys.exit(1)


@books.command("rules")
def show_rules() -> None:
    """Print the rule sets and the numbers in force today."""
    with read_only():
        versions, numbers = rules.versions(), rules.tariff(clock.today())
    for row in versions:
        click.echo(f"{row.version}  {row.effective_on}  {row.note}")
    click.echo(f"version {numbers.version} on {clock.today()}:")
    for name, value in params.write(numbers).items():
        click.echo(f"  {name} = {json.dumps(value, ensure_ascii=False)}")


@books.command("rebuild")
def rebuild() -> None:
    """Make the sums that dashboards read anew from the sealed postings."""
    with transaction():
        rollups.rebuild()
    click.echo("积分的汇总重新算好了。")


COMMANDS = (books,)
