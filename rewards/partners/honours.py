"""What a partner did, in facts: vouchers honoured and refused, how long people waited, upheld complaints, years.

Vouchers are above partners, so whoever counts them keeps the figures here, once a night; no points, no stars, no opinion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, func, select

from rewards.partners import strikes
from rewards.partners.conduct import in_standing
from rewards.partners.models import Agreement, Honour, Partner, YearOfThanks
from volunteer import clock
from volunteer.db import db
from volunteer.i18n import Sentence, _


@dataclass(frozen=True)
class Facts:
    """The figures of one partner; `counted_on` is None before its first night."""

    redeemed: int
    refused: int
    wait_seconds: int | None
    upheld: int
    since: date | None
    counted_on: date | None

    @property
    def asked(self) -> int:
        """How often somebody stood at the counter with a voucher."""
        return self.redeemed + self.refused

    def sentences(self) -> list[Sentence]:
        """Return the facts in words, those there are."""
        said = []
        if self.asked:
            said.append(
                _("近 12 个月 {asked} 次兑换，办成 {redeemed} 次。", asked=self.asked, redeemed=self.redeemed)
            )
        if self.wait_seconds is not None and self.wait_seconds <= 90:
            said.append(_("从出示到办好，一半的人等不到 {seconds} 秒。", seconds=self.wait_seconds))
        elif self.wait_seconds is not None:
            said.append(
                _("从出示到办好，一半的人等不到 {minutes} 分钟。", minutes=-(-self.wait_seconds // 60))
            )
        if self.upheld:
            said.append(_("近 12 个月有 {n} 次投诉核实成立。", n=self.upheld))
        elif self.asked:
            said.append(_("近 12 个月没有成立的投诉。"))
        if self.since is not None:
            said.append(
                _("{year} 年 {month} 月起参加礼遇计划。", year=self.since.year, month=self.since.month)
            )
        return said


def keep(partner_id: int, on: date, *, redeemed: int, refused: int, wait_seconds: int | None) -> None:
    """Keep what was counted for a partner, in place of what was counted before."""
    figures = {"counted_on": on, "redeemed": redeemed, "refused": refused, "wait_seconds": wait_seconds}
    row = db.insert(Honour).values(partner_id=partner_id, **figures)
    db.session.execute(row.on_conflict_do_update(index_elements=[Honour.partner_id], set_=figures))


def keep_year(partner_id: int, year: int, *, redeemed: int, points: int, value_cents: int) -> None:
    """Keep what a partner gave in a year, in place of what was counted before."""
    figures = {"redeemed": redeemed, "points": points, "value_cents": value_cents}
    row = db.insert(YearOfThanks).values(partner_id=partner_id, year=year, **figures)
    db.session.execute(
        row.on_conflict_do_update(index_elements=[YearOfThanks.partner_id, YearOfThanks.year], set_=figures)
    )


def years_kept(partner_id: int) -> set[int]:
    """Return the years that are counted already."""
    return set(db.session.scalars(select(YearOfThanks.year).filter_by(partner_id=partner_id)))


def hung() -> Sequence[tuple[int, date]]:
    """Return (partner, day of its plaque) of every partner that ever hung one: those there is something to count for."""
    found = select(Partner.id, Partner.plaque_on).where(Partner.plaque_on.is_not(None)).order_by(Partner.id)
    return [(partner_id, on) for partner_id, on in db.session.execute(found) if on is not None]


def facts(partner: Partner) -> Facts:
    """Return the figures of a partner, as the last night counted them."""
    kept = db.session.get(Honour, partner.id)
    since = db.session.scalar(select(func.min(Agreement.starts_on)).where(Agreement.partner_id == partner.id))
    return Facts(
        redeemed=kept.redeemed if kept else 0,
        refused=kept.refused if kept else 0,
        wait_seconds=kept.wait_seconds if kept else None,
        upheld=strikes.standing(partner, clock.today()),
        since=since,
        counted_on=kept.counted_on if kept else None,
    )


def year_of(partner_id: int, year: int) -> YearOfThanks | None:
    """Return what a partner gave in a year that is over and has something in it."""
    kept = db.session.get(YearOfThanks, (partner_id, year))
    return kept if kept is not None and kept.redeemed and year < clock.today().year else None


def years_of(partner_id: int) -> Sequence[YearOfThanks]:
    """Return the years there are certificates for, newest first."""
    return db.session.scalars(
        select(YearOfThanks)
        .where(
            YearOfThanks.partner_id == partner_id,
            YearOfThanks.redeemed > 0,
            YearOfThanks.year < clock.today().year,
        )
        .order_by(YearOfThanks.year.desc())
    ).all()


def totals(year: int) -> tuple[int, int, int]:
    """Return how many partners gave something in a year, how often, and for how many points; all of them, unnamed."""
    found = db.session.execute(
        select(func.count(), func.sum(YearOfThanks.redeemed), func.sum(YearOfThanks.points)).where(
            YearOfThanks.year == year, YearOfThanks.redeemed > 0
        )
    ).one()
    return int(found[0]), int(found[1] or 0), int(found[2] or 0)


def ranking(year: int, most: int = 100) -> Sequence[Row[Partner, int]]:
    """Return (partner, vouchers) of those who want to be named and are partners today, who gave most often first."""
    return db.session.execute(
        select(Partner, YearOfThanks.redeemed)
        .join(YearOfThanks, YearOfThanks.partner_id == Partner.id)
        .where(
            YearOfThanks.year == year,
            YearOfThanks.redeemed > 0,
            Partner.thanked,
            in_standing(clock.today()),
        )
        .order_by(YearOfThanks.redeemed.desc(), Partner.id)
        .limit(most)
    ).all()


def years() -> list[int]:
    """Return the years there is something to thank for, newest first."""
    found = select(YearOfThanks.year).where(YearOfThanks.redeemed > 0).distinct()
    return sorted(db.session.scalars(found), reverse=True)
