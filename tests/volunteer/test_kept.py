"""What is kept for a few seconds: made once, by one, and never longer than said."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask

from volunteer import kept


@pytest.fixture
def keeping(make_app: Any) -> Flask:
    app: Flask = make_app(panels_kept_s=15)
    return app


def _together(app: Flask, asks: list[Any]) -> list[Any]:
    said: list[Any] = [None] * len(asks)

    def ask(n: int) -> None:
        with app.app_context():
            said[n] = asks[n]()

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(len(asks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return said


def test_ten_who_look_at_once_have_it_made_once(keeping: Flask) -> None:
    made = []

    def make() -> int:
        made.append(1)
        threading.Event().wait(0.2)
        return len(made)

    assert [one.what for one in _together(keeping, [lambda: kept.lately("board", make)] * 10)] == [1] * 10
    assert len(made) == 1


def test_who_comes_while_it_is_made_anew_sees_the_one_before(keeping: Flask, clock: Any) -> None:
    begun, go_on = threading.Event(), threading.Event()
    with keeping.app_context():
        kept.lately("board", lambda: "old")
    clock.pass_(seconds=15)

    def slowly() -> str:
        begun.set()
        go_on.wait(10)
        return "new"

    def meanwhile() -> str:
        begun.wait(10)
        shown: str = kept.lately("board", lambda: "twice").what
        go_on.set()
        return shown

    assert [_together(keeping, [lambda: kept.lately("board", slowly).what, meanwhile])] == [["new", "old"]]


def test_what_could_not_be_made_is_tried_again(keeping: Flask) -> None:
    with keeping.app_context():
        with pytest.raises(ZeroDivisionError):
            kept.lately("board", lambda: 1 // 0)
        assert kept.lately("board", lambda: "now").what == "now"


def test_only_so_many_things_are_kept(keeping: Flask) -> None:
    with keeping.app_context():
        for n in range(kept.MOST + 1):
            kept.lately(n, lambda: "first")
        assert kept.lately(0, lambda: "again").what == "again"
        assert kept.lately(kept.MOST, lambda: "again").what == "first"
