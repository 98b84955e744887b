"""The gate's pages, as people open them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from volunteer import accounts, checkin, ledger, service_days
from volunteer.accounts import passwords


@pytest.fixture
def signed_up(xiaoman: accounts.User, day: service_days.ServiceDay) -> accounts.User:
    service_days.sign_up(xiaoman, day)
    return xiaoman


def test_the_wall_shows_a_code_and_who_came(
    clock: Any, visitor: Any, signed_up: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    clock.move("2026-03-08 09:00")
    checkin.record(signed_up, checkin.showing(day).code, "scan-one")
    browser = visitor(lao_wang)
    assert "清洁家园" in browser.get(f"/service-days/{day.id}/wall").words
    now = browser.get(f"/service-days/{day.id}/wall/now").json
    assert now["in"] == 1 and now["recent"][0]["name"] == "小*" and "<svg" in now["svg"]


def test_one_tap_after_the_phones_camera_opened_the_code(
    clock: Any, visitor: Any, signed_up: accounts.User, day: service_days.ServiceDay
) -> None:
    clock.move("2026-03-08 09:00")
    browser = visitor(signed_up)
    code = checkin.showing(day).code
    page = browser.get(f"/c/{code}")
    assert "清洁家园" in page.words
    clock.pass_(minutes=4)  # slow signal: the claim, not the code, is what counts now
    answer = browser.post("/checkins", data={}, follow=True)
    assert answer.h1 == "签到好了，谢谢你来。"
    assert "11:15" in answer.words


def test_an_answer_and_all_it_is_made_of_is_less_than_thirty_kilobytes(
    app: Any, clock: Any, visitor: Any, signed_up: accounts.User, day: service_days.ServiceDay
) -> None:
    clock.move("2026-03-08 09:00")
    browser = visitor(signed_up)
    browser.get(f"/c/{checkin.showing(day).code}")
    answer = browser.post("/checkins", data={}, follow=True)
    named = re.findall(r'<(?:link|script)\b[^>]*\b(?:href|src)="/static/([^"?]+)', answer.text)
    assert "css/tokens.css" in named
    bodies = [answer.text.encode(), *((Path(app.static_folder) / name).read_bytes() for name in named)]
    assert sum(len(gzip.compress(body, 6)) for body in bodies) < 30_000


def test_a_claim_lapses_after_five_minutes(
    clock: Any, visitor: Any, signed_up: accounts.User, day: service_days.ServiceDay
) -> None:
    clock.move("2026-03-08 09:00")
    browser = visitor(signed_up)
    browser.get(f"/c/{checkin.showing(day).code}")
    clock.pass_(minutes=5, seconds=1)
    refused = browser.post("/checkins", data={})
    assert refused.status_code == 410 and "再扫一次" in refused.words


def test_a_scan_kept_through_sign_in_completes(
    clock: Any, visitor: Any, here: Any, signed_up: accounts.User, day: service_days.ServiceDay
) -> None:
    """CK-62: scanned as a stranger, signed in, checked in."""
    signed_up.password_hash = passwords.kept("a-quiet-morning")
    clock.move("2026-03-08 09:00")
    browser = visitor()
    code = checkin.showing(day).code
    assert "登录" in browser.get(f"/c/{code}").words
    clock.pass_(minutes=2)
    signed = browser.post("/sign-in", data={"phone": "13800000001", "password": "a-quiet-morning"})
    assert signed.status_code in (302, 303) and signed.headers["Location"].endswith(f"/c/{code}")
    page = browser.get(f"/c/{code}")
    assert page.all("form", **{"data-goes-by-itself": True}) or "签到" in page.words
    assert browser.post("/checkins", data={}, follow=True).h1 == "签到好了，谢谢你来。"


def test_back_and_again_is_the_same_answer(
    clock: Any, visitor: Any, signed_up: accounts.User, day: service_days.ServiceDay
) -> None:
    clock.move("2026-03-08 09:00")
    browser = visitor(signed_up)
    browser.get(f"/c/{checkin.showing(day).code}")
    first = browser.post("/checkins", data={})
    second = browser.post("/checkins", data={})
    assert first.headers["Location"] == second.headers["Location"]


def test_the_answer_shows_the_formula(
    clock: Any, visitor: Any, signed_up: accounts.User, day: service_days.ServiceDay
) -> None:
    browser = visitor(signed_up)
    clock.move("2026-03-08 09:02")
    browser.post("/checkins", data={"code": checkin.showing(day).code, "scan": "form-scan-in"})
    clock.move("2026-03-08 11:20")
    answer = browser.post(
        "/checkins", data={"code": checkin.showing(day).code, "scan": "form-scan-out"}, follow=True
    )
    assert "138 分钟 → 4 个半小时 × 5 × 1.0 = 20 分" in answer.words.replace("1 =", "1.0 =")
    assert ledger.balance(signed_up.id) == 20


def test_the_scanner_page_reads_a_pass(
    clock: Any, visitor: Any, signed_up: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    clock.move("2026-03-08 09:00")
    browser = visitor(lao_wang)
    page = browser.get(f"/service-days/{day.id}/scanner")
    assert "wasm-unsafe-eval" in page.headers["Content-Security-Policy"]
    data = {"code": checkin.my_pass(signed_up).url, "scan": "gate-scan-1"}
    scanned = browser.post(f"/service-days/{day.id}/checkins", data=data, headers={"HX-Request": "true"})
    assert scanned.status_code == 201 and "小*" in scanned.text and "小满" not in scanned.text
    again = browser.post(f"/service-days/{day.id}/checkins", data=data, headers={"HX-Request": "true"})
    assert again.status_code == 200 and "签过到" in again.text


def test_only_the_team_and_the_office_open_the_gate(
    visitor: Any,
    xiaoman: accounts.User,
    passer_by: accounts.User,
    lao_wang: accounts.User,
    office: accounts.User,
    other_office: accounts.User,
    day: service_days.ServiceDay,
) -> None:
    """T13."""
    for page in ("wall", "wall/now", "scanner", "roll"):
        for person, answer in [
            (xiaoman, 403),
            (passer_by, 403),
            (other_office, 404),
            (lao_wang, 200),
            (office, 200),
        ]:
            assert visitor(person).get(f"/service-days/{day.id}/{page}").status_code == answer, (
                page,
                person.name,
            )


def test_the_roll_confirms_and_undoes(
    clock: Any, visitor: Any, signed_up: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    clock.move("2026-03-08 09:00")
    stay = checkin.record(signed_up, checkin.showing(day).code, "scan-one")
    clock.move("2026-03-08 13:00")
    browser = visitor(lao_wang)
    assert "等你核对" in browser.get(f"/service-days/{day.id}/roll").words
    nobody = browser.post(
        f"/service-days/{day.id}/roll/confirmation", data={"user_id": ["²", "9" * 30]}, follow=True
    )
    assert "核对好了 0 人" in nobody.words
    done = browser.post(
        f"/service-days/{day.id}/roll/confirmation", data={"user_id": str(signed_up.id)}, follow=True
    )
    assert "核对好了 1 人" in done.words
    undone = browser.post(f"/checkins/{stay.id}/reversal", data={"reason": "扫错了"}, follow=True)
    assert "已撤销" in undone.words
    assert ledger.balance(signed_up.id) == 0


def test_a_pass_opened_by_a_stranger_says_nothing_about_anybody(visitor: Any, xiaoman: accounts.User) -> None:
    """T10."""
    page = visitor().get(f"/m/{checkin.my_pass(xiaoman).code}")
    assert page.status_code == 200 and "小满" not in page.text and xiaoman.volunteer_no not in page.text


def test_typed_nonsense_is_a_kind_refusal(visitor: Any, xiaoman: accounts.User) -> None:
    for code in ("", "你好", "x" * 5000, "0" * 44, "<script>"):
        answer = visitor(xiaoman).post("/checkins", data={"code": code, "scan": "nonsense-1"})
        assert answer.status_code in (400, 410, 413), code
