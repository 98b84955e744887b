"""The one blueprint of this feature; its pages are in three files, by who opens them."""

from volunteer.web import Pages

pages = Pages("accounts", __name__)
