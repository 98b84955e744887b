"""Six digits sent to a phone: for one purpose, five minutes, five tries, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from flask import Response, after_this_request
from sqlalchemy import Select, select, update

from volunteer import clock, identity, limits, signing
from volunteer.accounts import devices, phones
from volunteer.accounts.models import PhoneCode
from volunteer.db import apart, db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _

Purpose = Literal["sign_in", "register", "guardian"]
LASTS = timedelta(minutes=5)
PROOF_LASTS = timedelta(minutes=15)
TRIES = 5
PER_PHONE = "1/minute;5/hour;10/day"
PER_ADDRESS = "20/hour"
PER_DEVICE = "5/hour"
#: A whole installation's budget; a flood stops here, and people sign in by password meanwhile.
ALL = "2000/hour;10000/day"
GUESSES_PER_ADDRESS = "60/hour"

WORDS: dict[str, Sentence] = {
    "sign_in": _("【礼遇】登录验证码 {code}，5分钟内有效。不要告诉别人。"),
    "register": _("【礼遇】注册验证码 {code}，5分钟内有效。不要告诉别人。"),
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


def count_request(phone: str, address: str | None) -> None:
    """Count that somebody asks for a code; stands apart from the request's transaction.

    :raises volunteer.errors.TooMany: this phone, browser, address or everybody has asked too often
    """
    limits.hit("sms_address", address, PER_ADDRESS)
    limits.hit("sms_device", f"{address}/{devices.mark()}", PER_DEVICE)
    limits.hit("sms_all", "all", ALL)
    limits.hit("sms_phone", phones.index(phone).hex(), PER_PHONE)


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
