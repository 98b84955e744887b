"""What the sample street's partners are known for: figures counted once, a visit, a complaint that waits and one answered."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from rewards import partners, vouchers
from rewards.demo.story import Story
from volunteer import accounts, clock
from volunteer.db import db

#: Every third partner wants to be thanked by name.
NAMED = 3


def add(story: Story) -> None:
    """Tell it through the features' own doors, as of now."""
    with clock.stopped(story.now):
        for partner_id, hung_on in partners.honours.hung():
            vouchers.honours.count(partner_id, hung_on, story.today)
        shops = db.session.scalars(
            select(partners.Partner).where(partners.Partner.state == "signed").order_by(partners.Partner.id)
        ).all()
        for shop in shops[::NAMED]:
            shop.thanked = True
        if len(shops) < 3:
            return
        saver = db.session.get_one(accounts.User, story.cast["saver"].id)
        looked = dict.fromkeys(partners.visits.ITEMS, "yes")
        for shop, seen, result, note in (
            (shops[0], looked, "fine", "货架整齐，店员会用。"),
            (shops[1], {**looked, "stock": "no"}, "follow_up", "绿豆沙断货两天，说好周末补上。"),
        ):
            partners.visits.record(shop, story.today - timedelta(days=9), seen, result, note, by=_desk(shop))
        partners.complaints.file(
            shops[1], "refused", "下午去兑换双皮奶，店里说没货，可是柜台上还在卖。", by=saver
        )
        heard = partners.complaints.file(shops[2], "manner", "问了两遍都没有人理。", by=saver)
        partners.complaints.decide(
            heard, "dismissed", "当时只有一位店员在忙，店里已经道歉。", by=_desk(shops[2])
        )


def _desk(shop: partners.Partner) -> accounts.User:
    """Somebody of the community's office who looks after a partner."""
    (first, *_others) = accounts.holders("community_admin", area_path=shop.area_path)
    return first
