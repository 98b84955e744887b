"""At three in the morning every command in the runbooks works as it is written."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from flask import Flask

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
BOOKS = [DEPLOY / "runbooks.md", DEPLOY / "README.md"]
INCIDENTS = (
    "磁盘满", "数据库停了", "新版本有问题", "密钥泄露", "积分发错了", "商家作弊", "设备丢了", "微信打不开", "短信被刷",
    "资料外泄", "时钟不对", "从备份恢复",
)  # fmt: skip


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_every_command_exists(book: Path, app: Flask) -> None:
    """O10: no runbook names a command that is not there."""
    told = re.findall(r"\bflask (?:--app app )?((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*)", book.read_text())
    assert told
    for words in told:
        found: click.Command = app.cli
        for word in words.split():
            if not isinstance(found, click.Group):
                break
            assert word in found.commands, f"flask {words}"
            found = found.commands[word]
        assert not isinstance(found, click.Group), f"flask {words}: which?"


def test_each_incident_has_its_page() -> None:
    """O10: twelve incidents, each with what is seen, what is done, and when it is over."""
    pages = re.split(r"^## ", (DEPLOY / "runbooks.md").read_text(), flags=re.MULTILINE)[1:]
    assert len(pages) == len(INCIDENTS)
    for page, incident in zip(pages, INCIDENTS, strict=True):
        head, body = page.split("\n", 1)
        assert incident in head
        assert "看到：" in body and "做：" in body and "好了：" in body, head


def test_every_figure_with_an_alarm_is_one_we_tell(app: Flask) -> None:
    """S34: what the alarms watch is in /metrics."""
    told = app.test_client().get("/metrics").text
    named = set(re.findall(r"liyu_(?!app|owner)[a-z0-9_]+", "".join(book.read_text() for book in BOOKS)))
    assert named and not [name for name in named if name not in told]
