"""What a stranger's poster or a stranger's link can do: lead nowhere, ask for nothing, and lure nobody."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

from volunteer import accounts, service_days
from volunteer.accounts import passwords
from volunteer.accounts.next_stop import safe

pytestmark = pytest.mark.whole

#: Forty ways to make `next` lead to another house.
ELSEWHERE = [
    "https://evil.example", "http://evil.example/", "//evil.example", "///evil.example", "////evil.example",
    "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\\/evil.example", "/%5cevil.example",
    "/%2fevil.example", "/%2F%2Fevil.example", "//evil.example/%2f..", "/.//evil.example", "/..//evil.example",
    "/../../evil.example//", "/x/..//evil.example", "/./\\evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)", "data:text/html,<script>", "vbscript:x", "ftp://evil.example", "https:evil.example",
    "https:/evil.example", "https:///evil.example", "http:\\\\evil.example", " https://evil.example", "\thttps://evil.example",
    "/\t/evil.example", "/\n/evil.example", "/\r\nLocation: https://evil.example", "//evil.example:80/", "//user@evil.example",
    "https://liyu.example.cn@evil.example", "//evil%E3%80%82example", "。/evil.example", "/\u2028/evil.example", "//[::1]/",
]  # fmt: skip


def test_there_are_forty() -> None:
    assert len(set(ELSEWHERE)) == 40


@pytest.mark.parametrize("payload", ELSEWHERE)
def test_no_address_leads_elsewhere(payload: str) -> None:
    """T10: `next` is one of ours or it is home."""
    assert safe(payload, "/home") == "/home"


def test_no_next_of_any_page_leads_elsewhere(here: Any, visitor: Any, xiaoman: accounts.User) -> None:
    """T10: forty payloads at every page that takes `next`, signed in and signing in."""
    xiaoman.password_hash = passwords.kept("a-quiet-morning")
    here.commit()
    known = visitor(xiaoman)
    for payload in ELSEWHERE:
        for path in (
            "/preferences?lang=zh&next=",
            "/sign-in?next=",
            "/sign-in/code?next=",
            "/register?next=",
        ):
            answer = known.get(path + quote(payload, safe=""))
            _stays_here(answer, path, payload)
    for payload in ELSEWHERE[::8]:
        stranger = visitor()
        stranger.get("/sign-in")
        answer = stranger.post(
            "/sign-in?next=" + quote(payload, safe=""),
            data={"phone": "13800000001", "password": "a-quiet-morning", "next": payload},
        )
        assert answer.status_code in (302, 303), payload
        _stays_here(answer, "/sign-in", payload)


def _stays_here(answer: Any, path: str, payload: str) -> None:
    target = answer.headers.get("Location", "/")
    assert re.match(r"/(?![/\\])", target) and "evil" not in target, (path, payload, target)


def test_after_sign_in_the_page_says_what_only_we_two_know(visitor: Any, xiaoman: accounts.User) -> None:
    """T10: the safe phrase is chosen by the volunteer and stands on the first page after sign-in, on no page before."""
    browser = visitor(xiaoman)
    told = browser.post(
        "/me/profile",
        data={"name": "小满", "home": str(xiaoman.home_id), "skills": "", "safe_phrase": "外婆的桂花糕"},
    )
    assert told.status_code in (302, 303)
    assert "安心语：外婆的桂花糕" in browser.get("/").words
    assert "外婆的桂花糕" not in visitor().get("/sign-in").text


def test_the_wall_names_its_house_in_words(
    visitor: Any, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """T10: the host stands under the code, to compare with what the phone opened."""
    page = visitor(lao_wang).get(f"/service-days/{day.id}/wall")
    assert "扫开后地址应是" in page.words
    poster = visitor().get(f"/service-days/{day.id}/poster")
    assert f"/service-days/{day.id}" in poster.words


LURES = re.compile("积分|兑换|优惠券|红包|奖励|打卡|签到送|分享|转发|换礼")
SHARED = ("/", "/calendar", "/stations", "/service-days/{day}", "/service-days/{day}/poster", "/sign-in")


def test_what_a_shared_link_shows_lures_nobody(visitor: Any, day: service_days.ServiceDay, tea: Any) -> None:
    """T11: title, description and share metadata of what people pass on say nothing of points or benefits."""
    for path in SHARED:
        page = visitor().get(path.format(day=day.id))
        if page.status_code == 404:
            continue
        title = re.findall(r"<title>(.*?)</title>", page.text, re.S)
        metas = re.findall(
            r'<meta (?:name|property)="(?:description|og:[a-z]+|twitter:[a-z]+)" content="(.*?)"', page.text
        )
        for words in (*title, *metas):
            assert not LURES.search(words), (path, words)
    poster = visitor().get(f"/service-days/{day.id}/poster")
    assert not LURES.search(poster.words), poster.words


def test_nobody_is_paid_for_passing_a_link_on(visitor: Any, xiaoman: accounts.User) -> None:
    """T11: no page asks to share for points."""
    for path in ("/", "/me", "/offers", "/scan"):
        assert not re.search(
            "分享(后|得|领|可得)|转发(后|得|领)|邀请.{0,6}(得|送|积分)", visitor(xiaoman).get(path).words
        )
