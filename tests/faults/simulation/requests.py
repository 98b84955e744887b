"""What actors ask for: each request has a name, is asked again under it when no answer came, and keeps what it was told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from sqlalchemy import select

from rewards import settlements, vouchers
from rewards.vouchers import Voucher
from tests.faults import street
from tests.faults.lives import town
from volunteer import accounts, checkin, clock, codes, ledger, service_days
from volunteer.activities import Activity
from volunteer.checkin import passes
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.service_days import ServiceDay

#: What may be asked before the day, at its door, at its end, and in the month after, each as often as it is named.
HOURS = {
    "before": ("sign_up", "sign_up", "leave", "claim", "use", "cancel"),
    "door": ("scan", "scan", "scan", "claim", "use", "cancel"),
    "end": ("scan", "scan", "undo_stay", "use", "undo", "confirm_roll"),
    "later": ("claim", "use", "draw", "bill", "expire", "lapse", "cancel"),
}


@dataclass
class Ask:
    """One request; `told` is what clients were told, and which thing that is about."""

    name: str
    kind: str
    who: int
    which: int
    told: list[tuple[str, int]] = field(default_factory=list)
    voucher: int = 0
    shown: bool = False


@dataclass
class World:
    """The town of one run, as those who ask see it."""

    side: town.Side
    day: int
    wall: bytes
    asked: list[Ask] = field(default_factory=list)
    shown: dict[int, str] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)

    def asks(self, dice: Random, hour: str, many: int) -> list[Ask]:
        """So many requests of that hour; now and then one that was made before is made again."""
        made = []
        for _ in range(many):
            if self.asked and dice.random() < 0.15:
                made.append(dice.choice(self.asked))
                continue
            kind, number = dice.choice(HOURS[hour]), len(self.asked) + 1
            one = Ask(f"ask-{number:04}", kind, dice.choice(self.side.people[:4]), dice.randrange(12))
            self.asked.append(one)
            made.append(one)
        return made

    def do(self, ask: Ask) -> tuple[str, int]:
        """Do what is asked, inside a transaction; return what is said and the id of what it is about."""
        does: Callable[[Ask], tuple[str, int]] = getattr(self, f"_{ask.kind}")
        return does(ask)

    def _sign_up(self, ask: Ask) -> tuple[str, int]:
        made = service_days.sign_up(_user(ask.who), self._day())
        return made.state, made.id

    def _leave(self, ask: Ask) -> tuple[str, int]:
        made = service_days.leave(_user(ask.who), self._day(), "家里有事")
        return made.state, made.id

    def _scan(self, ask: Ask) -> tuple[str, int]:
        code = passes.wall_code(street.KEYRING, self.wall, clock.now())
        (answer,) = checkin.record_many([checkin.WallScan(code, ask.name, volunteer_id=ask.who)])
        if isinstance(answer, Refusal):
            raise answer
        return ("again" if answer.repeated else answer.direction), answer.id

    def _undo_stay(self, ask: Ask) -> tuple[str, int]:
        stays = select(checkin.Attendance).where(checkin.Attendance.service_day_id == self.day)
        there = db.session.scalars(stays.order_by(checkin.Attendance.id).with_for_update()).all()
        if not there:
            return "nobody", 0
        stay = there[ask.which % len(there)]
        checkin.reverse(stay, reason="扫错了人", by=_user(self.side.leader))
        return "reversed", stay.id

    def _confirm_roll(self, ask: Ask) -> tuple[str, int]:
        done = checkin.confirm(self._day(), self.side.people, _user(self.side.leader))
        return "confirmed", len(done)

    def _claim(self, ask: Ask) -> tuple[str, int]:
        offer = self.side.offers[ask.which % len(self.side.offers)][0]
        made = vouchers.claim(_user(ask.who), offer, once=ask.name)
        return "claimed", made.id

    def _use(self, ask: Ask) -> tuple[str, int]:
        if ask.shown:
            code = self.shown[ask.voucher]
            return "redeemed", vouchers.redeem(code, ask.name, _user(self.side.counter)).voucher_id
        mine = self._voucher(ask)
        if mine is None:
            return "nothing", 0
        # What is shown here is scanned in the next transaction, as another phone does it.
        self.shown[mine.id] = vouchers.present(mine).code
        return "shown", mine.id

    def _undo(self, ask: Ask) -> tuple[str, int]:
        mine = self._voucher(ask, lock=True)
        if mine is None:
            return "nothing", 0
        return "undone", vouchers.undo(mine, "按错了", _user(self.side.counter)).id

    def _cancel(self, ask: Ask) -> tuple[str, int]:
        mine = self._voucher(ask, lock=True)
        return ("nothing", 0) if mine is None else (vouchers.cancel(mine).state, mine.id)

    def _draw(self, ask: Ask) -> tuple[str, int]:
        months = settlements.owed_months(clock.today())
        return "drawn", sum(settlements.draw(month) for month in months)

    def _bill(self, ask: Ask) -> tuple[str, int]:
        bill = db.session.scalar(select(settlements.Statement).limit(1).with_for_update())
        if bill is None:
            return "nothing", 0
        if ask.which % 2:
            return settlements.confirm(bill, _user(self.side.manager)).state, bill.id
        return settlements.agree(bill, _user(self.side.office)).state, bill.id

    def _expire(self, ask: Ask) -> tuple[str, int]:
        return "expired", ledger.expire(clock.today())

    def _lapse(self, ask: Ask) -> tuple[str, int]:
        return "lapsed", vouchers.lapse(clock.today())

    def _day(self) -> ServiceDay:
        return db.session.get_one(ServiceDay, self.day)

    def _voucher(self, ask: Ask, *, lock: bool = False) -> Voucher | None:
        """The voucher it is about: one of those there were when it was first asked."""
        if not ask.voucher:
            there = db.session.scalars(select(Voucher.id).order_by(Voucher.id)).all()
            ask.voucher = there[ask.which % len(there)] if there else 0
        return db.session.get(Voucher, ask.voucher, with_for_update=lock or None) if ask.voucher else None


def _user(who: int) -> accounts.User:
    return db.session.get_one(accounts.User, who)


def begin(side: town.Side) -> World:
    """A day with three places that begins in a quarter of an hour; who walks in is paid at the door."""
    starts = clock.now() + timedelta(minutes=15)
    day = service_days.add_day(
        db.session.get_one(Activity, side.flat), starts, starts + timedelta(hours=1), 3, ()
    )
    return World(side, day.id, codes.decode(day.public, 5))
