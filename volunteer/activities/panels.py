"""What waits in the office's inbox about activities, and what happened to them in words."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from volunteer.activities import queries
from volunteer.dashboards import Item, inbox
from volunteer.i18n import _


@inbox("activities.pending", right="activity.approve", when=queries.waits)
def pending() -> Iterator[Item]:
    """Activities that asked to be published."""
    for row in queries.waiting():
        yield Item(
            kind=_("活动发布"),
            title=row.Activity.title,
            since=row.Activity.asked_at or row.Activity.created_at,
            url=url_for("activities.show", activity_id=row.Activity.id),
            note=row.team,
        )
