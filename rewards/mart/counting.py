"""Stock-taking (盘点): what stands on the shelf is counted, differences are looked at, given a reason, and booked.

What was claimed and not fetched yet still stands there, so both are expected. A difference is against the books at
the moment of counting; what is claimed in between changes the books and the shelf alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Row, func, select, update
from sqlalchemy.exc import IntegrityError

from rewards import offers
from rewards.mart.models import Count, CountLine
from rewards.offers import Offer
from rewards.partners import Partner
from rewards.vouchers import Voucher
from volunteer import accounts, clock, events
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _

#: Above so many pieces, or so many per cent of what was expected, a second person looks.
PIECES, PERCENT = 5, 20
COUNTED_MAX = 100_000

REASONS: dict[str, Sentence] = {
    "broken": _("坏了、过期了"),
    "given": _("发出去没有扫券"),
    "lost": _("找不到了"),
    "unbooked": _("收到没有登记"),
    "mistaken": _("以前数错了"),
}

STATES: dict[str, Sentence] = {
    "draft": _("正在核对"),
    "asked": _("等另一位确认"),
    "booked": _("记好了"),
    "dropped": _("作废"),
}


@events.kind
class Counted(events.Event):
    count_id: int
    rows: int


@events.kind
class CountAsked(events.Event):
    count_id: int


@events.kind
class CountBooked(events.Event):
    count_id: int
    added: int
    taken_off: int


@events.kind
class CountDropped(events.Event):
    count_id: int


class NothingCounted(Refusal):
    code = "mart.count_empty"
    status = 422
    says = _("还没有填数。数过的填数，没数的空着。")


class CountOpen(Refusal):
    code = "mart.count_open"
    says = _("上一次盘点还没有记完，先把它记好或者作废。")


class ReasonNeeded(Refusal):
    code = "mart.count_reason"
    status = 422
    says = _("“{title}”数目不一样，请选一个原因。")


class SecondPerson(Refusal):
    code = "mart.count_four_eyes"
    status = 403
    says = _("差得多的，要请另一位同事再数一遍、再确认。")


class CountOver(Refusal):
    code = "mart.count_over"
    says = _("这次盘点已经结束了，不能再改。")


class ClaimedMeanwhile(Refusal):
    code = "mart.count_gone"
    says = _("“{title}”在这期间又领走了几份，架上不够减了。请作废这一次，重新数。")


def shelf(partner: Partner) -> Sequence[Row[Offer, int]]:
    """Return (offer, how many are claimed and not fetched) of what stands on a mart's shelf."""
    waiting = (
        select(Voucher.offer_id, func.count().label("n"))
        .where(Voucher.partner_id == partner.id, Voucher.state == "claimed")
        .group_by(Voucher.offer_id)
        .subquery()
    )
    return db.session.execute(
        select(Offer, func.coalesce(waiting.c.n, 0))
        .outerjoin(waiting, waiting.c.offer_id == Offer.id)
        .where(Offer.partner_id == partner.id, Offer.state.in_(("published", "paused")))
        .where(Offer.kind.in_(("goods", "vending")))
        .order_by(Offer.title, Offer.id)
    ).all()


def count(partner: Partner, numbers: Mapping[int, int], *, by: accounts.User) -> Count:
    """Keep what was counted beside what the books say now. Nothing is booked yet.

    :raises NothingCounted: no number for anything of this mart
    :raises CountOpen: the one before is not over
    """
    # Claims wait a moment, so that the shelf and what is claimed from it belong together.
    db.session.execute(
        select(Offer.id)
        .where(Offer.partner_id == partner.id, Offer.id.in_(numbers))
        .order_by(Offer.id)
        .with_for_update()
    )
    lines = [
        CountLine(offer_id=offer.id, expected=offer.stock + waiting, counted=numbers[offer.id])
        for offer, waiting in shelf(partner)
        if 0 <= numbers.get(offer.id, -1) <= COUNTED_MAX
    ]
    if not lines:
        raise NothingCounted
    made = Count(
        partner_id=partner.id,
        area_path=partner.area_path,
        state="draft",
        large=any(is_large(line) for line in lines),
        counted_by=by.id,
        counted_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
            db.session.flush()
    except IntegrityError as taken:
        raise CountOpen from taken
    for line in lines:
        line.count_id = made.id
    db.session.add_all(lines)
    db.session.flush()
    _tell(made, Counted(count_id=made.id, rows=len(lines)))
    return made


def is_large(line: CountLine) -> bool:
    """Whether a difference is one that a second person looks at."""
    off = abs(line.difference)
    return off > PIECES or off * 100 > line.expected * PERCENT


def lines(made: Count) -> Sequence[Row[CountLine, str]]:
    """Return (line, item) of a count."""
    return db.session.execute(
        select(CountLine, Offer.title)
        .join(Offer, Offer.id == CountLine.offer_id)
        .where(CountLine.count_id == made.id)
        .order_by(Offer.title, Offer.id)
    ).all()


def settle(made: Count, reasons: Mapping[int, str], *, by: accounts.User) -> Count:
    """Give each difference its reason, and book them; or ask a second person where they are large.

    :raises ReasonNeeded: a difference has none
    :raises ClaimedMeanwhile: more would be taken away than stands there by now
    """
    if made.state != "draft":
        if made.state == "dropped":
            raise CountOver
        return made
    differing = [(line, title) for line, title in lines(made) if line.difference]
    for line, title in differing:
        if reasons.get(line.id) not in REASONS:
            raise ReasonNeeded(title=title)

    for line, _title in differing:
        line.reason = reasons[line.id]
    if made.large:
        _move(made, "draft", "asked")
        _tell(made, CountAsked(count_id=made.id))
        return made
    return _book(made, "draft")


def confirm(made: Count, *, by: accounts.User) -> Count:
    """Another person has counted again what differs much, and books it. Again changes nothing.

    :raises SecondPerson: whoever counted does not confirm
    :raises CountOver: it was dropped, or is not waiting
    """
    if made.counted_by == by.id:
        raise SecondPerson
    if made.state == "booked":
        return made
    return _book(made, "asked", confirmed_by=by.id)


def drop(made: Count) -> Count:
    """Count again another time; nothing was booked.

    :raises CountOver: it is booked
    """
    if made.state == "dropped":
        return made
    if made.state == "booked":
        raise CountOver
    _move(made, made.state, "dropped")
    _tell(made, CountDropped(count_id=made.id))
    return made


def _book(made: Count, was: str, **changes: int) -> Count:
    _move(made, was, "booked", booked_at=clock.now(), **changes)
    more = less = 0
    for line, title in sorted(lines(made), key=lambda row: row[0].offer_id):
        if not line.difference:
            continue
        offer = db.session.get_one(Offer, line.offer_id, with_for_update=True, populate_existing=True)
        try:
            offers.restock(offer, line.difference)
        except offers.stock.TooFew as refusal:
            raise ClaimedMeanwhile(title=title) from refusal
        more, less = more + max(line.difference, 0), less + max(-line.difference, 0)
    _tell(made, CountBooked(count_id=made.id, added=more, taken_off=less))
    return made


def _move(made: Count, was: str, state: str, **changes: object) -> None:
    """Change its state if it is still what it was: two presses at once book once."""
    once = update(Count).where(Count.id == made.id, Count.state == was)
    if db.session.scalar(once.values(state=state, **changes).returning(Count.id)) is None:
        raise CountOver
    db.session.refresh(made)


def _tell(made: Count, event: events.Event) -> None:
    events.record(event, about=f"partner:{made.partner_id}", within=f"partner:{made.partner_id}")
