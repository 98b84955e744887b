"""Vending machines (自助柜): an enrolled device redeems a voucher that is shown to it, and says when nothing came out."""

from rewards.vending import drops
from rewards.vending.models import Drop

__all__ = ["Drop", "drops"]
