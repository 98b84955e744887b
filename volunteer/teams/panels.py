"""What waits in the office's inbox about teams, and what happened to them in words."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from volunteer.dashboards import Item, inbox
from volunteer.i18n import _
from volunteer.teams import queries


@inbox("teams.pending", right="team.approve", when=queries.waits)
def pending() -> Iterator[Item]:
    """Teams that asked to begin."""
    for row in queries.waiting():
        yield Item(
            kind=_("队伍登记"),
            title=row.Team.name,
            since=row.Team.asked_at,
            url=url_for("teams.show", team_id=row.Team.id),
            note=_("{area} · 队长 {leader}", area=row.area, leader=row.User.name),
        )
