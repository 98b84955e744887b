"""The scanner that opens without signal: its page, its service worker, its manifest, and which days it may scan for.

The page is nobody's: it is drawn without a session, names no day and no person, and may therefore stay on the device.
What it shows of a day comes from the roster that an enrolled scanner takes, sealed in the browser's own storage.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Response, current_app, json, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from volunteer import clock, i18n
from volunteer.checkin import parked, rosters
from volunteer.checkin.kept_pages import KEPT
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("offline", __name__)

ZXING = "vendor/zxing-wasm-3.1.4"
#: What the page is drawn with, asked for under a name that changes with the content.
FILES = (
    "vendor/bootstrap-5.3.8/css/bootstrap-reboot.min.css", "css/tokens.css", "css/base.css", "css/components.css",
    "css/pages.css", "css/print.css", "icons.svg", "brand/seal.svg", "brand/icon-192.png",
    "js/enhance.js", "js/scanner.js", "js/offline.js", "js/again.js",
)  # fmt: skip
#: What its scripts ask for themselves, by name alone.
PARTS = (
    "js/device.js", "js/keeping.js", "js/judging.js", "js/codes.js", "js/rosters.js", "js/kept_scans.js", "js/verdicts.js", "js/signals.js", "js/installing.js",
    f"{ZXING}/share.js", f"{ZXING}/reader/index.js", f"{ZXING}/reader/zxing_reader.wasm",
)  # fmt: skip


@pages.get("/scanner", allow="public", camera=True)
def shell() -> str:
    """The scanner as it stands on a device: the same for everybody, filled by its script."""
    return _page()


def _page() -> str:
    # What differs from hour to hour and from reader to reader stays off a page that is kept.
    return render_template(
        "volunteer/checkin/offline.html", why=parked.WHY, closed_to_writing=False, rehearsal=None, elder=False
    )


@pages.get("/scanner/now", allow="checkin.scan")
def now() -> ResponseReturnValue:
    """What the scanner asks for when it has signal: the time, the days it may scan for, the token of its forms."""
    return jsonify(
        {"now": clock.now(), "days": rosters.days(), "token": generate_csrf(), "me": current_user.public}
    )


@pages.get("/sw.js", allow="public")
def worker() -> Response:
    """The service worker of the scanner; another version of any of its files makes it another worker."""
    # Told by the address it was registered under, so that both languages of the page can stand on a device.
    language = i18n.locale()
    page = f"{url_for('offline.shell')}?lang={language}"
    files = [_asset(name) for name in FILES] + [_plain(name) for name in PARTS]
    others = [{"path": one.path, "page": f"{url_for(one.endpoint)}?lang={language}"} for one in KEPT]
    version = _version(current_app.static_folder or "", language)
    known = {"version": version, "page": page, "others": others, "files": files}
    script = (Path(current_app.static_folder or "") / "sw.js").read_text(encoding="utf-8")
    response = Response(
        f"const SHELL = {json.dumps(known)};\n{script}", mimetype="text/javascript; charset=utf-8"
    )
    # Looked at anew each time: the browser compares it with the one it has.
    response.headers["Cache-Control"] = "no-cache"
    return response


@pages.get("/scanner.webmanifest", allow="public")
def manifest() -> Response:
    """What the scanner is called and looks like among the apps of a phone."""
    start = url_for("offline.shell", lang=i18n.locale())
    sizes = (("192x192", "any", "192"), ("512x512", "any", "512"), ("512x512", "maskable", "maskable"))
    told: dict[str, Any] = {
        "id": url_for("offline.shell"),
        "name": str(_("礼遇签到扫码")),
        "short_name": str(_("签到扫码")),
        "description": str(_("没有信号也能扫志愿者的码，有信号后自动上传。")),
        "lang": "en" if i18n.locale() == "en" else "zh-CN",
        "start_url": start,
        "scope": "/",
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#FFFBF6",
        "theme_color": "#C4261D",
        "icons": [
            {"src": _asset(f"brand/icon-{name}.png"), "sizes": size, "type": "image/png", "purpose": purpose}
            for size, purpose, name in sizes
        ],
    }
    response = Response(json.dumps(told), mimetype="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _asset(name: str) -> str:
    address: Any = current_app.jinja_env.globals["asset"]
    return str(address(name))


def _plain(name: str) -> str:
    return f"{current_app.static_url_path}/{name}"


@lru_cache(maxsize=4)
def _version(folder: str, language: str) -> str:
    """Changes when a file of the page or a word on it does."""
    seen = hashlib.sha256(_page().encode())
    for other in KEPT:
        seen.update(other.draw().encode())
    for name in (*FILES, *PARTS, "sw.js"):
        seen.update(Path(folder, name).read_bytes())
    return seen.hexdigest()[:16]
