"""`flask ledger inspect`, `rules`, `rebuild`, `close-month` and `verify-close`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import IO, Any

import click
from flask.cli import AppGroup

from volunteer import access, accounts, clock, community, events
from volunteer.db import db, read_only, transaction
from volunteer.errors import Refusal
from volunteer.ledger import close_paper, closing, inspection, params, queries, rollups, rules, seals
from volunteer.ledger.models import MonthClose

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
@click.option(
    "--street", type=int, help="The id of a street, for the rules of its scheme; without it, of everywhere."
)
def show_rules(street: int | None) -> None:
    """Print the rule sets and the numbers in force today."""
    with read_only():
        area_path = community.get(street).path if street is not None else rules.EVERYWHERE
        versions, numbers = rules.versions(area_path), rules.tariff(clock.today(), area_path)
    for row in versions:
        click.echo(f"{row.version}  {row.effective_on}  {row.note}")
    click.echo(f"version {numbers.version} on {clock.today()}:")
    for name, value in params.write(numbers).items():
        click.echo(f"  {name} = {json.dumps(value, ensure_ascii=False)}")


@books.command("rebuild")
def rebuild() -> None:
    """Make the sums that dashboards read anew from the sealed postings, and the blocks that older days do not have."""
    with transaction():
        rollups.rebuild()
        seals.keep_blocks()
    click.echo("积分的汇总重新算好了。")


@books.command("close-month")
@click.argument("month")
@click.option("--by", "number", help="The volunteer number of who asks, or, the second time, of who agrees.")
@click.option("--allow-open", is_flag=True, help="Statements may be left unsigned.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the signed summary here; .pdf for paper.",
)
def close_month(month: str, number: str | None, allow_open: bool, as_json: bool, out: Path | None) -> None:
    """Prove a month and close it: the first person asks, another one closes. Without --by it only proves.

    Exit 0 when all is proved or closed, 1 when something stands in the way. A closed month is printed again.
    """
    month = queries.month_or_refuse(month)
    try:
        said, ok = _close(month, number, allow_open)
    except Refusal as refusal:
        said, ok = {"month": month, "wrong": [refusal.detail]}, False
    if out is not None and "signature" in said:
        with read_only():
            made = db.session.get_one(MonthClose, month)
            body = close_paper.pdf(made) if out.suffix == ".pdf" else _json(said).encode()
        out.write_bytes(body)
    if as_json:
        click.echo(_json(said))
    elif "signature" in said:
        summary = said["summary"]
        click.echo(f"{month} 已结账：{summary['books']['postings']} 笔，印记 {summary['books']['head']}")
        for name, points in (summary["sums"] | summary["at_the_end"]).items():
            click.echo(f"  {name} {points}")
        click.echo(f"签名 Ed25519，密钥 {said['signature']['key_id']}：{said['signature']['value']}")
    else:
        for line in said["wrong"]:
            click.echo(f"FAIL {line}")
        click.echo(
            f"{month} {'核过了，都成立' if ok else '不能结'}{'，等另一位同意' if said.get('asked') else ''}"
        )
    if not ok:
        sys.exit(1)


def _close(month: str, number: str | None, allow_open: bool) -> tuple[dict[str, Any], bool]:
    with read_only():
        done = db.session.get(MonthClose, month)
        if done is not None:
            return closing.document(done), True
        asked = month in {one.month for one in closing.asked_for()}
        if number is None:
            proof = closing.prove(month)
            wrong = proof.wrong(allow_open=allow_open)
            return {"month": month, "wrong": wrong, "asked": asked, "summary": proof.summary}, not wrong
    with transaction():
        by = _who(number)
        with events.acting(by.id):
            if asked:
                return closing.document(closing.close(month, by)), True
            closing.ask(month, by, allow_open=allow_open)
    return {"month": month, "wrong": [], "asked": True}, True


def _who(number: str) -> accounts.User:
    person = accounts.by_number(number)
    if person is None or person.state != "active":
        raise click.ClickException(f"没有志愿者编号 {number}")
    if not any("month.close" in access.ROLES.get(hold.role, ()) for hold in person.holds):
        raise click.ClickException("这位没有结账的权限")
    return person


@books.command("verify-close")
@click.argument("file", type=click.File(encoding="utf-8"))
def verify_close(file: IO[str]) -> None:
    """Say whether a signed summary that was kept is ours and still fits the books; exit 0 when it does."""
    try:
        kept = json.load(file)
    except ValueError:
        kept = None
    with read_only():
        wrong = closing.verify(kept)
    for line in wrong:
        click.echo(f"FAIL {line}")
    if wrong:
        sys.exit(1)
    click.echo(f"ok   {kept['summary']['month']}")


def _json(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, indent=2)


COMMANDS = (books,)
