"""The environment, read once into a frozen Config. A bad value stops start-up with one clear line."""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

INSTANCE = Path(__file__).resolve().parent.parent / "instance"


#: What examples and templates say where a secret belongs.
_WELL_KNOWN = re.compile(
    r"change[-_ ]?me|your[-_ ]?(secret|key)|replace[-_ ]?(me|this)|placeholder|insecure", re.I
)


class BadConfig(SystemExit):
    """A value in the environment that we cannot start with; printed as one line, exit code 1."""


@dataclass(frozen=True, kw_only=True)
class Config:
    database_url: str
    secret_keys: tuple[str, ...]
    backup_keys: tuple[str, ...] = ()
    replica_url: str | None = None
    base_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    trusted_proxies: int = 0
    log_format: str = "text"
    metrics_token: str | None = None
    metrics_dir: str | None = None
    sms_provider: str = "console"
    mail_url: str = "none"
    mail_from: str = "liyu@localhost"
    clock: datetime | None = None
    #: For so many seconds a process shows the dashboards it has drawn to the next who look.
    panels_kept_s: int = 15
    testing: bool = False

    @property
    def https(self) -> bool:
        """Whether people reach us over TLS; decides cookie names and strict transport."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, instance: Path = INSTANCE) -> Config:
        """Return what the environment says, with the embedded defaults for what it leaves out.

        :raises BadConfig: naming the variable and what it should look like
        """
        embedded = not environ.get("DATABASE_URL")
        port = _number(environ, "PORT", 8000, 1, 65535)
        host = environ.get("HOST") or "127.0.0.1"
        return cls(
            database_url=_database(environ.get("DATABASE_URL") or f"sqlite:///{instance / 'liyu.db'}"),
            replica_url=_database(environ["DATABASE_REPLICA_URL"])
            if environ.get("DATABASE_REPLICA_URL")
            else None,
            secret_keys=_secrets(environ.get("SECRET_KEY"), instance, may_make=embedded),
            backup_keys=_keys("BACKUP_KEY", environ["BACKUP_KEY"]) if environ.get("BACKUP_KEY") else (),
            base_url=_base_url(environ.get("BASE_URL") or _own_url(host, port)),
            host=host,
            port=port,
            workers=_number(environ, "WORKERS", 2, 1, 64),
            trusted_proxies=_number(environ, "TRUSTED_PROXIES", 0, 0, 5),
            metrics_token=_token(environ, "METRICS_TOKEN"),
            metrics_dir=environ.get("METRICS_DIR") or None,
            log_format=_one_of(environ, "LOG_FORMAT", "text", ("text", "json")),
            sms_provider=_one_of(environ, "SMS_PROVIDER", "console", ("console", "none")),
            mail_url=_mail_url(environ.get("MAIL_URL") or "none"),
            mail_from=_mail_from(environ.get("MAIL_FROM") or "liyu@localhost"),
            clock=_moment(environ.get("CLOCK")),
        )


def _number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise BadConfig(f"{name}={text!r}: expected a whole number from {least} to {most}")
    return int(text)


def _one_of(environ: Mapping[str, str], name: str, default: str, known: tuple[str, ...]) -> str:
    value = environ.get(name) or default
    if value not in known:
        raise BadConfig(f"{name}={value!r}: expected one of {', '.join(known)}")
    return value


def _token(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name) or None
    if value is not None and (len(value) < 24 or not value.isascii() or any(map(str.isspace, value))):
        raise BadConfig(f"{name}: expected at least 24 characters without spaces")
    return value


def _database(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise BadConfig("DATABASE_URL: expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")
    if not set(parse_qs(urlsplit(url).query, keep_blank_values=True).get("pgbouncer", [])) <= {"true"}:
        raise BadConfig("DATABASE_URL: behind PgBouncer say ?pgbouncer=true, otherwise leave it out")
    return url


def _own_url(host: str, port: int) -> str:
    """What printed codes say when nobody told: on a server open to its network, the address phones there can reach."""
    open_to_network = host in ("0.0.0.0", "::")  # noqa: S104 - asked about, not bound to
    return f"http://{(lan_address() if open_to_network else None) or '127.0.0.1'}:{port}"


def _base_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/") or parts.query:
        raise BadConfig(
            f"BASE_URL={url!r}: expected https://HOST without a path; printed codes begin with it"
        )
    return url.rstrip("/")


def _mail_url(url: str) -> str:
    parts = urlsplit(url)
    if url not in ("none", "console") and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise BadConfig("MAIL_URL: expected none, console, smtp://HOST or smtps://USER:PASSWORD@HOST")
    return url


def _mail_from(text: str) -> str:
    if "@" not in text or not text.isprintable():
        raise BadConfig(f"MAIL_FROM={text!r}: expected an address such as 礼遇 <liyu@example.org>")
    return text


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadConfig(f"CLOCK={text!r}: expected a moment with offset such as 2026-12-13T08:45:00+08:00")
    return at


def _secrets(value: str | None, instance: Path, *, may_make: bool) -> tuple[str, ...]:
    """Several keys, comma-separated: the first signs, all verify (so keys can be rotated)."""
    kept = instance / "secret_key"
    if not value and kept.exists():
        value = kept.read_text().strip()
    if not value and may_make:
        instance.mkdir(exist_ok=True)
        value = secrets.token_urlsafe(48)
        # Created with its mode, never widened after the fact.
        try:
            with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(value + "\n")
        except FileExistsError:
            value = kept.read_text().strip()
    return _keys("SECRET_KEY", value or "")


def _keys(name: str, value: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in value.split(",") if key.strip())
    if not keys:
        raise BadConfig(f"{name} is missing: set it to at least 32 random characters")
    if any(_WELL_KNOWN.search(key) for key in keys):
        raise BadConfig("SECRET_KEY is an example's: anybody knows it; make one of your own")
    if any(len(key) < 32 or len(set(key)) < 8 for key in keys):
        raise BadConfig(f"{name} is too short or too regular: at least 32 random characters each")
    return keys


def lan_address() -> str | None:
    """The address of this machine on its own network; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address = str(probe.getsockname()[0])
        except OSError:
            return None
    return None if address.startswith("127.") else address
