"""What every template may say: `_`, asset(), may(), the navigation, who reads and how.

Features put themselves into the office navigation with `navigate(...)`; an item shows only to whom it is allowed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app, g, has_request_context, request, url_for
from flask_login import current_user
from werkzeug.routing import BuildError

from volunteer import access, clock, i18n, logs, maintenance, privacy
from volunteer.i18n import Sentence, _


@dataclass(frozen=True)
class Item:
    """One line of the office navigation."""

    group: str
    label: Sentence
    endpoint: str
    right: str
    icon: str = "list"
    count: Callable[[], int] | None = None
    order: int = 50


#: Groups of the office navigation, in their order.
GROUPS: dict[str, Sentence] = {
    "today": _("今天"),
    "service": _("志愿服务"),
    "courtesy": _("礼遇计划"),
    "watch": _("查看与核对"),
    "settings": _("设置"),
}
_items: list[Item] = []
_unread: list[Callable[[int], int]] = []


def navigate(
    group: str,
    label: Sentence,
    endpoint: str,
    right: str,
    *,
    icon: str = "list",
    count: Callable[[], int] | None = None,
    order: int = 50,
) -> None:
    """Put a page into the office navigation, for those who have the right anywhere."""
    item = Item(group, label, endpoint, right, icon, count, order)
    if item not in _items:
        _items.append(item)


def unread_by(count: Callable[[int], int]) -> Callable[[int], int]:
    """Say how to count a person's unread notices (notices/ does)."""
    _unread[:] = [count]
    return count


def navigation() -> list[dict[str, Any]]:
    """Return the groups and items the person signed in may open."""
    groups = []
    for key, title in GROUPS.items():
        items = []
        for item in sorted(_items, key=lambda one: one.order):
            if item.group != key or not access.may(item.right):
                continue
            items.append(
                {
                    "label": item.label,
                    "url": url_for(item.endpoint),
                    "icon": item.icon,
                    "count": item.count() if item.count else 0,
                    "here": request.endpoint == item.endpoint,
                }
            )
        if items:
            groups.append({"label": title, "items": items})
    return groups


@lru_cache(maxsize=512)
def _address(folder: str, at: str, name: str) -> str:
    """Looked up once: a page names forty files, and they change only when the platform does."""
    path = Path(folder) / name
    known = f"?v={hashlib.sha256(path.read_bytes()).hexdigest()[:10]}" if path.exists() else ""
    return f"{at}/{quote(name)}{known}"


def asset(name: str) -> str:
    """The address of a static file with a fingerprint of its content, so it can be cached for good."""
    address = _address(current_app.static_folder or "", current_app.static_url_path or "", name)
    return request.script_root + address if has_request_context() else address


def elder() -> bool:
    """Whether the page is read in 长辈版: by link on a code, or remembered in a cookie."""
    asked = request.args.get("elder")
    return asked == "1" if asked in ("0", "1") else request.cookies.get("elder") == "1"


def url_or_home(endpoint: str, **arguments: Any) -> str:
    """url_for, or the home page where the endpoint does not exist or lacks arguments."""
    try:
        return url_for(endpoint, **arguments)
    except BuildError:
        return "/"


def _said(how: Callable[..., str]) -> Callable[[Any], str]:
    return lambda value: "" if value is None else how(value)


def init_app(app: Flask) -> None:
    """Give the templates their words."""
    env = app.jinja_env
    env.add_extension("jinja2.ext.do")
    env.trim_blocks = env.lstrip_blocks = True
    env.globals.update(
        _=_, asset=asset, may=access.may, url_or_home=url_or_home, now=clock.now, today=clock.today
    )
    for name, how in i18n.FILTERS.items():
        env.filters[name] = _said(how)
    env.filters["masked"] = privacy.mask_name

    @app.context_processor
    def _context() -> dict[str, Any]:
        signed_in = current_user and current_user.is_authenticated
        return {
            "locale": i18n.locale(),
            "request_id": logs.request_id(),
            "closed_to_writing": maintenance.closed(),
            "elder": elder(),
            "rehearsal": clock.now() if clock.rehearsing() else None,
            "as_of": g.get("as_of"),
            "navigation": navigation,
            "unread": _unread[0](current_user.id) if signed_in and _unread else 0,
            "has_office": signed_in
            and any(access.may(right) for right in ("dashboard.read", "roll.read", "inbox.read")),
            "has_counter": signed_in and access.may("counter.open"),
        }
