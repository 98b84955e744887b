"""The office visits each partner once a quarter: five things to look at, what it came to, and a photo if it says more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Row, and_, exists, false, func, select

from rewards.partners.conduct import tell_managers
from rewards.partners.hands import HandInIt, theirs
from rewards.partners.models import Agreement, Partner, Visit
from volunteer import accounts, clock, events, identity, photos
from volunteer.db import db
from volunteer.errors import Invalid, Refusal
from volunteer.i18n import Sentence, _

BACK_DAYS = 30
#: The list is asked for once a quarter has run this long, so that it is not a hundred on its first day.
ASK_AFTER = timedelta(days=30)
ITEMS: dict[str, Sentence] = {
    "plaque": _("牌子挂在看得见的地方"),
    "staff": _("店员知道怎么核销"),
    "stock": _("礼遇有货"),
    "prices": _("没有对持券的人涨价、搭售"),
    "complaints": _("看过这一季的投诉，说过怎么改"),
}
FOUND: dict[str, Sentence] = {"yes": _("做到了"), "no": _("没做到"), "unseen": _("没看到")}
RESULTS: dict[str, Sentence] = {"fine": _("都好"), "follow_up": _("要跟进"), "serious": _("问题严重")}


@events.kind
class Visited(events.Event):
    partner_id: int
    visit_id: int


class BadDay(Refusal):
    code = "partner.visit_day"
    status = 422
    says = _("走访日期要在 {first|date} 到 {last|date} 之间。")


class SecondVisit(Refusal):
    code = "partner.visit_second"
    says = _("{on|date} 的走访已经记过了，一天记一次。")
    who = _("要补充的，写在下一次走访里。")


def record(
    partner: Partner,
    on: date,
    items: Mapping[str, str],
    result: str,
    note: str = "",
    *,
    by: accounts.User,
    photo: bytes = b"",
) -> Visit:
    """Write down a visit. One a day; the same again is the first.

    :raises BadDay: in the future, or more than thirty days ago
    :raises SecondVisit: another of that day is written down
    :raises HandInIt: at a partner of one's own
    :raises photos.BadPhoto, photos.BigPhoto: the photo cannot be taken; nothing is written then
    """
    if theirs(partner, by.id):
        raise HandInIt
    if not clock.today() - timedelta(days=BACK_DAYS) <= on <= clock.today():
        raise BadDay(first=clock.today() - timedelta(days=BACK_DAYS), last=clock.today())
    if result not in RESULTS or set(items) != set(ITEMS) or not set(items.values()) <= set(FOUND):
        raise Invalid(errors={"result": [str(_("请选一项。"))]})
    note = identity.free_text(note, 500, lines=True, empty=True)
    known = db.session.scalar(select(Visit).filter_by(partner_id=partner.id, on=on))
    if known is not None:
        if (known.visited_by, known.items, known.result, known.note) != (by.id, dict(items), result, note):
            raise SecondVisit(on=on)
        return known

    visit = Visit(
        partner_id=partner.id,
        area_path=partner.area_path,
        on=on,
        items=dict(items),
        result=result,
        note=note,
        visited_by=by.id,
        recorded_at=clock.now(),
    )
    db.session.add(visit)
    db.session.flush()
    if photo:
        photos.keep(photo, about=name(visit), area_path=visit.area_path)

    events.record(
        Visited(partner_id=partner.id, visit_id=visit.id), about=name(visit), within=f"partner:{partner.id}"
    )
    if result != "fine":
        tell_managers(
            partner,
            _("社区 {on|date} 走访了 {partner}：{result}。{note}",
              on=on, partner=partner.name, result=RESULTS[result], note=visit.note),
            f"visit-{visit.id}",
        )  # fmt: skip
    return visit


def name(visit: Visit) -> str:
    """What a visit is called in the trail: "partner_visit:7"."""
    return f"partner_visit:{visit.id}"


def quarter(on: date) -> date:
    """Return the first day of the quarter a day is in."""
    return date(on.year, (on.month - 1) // 3 * 3 + 1, 1)


def unseen(on: date) -> ColumnElement[bool]:
    """The condition on Partner: nobody has visited it this quarter, and it is time.

    Those whose first agreement began within the quarter wait for the next; in its first month nobody is asked for.
    """
    first = quarter(on)
    if on < first + ASK_AFTER:
        return false()
    began = select(func.min(Agreement.starts_on)).where(Agreement.partner_id == Partner.id).scalar_subquery()
    return and_(
        Partner.state == "signed",
        began < first,
        ~exists().where(Visit.partner_id == Partner.id, Visit.on >= first),
    )


def history(partner_id: int, most: int = 20) -> Sequence[Row[Visit, str]]:
    """Return (visit, who went) of a partner, newest first."""
    return db.session.execute(
        select(Visit, accounts.User.name)
        .join(accounts.User, accounts.User.id == Visit.visited_by)
        .where(Visit.partner_id == partner_id)
        .order_by(Visit.on.desc())
        .limit(most)
    ).all()
