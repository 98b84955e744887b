"""A time is booked with a voucher: one place taken, given back when it is not used, never twice."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from rewards import offers, partners, vouchers
from rewards.vouchers import nightly, returns
from volunteer import ledger
from volunteer.db import db
from volunteer.errors import Refusal

ON = date(2026, 3, 10)


def faults():
    """What the inspection finds; points that were only given for a test have no record of hours."""
    return [one.name for one in ledger.inspect() if one.name != "hours.award_has_record"]


@pytest.fixture
def court(make_offer):
    """羽毛球场, twenty points, by the hour."""
    return make_offer(title="羽毛球场一小时", kind="venue", points=20, stock=50, by_slot=True, per_person=5)


@pytest.fixture
def slot(court):
    """Tuesday 2026-03-10, 10:00–11:00, two places."""
    return offers.slots.add(court, ON, time(10), time(11), 2)[0]


@pytest.fixture
def rich(xiaoman, give_points):
    give_points(xiaoman, 100)
    return xiaoman


def test_booking_takes_a_place_and_lasts_until_the_day(rich, court, slot):
    """M3: the voucher is for that day, and one place less is free."""
    voucher = vouchers.claim(rich, court.id, slot_id=slot.id)
    assert (voucher.slot_id, voucher.expires_on) == (slot.id, ON)
    assert (slot.booked, slot.left, court.stock) == (1, 1, 49)
    assert ledger.held_total(rich.id) == 20 and faults() == []


def test_without_a_time_there_is_no_booking(rich, court, make_offer):
    """M3: an offer by time asks which; one that is not does not look at it."""
    with pytest.raises(offers.slots.SlotNeeded):
        vouchers.claim(rich, court.id)
    assert court.stock == 50
    assert vouchers.claim(rich, make_offer().id, slot_id=99).slot_id is None


def test_the_last_place_goes_once(rich, daming, grandma, court, slot, give_points):
    for person in (daming, grandma):
        give_points(person, 20)
    vouchers.claim(rich, court.id, slot_id=slot.id)
    vouchers.claim(daming, court.id, slot_id=slot.id)
    with pytest.raises(offers.slots.SlotFull):
        vouchers.claim(grandma, court.id, slot_id=slot.id)
    db.session.rollback()


def test_the_database_never_books_more_than_there_are(here, slot):
    """M3: the check stands whatever path writes it."""
    with pytest.raises(IntegrityError):
        db.session.execute(update(offers.OfferSlot).where(offers.OfferSlot.id == slot.id).values(booked=3))


def test_a_time_that_has_begun_is_not_booked(clock, rich, court, slot):
    clock.move("2026-03-10 10:00")
    with pytest.raises(offers.slots.SlotBegun):
        vouchers.claim(rich, court.id, slot_id=slot.id)


def test_a_time_called_off_a_moment_ago_is_not_booked(rich, court, slot):
    """M3: whoever looked before finds no place in it."""
    assert slot.left == 2
    off = update(offers.OfferSlot).where(offers.OfferSlot.id == slot.id)
    db.session.execute(off.values(cancelled_at=slot.starts_at).execution_options(synchronize_session=False))
    with pytest.raises(offers.slots.SlotFull):
        offers.slots.book(court, slot.id)
    db.session.refresh(slot)
    assert slot.booked == 0


def test_another_offers_time_is_not_there(rich, court, make_offer, slot):
    other = make_offer(title="乒乓球台", kind="venue", points=1, by_slot=True)
    with pytest.raises(offers.slots.NoSuchSlot):
        vouchers.claim(rich, other.id, slot_id=slot.id)


def test_one_person_is_not_in_two_places_at_once(rich, court, slot, make_offer):
    """M3: an overlap is refused and says with what; times that touch are none."""
    other = make_offer(title="书法课", kind="course", points=5, by_slot=True)
    across = offers.slots.add(other, ON, time(10, 30), time(12), 5)[0]
    after = offers.slots.add(other, ON, time(12), time(13), 5)[0]
    mine = vouchers.claim(rich, court.id, slot_id=slot.id)
    with pytest.raises(vouchers.BookedAlready) as refused:
        vouchers.claim(rich, other.id, slot_id=across.id)
    assert refused.value.facts["title"] == "羽毛球场一小时" and refused.value.facts["voucher_id"] == mine.id
    vouchers.claim(rich, other.id, slot_id=after.id)
    vouchers.cancel(mine)
    assert vouchers.claim(rich, other.id, slot_id=across.id).state == "claimed"


def test_a_time_after_the_agreement_waits_for_its_renewal(clock, here, rich, court, tea_house):
    late = offers.slots.add(court, date(2027, 3, 10), time(10), time(11), 1)[0]
    with pytest.raises(Refusal) as refused:
        vouchers.claim(rich, court.id, slot_id=late.id)
    assert refused.value.code == "offer.slot_late"
    partners.sign(tea_house, date(2027, 3, 1), date(2028, 2, 28))
    assert vouchers.claim(rich, court.id, slot_id=late.id).expires_on == date(2027, 3, 10)


# ── given back ──


def end_by_holder(voucher, _azhen):
    vouchers.cancel(voucher)
    vouchers.cancel(voucher)


def end_by_counter(voucher, azhen):
    vouchers.refuse(vouchers.present(voucher).code, "scan-1", "场地维修", azhen)


def end_by_night(voucher, _azhen):
    returns.lapse(ON + timedelta(days=1))
    returns.lapse(ON + timedelta(days=1))


def end_by_partner(voucher, _azhen):
    partners.pause(db.session.get_one(partners.Partner, voucher.partner_id), "停电")
    vouchers.refund_partner(voucher.partner_id)


def end_after_undo(voucher, azhen):
    vouchers.redeem(vouchers.present(voucher).code, "scan-2", azhen)
    vouchers.undo(voucher, "按错了", azhen)
    db.session.refresh(voucher)
    vouchers.cancel(voucher)


@pytest.mark.parametrize(
    "ending", [end_by_holder, end_by_counter, end_by_night, end_by_partner, end_after_undo]
)
def test_whatever_ends_it_gives_the_place_back_once(rich, court, slot, azhen, ending):
    """V16: cancelled, refused, lapsed, the partner gone, taken back at the counter: one place, once."""
    voucher = vouchers.claim(rich, court.id, slot_id=slot.id)
    ending(voucher, azhen)
    db.session.refresh(slot)
    db.session.refresh(court)
    assert (slot.booked, court.stock) == (0, 50)
    assert ledger.balance(rich.id) == 100 and faults() == []


def test_a_place_that_was_used_stays_taken(rich, court, slot, azhen):
    voucher = vouchers.claim(rich, court.id, slot_id=slot.id)
    vouchers.redeem(vouchers.present(voucher).code, "scan-3", azhen)
    db.session.refresh(slot)
    assert slot.booked == 1 and faults() == []


def test_the_books_notice_a_place_that_nobody_has(here, slot):
    """Contract: places taken are exactly the vouchers that hold one."""
    slot.booked = 1
    db.session.flush()
    assert faults() == ["vouchers.slots"]


# ── called off ──


def test_calling_a_time_off_gives_everything_back_and_tells(
    here, rich, daming, court, slot, give_points, visitor
):
    """M3: everybody who booked has the points back and hears why; nobody can book it any more."""
    give_points(daming, 20)
    mine, his = (vouchers.claim(one, court.id, slot_id=slot.id) for one in (rich, daming))
    offers.slots.cancel(slot, "场地检修。")
    offers.slots.cancel(slot, "场地检修。")
    here.commit()
    for voucher in (mine, his):
        db.session.refresh(voucher)
        assert (voucher.state, voucher.reason) == ("cancelled", "slot.cancelled")
    assert ledger.balance(rich.id) == 100 and faults() == []
    assert "场地检修" in visitor(daming).get("/me/notices").words
    assert "商家取消了这个时段" in visitor(daming).get(f"/vouchers/{his.id}").words
    with pytest.raises(offers.slots.NoSuchSlot):
        vouchers.claim(rich, court.id, slot_id=slot.id)


def test_the_day_before_somebody_is_reminded(clock, here, rich, court, slot, visitor):
    vouchers.claim(rich, court.id, slot_id=slot.id)
    assert nightly.remind(date(2026, 3, 3)) == 0
    clock.move("2026-03-09 09:00")
    assert nightly.remind(date(2026, 3, 9)) == 1 and nightly.remind(date(2026, 3, 9)) == 1
    assert visitor(rich).get("/me/notices").words.count("明天 10:00 你约了") == 1


# ── the pages ──


def test_a_volunteer_books_and_sees_when(visitor, rich, court, slot):
    phone = visitor(rich)
    page = phone.get(f"/offers/{court.id}")
    assert "3月10日(周二)" in page.words and "还有 2 个位子" in page.words
    done = phone.post(f"/offers/{court.id}/vouchers", {"once": "tap", "slot_id": slot.id}, follow=True)
    assert "约了 3月10日(周二) 10:00–11:00" in done.words
    assert "还有 1 个位子" in phone.get(f"/offers/{court.id}").words
    assert "可以约的时间" in visitor().get(f"/offers/{court.id}").words


def test_a_full_time_has_no_button(visitor, rich, daming, grandma, court, slot, give_points):
    for person in (daming, grandma):
        give_points(person, 20)
        vouchers.claim(person, court.id, slot_id=slot.id)
    page = visitor(rich).get(f"/offers/{court.id}")
    assert "约满了" in page.words and not page.all("input", name="slot_id")
    refused = visitor(rich).post(f"/offers/{court.id}/vouchers", {"once": "t", "slot_id": slot.id})
    assert refused.status_code == 409 and "刚刚约满了" in refused.words


def test_the_partner_writes_times_sees_who_and_calls_one_off(visitor, boss_lin, rich, court, db):
    """M3: single and weekly; masked names; one form each."""
    desk = visitor(boss_lin)
    here = f"/office/offers/{court.id}/slots"
    assert "还没有可约的时段" in desk.get(here).words
    form = {"on": "2026-03-12", "starts": "19:00", "ends": "20:30", "capacity": "4", "weeks": "3"}
    assert "排好了 3 个时段" in desk.post(here, form, follow=True).words
    found = db.session.scalars(db.select(offers.OfferSlot).order_by(offers.OfferSlot.starts_at)).all()
    assert [f"{one.starts_at:%m-%d %H:%M}" for one in found] == ["03-12 19:00", "03-19 19:00", "03-26 19:00"]
    vouchers.claim(rich, court.id, slot_id=found[0].id)
    who = desk.get(f"/office/offer-slots/{found[0].id}").words
    assert rich.name_masked in who and rich.name not in who
    answer = desk.post(f"/office/offer-slots/{found[0].id}/cancellation", {"reason": "停电"}, follow=True)
    assert "约好的 1 位" in answer.words and "3月12日" not in answer.words
    overlapping = desk.post(here, {**form, "on": "2026-03-19", "starts": "20:00", "ends": "21:00"})
    assert overlapping.status_code == 422 and "和新的重叠了" in overlapping.words
    assert desk.post(here, {**form, "on": "2026-03-01"}).status_code == 422


def test_another_partners_times_are_not_there(
    visitor, court, slot, daming, bakery, other_office, azhen, boss_lin
):
    for person, status in [(daming, 404), (other_office, 404), (azhen, 403)]:
        desk = visitor(person)
        assert desk.get(f"/office/offers/{court.id}/slots").status_code == status
        assert desk.get(f"/office/offer-slots/{slot.id}").status_code == status
        assert desk.post(f"/office/offer-slots/{slot.id}/cancellation", {"reason": "x"}).status_code == status


def test_in_english(visitor, boss_lin, rich, court, slot):
    vouchers.claim(rich, court.id, slot_id=slot.id)
    for address in (f"/office/offers/{court.id}/slots", f"/office/offer-slots/{slot.id}"):
        assert visitor(boss_lin, lang="en").get(address).status_code == 200
    assert visitor(rich, lang="en").get(f"/offers/{court.id}").status_code == 200
