"""Service days for other calendars: iCalendar (RFC 5545), as a feed to subscribe to or one day to take along.

A day has one UID for ever and a SEQUENCE that grows when it is moved or called off; a feed in which nothing has
changed is the same to the last byte, so whoever has it is not sent it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, current_app, request, url_for

from volunteer import clock
from volunteer.i18n import _
from volunteer.service_days import holidays

#: How long a copy between us and a calendar is good; calendars are asked to look again every six hours.
FRESH = timedelta(minutes=15)
_HEAD = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//liyu//service days//ZH",
    "CALSCALE:GREGORIAN",
    "METHOD:PUBLISH",
    f"X-WR-TIMEZONE:{clock.ZONE}",
    "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
    "X-PUBLISHED-TTL:PT6H",
)
#: Shanghai, as it has been since 1991: eight hours ahead, the whole year.
_ZONE = (
    "BEGIN:VTIMEZONE",
    f"TZID:{clock.ZONE}",
    "BEGIN:STANDARD",
    "DTSTART:19920101T000000",
    "TZOFFSETFROM:+0800",
    "TZOFFSETTO:+0800",
    "TZNAME:CST",
    "END:STANDARD",
    "END:VTIMEZONE",
)
#: What may become a place.
_HOPED = {"waitlisted": _("候补中"), "applied": _("等抽签"), "offered": _("名额等你确认")}
#: Days from before they kept the moment they were last changed.
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def calendar(rows: Iterable[Any], name: str) -> bytes:
    """A calendar of these days; one that was called off stays in it as cancelled, so that it leaves people's phones."""
    rows = list(rows)
    unannounced = holidays.unannounced(row.ServiceDay.on for row in rows)
    lines = [*_HEAD, f"X-WR-CALNAME:{_text(name)}", f"NAME:{_text(name)}", *_ZONE]
    for row in rows:
        lines += _event(row, provisional=row.ServiceDay.on.year in unannounced)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def answer(written: bytes, name: str, *, private: bool = False) -> Response:
    """The calendar as a response; nothing but "as it was" (304) for whoever has it already."""
    response = Response(written, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    who = "private" if private else "public"
    response.headers["Cache-Control"] = f"{who}, max-age={int(FRESH.total_seconds())}"
    response.headers["Vary"] = "Cookie"  # the language may stand there
    if private:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.add_etag()
    response.make_conditional(request)
    return response


def _event(row: Any, *, provisional: bool) -> list[str]:
    # Written line by line: the library's own components take three milliseconds an event, and a street has a thousand.
    day, activity = row.ServiceDay, row.Activity
    address = current_app.config["BASE_URL"] + url_for("service_days.show", day_id=day.id)
    revised = f"{(day.revised_at or LONG_AGO).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return [
        "BEGIN:VEVENT",
        f"UID:service-day-{day.public.lower()}@liyu",
        f"SEQUENCE:{day.revision}",
        f"DTSTAMP:{revised}",
        f"LAST-MODIFIED:{revised}",
        f"DTSTART;TZID={clock.ZONE}:{day.starts_at.astimezone(clock.ZONE):%Y%m%dT%H%M%S}",
        f"DTEND;TZID={clock.ZONE}:{day.ends_at.astimezone(clock.ZONE):%Y%m%dT%H%M%S}",
        f"SUMMARY:{_text(_summary(row))}",
        f"LOCATION:{_text(f'{activity.place_name}, {activity.place_address}')}",
        f"DESCRIPTION:{_text(_description(row, address, provisional=provisional))}",
        f"URL:{address}",
        f"STATUS:{_status(row)}",
        "END:VEVENT",
    ]


def _folded(line: str) -> str:
    """A line in pieces of at most 75 octets, cut between characters."""
    pieces, room = [], 75
    for character in line:
        size = len(character.encode())
        if size > room:
            pieces.append("\r\n ")
            room = 74
        pieces.append(character)
        room -= size
    return "".join(pieces)


def _text(words: str) -> str:
    from icalendar import vText  # a worker that is asked for no feed does not carry it

    return vText(words).to_ical().decode()


def _status(row: Any) -> str:
    if row.ServiceDay.state == "cancelled":
        return "CANCELLED"
    return "TENTATIVE" if getattr(row, "my_state", "") in _HOPED else "CONFIRMED"


def _summary(row: Any) -> str:
    title: str = row.Activity.title
    hoped = _HOPED.get(getattr(row, "my_state", ""))
    return str(_("{standing}：{title}", standing=hoped, title=title)) if hoped else title


def _description(row: Any, address: str, *, provisional: bool) -> str:
    lines = [_("{team} 组织，报名和详情：{address}", team=row.team, address=address)]
    if row.ServiceDay.state == "cancelled":
        lines.insert(0, _("不办了：{reason}", reason=row.ServiceDay.reason or ""))
    elif provisional:
        lines.append(_("{year} 年放假安排尚未公布，这一场先暂定。", year=row.ServiceDay.on.year))
    return "\n".join(str(line) for line in lines)
