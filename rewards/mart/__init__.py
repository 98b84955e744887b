"""A charity mart (爱心超市): donated stock and its donors, shelf labels, stock-taking, and baskets with one code.

A mart is a partner of that kind, its items are its offers, and what lies in a basket are ordinary vouchers.
"""

from rewards.mart import baskets, counting, deliveries
from rewards.mart.models import Basket, BasketVoucher, Count, CountLine, Delivery

__all__ = [
    "Basket",
    "BasketVoucher",
    "Count",
    "CountLine",
    "Delivery",
    "baskets",
    "counting",
    "deliveries",
]
