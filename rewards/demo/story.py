"""What every chapter of the sample street needs at hand: the moment, the dice, the sheets, and who is who."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from rewards.demo.agenda import Agenda
from rewards.demo.books import Books
from rewards.demo.places import Place
from rewards.demo.sheets import Row, Sheets
from rewards.demo.sizes import Size
from rewards.demo.trail import Trail
from volunteer import clock
from volunteer.i18n import Sentence
from volunteer.ledger import chart
from volunteer.ledger.tariff import Tariff

if TYPE_CHECKING:
    from volunteer.community import Area

#: How far back the street goes: long enough for the first points to have ended.
MONTHS = 26
#: Notices older than this have been read.
UNREAD = timedelta(days=6)


@dataclass(slots=True, eq=False)
class Person:
    """A volunteer as the story follows them."""

    id: int
    name: str
    place: Place
    joined: datetime
    birth: date
    zeal: float
    confirmed: bool = True
    minutes: int = 0
    busy: set[date] = field(default_factory=set)
    had: dict[int, int] = field(default_factory=dict)

    def age(self, on: date) -> int:
        return on.year - self.birth.year - ((on.month, on.day) < (self.birth.month, self.birth.day))


@dataclass
class Story:
    """The sample street while it is being told."""

    size: Size
    now: datetime
    street: Area
    places: list[Place]
    rng: Random
    sheets: Sheets = field(default_factory=Sheets)
    trail: Trail = field(default_factory=Trail)
    agenda: Agenda = field(default_factory=Agenda)
    tariff: Tariff = field(default_factory=Tariff)
    cast: dict[str, Person] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    homes: dict[int, str] = field(default_factory=dict)
    password_hash: str | None = None

    def __post_init__(self) -> None:
        self.books = Books(self.sheets, self.tariff)

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def began(self) -> date:
        """The first day of the month everything began in."""
        return began(self.today)

    @property
    def year_ago(self) -> date:
        return self.today - timedelta(days=365)

    def between(self, first: date, last: date, open_at: int = 8, close_at: int = 21) -> datetime:
        """Return some waking moment from one day to another, but never one that is still to come."""
        on = first + timedelta(days=self.rng.randint(0, max((last - first).days, 0)))
        at = moment(on, f"{self.rng.randrange(open_at, close_at):02}:{self.rng.randrange(60):02}")
        return min(at + timedelta(seconds=self.rng.randrange(60)), self.now)

    def tell(self, at: datetime, user_id: int, text: Sentence, *, key: str, link: str) -> None:
        """Put a sentence into somebody's inbox; what is not new has been read."""
        facts = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in text.facts.items()
        }
        read = min(at + timedelta(hours=self.rng.randint(1, 30)), self.now)
        self.sheets.add(
            "notice",
            user_id=user_id,
            at=at,
            text=text.text,
            facts=facts,
            link=link,
            key=key,
            read_at=read if at < self.now - UNREAD else None,
        )

    def scan(self) -> str:
        """Return the name a phone gave to one scan."""
        return f"{self.rng.getrandbits(128):032x}"


def sentence(text: str, **facts: Any) -> Sentence:
    """Repeat a sentence of another feature as it was said then; its English is over there."""
    return Sentence(text, facts)


def began(today: date) -> date:
    """Return the first day of the month that many months ago."""
    return date.fromisoformat(f"{chart.months_after(today, -MONTHS)}-01")


def moment(on: date, at: str) -> datetime:
    """Return 09:00 of a day, in Shanghai."""
    return datetime.combine(on, time.fromisoformat(at), clock.ZONE)


def first_of_months(since: date, until: date) -> list[date]:
    """Return the first day of every month from one day to another."""
    months, month = [], date(since.year, since.month, 1)
    while month <= until:
        if month >= since:
            months.append(month)
        month = date.fromisoformat(f"{chart.months_after(month, 1)}-01")
    return months


__all__ = ["MONTHS", "Person", "Row", "Story", "began", "first_of_months", "moment", "sentence"]
