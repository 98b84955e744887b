"""The counter without signal: a page of nobody's that stays on the device, says why, and tries again."""

from __future__ import annotations

from flask import render_template

from volunteer import checkin
from volunteer.web import Pages

pages = Pages("counter_offline", __name__)


@pages.get("/counter/offline", allow="public")
def show() -> str:
    """What stands in place of the counter where there is no signal."""
    return _page()


def _page() -> str:
    # What differs from hour to hour and from reader to reader stays off a page that is kept.
    return render_template(
        "rewards/vouchers/offline.html", closed_to_writing=False, rehearsal=None, elder=False
    )


checkin.kept_pages.keep("/counter", "counter_offline.show", _page)
