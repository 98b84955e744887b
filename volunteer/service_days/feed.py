"""Service days for other calendars: iCalendar (RFC 5545), as a feed to subscribe to or one day to take along."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta
from typing import Any

from flask import current_app, url_for

from volunteer import clock
from volunteer.i18n import _


def calendar(rows: Iterable[Any], name: str) -> bytes:
    """A calendar of these days; one that was called off stays in it as cancelled, so that it leaves people's phones."""
    from icalendar import Calendar  # a worker that is asked for no feed does not carry it

    feed = Calendar()
    feed.add("prodid", "-//liyu//service days//ZH")
    feed.add("version", "2.0")
    feed.add("calscale", "GREGORIAN")
    feed.add("method", "PUBLISH")
    feed.add("x-wr-calname", name)
    feed.add("x-wr-timezone", str(clock.ZONE))
    feed.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for row in rows:
        feed.add_component(_event(row))
    written: bytes = feed.to_ical()
    return written


def _event(row: Any) -> Any:
    day, activity = row.ServiceDay, row.Activity
    address = current_app.config["BASE_URL"] + url_for("service_days.show", day_id=day.id)
    from icalendar import Event

    event = Event()
    event.add("uid", f"service-day-{day.public.lower()}@liyu")
    event.add("dtstamp", clock.now().astimezone(UTC))
    event.add("dtstart", day.starts_at.astimezone(UTC))
    event.add("dtend", day.ends_at.astimezone(UTC))
    event.add("summary", activity.title)
    event.add("location", f"{activity.place_name}, {activity.place_address}")
    event.add("description", str(_("{team} 组织，报名和详情：{address}", team=row.team, address=address)))
    event.add("url", address)
    event.add("status", "CANCELLED" if day.state == "cancelled" else "CONFIRMED")
    return event
