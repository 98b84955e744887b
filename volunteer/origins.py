"""Where a request comes from: a page of ours, under a name of ours. What another site sends is refused by name."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, current_app, request

from volunteer.errors import Refusal
from volunteer.i18n import _

READS = ("GET", "HEAD", "OPTIONS")
OURS = ("same-origin", "none")
#: Names under which the machine asks itself: probes of a proxy, the doctor.
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
#: Asked for by probes, under whatever name the network has for this host.
PROBES = frozenset({"health.alive", "health.ready"})


class CrossSite(Refusal):
    code = "request.cross_site"
    status = 403
    says = _("这个操作是从别的网站发来的，没有办理。请从我们自己的页面再做一次。")
    action = (_("回到首页"), "home.index")


class StrangeHost(Refusal):
    code = "request.host"
    status = 400
    says = _("这个网址不是我们的，请用公布的网址打开。")


def init_app(app: Flask) -> None:
    """Look at every request before anything is done for it."""
    app.before_request(_under_our_name)
    app.before_request(_from_our_page)


def _from_our_page() -> None:
    # Browsers of the last years say where a request comes from, and no page can make them lie. Older ones and
    # programs say nothing: for them the form's token and the bearer token decide.
    if request.method not in READS and request.headers.get("Sec-Fetch-Site", "none") not in OURS:
        raise CrossSite


def _under_our_name() -> None:
    if request.endpoint not in PROBES and not our_name(current_app, request.host):
        raise StrangeHost


def our_name(app: Flask, host: str) -> bool:
    """Whether a request's host, with or without its port, is one that we go by."""
    asked = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return not app.config["HTTPS"] or asked == urlsplit(app.config["BASE_URL"]).hostname or asked in OWN_NAMES
