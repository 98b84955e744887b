"""`flask accounts …`: the first administrator, a token for a script, people from a table."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from volunteer import clock, community
from volunteer.accounts import factors, imports, people, proposals, rollups, tokens, welcome_links
from volunteer.accounts.appointments import appoint
from volunteer.accounts.registration import register
from volunteer.db import transaction
from volunteer.errors import Refusal

accounts = AppGroup("accounts", help="People, their roles and tokens.")


@accounts.command("create-admin")
@click.option("--phone", prompt="Phone", help="The administrator's mobile number.")
@click.option("--name", prompt="Name", help="The administrator's name.")
@click.option(
    "--street", prompt="Street (街道)", help="The street they look after; made when it does not exist."
)
@click.option("--community", "home", prompt="Home community (社区)", help="Where they live or work.")
def create_admin(phone: str, name: str, street: str, home: str) -> None:
    """Make the first administrator of a street, and the street itself; print a link to choose a password with.

    The link works once, for a day. Whoever has a password already signs in as before.
    """
    try:
        with transaction():
            area = community.add("street", street)
            user = people.by_phone(phone) or register(
                name=name, phone=phone, home=community.add("community", home, area), channel="command"
            )
            appoint(user, "street_admin", area=area)
            told = f"{user.name} {user.phone_masked} ({area.name})"
            link = None if user.password_hash else welcome_links.make(user)
    except Refusal as refusal:
        raise click.ClickException(refusal.detail) from refusal
    click.echo(f"Street administrator: {told}")
    if link:
        click.echo(f"Choose a password within 24 hours: {current_app.config['BASE_URL']}/welcome/{link}")


@accounts.command("reset-factor")
@click.argument("phone")
def reset_factor(phone: str) -> None:
    """Take away the lost second factor of a street's only administrator.

    Where there is another administrator, two of them do it on the person's page.
    """
    try:
        with transaction():
            user = people.by_phone(phone)
            if user is None or not factors.enrolled(user):
                raise click.ClickException("nobody with a second factor has this phone")
            proposals.reset_factor(user)
    except Refusal as refusal:
        raise click.ClickException(refusal.detail) from refusal
    click.echo(f"Second factor taken away: {user.name} {user.phone_masked}")


@accounts.command("token")
@click.argument("phone")
def token(phone: str) -> None:
    """Print a bearer token of the person with this PHONE, and nothing else."""
    try:
        with transaction():
            user = people.by_phone(phone)
            if user is None or user.state != "active":
                raise click.ClickException("nobody who may sign in has this phone")
            issued = tokens.issue(user)
    except Refusal as refusal:
        raise click.ClickException(refusal.detail) from refusal
    click.echo(issued)


@accounts.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--write", is_flag=True, help="Keep what was read; without it nothing is written.")
def import_people(file: Path, write: bool) -> None:
    """Read people from FILE (.xlsx or .csv); without --write it only says what would happen.

    With one faulty row nothing is written at all: mend the table and run it again. This is for the first set-up:
    later the office brings people in on its page, where another one agrees and all of it can be taken back.
    """
    try:
        with transaction():
            report = imports.take_in(file, write=write)
    except Refusal as refusal:
        raise click.ClickException(refusal.detail) from refusal
    for number, says in report.faults:
        click.echo(f"row {number}: {says}", err=True)
    done = "written" if write and not report.faults else "nothing written"
    click.echo(
        f"{report.rows} rows: {len(report.new)} new, {report.known} known, {len(report.faults)} faulty; {done}"
    )
    if report.faults:
        sys.exit(1)
    if not write:
        click.echo("Run it again with --write to keep them.")


@accounts.command("rebuild")
def rebuild() -> None:
    """Make the figures of registrations that dashboards read anew from the accounts."""
    with transaction():
        rollups.rebuild(clock.today())
    click.echo("注册人数的汇总重新算好了。")


COMMANDS = (accounts,)
