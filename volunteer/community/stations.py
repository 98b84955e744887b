"""Stations: places people know, each in one of the seven colours."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from volunteer import events, identity
from volunteer.community.models import Area, Station
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _

COLOURS: dict[str, Sentence] = {
    "party": _("党建红"),
    "care": _("关爱橙"),
    "warm": _("暖心黄"),
    "green": _("低碳绿"),
    "clean": _("风气青"),
    "safe": _("安全蓝"),
    "harmony": _("和谐紫"),
}


@events.kind
class StationOpened(events.Event):
    station_id: int


class NoSuchColour(Refusal):
    code = "station.colour"
    status = 422
    says = _("驿站的颜色要在七彩里选一个。")


def colours() -> dict[str, Sentence]:
    """Return the seven colours, key → name."""
    return COLOURS


def open_station(
    area: Area,
    name: str,
    *,
    colour: str,
    kind: str,
    address: str,
    open_hours: str,
    amenities: Sequence[str] = (),
) -> Station:
    """Open a station in an area. The same name in the same area is the same station, brought up to date.

    :raises NoSuchColour: if it is none of the seven
    """
    name = identity.free_text(name, 60)
    if colour not in COLOURS:
        raise NoSuchColour(colour=colour)
    station = db.session.scalar(select(Station).filter_by(area_id=area.id, name=name))
    new = station is None

    if station is None:
        station = Station(area_id=area.id, area_path=area.path, name=name)
        db.session.add(station)
    station.colour, station.kind = colour, identity.free_text(kind, 40)
    station.address = identity.free_text(address, 120)
    station.open_hours = identity.free_text(open_hours, 60)
    station.amenities = [identity.free_text(one, 20) for one in amenities]
    db.session.flush()

    if new:
        events.record(
            StationOpened(station_id=station.id), about=f"station:{station.id}", within=station.area_path
        )
    return station
