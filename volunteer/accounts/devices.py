"""What a browser calls itself, in words a person recognises their own phone by."""

from __future__ import annotations

import re

from flask import has_request_context, session

from volunteer import signing

_PROGRAMS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("HuaweiBrowser", "华为浏览器"),
    ("MiuiBrowser", "小米浏览器"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "鸿蒙"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def device_of(agent: str) -> str:
    """Return such as "微信 · Android", or nothing for a browser that tells nothing."""
    parts = [
        next((word for sign, word in known if re.search(sign, agent)), "") for known in (_PROGRAMS, _MACHINES)
    ]
    return " · ".join(part for part in parts if part)


def mark() -> str:
    """Return what one browser is counted by before anybody has signed in: it keeps the cookie its forms need.

    Whoever throws the cookie away for every try is counted by address all the same.
    """
    kept = session.get("csrf_token") if has_request_context() else None
    return signing.fingerprint(str(kept))[:20] if kept else "none"
