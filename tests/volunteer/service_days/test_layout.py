"""Times to arrive, and stalls with a code and a number each (O13, features 11)."""

from __future__ import annotations

from datetime import date, time

import pytest
from sqlalchemy import select

from volunteer import service_days
from volunteer.service_days import Stall, layout, served, signups


@pytest.fixture
def slots(day):
    return layout.arrivals(day, [(time(8, 30), 1), (time(9, 30), 2)])


def test_whoever_signs_up_chooses_when_to_arrive(day, slots, xiaoman, daming, grandma):
    early, _later = slots
    assert service_days.sign_up(xiaoman, day, slot=early).slot_id == early.id
    with pytest.raises(signups.SlotFull):
        service_days.sign_up(daming, day, slot=early)


def test_a_full_time_leaves_nothing_behind(here, db, visitor, day, slots, xiaoman, daming):
    early, _later = slots
    service_days.sign_up(xiaoman, day, slot=early)
    answer = visitor(daming).post(
        f"/service-days/{day.id}/signups", data={"risk_known": "y", "slot": str(early.id)}
    )
    assert answer.status_code == 409 and "08:30 到场的名额刚刚满了" in answer.words
    db.session.expire_all()
    assert (day.accepted, early.taken) == (1, 1)


def test_leaving_frees_the_time_and_changing_it_moves_one(day, slots, xiaoman, daming):
    early, later = slots
    service_days.sign_up(xiaoman, day, slot=early)
    service_days.sign_up(daming, day)
    service_days.choose_slot(daming, day, later)
    service_days.choose_slot(xiaoman, day, later)
    assert (early.taken, later.taken) == (0, 2)
    service_days.choose_slot(daming, day, None)
    service_days.leave(xiaoman, day, "有事")
    assert (early.taken, later.taken) == (0, 0)


def test_only_somebody_with_a_place_chooses_a_time_of_that_day(make_day, day, slots, xiaoman, daming):
    other = layout.arrivals(make_day("2026-03-15"), [(time(9), 5)])[0]
    with pytest.raises(signups.SlotUnknown):
        service_days.sign_up(xiaoman, day, slot=other)
    service_days.sign_up(xiaoman, day)
    with pytest.raises(signups.SlotUnknown):
        service_days.choose_slot(xiaoman, day, other)
    with pytest.raises(signups.NotSignedUp):
        service_days.choose_slot(daming, day, slots[0])


@pytest.mark.parametrize(
    "wanted",
    [[(time(7, 59), 5)], [(time(11, 30), 5)], [(time(9), 0)], [(time(9), 1), (time(9), 2)]],
)
def test_times_that_cannot_be(day, wanted):
    with pytest.raises(layout.BadSlots):
        layout.arrivals(day, wanted)


def test_a_time_somebody_chose_cannot_go(day, slots, xiaoman):
    service_days.sign_up(xiaoman, day, slot=slots[0])
    for wanted in ([(time(9, 30), 2)], []):
        with pytest.raises(layout.SlotTaken):
            layout.arrivals(day, wanted)
    assert [slot.capacity for slot in layout.arrivals(day, [(time(8, 30), 4)])] == [4]


def test_a_day_that_crosses_midnight_has_times_on_both_dates(make_day):
    night = make_day("2026-03-08", "22:00", "02:00")
    made = layout.arrivals(night, [(time(21, 30), 3), (time(0, 30), 3)])
    assert [f"{slot.at:%d %H:%M}" for slot in made] == ["08 21:30", "09 00:30"]


def test_the_volunteer_chooses_on_the_page(here, visitor, day, slots, xiaoman, lao_wang):
    phone = visitor(xiaoman)
    data = {"risk_known": "y", "slot": str(slots[0].id)}
    phone.post(f"/service-days/{day.id}/signups", data=data, follow=True)
    done = phone.post(f"/service-days/{day.id}/arrival", data={"slot": str(slots[1].id)}, follow=True)
    assert "09:30 到，记下了" in done.words
    assert "09:30 到" in visitor(lao_wang).get(f"/service-days/{day.id}/desk").words
    assert phone.post(f"/service-days/{day.id}/arrival", data={"slot": "999"}).status_code == 422


def test_each_stall_has_a_code_and_keeps_it(db, day):
    first = {one.name: one.public for one in layout.stand(day, ["理发", "磨刀"])}
    again = {one.name: one.public for one in layout.stand(day, ["磨刀", "量血压"])}
    assert again["磨刀"] == first["磨刀"] and set(again) == {"磨刀", "量血压"}
    assert layout.stall_by_code(first["磨刀"].lower()).name == "磨刀"
    assert len(set(db.session.scalars(select(Stall.public)))) == 2


def test_the_day_served_as_many_as_its_stalls_together(clock, day):
    """O13: the sum makes itself; the day's own number is no longer typed."""
    cut, sharpen = layout.stand(day, ["理发", "磨刀"])
    with pytest.raises(served.NotBegun):
        layout.count(cut, 3)
    clock.move("2026-03-08 10:00")
    layout.count(cut, 30)
    layout.count(sharpen, 12)
    layout.count(cut, 31)
    assert day.served == 43
    with pytest.raises(served.ByStall):
        service_days.report(day, 99)
    with pytest.raises(served.OutOfRange):
        layout.count(cut, -1)
    with pytest.raises(layout.StallCounted):
        layout.stand(day, ["磨刀"])


def test_stalls_that_cannot_be(day):
    for names in (["理发", "理发"], [f"摊位{n}" for n in range(41)]):
        with pytest.raises(layout.BadStalls):
            layout.stand(day, names)


def test_a_stall_is_counted_by_whoever_runs_the_gate(clock, here, visitor, day, lao_wang, xiaoman, office):
    desk = visitor(lao_wang)
    done = desk.post(f"/service-days/{day.id}/stalls", data={"names": "理发\n磨刀"}, follow=True)
    assert "2 个摊位各有一个码" in done.words
    cut = layout.stalls(day)[0]
    sheet = desk.get(f"/service-days/{day.id}/stalls")
    assert cut.public in sheet.words and "磨刀" in sheet.words
    clock.move("2026-03-08 10:00")
    assert "由现场的工作人员填" in visitor().get(f"/s/{cut.public}").words
    assert visitor(xiaoman).post(f"/s/{cut.public}/served", data={"served": "9"}).status_code == 403
    assert visitor(lao_wang).post("/s/NOSUCHCODE/served", data={"served": "9"}).status_code == 404
    assert desk.post(f"/s/{cut.public}/served", data={"served": "-1"}).status_code == 422
    done = desk.post(f"/s/{cut.public}/served", data={"served": "25"}, follow=True)
    assert "服务 25 人次" in done.words
    page = desk.get(f"/service-days/{day.id}/desk").words
    assert "合计" in page and "25" in page and "还没填" in page
    assert "25" in visitor(office).get("/office?period=month").words


def test_the_next_day_of_a_series_has_the_stalls_and_times_of_the_last(clock, activity):
    made = service_days.schedule(activity, "FREQ=WEEKLY;BYDAY=SA", date(2026, 3, 7), time(14), time(16), 5)
    layout.stand(made.days[-1], ["理发", "磨刀"])
    layout.arrivals(made.days[-1], [(time(14), 2), (time(15), 3)])
    clock.move("2026-03-08 02:10")
    (new,) = service_days.extend(made.series)
    assert [one.name for one in layout.stalls(new)] == ["理发", "磨刀"]
    assert [(f"{one.at:%m-%d %H}", one.capacity, one.taken) for one in layout.slots(new)] == [
        (f"{new.on:%m-%d} 14", 2, 0),
        (f"{new.on:%m-%d} 15", 3, 0),
    ]
    service_days.stop(made.series)  # days nobody joined go, with what was on them
