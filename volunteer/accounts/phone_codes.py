"""Six digits sent to a phone: for one purpose, five minutes, five tries, once."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Literal

from flask import Response, after_this_request
from sqlalchemy import Select, select, update

from volunteer import clock, events, identity, limits, signing
from volunteer.accounts import devices, phones, pictures
from volunteer.accounts.models import PhoneCode
from volunteer.db import apart, db
from volunteer.errors import Refusal, TooMany
from volunteer.i18n import Sentence, _

Purpose = Literal["sign_in", "register", "guardian", "phone"]
LASTS = timedelta(minutes=5)
PROOF_LASTS = timedelta(minutes=15)
TRIES = 5
PER_PHONE = "1/minute;5/hour;10/day"
PER_ADDRESS = "20/hour"
PER_DEVICE = "5/hour"
#: What a phone and a browser may ask for without looking at a picture.
WITHOUT_PICTURE = "1/hour"
#: A whole installation's budget; a flood stops here, and people sign in by password meanwhile. A day may have three
#: times what the week before had, but a first big Sunday is no flood and the bill has an end.
ALL = "2000/hour"
DAY_LEAST, DAY_MOST, DAY_TIMES = 2000, 10_000, 3
GUESSES_PER_ADDRESS = "60/hour"

WORDS: dict[str, Sentence] = {
    "sign_in": _("【礼遇】登录验证码 {code}，5分钟内有效。不要告诉别人。"),
    "register": _("【礼遇】注册验证码 {code}，5分钟内有效。不要告诉别人。"),
    "phone": _("【礼遇】换手机号验证码 {code}，5分钟内有效。不要告诉别人。"),
    "guardian": _(
        "【礼遇】{name}要报名做志愿者，写了你是监护人。同意的话，把验证码 {code} 告诉孩子填上；不同意请不要理会。"
    ),
}


class WrongCode(Refusal):
    code = "code.wrong"
    status = 422
    says = _("验证码不对，请看看最新的那条短信。")


class LapsedCode(Refusal):
    code = "code.lapsed"
    status = 422
    says = _("验证码过期了或已经用过，请再要一个。")


@events.kind
class MessagesStopped(events.Event):
    """No more codes are sent today, or this hour: more than the budget was asked for."""

    most: int


def count_request(phone: str, address: str | None, *, picture: tuple[str, str] | None = None) -> None:
    """Count that somebody asks for a code; stands apart from the request's transaction.

    The second of a phone or browser within an hour comes with a picture's question and its answer.

    :raises volunteer.errors.TooMany: this phone, browser, address or everybody has asked too often
    :raises pictures.PictureNeeded: a picture has to be looked at first
    """
    seen = pictures.take(*picture) if picture is not None else None
    number, device = phones.index(phone).hex(), f"{address}/{devices.mark()}"
    with limits.all_or_none():
        limits.hit("sms_address", address, PER_ADDRESS)
        limits.hit("sms_device", device, PER_DEVICE)
        limits.hit("sms_phone", number, PER_PHONE)
        if seen is not None:
            pictures.spend(seen)
        else:
            _first_of_the_hour(number, device)
    _within_budget()


def _first_of_the_hour(number: str, device: str) -> None:
    try:
        limits.hit("sms_bare", number, WITHOUT_PICTURE)
        limits.hit("sms_bare", device, WITHOUT_PICTURE)
    except TooMany:
        raise pictures.PictureNeeded from None


def _within_budget() -> None:
    try:
        with limits.all_or_none():
            limits.hit("sms_all", "all", ALL)
            limits.hit_today("sms", least=DAY_LEAST, most=DAY_MOST, times=DAY_TIMES)
    except TooMany as refusal:
        most = refusal.facts.get("_most")
        with contextlib.suppress(TooMany):  # told once
            limits.hit("sms_stopped", "day" if most else "hour", "1/day" if most else "1/hour")
            events.record_apart(
                MessagesStopped(most=most or int(ALL.split("/")[0])), by=None, about="sms:all"
            )
        raise


def count_guess(phone: str, purpose: Purpose, address: str | None) -> None:
    """Count a try against the latest code; stands apart, so a wrong try stays counted."""
    limits.hit("code_guess", address, GUESSES_PER_ADDRESS)
    with apart() as connection:
        latest = _latest(phone, purpose).with_only_columns(PhoneCode.id).scalar_subquery()
        connection.execute(update(PhoneCode).where(PhoneCode.id == latest).values(tries=PhoneCode.tries + 1))


def issue(phone: str, purpose: Purpose) -> str:
    """Return a new code for a phone and purpose; the earlier ones no longer work."""
    phone, code, now = identity.phone(phone), signing.digits(6), clock.now()
    db.session.add(
        PhoneCode(
            phone_index=phones.index(phone),
            purpose=purpose,
            code_hash=_hashes(phone, purpose, code)[0],
            sent_at=now,
            expires_at=now + LASTS,
            tries=0,
        )
    )
    db.session.flush()
    return code


def words(purpose: Purpose, **facts: object) -> Sentence:
    """Return the message that carries a code."""
    return Sentence(WORDS[purpose].text, facts)


def moved(masked: str) -> Sentence:
    """Return what the old number is told when an account moves to another."""
    return _("【礼遇】你的账号换成了手机号 {phone}。不是你本人换的，请马上联系社区工作人员。", phone=masked)


def use(phone: str, purpose: Purpose, code: str) -> int:
    """Take a code as proof that somebody holds the phone, once; return the proof's number.

    :raises LapsedCode: none was sent, or it is too old, used, or tried too often
    :raises WrongCode: it is another
    """
    sent = db.session.scalar(_latest(phone, purpose).with_for_update())
    if sent is None or sent.expires_at <= clock.now() or sent.tries > TRIES:
        raise LapsedCode
    plain = "".join(str(int(char)) for char in code if char.isdecimal())
    if not any(signing.same(sent.code_hash, known) for known in _hashes(phone, purpose, plain)):
        raise WrongCode

    sent.used_at = clock.now()
    db.session.flush()
    return sent.id


def use_after(proof: int) -> None:
    """Use a code up although the request leaves no trace: it was right, and what else was typed was not."""

    @after_this_request
    def _use(response: Response) -> Response:
        with apart() as connection:
            connection.execute(
                update(PhoneCode)
                .where(PhoneCode.id == proof, PhoneCode.used_at.is_(None))
                .values(used_at=clock.now())
            )
        return response


def proven(proof: object, phone: str) -> bool:
    """Whether a code was used for this phone a moment ago, so that no second one need be sent."""
    sent = db.session.get(PhoneCode, proof) if isinstance(proof, int) else None
    return (
        sent is not None
        and sent.used_at is not None
        and clock.now() - sent.used_at <= PROOF_LASTS
        and sent.phone_index in phones.indexes(phone)
    )


def _latest(phone: str, purpose: Purpose) -> Select[PhoneCode]:
    # Only the newest may prove anything; once it is used there is none.
    newest = (
        select(PhoneCode.id)
        .where(PhoneCode.phone_index.in_(phones.indexes(phone)), PhoneCode.purpose == purpose)
        .order_by(PhoneCode.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(PhoneCode).where(PhoneCode.id == newest, PhoneCode.used_at.is_(None))


def _hashes(phone: str, purpose: Purpose, code: str) -> list[str]:
    said = f"{identity.phone(phone)}:{code}"
    return [signing.keyed_hash(key, said).hex() for key in phones.keyring().all("otp", purpose)]
