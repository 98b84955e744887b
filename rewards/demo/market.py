"""What happens at the sample street's charity mart: donations with thanks, and a basket that waits to be fetched."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from rewards import mart, offers, partners
from rewards.demo.story import Story
from volunteer import accounts, clock, ledger
from volunteer.db import db

#: Item, donor, how many, how the donor is named, days ago, note.
DONATED = (
    ("东北大米 5 斤", "坂田粮油批发行", 40, "full", 12, "保质期到明年三月"),
    ("抽纸 6 包", "南坑股份合作公司", 60, "full", 9, ""),
    ("洗衣液 2 公斤", "陈淑珍", 6, "masked", 6, ""),
    ("食用油 1.8 升", "街坊", 12, "nameless", 2, "中秋多出来的"),
)
BASKET = ("抽纸 6 包", "洗衣液 2 公斤")


def stock(story: Story) -> None:
    """Take in what was donated, and let the team's leader fill a basket of what he has saved."""
    shop = db.session.scalar(
        select(partners.Partner)
        .where(partners.Partner.kind == "charity_mart", partners.Partner.state == "signed")
        .order_by(partners.Partner.id)
    )
    keeper = next(iter(accounts.holders("partner_manager", partner_id=shop.id)), None) if shop else None
    if shop is None or keeper is None:
        return
    shelf = {one.title: one for one in db.session.scalars(select(offers.Offer).filter_by(partner_id=shop.id))}
    with clock.stopped(story.now):
        for title, donor, n, named, away, note in DONATED:
            mart.deliveries.take_in(
                shelf[title], donor, n, story.today - timedelta(days=away), by=keeper, named=named, note=note
            )
        leader = db.session.get_one(accounts.User, story.cast["leader"].id)
        chosen = [shelf[title] for title in BASKET]
        if ledger.balance(leader.id) >= sum(one.points for one in chosen) and not any(
            hindrance for one in chosen for hindrance in offers.hindrances(leader, one)
        ):
            mart.baskets.fill(leader, shop, {one.id: 1 for one in chosen})
