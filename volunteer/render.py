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

from flask import Flask, g, has_request_context, request, url_for
from flask_login import current_user
from werkzeug.routing import BuildError

from volunteer import access, clock, i18n, kept, logs, maintenance, privacy
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


def menu(draw: Callable[[list[dict[str, Any]]], Any], section: str = "") -> Any:
    """Return the office's menu for the person signed in, drawn from the groups and items they may open.

    The item of `section`, an endpoint, is the one that is lit; of the page itself without one. What looks the same
    as a moment ago is not drawn again.
    """
    rights = access.rights()
    items = [item for item in sorted(_items, key=lambda one: one.order) if item.right in rights]
    counts = {item: _count(item) for item in items if item.count}
    lit = section or request.endpoint

    def drawn() -> Any:
        lines = [
            (
                item.group,
                {
                    "label": item.label,
                    "url": url_for(item.endpoint),
                    "icon": item.icon,
                    "count": counts.get(item, 0),
                    "here": item.endpoint == lit,
                },
            )
            for item in items
        ]
        groups = [
            {"label": title, "items": [line for group, line in lines if group == key]}
            for key, title in GROUPS.items()
        ]
        return draw([group for group in groups if group["items"]])

    looks = (rights, tuple(counts.values()), lit, i18n.locale(), request.script_root)
    return kept.lately(("menu", *looks), drawn).what


def _count(item: Item) -> int:
    assert item.count is not None
    return _lately(item.endpoint, item.count)


def _lately(name: str, count: Callable[[], int]) -> int:
    """A number on every page; beside figures that are left open all day it may be a few seconds old."""
    if not g.get("figures"):
        return count()
    number: int = kept.lately(("count", name, current_user.id), count).what
    return number


def _assets(folder: str, at: str) -> Callable[[str], str]:
    @lru_cache(maxsize=512)  # a page names forty files, and they change only when the platform does
    def address(name: str) -> str:
        path = Path(folder) / name
        known = f"?v={hashlib.sha256(path.read_bytes()).hexdigest()[:10]}" if path.exists() else ""
        return f"{at}/{quote(name)}{known}"

    def asset(name: str) -> str:
        """The address of a static file with a fingerprint of its content, so it can be cached for good."""
        return request.script_root + address(name) if has_request_context() else address(name)

    return asset


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
    asset = _assets(app.static_folder or "", app.static_url_path or "")
    env.globals.update(
        _=_, asset=asset, may=access.may, url_or_home=url_or_home, now=clock.now, today=clock.today
    )
    for name, how in i18n.FILTERS.items():
        env.filters[name] = _said(how)
    env.filters["masked"] = privacy.mask_name

    @app.context_processor
    def _context() -> dict[str, Any]:
        person = current_user._get_current_object()
        signed_in = person is not None and person.is_authenticated
        rights = access.rights()
        return {
            "locale": i18n.locale(),
            "request_id": logs.request_id(),
            "closed_to_writing": maintenance.closed(),
            "elder": elder(),
            "rehearsal": clock.now() if clock.rehearsing() else None,
            "as_of": g.get("as_of"),
            "menu": menu,
            "unread": _lately("unread", lambda: _unread[0](person.id)) if signed_in and _unread else 0,
            "has_office": not rights.isdisjoint({"dashboard.read", "roll.read", "inbox.read"}),
            "has_counter": "counter.open" in rights,
        }
