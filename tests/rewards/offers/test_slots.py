"""Times that can be booked: written down once or weekly, never over one another."""

from datetime import date, time

import pytest
from sqlalchemy import func, select

from rewards import offers
from rewards.offers import slots
from volunteer.db import db
from volunteer.events import Happened

ON = date(2026, 3, 10)


@pytest.fixture
def course(make_offer):
    return make_offer(title="书法课", kind="course", points=5, by_slot=True)


def test_every_week_for_so_many_weeks(course):
    """M3: one form, several weeks; the same again adds nothing."""
    made = slots.add(course, ON, time(9), time(11), 6, weeks=4)
    assert [one.starts_at.date().day for one in made] == [10, 17, 24, 31]
    assert slots.add(course, ON, time(9), time(11), 6, weeks=4) == []
    assert len(slots.add(course, ON, time(9), time(11), 6, weeks=5)) == 1
    assert len(slots.coming(course)) == 5


@pytest.mark.parametrize(
    ("starts", "ends"), [(time(8), time(10)), (time(10), time(12)), (time(9, 30), time(10))]
)
def test_two_times_of_one_offer_do_not_overlap(course, starts, ends):
    slots.add(course, ON, time(9), time(11), 6)
    with pytest.raises(slots.SlotsOverlap):
        slots.add(course, ON, starts, ends, 6)
    assert slots.add(course, ON, time(11), time(12), 6) and slots.add(course, ON, time(7), time(9), 6)


def test_a_time_is_called_off_once(course, clock):
    """M3: a second press tells nobody anew, and its moment stays."""
    slot = slots.cancel(slots.add(course, ON, time(9), time(11), 6)[0], "老师请假")
    when = slot.cancelled_at
    clock.pass_(minutes=5)
    assert slots.cancel(slot, "老师请假").cancelled_at == when
    kinds = select(func.count()).where(Happened.kind == "offers.SlotCancelled")
    assert db.session.scalar(kinds) == 1


def test_a_time_that_was_called_off_can_be_written_again(course):
    slots.cancel(slots.add(course, ON, time(9), time(11), 6)[0], "老师请假")
    assert len(slots.add(course, ON, time(9), time(11), 6)) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ends": time(9)}, "offer.slot"), ({"ends": time(22)}, "offer.slot"), ({"on": date(2026, 3, 6)}, "offer.slot"),
        ({"weeks": 27}, "offer.slot"), ({"weeks": 0}, "offer.slot"), ({"capacity": 0}, "offer.slot"),
        ({"capacity": 501}, "offer.slot"),
    ],
)  # fmt: skip
def test_times_that_make_no_sense_are_refused(course, change, code):
    terms = {"on": ON, "starts": time(9), "ends": time(11), "capacity": 6, "weeks": 1} | change
    with pytest.raises(slots.BadSlot) as refused:
        slots.add(
            course, terms.pop("on"), terms.pop("starts"), terms.pop("ends"), terms.pop("capacity"), **terms
        )
    assert refused.value.code == code


def test_what_is_not_booked_has_no_times(tea):
    with pytest.raises(slots.NotBooked):
        offers.slots.add(tea, ON, time(9), time(11), 6)
