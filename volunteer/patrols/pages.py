"""The one blueprint of this feature; its pages are in four files, by who opens them."""

from __future__ import annotations

from volunteer import render
from volunteer.i18n import Sentence, _
from volunteer.patrols import queries
from volunteer.patrols.models import Patrol
from volunteer.web import Pages

pages = Pages("patrols", __name__)

render.navigate("service", _("行走路线"), "patrols.routes", "patrol.plan", icon="pin", order=45)
render.navigate(
    "service",
    _("行走发现"),
    "patrols.findings",
    "finding.read",
    icon="flag",
    count=lambda: queries.fresh_count(),
    order=46,
)

LOOKS: dict[str, str] = {"reported": "caution", "accepted": "info", "resolved": "good", "declined": "plain"}


@pages.app_template_global("patrol_of")
def patrol_of(day_id: int) -> Patrol | None:
    """The walk of a day, for pages of service days and of the gate that lead on to it."""
    return queries.patrol(day_id)


def look(state: str, words: dict[str, Sentence]) -> tuple[Sentence, str]:
    """A finding's state as a badge."""
    return words[state], LOOKS[state]
