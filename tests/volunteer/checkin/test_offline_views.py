"""The scanner's page, its worker and its manifest: nobody's, whole, and looked at anew."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from PIL import Image

from volunteer import accounts, service_days

ROOT = Path(__file__).resolve().parents[3]


def worker_of(visitor: Any, language: str = "zh") -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        re.match(r"const SHELL = (\{.*\});\n", visitor().get(f"/sw.js?lang={language}").text)[1]  # type: ignore[index]
    )
    return told


def test_the_page_is_the_same_for_everybody(visitor: Any, lao_wang: accounts.User, team: Any) -> None:
    """S01: no session, no token, no name, whoever asks; so it may be kept."""
    stranger, leader = visitor().get("/scanner"), visitor(lao_wang).get("/scanner")
    assert stranger.text == leader.text
    assert "Set-Cookie" not in stranger.headers and "csrf" not in stranger.text
    assert "wasm-unsafe-eval" in stranger.headers["Content-Security-Policy"], "its camera's reader runs"


def test_the_worker_names_every_file_the_page_needs(visitor: Any) -> None:
    """S01: each is there, and each script that a listed script asks for is listed."""
    response = visitor().get("/sw.js")
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.mimetype == "text/javascript"
    told = worker_of(visitor)
    names = {file.split("?")[0] for file in told["files"]}
    assert all((ROOT / name.lstrip("/")).is_file() for name in names)
    for name in (one for one in names if one.startswith("/static/js/")):
        for asked in re.findall(r'(?:from|import) "\./([\w.]+)"', (ROOT / name.lstrip("/")).read_text()):
            assert f"/static/js/{asked}" in names, f"{name} asks for {asked}"
    page = visitor().get(told["page"]).text
    for file in re.findall(r'(?:src|href)="(/static/[^"#]+)', page):
        assert file in told["files"] or "brand/icon" in file, file


def test_another_language_is_another_worker(visitor: Any) -> None:
    """S01: the words are part of the version."""
    zh, en = worker_of(visitor), worker_of(visitor, "en")
    assert zh["version"] != en["version"] and en["page"] == "/scanner?lang=en"
    assert "Check-in scanner" in visitor().get(en["page"]).words


def test_the_manifest_has_its_icons(visitor: Any) -> None:
    response = visitor().get("/scanner.webmanifest?lang=en")
    told = json.loads(response.text)
    assert response.mimetype == "application/manifest+json"
    assert (told["start_url"], told["name"]) == ("/scanner?lang=en", "Liyu check-in scanner")
    for icon in told["icons"]:
        with Image.open(ROOT / icon["src"].split("?")[0].lstrip("/")) as drawn:
            assert "x".join(map(str, drawn.size)) == icon["sizes"]


def test_what_it_asks_for_with_signal(
    visitor: Any, clock: Any, lao_wang: accounts.User, xiaoman: accounts.User, day: service_days.ServiceDay
) -> None:
    """T13: the days within reach and around now; nobody else's, and nothing for who scans for nobody."""
    clock.move("2026-03-08 08:00")
    told = visitor(lao_wang).get("/scanner/now").json
    assert [one["id"] for one in told["days"]] == [day.id] and told["token"]
    assert visitor(xiaoman).get("/scanner/now").status_code == 403
    assert visitor().get("/scanner/now").status_code == 302
    clock.move("2026-03-09 12:00")
    assert visitor(lao_wang).get("/scanner/now").json["days"] == []
