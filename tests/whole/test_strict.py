"""The strict visitor sees what it should: each fault planted once, on a site of four lines."""

from __future__ import annotations

import pytest
from flask import Flask, session

from tests import chinese
from tests.strict import Visitor

GOOD = (
    '<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>桂花社区</title></head>'
    "<body><h1>今天</h1>%s</body></html>"
)


def visit(html: str, **options) -> Visitor:
    site = Flask("planted")
    site.secret_key = "planted"
    site.add_url_rule("/", "page", lambda: html)
    site.add_url_rule("/form", "form", lambda: {"token": session.get("csrf_token", "")}, methods=["POST"])
    return Visitor(site, **options)


def test_a_good_page_passes():
    page = visit(GOOD % "<p>欢迎，<b>小满</b></p><img src='/a.png' alt=''>").get("/")
    assert page.words == "今天 欢迎， 小满"
    assert page.h1 == "今天"


@pytest.mark.parametrize(
    ("planted", "seen"),
    [
        ("<h1>两个</h1>", "2 h1"),
        ("<p>余额 None 分</p>", "None reached"),
        ('<a href="/days/None">看</a>', 'href="/days/None"'),
        ("<p>{{ name }}</p>", "{{ reached"),
        ("<p>还差 {points} 分</p>", "never filled in"),
        ('<form method="post" action="/x"></form>', "no csrf_token"),
        ('<p style="color:red">红</p>', "style="),
        ('<button onclick="go()">去</button>', "on…="),
        ("<script>go()</script>", "script inside"),
        ('<img src="/a.png">', "without alt"),
        ('<svg><use href="/static/icons.svg#i-unicorn"></use></svg>', "no icon is called i-unicorn"),
        ('<i id="a"></i><i id="a"></i>', "given twice"),
        ("<p><div>套错了</div></p>", "line 1"),
        ("<p>&lt;volunteer.ledger.Purse object at 0x7f&gt;</p>", "object reached"),
    ],
)
def test_a_planted_fault_is_seen(planted: str, seen: str):
    with pytest.raises(AssertionError) as fault:
        visit(GOOD % planted).get("/")
    assert seen in str(fault.value)


@pytest.mark.parametrize(
    ("had", "has", "seen"),
    [
        (' lang="zh"', "", "no lang"),
        ("<title>桂花社区</title>", "", "no title"),
        ("<!doctype html>", "", "doctype"),
    ],
)
def test_a_page_without_its_frame_is_seen(had: str, has: str, seen: str):
    with pytest.raises(AssertionError) as fault:
        visit((GOOD % "").replace(had, has)).get("/")
    assert seen in str(fault.value)


def test_our_chinese_on_an_english_page_is_seen_and_the_words_of_people_are_not():
    sentence = next(text for text in chinese.marked() if chinese.ours(text))
    page = (GOOD % "").replace('lang="zh"', 'lang="en"').replace("今天", "Today")
    visit(page.replace("</h1>", "</h1><p>老槐树下清扫小队</p>"), lang="en").get("/")
    with pytest.raises(AssertionError, match="still Chinese"):
        visit(page.replace("</h1>", f"</h1><p>{sentence}</p>"), lang="en").get("/")


def test_a_form_is_sent_with_a_token_and_each_visitor_has_their_own():
    first, second = visit(GOOD % ""), visit(GOOD % "")
    token = first.post("/form").json["token"]
    assert token
    assert first.post("/form").json["token"] == token
    assert second.post("/form").json["token"] != token
