"""The blueprint of partners; its pages are in files by who opens them."""

from __future__ import annotations

from flask import current_app

from rewards.partners.models import Partner
from volunteer.web import Pages

pages = Pages("partners", __name__)

#: Whoever may see a partner's page: the office, the partner's own people, and who applied.
LOOK = ("partner.read", "self")


def plaque_address(partner: Partner) -> str:
    """What the code of a plaque opens."""
    return f"{current_app.config['BASE_URL']}/p/{partner.plaque_no}"
