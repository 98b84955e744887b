"""Everything of the gate that is a page: a volunteer's own scan, the wall and the scanner, the roll."""

from volunteer.checkin import roll_pages, scan_pages, wall_pages
from volunteer.checkin.pages import pages

__all__ = ["pages", "roll_pages", "scan_pages", "wall_pages"]
