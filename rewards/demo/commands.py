"""`flask demo load`: the sample street into an empty database."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from rewards import demo
from volunteer.errors import Refusal

demo_group = AppGroup("demo", help="The sample street: invented people and shops to try everything with.")


@demo_group.command("load")
@click.option(
    "--size",
    type=click.Choice(["community", "street", "tiny"]),
    default="community",
    show_default=True,
    metavar="[community|street]",
    help="One community of 4,000 volunteers, or a street of 45,000.",
)
def load(size: str) -> None:
    """Load the sample street. Running it again changes nothing."""
    try:
        fresh = demo.load(size, click.echo)
    except Refusal as refusal:
        raise click.ClickException(str(refusal.detail)) from None
    click.echo("样例街道装好了。" if fresh else "样例街道已经在了，没有改动。")
    for line in demo.sign_ins():
        click.echo(f"  {line}")


COMMANDS = (demo_group,)
