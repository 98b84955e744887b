"""Notices that nobody objected to end by themselves; scans that came in late go before late hours; old photos go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial

from volunteer import clock, photos, timetable
from volunteer.supplements import notice, requests

#: After that no scan of a day comes in any more that nobody has decided about.
LOOK_BACK = timedelta(days=31)


@timetable.daily("supplements.notice", at="00:10")
def end_notices(on: date) -> list[Callable[[], int]]:
    """Record the hours whose notice is over, each on its own."""
    return [partial(notice.end, key) for key in notice.over(on)]


@timetable.every("supplements.overtake", minutes=5)
def overtake(at: datetime) -> list[Callable[[], int]]:
    """Let scans that came in late stand in place of late hours, each on its own."""
    return [
        partial(_overtake, day_id, volunteer_id)
        for day_id, volunteer_id in requests.overtaken(at.date() - LOOK_BACK)
    ]


@timetable.daily("supplements.photos", at="03:40")
def forget_photos(on: date) -> int:
    """Delete the photos nobody needs any more."""
    return photos.forget(datetime.combine(on, time(), clock.ZONE))


def _overtake(day_id: int, volunteer_id: int) -> int:
    return int(requests.overtake(day_id, volunteer_id) is not None)
