"""Everything of accounts that is a page: signing in, one's own things, the office's view of people."""

from volunteer.accounts import (
    factor_pages,
    import_pages,
    office_pages,
    own_pages,
    phone_pages,
    proposal_pages,
    sign_in_pages,
    step_up,
)
from volunteer.accounts.pages import pages

__all__ = [
    "factor_pages",
    "import_pages",
    "office_pages",
    "own_pages",
    "pages",
    "phone_pages",
    "proposal_pages",
    "sign_in_pages",
    "step_up",
]
