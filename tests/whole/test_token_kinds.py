"""T05: each of our codes held in front of every other reader: told kindly that it belongs elsewhere, and nothing done."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from rewards import vouchers
from volunteer import accounts, checkin, codes, community, patrols, service_days, sheets
from volunteer.checkin import Attendance
from volunteer.db import db

pytestmark = pytest.mark.whole


@pytest.fixture
def tokens(
    clock: Any, xiaoman: accounts.User, day: service_days.ServiceDay, voucher: Any, here: Any
) -> dict[str, str]:
    """One of each kind, all of them good at this moment."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    area = community.get(xiaoman.home_id)
    route = patrols.routes.make(area, "周一夜查", by=None)
    patrols.routes.add_point(route, "东门", area, by=None)
    made = {
        "wall": checkin.showing(day).code,
        "pass": checkin.my_pass(xiaoman).code,
        "card": checkin.cards.face(checkin.cards.make(xiaoman, xiaoman), xiaoman).url.rpartition("/")[2],
        "voucher": vouchers.present(voucher).code,
        "point": patrols.queries.route_points(route.id)[0].code,
        "sheet": sheets.printing.draw_up(day, blanks=0, by=xiaoman)[0].code,
        "poster": checkin.posters.make(day=day, by=None).code,
    }
    here.commit()
    return made


def scanned(code: str) -> str:
    """What a scanner gun brings: the whole address; so few characters by themselves would be somebody's typing."""
    paths = {codes.POINT_CHARS: "d", codes.SHEET_CHARS: "b"}
    return f"http://localhost/{paths[len(code)]}/{code}" if len(code) in paths else code


def test_every_kind_at_every_other_reader(
    here: Any,
    visitor: Any,
    device: Any,
    tokens: dict[str, str],
    daming: accounts.User,
    lao_wang: accounts.User,
    azhen: accounts.User,
    day: service_days.ServiceDay,
) -> None:
    """T05: six kinds at eight readers."""
    counter, leader, phone = device(azhen), visitor(lao_wang), visitor(daming)
    readers: dict[str, tuple[tuple[str, ...], Any]] = {
        "POST /api/v1/checkins": (
            ("wall",),
            lambda code: device(daming).post("/api/v1/checkins", json={"code": code, "scan": "wrong-kind-1"}),
        ),
        "POST /checkins": (
            ("wall", "point", "poster", "sheet"),  # what hangs on a wall or is typed back is led on to its own page
            lambda code: phone.post("/checkins", data={"code": code, "scan": "wrong-kind-2"}),
        ),
        "GET /c/": (("wall",), lambda code: phone.get(f"/c/{code}")),
        # Of the same shape: one that is not its own is one that nobody knows, and is told so.
        "GET /w/": (("point", "poster"), lambda code: phone.get(f"/w/{code}")),
        "GET /d/": (("point", "poster"), lambda code: phone.get(f"/d/{code}")),
        "GET /b/": (("sheet",), lambda code: phone.get(f"/b/{code}")),
        "the scanner": (
            ("pass", "card"),
            lambda code: leader.post(f"/service-days/{day.id}/checkins", data={"code": code, "scan": "wrong-kind-3"}),
        ),
        "POST /redemptions": (
            ("voucher",),
            lambda code: counter.post("/api/v1/redemptions", json={"code": scanned(code), "scan": "wrong-kind-4"}),
        ),
        "a voucher refused": (
            ("voucher",),
            lambda code: counter.post(
                "/api/v1/redemptions/refusals", json={"code": scanned(code), "scan": "wrong-kind-5", "reason": "售罄"}
            ),
        ),
    }  # fmt: skip
    before = _written()
    for reader, (own, read) in readers.items():
        for kind, code in tokens.items():
            if kind in own:
                continue
            answer = read(code)
            assert answer.status_code == 400, (reader, kind, answer.status_code)
            told = answer.json["code"] if answer.is_json else answer.words
            assert told == "signing.wrong_type" or "这是" in told, (reader, kind, told)
    here.commit()
    assert _written() == before


def _written() -> tuple[int, str]:
    stays = db.session.scalar(select(func.count()).select_from(Attendance)) or 0
    return stays, db.session.scalar(select(vouchers.Voucher.state)) or ""


def test_a_code_nobody_knows_never_asks_for_a_password(visitor: Any, tokens: dict[str, str]) -> None:
    """T10: a poster pasted over ours leads to no form of ours: an unknown code has no password field on its page."""
    for path in ("c", "m", "v", "w", "d", "p", "verify"):
        for code in ("0" * 44, "X" * 12, tokens["wall"][:-1] + "Z"):
            page = visitor().get(f"/{path}/{code}")
            assert page.status_code < 500
            assert not page.all("input", type="password"), (path, code)
            assert not page.all("form", action="/sign-in"), (path, code)
