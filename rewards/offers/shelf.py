"""On the shelf and off it: publish, edit, pause, resume, withdraw."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from rewards import partners
from rewards.offers import draws, gates
from rewards.offers.catalogue import (
    CATEGORIES,
    FREE,
    KINDS,
    MAY_BOOK,
    MUST_BOOK,
    PICTURE_OF,
    PICTURES,
    SAME_AS,
)
from rewards.offers.models import Offer
from rewards.partners import Partner
from volunteer import clock, events, identity, ledger
from volunteer.db import db
from volunteer.errors import Invalid, Refusal
from volunteer.i18n import Sentence, _

TWICE_SECONDS = 60
STOCK_MAX = 100_000
POINTS_MAX = 100_000
STARS_MAX = 5
EDITABLE = frozenset(
    {"title", "kind", "detail", "picture", "points", "value_cents", "per_person", "from_on", "until_on", "adults_only",
     "category", "by_slot", "daily_limit", "least_star", "for_area_path"}
)  # fmt: skip


@events.kind
class Published(events.Event):
    offer_id: int
    partner_id: int
    points: int
    stock: int


@events.kind
class Edited(events.Event):
    offer_id: int
    changed: str


@events.kind
class Paused(events.Event):
    offer_id: int


@events.kind
class Resumed(events.Event):
    offer_id: int


@events.kind
class Withdrawn(events.Event):
    offer_id: int


class NotStanding(Refusal):
    code = "offer.partner"
    says = _("协议生效以后才能发布礼遇。")
    who = _("签约、续签和恢复合作由社区工作人员办理。")


class Gone(Refusal):
    code = "offer.withdrawn"
    status = 410
    says = _("这份礼遇已经下架了，不能再改。可以重新发布一份。")


def open_on(on: date) -> ColumnElement[bool]:
    """The condition on Offer joined with Partner: can be claimed that day, stock aside."""
    return and_(
        Offer.state == "published",
        Offer.from_on <= on,
        Offer.until_on >= on,
        partners.in_standing(on),
    )


def publish(
    partner: Partner,
    *,
    title: str,
    kind: str,
    points: int,
    stock: int,
    until_on: date,
    from_on: date | None = None,
    per_person: int | None = None,
    detail: str = "",
    picture: str | None = None,
    value_cents: int = 0,
    adults_only: bool = False,
    category: str | None = None,
    by_slot: bool = False,
    daily_limit: int | None = None,
    least_star: int = 0,
    for_area_path: str | None = None,
) -> Offer:
    """Put an offer on the shelf. A second tap within the minute finds the first.

    `by_slot` has whoever claims it book a time; a micro-service always is. `for_area_path` keeps it for those who live
    in that area.

    :raises NotStanding: while no agreement is in force
    """
    if partners.standing(partner) != "good":
        raise NotStanding
    tariff = ledger.tariff(clock.today(), partner.area_path)
    kind = SAME_AS.get(kind, kind)
    offer = Offer(
        partner_id=partner.id,
        area_path=partner.area_path,
        title=identity.free_text(title, 60),
        kind=kind,
        detail=identity.free_text(detail, 2000, lines=True) if detail else "",
        picture=picture or PICTURE_OF.get(kind, "gift"),
        points=points,
        value_cents=value_cents,
        given_in=stock,
        claimed=0,
        returned=0,
        stock=stock,
        per_person=per_person if per_person is not None else tariff.item_limit_per_person,
        from_on=from_on or clock.today(),
        until_on=until_on,
        adults_only=adults_only,
        category=category,
        by_slot=by_slot or kind in MUST_BOOK,
        daily_limit=daily_limit,
        least_star=least_star,
        for_area_path=for_area_path,
        state="published",
        created_at=clock.now(),
        created_by=events.actor(),
    )
    _sound(offer)
    if twin := _just_now(offer):
        return twin

    db.session.add(offer)
    db.session.flush()

    events.record(
        Published(offer_id=offer.id, partner_id=partner.id, points=points, stock=stock),
        about=f"offer:{offer.id}",
        within=f"partner:{partner.id}",
    )
    return offer


def edit(offer: Offer, **changes: Any) -> Offer:
    """Change what is offered from now on; vouchers claimed already keep what they were promised."""
    if offer.state == "withdrawn":
        raise Gone
    unknown = changes.keys() - EDITABLE
    if unknown:
        raise TypeError(f"not a term of an offer: {sorted(unknown)}")
    changed = [name for name, value in changes.items() if getattr(offer, name) != value]
    if not changed:
        return offer

    for name in changed:
        setattr(offer, name, changes[name])
    _sound(offer)
    db.session.flush()

    _tell(offer, Edited(offer_id=offer.id, changed=",".join(sorted(changed))))
    return offer


def pause(offer: Offer) -> Offer:
    """Take the offer off the shelf for now; vouchers already claimed stay good."""
    return _move(offer, "paused", Paused(offer_id=offer.id))


def resume(offer: Offer) -> Offer:
    """Put it back on the shelf."""
    return _move(offer, "published", Resumed(offer_id=offer.id))


def withdraw(offer: Offer) -> Offer:
    """Take it off for good; vouchers already claimed stay good."""
    return _move(offer, "withdrawn", Withdrawn(offer_id=offer.id))


def _move(offer: Offer, state: str, event: events.Event) -> Offer:
    if offer.state == state:
        return offer
    if offer.state == "withdrawn":
        raise Gone

    offer.state = state
    db.session.flush()

    _tell(offer, event)
    return offer


def _tell(offer: Offer, event: events.Event) -> None:
    events.record(event, about=f"offer:{offer.id}", within=f"partner:{offer.partner_id}")


def _sound(offer: Offer) -> None:
    """Refuse terms that cannot be kept."""
    wrong: dict[str, Sentence] = {}
    if offer.kind not in KINDS:
        wrong["kind"] = _("请选一个类别：{kinds}。", kinds=" / ".join(KINDS))
    if offer.picture not in PICTURES:
        wrong["picture"] = _("请选一张图。")
    if not 0 <= offer.points <= POINTS_MAX:
        wrong["points"] = _("积分请填 0 到 {most} 之间的整数。", most=POINTS_MAX)
    if not 0 <= offer.given_in <= STOCK_MAX:
        wrong["stock"] = _("数量请填 0 到 {most} 之间的整数。", most=STOCK_MAX)
    if offer.value_cents < 0:
        wrong["value_cents"] = _("参考价值不能是负数。")
    if not 1 <= offer.per_person <= 1000:
        wrong["per_person"] = _("每人最多几份，请填 1 到 1000。")
    if offer.until_on < offer.from_on:
        wrong["until_on"] = _("结束日期要在开始日期之后。")
    if offer.daily_limit is not None and not 1 <= offer.daily_limit <= STOCK_MAX:
        wrong["daily_limit"] = _("每天最多几份，请填 1 到 {most}。", most=STOCK_MAX)
    wrong |= _unfit(offer)
    if wrong:
        raise Invalid(errors={field: [str(says)] for field, says in wrong.items()})


def _unfit(offer: Offer) -> dict[str, Sentence]:
    """What does not go with the kind, and gates that nobody could pass."""
    wrong: dict[str, Sentence] = {}
    if offer.kind in FREE and offer.points:
        wrong["points"] = _("“{kind}”不收积分，请填 0。", kind=KINDS[offer.kind])
    if not 0 <= offer.least_star <= STARS_MAX:
        wrong["least_star"] = _("星级请选 0 到 5。")
    elif offer.kind == "star" and not offer.least_star:
        wrong["least_star"] = _("星级优惠至少要一星，请选从几星开始。")
    if offer.drawing and offer.draws_at and offer.draws_at.astimezone(clock.ZONE).date() > offer.until_on:
        wrong["until_on"] = _("这份礼遇 {at|moment} 才抽签，结束日期不能在那以前。", at=offer.draws_at)
    if offer.drawing and (offer.by_slot or offer.daily_limit is not None):
        wrong["by_slot" if offer.by_slot else "daily_limit"] = draws.NotDrawable.says
    if offer.by_slot and offer.kind not in MAY_BOOK:
        wrong["by_slot"] = _("只有服务、场地和课程可以约时段。")
    elif offer.kind in MUST_BOOK and not offer.by_slot:
        wrong["by_slot"] = _("便民微服务都要约时段。")
    if (offer.kind == "micro") != (offer.category in CATEGORIES) or (
        offer.kind != "micro" and offer.category
    ):
        wrong["category"] = _("便民微服务请选一个类目，别的礼遇不用选。")
    if offer.for_area_path is not None and not _in_the_street(offer):
        wrong["for_area_path"] = _("只能选本街道的社区或网格。")
    return wrong


def _in_the_street(offer: Offer) -> bool:
    """Whether the area an offer is kept for is one of the partner's own street."""
    street = "/".join(offer.area_path.split("/")[:2]) + "/"
    area = gates.area_at(offer.for_area_path)
    return area is not None and area.path.startswith(street)


def _just_now(offer: Offer) -> Offer | None:
    since = clock.now() - timedelta(seconds=TWICE_SECONDS)
    return db.session.scalar(
        select(Offer)
        .where(Offer.partner_id == offer.partner_id, Offer.title == offer.title, Offer.created_at >= since)
        .where(Offer.kind == offer.kind, Offer.points == offer.points, Offer.given_in == offer.given_in)
        .where(Offer.until_on == offer.until_on, Offer.created_by == offer.created_by)
        .order_by(Offer.id)
        .limit(1)
    )
