"""The printed card of somebody without a phone: made, printed, read at the gate, reported lost.

The code on it is `passes.card_code`; a card counts only while its row here lives. The PIN beside it is for a code that
no longer reads: derived from our keys, the person and the revision, so it is stored nowhere and dies with the card.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import and_, select, update

from volunteer import accounts, clock, codes, events, identity, limits, notices, signing
from volunteer.accounts import User
from volunteer.checkin import passes
from volunteer.checkin.card_models import Card
from volunteer.db import db, read_only
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.service_days import ServiceDay
from volunteer.service_days import queries as day_queries

PIN_DIGITS = 6
NUMBER_DIGITS = 12
#: Wrong PINs for one person, whoever types them; then a quarter of an hour nobody may try.
OFTEN = "5 per 15 minutes"
PRINTED_MAX = 100
EXPECTED = ("accepted", "attended", "no_show")
LOST_PHONE, CLOSED = "本人报了手机丢失", "账号注销"


@events.kind
class CardMade(events.Event):
    card_id: int
    volunteer_id: int


@events.kind
class CardPrinted(events.Event):
    """Who printed it is the event's actor."""

    card_id: int
    volunteer_id: int


@events.kind
class CardEnded(events.Event):
    """Reported lost, or put out of use; the codes of that revision are dead, on paper and on the phone."""

    card_id: int
    volunteer_id: int


class WrongPin(Refusal):
    """Number and PIN do not belong together, or there is no card: which of the two is not told."""

    code = "checkin.wrong_pin"
    status = 422
    says = _("编号和密码对不上，或者这张卡已经停用。")
    who = _("请看卡上的 6 位密码再输一次，或者扫卡上的码；也可以只输编号，等组织者核对名单。")


class NotActive(Refusal):
    code = "card.not_active"
    says = _("这个账号停用或注销了，不能做志愿者卡。")
    who = _("请本人到社区问一下原因，恢复以后就能做。")


class TooManyAtOnce(Refusal):
    code = "card.too_many"
    status = 422
    says = _("一次最多打印 {most} 张，请分几次打印。")
    who = _("回到上一页，少勾一些再打印。")


class NobodyChosen(Refusal):
    code = "card.nobody"
    status = 422
    says = _("还没有选人。请先勾上要打印的人。")
    who = _("回到上一页，勾上名字前面的框。")


class NoCard(Refusal):
    code = "card.none"
    says = _("现在没有在用的志愿者卡。")
    who = _("要用卡的话，请在“我的志愿者卡”里做一张，或者请社区、队长打印。")


@dataclass(frozen=True)
class Face:
    """What is printed on a card."""

    card: Card
    name: str
    number: str
    url: str
    pin: str


# ── making, printing, ending ──


def living(volunteer_id: int) -> Card | None:
    """Return somebody's card that has not ended; its last day may be over."""
    return db.session.scalar(select(Card).where(Card.volunteer_id == volunteer_id, Card.ended_at.is_(None)))


def the_living(volunteer_id: int) -> Card:
    """Return somebody's card that has not ended.

    :raises NoCard: there is none
    """
    card = living(volunteer_id)
    if card is None:
        raise NoCard
    return card


def good(card: Card, volunteer: User) -> bool:
    """Whether the card is what we would print today: of the present revision, its last day not over."""
    return card.ended_at is None and card.revision == volunteer.pass_revision and card.until >= clock.today()


def make(volunteer: User, by: User, *, until: date | None = None) -> Card:
    """Return the person's card, made if there is none that is good: the same code and PIN as long as it lives.

    :raises NotActive: the account is suspended or closed
    """
    volunteer = _locked(volunteer)
    if not volunteer.is_active:
        raise NotActive
    card = living(volunteer.id)
    if card is not None and good(card, volunteer):
        return card

    if card is not None:
        # Out of date, or from before the codes were changed: it proves nothing any more.
        _close(card, by, "换新卡")
    made = Card(
        volunteer_id=volunteer.id,
        revision=volunteer.pass_revision,
        until=until or _year_on(clock.today()),
        made_by=by.id,
        made_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()

    events.record(CardMade(card_id=made.id, volunteer_id=volunteer.id), **_where(volunteer))
    return made


def note_printing(volunteers: Sequence[User], by: User) -> list[Card]:
    """Make what is missing and write down that somebody prints these people's cards; each of them is told.

    :raises NobodyChosen, TooManyAtOnce: none, or more than a hundred
    :raises NotActive: one of them is suspended or closed
    """
    if not volunteers:
        raise NobodyChosen
    if len(volunteers) > PRINTED_MAX:
        raise TooManyAtOnce(most=PRINTED_MAX)
    # Always in the same order, so that two who print at once wait for one another and never in a ring.
    people = sorted({one.id: one for one in volunteers}.values(), key=lambda one: one.id)
    cards = [make(one, by) for one in people]
    for card, one in zip(cards, people, strict=True):
        events.record(CardPrinted(card_id=card.id, volunteer_id=one.id), **_where(one))
        if one.id != by.id:
            notices.send(
                one.id,
                _(
                    "{name}打印了你的志愿者卡，用到 {until|date}。没有托人办卡的话，请在“我的志愿者卡”里报失。",
                    name=by.name_masked,
                    until=card.until,
                ),
                key=f"card:{card.id}:printed:{by.id}:{clock.today()}",
                link="/me/card",
            )
    return cards


def end(card: Card, reason: str, by: User) -> Card:
    """Put a card out of use: it, its PIN and the pass on the phone of that revision open nothing any more.

    Ending it again changes nothing.
    """
    why = identity.free_text(reason, 200)
    volunteer = _locked(db.session.get_one(User, card.volunteer_id))
    db.session.refresh(card)
    if card.ended_at is not None:
        return card

    if card.revision == volunteer.pass_revision:
        volunteer.pass_revision += 1
    _close(card, by, why)

    events.record(CardEnded(card_id=card.id, volunteer_id=volunteer.id), **_where(volunteer))
    notices.send(
        volunteer.id,
        _("你的志愿者卡停用了：{reason}。旧卡和旧的码都不能用了，手机上的码会自己换新。", reason=why),
        key=f"card:{card.id}:ended",
        link="/me/card",
    )
    return card


def replace(card: Card, reason: str, by: User) -> Card:
    """End a card and make the next one."""
    end(card, reason, by)
    return make(db.session.get_one(User, card.volunteer_id), by)


def codes_changed(volunteer_id: int, *, forget: bool = False) -> None:
    """The person's codes were put out of use elsewhere: a card from before that is over. `forget` ends any card, and
    drops the reasons people wrote."""
    mine = Card.volunteer_id == volunteer_id
    present = select(User.pass_revision).where(User.id == volunteer_id).scalar_subquery()
    # Told a few seconds later: a card made since then is of the new revision, and stays.
    over = mine if forget else and_(mine, Card.revision < present)
    ended = update(Card).where(over, Card.ended_at.is_(None))
    db.session.execute(ended.values(ended_at=clock.now(), reason=CLOSED if forget else LOST_PHONE))
    if forget:
        db.session.execute(update(Card).where(mine).values(reason=CLOSED))


def _close(card: Card, by: User, reason: str) -> None:
    card.ended_at, card.ended_by, card.reason = clock.now(), by.id, reason
    db.session.flush()


def _locked(volunteer: User) -> User:
    return db.session.get_one(User, volunteer.id, with_for_update=True, populate_existing=True)


def _where(volunteer: User) -> dict[str, Any]:
    return {"about": f"account:{volunteer.id}", "within": volunteer.area_path, "whom": volunteer.id}


def _year_on(day: date) -> date:
    """The same day of the next year; the first of March after a 29 February."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)


# ── what stands on it ──


def face(card: Card, volunteer: User) -> Face:
    """Return what is printed on a card: the code as an address, and the PIN."""
    keyring = current_app.extensions["keyring"]
    public = codes.decode(volunteer.public, passes.VOLUNTEER_BYTES)
    code = passes.card_code(keyring, public, card.revision, card.until)
    return Face(
        card=card,
        name=volunteer.name,
        number=volunteer.volunteer_no,
        url=f"{current_app.config['BASE_URL']}/m/{code}",
        pin=next(_pins(keyring, public, card.revision)),
    )


def faces(volunteer_ids: Iterable[int]) -> list[Face]:
    """The cards of these people that are good today, by name."""
    rows = db.session.execute(
        select(Card, User)
        .join(User, and_(User.id == Card.volunteer_id, User.pass_revision == Card.revision))
        .where(User.id.in_(list(volunteer_ids)), Card.ended_at.is_(None), Card.until >= clock.today())
        .order_by(User.name, User.id)
    )
    return [face(card, user) for card, user in rows]


def _pins(keyring: signing.Keyring, public: bytes, revision: int) -> Iterator[str]:
    for key in keyring.all("card-pin", public, revision):
        number = int.from_bytes(signing.mac(key, "card-pin", public)) % 10**PIN_DIGITS
        yield str(number).zfill(PIN_DIGITS)


# ── at the gate ──


def check(read: passes.PassCode, volunteer: User) -> None:
    """See that a genuine card is one that lives.

    :raises passes.Revoked: it was reported lost, replaced, or never made
    """
    lives = select(Card.id).where(
        Card.volunteer_id == volunteer.id,
        Card.revision == read.revision,
        Card.until == read.until,
        Card.ended_at.is_(None),
    )
    if db.session.scalar(lives) is None:
        raise passes.Revoked


def typed(code: str, pin: str = "") -> tuple[str, str] | None:
    """Return number and PIN where both were typed, in two fields or in one; None for anything else."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit()):
        return None
    beside = "".join(pin.split())
    if len(digits) == NUMBER_DIGITS and beside:
        return digits, beside
    if len(digits) == NUMBER_DIGITS + PIN_DIGITS:
        return digits[:NUMBER_DIGITS], digits[NUMBER_DIGITS:]
    return None


def without_pin(code: str) -> str:
    """Return what may be kept of something typed: a number and a PIN become the number."""
    both = typed(code)
    return both[0] if both else code


def prove(number: str, pin: str) -> passes.PassCode:
    """Return the card that this number and PIN stand for. Counts the try; outside of any transaction.

    :raises NotFound: no volunteer has this number
    :raises WrongPin: the PIN is not this person's, or there is no card
    :raises volunteer.errors.TooMany: five wrong ones within a quarter of an hour
    :raises volunteer.errors.Busy: tries cannot be counted, so none is allowed
    """
    with read_only():
        volunteer = accounts.by_number(number)
        if volunteer is None:
            raise NotFound
        whose, read = volunteer.id, _read_typed(volunteer, pin)
    # Every try is counted, and a right one given back, so that sixty at once are not sixty guesses.
    limits.hit("card-pin", whose, OFTEN)
    if read is None:
        raise WrongPin
    limits.give_back("card-pin", whose, OFTEN)
    return read


def _read_typed(volunteer: User, pin: str) -> passes.PassCode | None:
    card = living(volunteer.id)
    public = codes.decode(volunteer.public, passes.VOLUNTEER_BYTES)
    pins = _pins(current_app.extensions["keyring"], public, volunteer.pass_revision)
    right = [signing.same(one, pin) for one in pins]
    if card is None or card.revision != volunteer.pass_revision or not any(right):
        return None
    return passes.PassCode("card", public, card.revision, until=card.until)


def still(read: passes.PassCode, volunteer: User) -> None:
    """See that a card proven a moment ago, by its PIN, is this person's and lives.

    :raises passes.Revoked: it was ended meanwhile
    """
    ours = codes.decode(volunteer.public, passes.VOLUNTEER_BYTES) == read.volunteer
    if not ours or volunteer.pass_revision != read.revision:
        raise passes.Revoked
    check(read, volunteer)


# ── lists ──


def of(volunteer_id: int) -> Sequence[Card]:
    """Somebody's cards, newest first."""
    return db.session.scalars(
        select(Card).where(Card.volunteer_id == volunteer_id).order_by(Card.id.desc()).limit(50)
    ).all()


def having(volunteer_ids: Iterable[int]) -> dict[int, Card]:
    """Who of these people has a card that is good today: id → card."""
    rows = db.session.scalars(
        select(Card)
        .join(User, and_(User.id == Card.volunteer_id, User.pass_revision == Card.revision))
        .where(
            Card.volunteer_id.in_(list(volunteer_ids)), Card.ended_at.is_(None), Card.until >= clock.today()
        )
    )
    return {card.volunteer_id: card for card in rows}


def expected(day: ServiceDay) -> list[User]:
    """Who signed up for a day and has a place, with an account that works."""
    people = [row.User for row in day_queries.people(day) if row.Signup.state in EXPECTED]
    return [one for one in people if one.is_active]
