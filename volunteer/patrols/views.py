"""The pages of this feature, mounted by app.py."""

from volunteer.patrols import day_pages, finding_pages, route_pages, walk_pages
from volunteer.patrols.pages import pages

__all__ = ["day_pages", "finding_pages", "pages", "route_pages", "walk_pages"]
