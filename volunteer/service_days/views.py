"""Everything of service days that is a page: the public calendar, a person's own days, the organiser's desk."""

from volunteer.service_days import (
    day_pages,
    feed_pages,
    holiday_pages,
    plan_pages,
    public_pages,
    series_pages,
    setup_pages,
)
from volunteer.service_days.pages import pages

__all__ = [
    "day_pages",
    "feed_pages",
    "holiday_pages",
    "pages",
    "plan_pages",
    "public_pages",
    "series_pages",
    "setup_pages",
]
