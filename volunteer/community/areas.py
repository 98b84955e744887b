"""Streets, communities, grids: adding one, finding those below."""

from __future__ import annotations

from sqlalchemy import select

from volunteer import events, identity, signing
from volunteer.community.models import Area
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _

#: What may lie directly below what.
PARENT_OF = {"street": None, "community": "street", "grid": "community"}


@events.kind
class AreaAdded(events.Event):
    area_id: int
    kind: str


class NotBelow(Refusal):
    code = "area.not_below"
    status = 422
    says = _("社区要放在街道下面，网格要放在社区下面。")


class NoSuchArea(NotFound):
    code = "not_found"
    says = _("没有找到这个街道、社区或网格。")


def add(kind: str, name: str, parent: Area | None = None) -> Area:
    """Add an area below another. The same name at the same place is the same area.

    :raises NotBelow: if such an area cannot lie there
    """
    name = identity.free_text(name, 40)
    parent_id = parent.id if parent else None
    known = db.session.scalar(select(Area).filter_by(parent_id=parent_id, name=name))
    if known is not None and known.kind == kind:
        return known
    if kind not in PARENT_OF or PARENT_OF[kind] != (parent.kind if parent else None):
        raise NotBelow(kind=kind)

    # The path holds the row's own id, which is only known once the row is there; until then it is unique by chance.
    area = Area(kind=kind, name=name, parent_id=parent_id, path=f"?{signing.uuid()}")
    db.session.add(area)
    db.session.flush()
    area.path = f"{parent.path if parent else '/'}{area.id}/"
    db.session.flush()

    events.record(AreaAdded(area_id=area.id, kind=kind), about=f"area:{area.id}", within=area.path)
    return area


def get(area_id: int) -> Area:
    """Return the area.

    :raises NoSuchArea: if there is none
    """
    area = db.session.get(Area, area_id)
    if area is None:
        raise NoSuchArea
    return area


def street_of(area: Area) -> Area:
    """Return the street an area lies in; a street lies in itself."""
    return get(int(area.path.split("/")[1]))


def street_path(path: str) -> str:
    """Return the path of the street that a path lies in: "/1/" of "/1/4/9/"; "/" lies in none."""
    street = path.strip("/").split("/")[0]
    return f"/{street}/" if street else "/"


def streets() -> list[Area]:
    """Return every street, in the order they were added."""
    return list(db.session.scalars(select(Area).where(Area.kind == "street").order_by(Area.id)))


def street_asked(asked: int | None, home: str) -> Area | None:
    """Return the street a reader asks for, else the one of their home, else the first; None while there is none."""
    there = streets()
    mine = next((one for one in there if home.startswith(one.path)), there[0] if there else None)
    return next((one for one in there if one.id == asked), mine)


def below(area: Area) -> list[Area]:
    """Return the area and everything below it, in the order of the tree."""
    found = db.session.scalars(select(Area).where(Area.path.startswith(area.path))).all()
    return sorted(found, key=lambda one: [int(part) for part in one.path.strip("/").split("/")])


def communities() -> list[Area]:
    """Return every community, in the order they were added."""
    return list(db.session.scalars(select(Area).where(Area.kind == "community").order_by(Area.id)))


def choices() -> list[tuple[int, str]]:
    """Return (id, name) of every community, for a form."""
    return [(area.id, area.name) for area in communities()]
