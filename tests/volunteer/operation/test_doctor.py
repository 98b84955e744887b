"""The doctor: each thing that may be wrong is made wrong once, and found."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import Engine, event, text

from volunteer import db as database
from volunteer.db import db
from volunteer.operation import doctor as examination


@pytest.fixture
def examine(command: Any) -> Any:
    """Ask the doctor and return what is wrong, by check: `examine()["durable"]`."""

    def ask(state: str = "FAIL") -> dict[str, str]:
        told = json.loads(command("doctor", "--json").output)
        return {one["name"]: " ".join(one["why"]) for one in told["checks"] if one["state"] == state}

    return ask


def _only_sqlite(engine: Any) -> None:
    if engine.name != "sqlite":
        pytest.skip("a matter of SQLite")


def test_a_sound_platform_has_nothing_but_a_scheduler_and_a_schema_to_miss(
    examine: Any, command: Any
) -> None:
    """O6: made by create_all, with nobody ticking; everything else holds."""
    assert set(examine()) - {"durable"} == {"migrations", "scheduler"}
    assert command("doctor").exit_code == 1


def test_a_database_that_forgets_what_it_acknowledged(engine: Any, examine: Any, here: Any, app: Any) -> None:
    """O6: synchronous below FULL; on PostgreSQL the tests' own server runs with fsync off, and that is found."""
    if engine.name == "postgresql":
        assert "fsync is off" in examine()["durable"]
        return
    assert "durable" not in examine()

    def forgetful(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")

    with _listening(db.engine, "connect", forgetful):
        with here.outside():
            db.engine.dispose()
        assert "synchronous is 1, should be 2" in examine()["durable"]
    with here.outside():
        db.engine.dispose()


def test_synchronous_commit_switched_off_is_found(engine: Any, examine: Any, here: Any) -> None:
    if engine.name != "postgresql":
        pytest.skip("a matter of PostgreSQL")
    name = db.engine.url.database
    db.session.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    with here.outside():
        db.engine.dispose()
    assert "synchronous_commit is off" in examine()["durable"]


def test_writes_that_begin_too_late_are_found(
    engine: Any, examine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """O6: a deferred begin."""
    _only_sqlite(engine)
    assert "writes begin at once" not in examine()

    def deferred(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    event.remove(Engine, "begin", database._begin)
    try:
        with _listening(Engine, "begin", deferred):
            assert "deferred" in examine()["writes begin at once"]
    finally:
        event.listen(Engine, "begin", database._begin)


def test_a_guard_that_sleeps_is_found(engine: Any, examine: Any, here: Any) -> None:
    """O6: a trigger that is missing or disabled."""
    assert "append-only guards" not in examine()
    db.session.execute(
        text(
            "DROP TRIGGER ledger_posting_d"
            if engine.name == "sqlite"
            else "ALTER TABLE ledger_posting DISABLE TRIGGER ledger_posting_ud"
        )
    )
    here.commit()
    assert "ledger_posting_" in examine()["append-only guards"]


def test_somebody_who_may_do_too_much_is_found(engine: Any, examine: Any, here: Any) -> None:
    """O6: an extra grant on what may only be added to; on SQLite, a file that others may write."""
    assert "grants" not in examine()
    if engine.name == "sqlite":
        file = Path(str(db.engine.url.database))
        file.chmod(0o666)
        try:
            assert "others" in examine()["grants"]
        finally:
            file.chmod(0o644)
        return
    db.session.execute(text("GRANT UPDATE ON ledger_posting TO PUBLIC"))
    here.commit()
    assert examine()["grants"] == "everybody has UPDATE on ledger_posting"


def test_proxies_that_are_believed_wrongly_are_found(make_app: Any, here: Any, outdoors: Any) -> None:
    def ask(**config: Any) -> str:
        there = make_app(**config)
        with here.outside():
            return str(outdoors.copy().run(lambda: FlaskCliRunner(there).invoke(args=["doctor"])).output)

    assert "FAIL  proxies" in ask(base_url="https://liyu.example.org")
    assert "ok    proxies" in ask(base_url="https://liyu.example.org", trusted_proxies=1)
    assert "FAIL  proxies" in ask(trusted_proxies=1)


def test_a_key_that_others_can_read_is_found(
    examine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "INSTANCE", tmp_path)
    (tmp_path / "secret_key").write_text("x" * 40)
    (tmp_path / "secret_key").chmod(0o644)
    assert "secret_key" in examine()["secrets"]
    (tmp_path / "secret_key").chmod(0o600)
    assert "secrets" not in examine()


def test_a_secret_of_last_year_is_worth_a_word(
    examine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S23: mode, length and age of the secret file."""
    monkeypatch.setattr(examination, "INSTANCE", tmp_path)
    (tmp_path / "secret_key").write_text("x" * 40)
    (tmp_path / "secret_key").chmod(0o600)
    long_ago = datetime(2024, 1, 1).timestamp()
    os.utime(tmp_path / "secret_key", (long_ago, long_ago))
    assert "older than a year" in examine("warn")["keys"]
    lately = datetime(2026, 3, 1).timestamp()
    os.utime(tmp_path / "secret_key", (lately, lately))
    assert "keys" not in examine("warn")


def test_messages_into_the_log_are_worth_a_word(make_app: Any, here: Any, outdoors: Any) -> None:
    """T23: where people reach us, a code must not be printed."""

    def ask(**changes: Any) -> str:
        made = make_app(**changes)
        return outdoors.copy().run(lambda: FlaskCliRunner(made).invoke(args=["doctor"]).output)

    with here.outside():
        assert "warn  messages" in ask(base_url="https://liyu.example.org", trusted_proxies=1)
        assert "ok    messages" in ask()


def test_no_backup_is_worth_a_word(examine: Any) -> None:
    assert "no backup" in examine("warn")["backups"]


@contextmanager
def _listening(target: Any, name: str, act: Any) -> Iterator[None]:
    event.listen(target, name, act)
    try:
        yield
    finally:
        event.remove(target, name, act)
