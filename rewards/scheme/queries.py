"""The figures of a scheme's page: partners by class, rewards on the shelf, what was honoured. No personal data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, func, select

from rewards import cover, offers
from rewards.offers import Offer
from rewards.partners import KINDS, Partner, in_standing
from volunteer.community import Area
from volunteer.db import db
from volunteer.i18n import Sentence

SHOWN = 12


@dataclass(frozen=True)
class Standing:
    """How the scheme of a street stands."""

    partners: list[tuple[Sentence, int]]
    offers: int
    free: int
    percent: int | None

    @property
    def count(self) -> int:
        return sum(number for _kind, number in self.partners)


def standing(street: Area, on: date) -> Standing:
    """Return what stands behind a street's points on a day."""
    by_kind = dict(
        db.session.execute(
            select(Partner.kind, func.count())
            .where(Partner.area_path.startswith(street.path), in_standing(on))
            .group_by(Partner.kind)
        ).all()
    )
    shelf, free = db.session.execute(
        select(func.count(), func.count().filter(Offer.points == 0))
        .select_from(Offer)
        .join(Partner, Partner.id == Offer.partner_id)
        .where(Offer.area_path.startswith(street.path), offers.open_on(on))
    ).one()
    now = cover.standing(street.path)
    kinds = [(word, by_kind[kind]) for kind, word in KINDS.items() if kind in by_kind]
    return Standing(kinds, shelf, free, now.percent if now else None)


def newest(street: Area, on: date) -> Sequence[Row[str, str | None, str]]:
    """Return (name, number of its plaque, class) of the partners that joined last."""
    found = (
        select(Partner.name, Partner.plaque_no, Partner.kind)
        .where(Partner.area_path.startswith(street.path), in_standing(on))
        .order_by(Partner.plaque_on.desc().nulls_last(), Partner.id.desc())
        .limit(SHOWN)
    )
    return db.session.execute(found).all()
