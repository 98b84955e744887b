"""Signing in by password or by code, and the session that comes of it (T12, T18, T20, S04)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from volunteer import accounts, signing
from volunteer.accounts.models import SignIn

PASSWORD = "桂花 茶馆 路灯 七点"


@pytest.fixture
def someone(here, nankeng):
    return accounts.register(name="王小明", phone="13800000011", home=nankeng, password=PASSWORD)


def sign_in(browser, phone="13800000011", password=PASSWORD, **more):
    return browser.post("/sign-in", {"phone": phone, "password": password, **more})


def code_from(capsys) -> str:
    return re.search(r"\b(\d{6})\b", capsys.readouterr().err)[1]


def test_a_password_opens_the_door(visitor, someone):
    browser = visitor()
    assert sign_in(browser, phone="+86 138 0000 0011").location == "/"
    page = browser.get("/")
    assert page.h1 == "王小明，你好"


def test_every_page_of_ones_own_opens(visitor, someone):
    browser = visitor(someone)
    for path in (
        "",
        "/profile",
        "/password",
        "/sessions",
        "/consents",
        "/guardian",
        "/copy",
        "/closing",
        "/notices",
    ):
        assert browser.get(f"/me{path}").status_code == 200, path
    english = visitor(someone, lang="en")
    for path in (
        "",
        "/profile",
        "/password",
        "/sessions",
        "/consents",
        "/guardian",
        "/copy",
        "/closing",
        "/notices",
    ):
        assert english.get(f"/me{path}").status_code == 200, path
