"""The switch that leaves the platform open to read and closed to write: one row, heard of within a second everywhere.

Each process looks at the row at most once a second, whatever happens; asking costs no more than a look at the clock.
Signing in is a write, so nobody new comes in; whoever is signed in goes on reading.
"""

from __future__ import annotations

import logging
import time
from contextvars import Context
from datetime import datetime

from flask import current_app
from sqlalchemy import CheckConstraint, Engine, String, delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import clock
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _

log = logging.getLogger("liyu.maintenance")

LOOK_EVERY_S = 1.0
RETRY_AFTER_S = 60


class ReadOnly(Refusal):
    code = "maintenance.read_only"
    status = 503
    says = _("系统正在维护，现在只能看，不能办理。刚才的操作没有生效，请稍后再试。")


class Closed(db.Model):
    """Closed to writing, since when and why; no row when it is open."""

    __tablename__ = "closed_to_writing"
    __table_args__ = (CheckConstraint("id = 1", "one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    why: Mapped[str] = mapped_column(String(200))


def close(why: str = "") -> None:
    """Close the platform to writing; closed already, only the reason changes."""
    row = db.insert(Closed).values(id=1, since=clock.now(), why=why[:200])
    db.session.execute(row.on_conflict_do_update(index_elements=[Closed.id], set_={"why": row.excluded.why}))


def open_again() -> None:
    """Open it to writing."""
    db.session.execute(delete(Closed))


def closed() -> bool:
    """Whether the platform is closed to writing, as of at most a second ago."""
    kept: dict[str, float] = current_app.extensions.setdefault(
        "closed_to_writing", {"next": 0.0, "closed": 0.0}
    )
    now = time.monotonic()
    if now >= kept["next"]:
        kept["next"] = now + LOOK_EVERY_S  # first, so that the others of this process do not ask as well
        try:
            # A context of its own: whatever transaction this request is in has nothing to do with it.
            kept["closed"] = float(Context().run(_look, db.engine))
        except SQLAlchemyError as error:
            log.warning("nobody tells whether writing is closed: %s", type(error).__name__)
    return bool(kept["closed"])


def _look(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.scalar(select(Closed.id)) is not None


def refuse_writing() -> None:
    """Let a write through while the platform is open.

    :raises ReadOnly: it is closed to writing
    """
    if closed():
        raise ReadOnly(retry_after=RETRY_AFTER_S)
