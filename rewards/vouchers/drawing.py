"""An offer is drawn: whoever is drawn and may still have it gets a voucher claimed, otherwise the next; all are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from rewards import offers
from rewards.offers import Offer, OfferEntry
from rewards.vouchers import claims
from volunteer import accounts, clock, events, notices, service_days
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _


@events.kind
class Drawn(events.Event):
    offer_id: int
    seed: str
    people: int
    won: int


def draw(offer_id: int) -> int:
    """Draw an offer once its moment has come, once, and return how many won; drawing again changes nothing."""
    offer = db.session.get_one(Offer, offer_id, with_for_update=True, populate_existing=True)
    there = offers.draws.of(offer)
    if there is None or not offer.drawing or offer.draws_at is None or clock.now() < offer.draws_at:
        return 0
    entered = {one.number: one for one in offers.draws.entries(offer)}
    won_before = offers.draws.won_lately([one.volunteer_id for one in entered.values()], offer.draws_at)
    lottery = service_days.lottery
    drawn = lottery.order(
        there.seed,
        [
            lottery.Entry(n, lottery.lots(won_before.get(one.volunteer_id, 0), 0))
            for n, one in entered.items()
        ],
    )

    # From here on the offer is no more "by lot", so that what is won can be claimed as anything else is.
    offer.drawn_at = clock.now()
    db.session.flush()
    for place in drawn:
        _give(offer, entered[place.number])
    there.order = _published(drawn, entered)
    db.session.flush()

    won = sum(one.outcome == "won" for one in entered.values())
    events.record(
        Drawn(offer_id=offer.id, seed=there.seed, people=len(drawn), won=won),
        about=f"offer:{offer.id}",
        within=f"partner:{offer.partner_id}",
    )
    return won


def _give(offer: Offer, entry: OfferEntry) -> None:
    """Claim one for whoever stands here in the order, or say why not."""
    who = db.session.get_one(accounts.User, entry.volunteer_id)
    db.session.refresh(offer)
    if offer.state != "published" or offer.stock < 1:
        entry.outcome = "lost"
        _tell(
            offer, entry, _("“{title}”这次没有抽中。次序和种子都公布了，谁都能再算一遍。", title=offer.title)
        )
        return
    try:
        with db.session.begin_nested():
            if not accounts.is_grown(who.birth_on):  # entered before their birthday was put right
                raise offers.draws.AdultsOnly
            claims.claim(who, offer.id, once=f"draw:{offer.id}")
    except Refusal as refusal:
        entry.outcome = "passed"
        why = Sentence(refusal.says.text, {**refusal.says.facts, **refusal.facts})
        _tell(
            offer,
            entry,
            _("“{title}”抽到你了，可是现在领不了：{why} 这一份给了后面的人。", title=offer.title, why=why),
        )
    else:
        entry.outcome = "won"
        _tell(offer, entry, _("抽中了：“{title}”，券已经放在“我的券”里。", title=offer.title))


def _published(drawn: Sequence[Any], entered: dict[int, OfferEntry]) -> list[dict[str, Any]]:
    """The list as it is published: number, lots, the end of the volunteer number, and what came of it."""
    ids = [one.volunteer_id for one in entered.values()]
    numbers: dict[int, str] = dict(
        db.session.execute(
            select(accounts.User.id, accounts.User.volunteer_no).where(accounts.User.id.in_(ids))
        ).all()
    )
    return [
        {
            "number": one.number,
            "lots": one.lots,
            "tail": numbers[entered[one.number].volunteer_id][-4:],
            "outcome": entered[one.number].outcome,
        }
        for one in drawn
    ]


def _tell(offer: Offer, entry: OfferEntry, text: Sentence) -> None:
    link = "/offers" if offer.state == "withdrawn" else f"/offers/{offer.id}/draw"
    notices.send(entry.volunteer_id, text, key=f"offer-drawn:{offer.id}", link=link)
