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
    type=click.Choice(["community", "street", "decade", "tiny"]),
    default="community",
    show_default=True,
    metavar="[community|street|decade]",
    help="One community of 4,000 volunteers, a street of 45,000, or that street's ten years (PostgreSQL).",
)
@click.option(
    "--scale",
    type=click.FloatRange(0.001, 1.0),
    default=1.0,
    help="Make the decade smaller: 0.1 is a tenth of it.",
)
def load(size: str, scale: float) -> None:
    """Load the sample street. Running it again changes nothing."""
    try:
        fresh = demo.load(size, click.echo, scale)
    except Refusal as refusal:
        raise click.ClickException(str(refusal.detail)) from None
    click.echo("样例街道装好了。" if fresh else "样例街道已经在了，没有改动。")
    for line in demo.sign_ins():
        click.echo(f"  {line}")


COMMANDS = (demo_group,)
