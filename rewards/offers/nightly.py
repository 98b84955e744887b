"""In the morning, those who keep an eye on an offer hear that it is about to end."""

from __future__ import annotations

from datetime import date

from rewards.offers import favourites
from volunteer import timetable


@timetable.daily("offers.favourites", at="09:10")
def tell(on: date) -> int:
    """Tell of what ends in a week."""
    return favourites.tell_of_the_end(on)
