"""The environment is read once; a bad value stops start-up with one line that names it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from volunteer.config import BadConfig, Config

KEY = "a-secret-key-0123456789-abcdefghijklmnop"


def test_without_an_environment_everything_is_embedded(tmp_path: Path) -> None:
    config = Config.from_env({}, tmp_path)
    assert config.database_url == f"sqlite:///{tmp_path / 'liyu.db'}"
    assert (config.host, config.port, config.sms_provider) == ("127.0.0.1", 8000, "console")
    assert config.base_url == "http://127.0.0.1:8000" and not config.https


def test_the_embedded_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    """S23."""
    first, second = Config.from_env({}, tmp_path), Config.from_env({}, tmp_path)
    assert first.secret_keys == second.secret_keys
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_database_of_ones_own_needs_a_key_of_ones_own(tmp_path: Path) -> None:
    """S09, S23."""
    with pytest.raises(BadConfig, match="SECRET_KEY is missing"):
        Config.from_env({"DATABASE_URL": "postgresql://liyu@db/liyu"}, tmp_path)


def test_several_keys_may_be_given_the_first_signs(tmp_path: Path) -> None:
    config = Config.from_env({"SECRET_KEY": f"{KEY},{KEY[::-1]}"}, tmp_path)
    assert config.secret_keys == (KEY, KEY[::-1])


@pytest.mark.parametrize(
    "key",
    [
        "changeme-changeme-changeme-0123456789",
        "your-secret-key-goes-here-0123456789",
        "django-insecure-0a9s8d7f6g5h4j3k2l1z",
    ],
)
def test_a_key_that_examples_show_is_none(tmp_path: Path, key: str) -> None:
    """S09: start-up refuses a default SECRET_KEY, however long."""
    with pytest.raises(BadConfig, match="SECRET_KEY"):
        Config.from_env({"SECRET_KEY": key}, tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "99999"),
        ("WORKERS", "-1"),
        ("TRUSTED_PROXIES", "9"),
        ("LOG_FORMAT", "xml"),
        ("SMS_PROVIDER", "pigeon"),
        ("MAIL_URL", "pigeon"),
        ("MAIL_URL", "smtp://"),
        ("MAIL_FROM", "nobody"),
        ("DATABASE_URL", "mysql://db/liyu"),
        ("DATABASE_URL", "postgresql://liyu@db/liyu?pgbouncer=yes"),
        ("DATABASE_URL", "postgresql://liyu@db/liyu?pgbouncer"),
        ("BASE_URL", "liyu.example"),
        ("BASE_URL", "https://liyu.example/path"),
        ("CLOCK", "tomorrow"),
        ("CLOCK", "2026-12-13T08:45:00"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 64),
    ],
)
def test_a_bad_value_is_one_line_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadConfig) as stop:
        Config.from_env({"SECRET_KEY": KEY} | {name: value}, tmp_path)
    assert name in str(stop.value) and "\n" not in str(stop.value)


def test_a_secret_never_stands_in_the_message(tmp_path: Path) -> None:
    """S23, S33."""
    with pytest.raises(BadConfig) as stop:
        Config.from_env({"SECRET_KEY": "hunter2"}, tmp_path)
    assert "hunter2" not in str(stop.value)
