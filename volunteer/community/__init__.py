"""Where people live and serve: 街道 → 社区 → 网格 in one table, and the stations people know.

An area's path is the ids from the street down, so a prefix is a subtree and a role reaches everything below its area.
"""

from volunteer.community.areas import (
    AreaAdded,
    NoSuchArea,
    NotBelow,
    add,
    below,
    choices,
    communities,
    get,
    street_asked,
    street_of,
    street_path,
    streets,
)
from volunteer.community.models import Area, Station
from volunteer.community.stations import StationOpened, colours, open_station

__all__ = [
    "Area",
    "AreaAdded",
    "NoSuchArea",
    "NotBelow",
    "Station",
    "StationOpened",
    "add",
    "below",
    "choices",
    "colours",
    "communities",
    "get",
    "open_station",
    "street_asked",
    "street_of",
    "street_path",
    "streets",
]
