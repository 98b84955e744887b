"""What the stories of a mart share: the mart, its people, what stands on its shelf."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from rewards import mart, offers, partners
from rewards.mart import baskets
from volunteer import accounts


@pytest.fixture
def love_mart(grandma: accounts.User, nankeng: Any) -> partners.Partner:
    """南坑爱心超市: a mart with an agreement until the end of next February."""
    asked = partners.apply(
        grandma,
        nankeng,
        name="南坑爱心超市",
        kind="charity_mart",
        licence_no="91440300MA5EXAMPLE7",
        address="南坑路 1 号",
        contact_name="刘桂芳",
        contact_phone="13800000003",
        pledged=True,
    )
    return partners.sign(partners.review(asked), date(2026, 3, 1), date(2027, 2, 28)) and asked


@pytest.fixture
def keeper(love_mart: partners.Partner) -> accounts.User:
    """小周, behind the counter of the mart."""
    return partners.invite(love_mart, name="周小玲", phone="13800000071")


@pytest.fixture
def rice(love_mart: partners.Partner, make_offer: Callable[..., offers.Offer]) -> offers.Offer:
    return make_offer(partner=love_mart, title="大米一袋", points=20, stock=10)


@pytest.fixture
def oil(love_mart: partners.Partner, make_offer: Callable[..., offers.Offer]) -> offers.Offer:
    return make_offer(partner=love_mart, title="花生油一瓶", points=30, stock=3)


@pytest.fixture
def basket(
    xiaoman: accounts.User,
    love_mart: partners.Partner,
    rice: offers.Offer,
    oil: offers.Offer,
    give_points: Callable[..., None],
) -> mart.Basket:
    """小满's basket: two bags of rice and a bottle of oil, seventy points of a hundred."""
    give_points(xiaoman, 100)
    return baskets.fill(xiaoman, love_mart, {rice.id: 2, oil.id: 1})


@pytest.fixture
def shown(basket: mart.Basket) -> baskets.Shown:
    return baskets.present(basket)
