"""What a street says of its scheme."""

from __future__ import annotations

from rewards.scheme.models import CourtesyScheme
from volunteer import accounts, clock, events, identity
from volunteer.community import Area
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.i18n import _

#: What a scheme is called until its street says otherwise.
NAME = _("礼遇计划")


@events.kind
class Named(events.Event):
    area_id: int


def describe(street: Area, name: str, about: str, contact: str, by: accounts.User) -> CourtesyScheme:
    """Say what the scheme of a street is called, what it is, and whom to ask; again, it is changed.

    :raises NotFound: the area is no street
    """
    if street.kind != "street":
        raise NotFound
    scheme = of_street(street) or CourtesyScheme(area_id=street.id, area_path=street.path)
    scheme.name = identity.free_text(name, 40)
    scheme.about = identity.free_text(about, 600, lines=True, empty=True)
    scheme.contact = identity.free_text(contact, 120, empty=True)
    scheme.changed_at, scheme.changed_by = clock.now(), by.id
    db.session.add(scheme)
    db.session.flush()
    events.record(Named(area_id=street.id), about=f"area:{street.id}", within=street.path)
    return scheme


def of_street(street: Area) -> CourtesyScheme | None:
    """Return what a street has said of its scheme, None while it has said nothing."""
    return db.session.get(CourtesyScheme, street.id)
