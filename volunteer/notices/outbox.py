"""News that also leaves the inbox, by text message or mail: written down with the notice, sent once by the timetable.

Whoever sends a row claims it first and says so in the database, so no two processes send the same and none sends it
again after a crash: rather not at all than twice. The inbox has it in any case.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import delete, select, update

from volunteer import accounts, clock
from volunteer.accounts import User
from volunteer.db import db, transaction
from volunteer.i18n import Sentence, _
from volunteer.notices import choices, mails, quiet
from volunteer.notices.inbox import row_of, send_many, sentence
from volunteer.notices.kinds import CHANNELS
from volunteer.notices.models import MailAddress, Outgoing

log = logging.getLogger("liyu.notices")

#: One round of the timetable; what is left over waits for the next minute.
ROUND_MAX = 200
TRIES = 3
AGAIN_AFTER = timedelta(minutes=5)
#: News without an end of its own is old by then.
STALE_AFTER = timedelta(hours=24)
KEPT = timedelta(days=30)
ROWS_AT_ONCE = 500

Deliver = Callable[[], None]


def tell(
    user_ids: Iterable[int],
    text: Sentence,
    *,
    kind: str,
    key: str,
    link: str | None = None,
    until: datetime | None = None,
) -> None:
    """Put a sentence into many inboxes, and write it down for the phones and mailboxes of those who want that.

    The same key for the same person arrives once, by each way. From `until` on it is no news any more: what has not
    been sent by then never is, and quiet hours do not hold it back beyond that.
    """
    people = list(dict.fromkeys(user_ids))
    for start in range(0, len(people), ROWS_AT_ONCE):
        part = people[start : start + ROWS_AT_ONCE]
        send_many(part, text, key=key, link=link)
        rows = [
            _row(user_id, text, key, link, channel, until)
            for channel in CHANNELS
            for user_id in sorted(_reached(part, kind, channel))
        ]
        if rows:
            db.session.execute(db.insert(Outgoing).values(rows).on_conflict_do_nothing())


def send_due(limit: int = ROUND_MAX) -> dict[str, int]:
    """Send what is due, each by itself; return how many went out, and how many did not. Opens transactions itself."""
    done = {"count": 0, "failed": 0}
    for row_id in _due(limit):
        outcome = _send(row_id)
        if outcome is not None:
            done["count" if outcome == "sent" else "failed"] += outcome in ("sent", "failed")
    return done if done["failed"] else {"count": done["count"]}


def tidy(on: datetime) -> int:
    """Forget what was sent, or not, long ago."""
    old = delete(Outgoing).where(Outgoing.due_at < on - KEPT).returning(Outgoing.id)
    return len(db.session.scalars(old).all())


def _reached(people: list[int], kind: str, channel: str) -> set[int]:
    """Those who want this and can be reached so."""
    if channel == "sms":
        return choices.wanting(people, kind, channel) if sms_ready() else set()
    if not mails.ready():
        return set()
    having = select(MailAddress.user_id).where(MailAddress.user_id.in_(people))
    return choices.wanting(db.session.scalars(having).all(), kind, channel)


def sms_ready() -> bool:
    """Whether this installation sends text messages."""
    return bool(current_app.config["LIYU"].sms_provider != "none")


def _row(
    user_id: int, text: Sentence, key: str, link: str | None, channel: str, until: datetime | None
) -> dict[str, Any]:
    now = clock.now()
    told = row_of(user_id, text, key, link)
    return {
        **{name: told[name] for name in ("user_id", "text", "facts", "link", "key")},
        "channel": channel,
        "due_at": quiet.when(now, until),
        "until": until or now + STALE_AFTER,
        "state": "waiting",
        "tries": 0,
    }


def _due(limit: int) -> list[int]:
    due = select(Outgoing.id).where(Outgoing.state == "waiting", Outgoing.due_at <= clock.now())
    return list(db.session.scalars(due.order_by(Outgoing.due_at, Outgoing.id).limit(limit)))


def _send(row_id: int) -> str | None:
    """Send one, if it is still to be sent and it is we who do; return what became of it."""
    with transaction():
        outcome, deliver = _prepare(row_id)
    if deliver is None:
        return outcome
    # The claim is committed: from here on nobody else sends it, whatever becomes of us.
    state, why = _try(row_id, deliver)
    with transaction():
        return _finish(row_id, state, why)


def _prepare(row_id: int) -> tuple[str | None, Deliver | None]:
    """Claim one; return what became of it already, or what sends it."""
    row = _claim(row_id)
    if row is None:
        return None, None
    deliver = None
    outcome = _too_late(row) or _put_off(row)
    if outcome is None:
        try:
            deliver = _ready(row)
            outcome = "sending" if deliver else "dropped"
        except Exception as fault:  # a number that does not open is this row's trouble, not the next one's
            log.exception("outgoing %s cannot be sent", row_id)
            outcome, row.fault = "failed", type(fault).__name__
    row.state = outcome
    return outcome, deliver


def _try(row_id: int, deliver: Deliver) -> tuple[str, str | None]:
    try:
        deliver()
    except mails.NotReached as fault:
        return "waiting", str(fault)[:60]
    except Exception as fault:
        log.exception("outgoing %s was not sent", row_id)
        return "failed", type(fault).__name__
    return "sent", None


def _claim(row_id: int) -> Outgoing | None:
    mine = update(Outgoing).where(Outgoing.id == row_id, Outgoing.state == "waiting")
    mine = mine.values(state="sending", claimed_at=clock.now(), tries=Outgoing.tries + 1)
    won = db.session.scalar(mine.returning(Outgoing.id).execution_options(synchronize_session=False))
    return db.session.get(Outgoing, row_id, populate_existing=True) if won is not None else None


def _too_late(row: Outgoing) -> str | None:
    return "dropped" if clock.now() >= row.until else None


def _put_off(row: Outgoing) -> str | None:
    """It was due before the night and nobody sent it then: it waits for the morning like everything else."""
    at = quiet.when(clock.now(), row.until)
    if at <= clock.now():
        return None
    row.due_at, row.tries = at, row.tries - 1
    return "waiting"


def _ready(row: Outgoing) -> Deliver | None:
    """What sends it; None when there is nobody to send it to any more."""
    person, words = db.session.get_one(User, row.user_id), sentence(row.text, row.facts)
    if person.state != "active":
        return None
    if row.channel == "sms":
        return partial(accounts.sms.send, accounts.phones.of(person), _("【礼遇】{words}", words=words))
    address = mails.plain(person)
    if address is None:
        return None
    text, end = words.within("zh"), _("不想收到邮件，可以在“消息”的设置里关掉。").within("zh")
    body = f"{text}\n\n{current_app.config['BASE_URL']}{row.link or '/me/notices'}\n\n{end}\n"
    return partial(mails.send, address, f"【礼遇】{text}"[:70], body)


def _finish(row_id: int, state: str, why: str | None) -> str:
    row = db.session.get_one(Outgoing, row_id, with_for_update=True, populate_existing=True)
    if state == "waiting" and row.tries >= TRIES:
        state = "failed"
    row.state, row.fault = state, why
    if state == "sent":
        row.sent_at = clock.now()
    if state == "waiting":
        row.due_at = clock.now() + AGAIN_AFTER
    return state
