"""Several desks at one instant: one card a person, five guesses and no more, never a fourth helper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from volunteer import accounts, events, service_days, signing
from volunteer.checkin import cards
from volunteer.checkin.card_models import Card
from volunteer.db import db
from volunteer.households import Proxy, proxies

pytestmark = pytest.mark.races


def test_two_people_print_the_same_card_at_once(
    together: Any, visitor: Any, here: Any, grandma: accounts.User, office: accounts.User
) -> None:
    """V9: one card comes of it, printed by each."""
    desks = [visitor(office) for _n in range(6)]
    path = f"/office/people/{grandma.id}/card/printing"
    answers = together([lambda desk=desk: desk.post(path, data={}).status_code for desk in desks])
    assert answers == [303] * 6
    assert len(db.session.scalars(select(Card)).all()) == 1
    assert len(db.session.scalars(select(events.Happened).filter_by(kind="checkin.CardPrinted")).all()) == 6


def test_many_guesses_at_once_are_five_guesses(
    together: Any, visitor: Any, here: Any, clock: Any, day: service_days.ServiceDay, grandma: accounts.User,
    lao_wang: accounts.User,
) -> None:  # fmt: skip
    """T09, S10: counted before they are looked at."""
    service_days.sign_up(grandma, day)
    face = cards.face(cards.make(grandma, lao_wang), grandma)
    clock.move("2026-03-08 09:00")
    here.commit()
    wrong = f"{(int(face.pin) + 1) % 10**6:06d}"
    gates = [visitor(lao_wang) for _n in range(12)]
    path = f"/service-days/{day.id}/checkins"

    def guess(gate: Any) -> Callable[[], int]:
        sent = {"code": face.number, "pin": wrong, "scan": signing.scan_id()}
        return lambda: gate.post(path, data=sent).status_code

    assert Counter(together([guess(gate) for gate in gates])) == {422: 5, 429: 7}


def test_four_desks_and_room_for_three_helpers(
    together: Any, visitor: Any, here: Any, grandma: accounts.User, office: accounts.User,
    make_volunteers: Callable[[int], list[accounts.User]],
) -> None:  # fmt: skip
    """V24: three are registered, the fourth is told why not."""
    helpers = make_volunteers(4)
    here.commit()
    desks = [visitor(office) for _n in helpers]
    path = f"/office/people/{grandma.id}/household"

    def register(desk: Any, helper: accounts.User) -> Callable[[], int]:
        sent = {"number": helper.volunteer_no, "reason": "当面看过"}
        return lambda: desk.post(path, data=sent).status_code

    answers = together([register(*pair) for pair in zip(desks, helpers, strict=True)])
    assert Counter(answers) == {303: 3, 409: 1}
    assert len(db.session.scalars(select(Proxy).filter_by(state="agreed")).all()) == 3


def test_the_pass_opened_twice_at_once_is_one_line_in_the_trail(
    together: Any,
    visitor: Any,
    here: Any,
    grandma: accounts.User,
    xiaoman: accounts.User,
    office: accounts.User,
) -> None:
    """V24: once a day and pair."""
    pair = proxies.register(grandma, xiaoman, "当面看过", office)
    here.commit()
    phones = [visitor(xiaoman) for _n in range(6)]
    path = f"/household/{pair.id}/pass"
    assert (
        together([lambda phone=phone: phone.post(path, data={}).status_code for phone in phones]) == [303] * 6
    )
    assert len(db.session.scalars(select(events.Happened).filter_by(kind="households.PassShown")).all()) == 1
