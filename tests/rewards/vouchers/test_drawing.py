"""What is scarce is given by lot: entered, drawn once, claimed for whoever may have it, and anybody can check."""

from datetime import datetime

import pytest

from rewards import offers, vouchers
from rewards.offers import draws
from rewards.vouchers import Voucher, drawing, nightly
from volunteer import accounts, ledger, service_days
from volunteer import clock as time_of
from volunteer.db import db
from volunteer.errors import NotFound, Refusal

AT = datetime(2026, 3, 10, 12, 0, tzinfo=time_of.ZONE)


@pytest.fixture
def tickets(make_offer):
    """Two cinema tickets for ten points, drawn on Tuesday at noon."""
    return draws.plan(make_offer(title="电影票", points=10, stock=2, per_person=1), AT)


@pytest.fixture
def people(make_volunteers, give_points):
    found = make_volunteers(5)
    for person in found:
        give_points(person, 10)
    return found


def outcomes(offer):
    return {one.number: one.outcome for one in draws.entries(offer)}


def test_until_the_draw_nobody_claims(tickets, people, visitor):
    """Idea 16: it is not ten minutes and gone; whoever taps is told when it is drawn."""
    with pytest.raises(draws.ByDraw) as refused:
        vouchers.claim(people[0], tickets.id)
    assert refused.value.code == "offer.by_draw" and tickets.stock == 2
    draws.enter(people[1], tickets.id)
    assert drawing.draw(tickets.id) == 0 and outcomes(tickets) == {1: None}
    page = visitor(people[0]).get(f"/offers/{tickets.id}").words
    assert "报名抽签" in page and "3月10日(周二) 12:00 抽签" in page


def test_the_drawn_have_vouchers_and_the_others_are_told(here, clock, tickets, people, visitor):
    """Idea 16: points are held of those who won, of nobody else; everybody hears."""
    for person in people:
        draws.enter(person, tickets.id)
        draws.enter(person, tickets.id)
    assert sorted(outcomes(tickets)) == [1, 2, 3, 4, 5]
    clock.move("2026-03-10 12:00")
    assert drawing.draw(tickets.id) == 2
    assert drawing.draw(tickets.id) == 0
    found = outcomes(tickets)
    assert sorted(found.values()) == ["lost", "lost", "lost", "won", "won"]
    db.session.refresh(tickets)
    assert (tickets.stock, tickets.claimed) == (0, 2)
    for number, person in enumerate(people, 1):
        won = found[number] == "won"
        assert ledger.balance(person.id) == (0 if won else 10)
        assert ("抽中了" if won else "没有抽中") in visitor(person).get("/me/notices").words
    assert [one.name for one in ledger.inspect() if one.name != "hours.award_has_record"] == []


def test_anybody_can_work_the_order_out_again(here, clock, tickets, people, visitor):
    """Idea 16: the fingerprint before, the seed after, and the order comes from it."""
    for person in people:
        draws.enter(person, tickets.id)
    before = visitor().get(f"/offers/{tickets.id}/draw").words
    there = draws.of(tickets)
    assert there.fingerprint in before and there.seed not in before
    clock.move("2026-03-10 12:00")
    drawing.draw(tickets.id)
    here.commit()
    after = visitor().get(f"/offers/{tickets.id}/draw")
    assert there.seed in after.text and "抽中了" in after.words
    lottery = service_days.lottery
    assert lottery.fingerprint(there.seed) == there.fingerprint
    again = lottery.order(there.seed, [lottery.Entry(one["number"], one["lots"]) for one in there.order])
    assert [one.number for one in again] == [one["number"] for one in there.order]
    assert visitor(people[0], lang="en").get(f"/offers/{tickets.id}/draw").status_code == 200


def test_whoever_cannot_have_it_then_is_passed_over(here, clock, tickets, people, tea, visitor):
    """Idea 16: without the points at the moment of the draw it goes to the next, and they are told why."""
    poor, rich = people[0], people[1]
    for person in (poor, rich):
        draws.enter(person, tickets.id)
    offers.restock(tickets, -1)
    offers.edit(tea, points=10)
    vouchers.claim(poor, tea.id)
    clock.move("2026-03-10 12:00")
    assert drawing.draw(tickets.id) == 1
    found = outcomes(tickets)
    assert found[2] == "won" and found[1] in ("passed", "lost")
    if found[1] == "passed":
        assert "领不了" in visitor(poor).get("/me/notices").words


def test_everybody_who_is_drawn_but_poor_hears_what_is_missing(
    here, clock, tickets, make_volunteers, visitor
):
    (poor,) = make_volunteers(1)
    draws.enter(poor, tickets.id)
    clock.move("2026-03-10 12:00")
    assert drawing.draw(tickets.id) == 0 and outcomes(tickets) == {1: "passed"}
    assert "还差 10 分" in visitor(poor).get("/me/notices").words
    db.session.refresh(tickets)
    assert tickets.stock == 2


def test_what_is_left_after_the_draw_is_for_whoever_comes(clock, tickets, people):
    draws.enter(people[0], tickets.id)
    clock.move("2026-03-10 12:00")
    drawing.draw(tickets.id)
    assert vouchers.claim(people[1], tickets.id).state == "claimed"
    with pytest.raises(draws.DrawOver):
        draws.enter(people[2], tickets.id)


def test_whoever_won_lately_has_fewer_lots(clock, make_offer, tickets, people):
    """Idea 16: those who won nothing lately come first more often; after ninety days all is as before."""
    draws.enter(people[0], tickets.id)
    clock.move("2026-03-10 12:00")
    drawing.draw(tickets.id)
    for moment, lots in (("2026-03-12 12:00", 5), ("2026-06-20 12:00", 6)):
        clock.move("2026-03-11 09:00" if lots == 5 else "2026-06-19 09:00")
        at = datetime.fromisoformat(moment).replace(tzinfo=time_of.ZONE)
        again = draws.plan(make_offer(title=f"票 {lots}", points=0, stock=1), at)
        draws.enter(people[0], again.id)
        draws.enter(people[1], again.id)
        clock.move(moment)
        drawing.draw(again.id)
        listed = {one["number"]: one["lots"] for one in draws.of(again).order}
        assert listed == {1: lots, 2: 6}


def test_gates_are_asked_when_entering_and_points_are_not(make_offer, nankeng, passer_by, make_volunteers):
    """Idea 16: who can never have it is told at once; points may be earned until the draw."""
    kept = draws.plan(make_offer(title="球票", points=10, stock=1, for_area_path=nankeng.path), AT)
    with pytest.raises(offers.gates.NotYourArea):
        draws.enter(passer_by, kept.id)
    assert draws.enter(make_volunteers(1)[0], kept.id).number == 1


def test_a_name_can_be_taken_out_until_the_draw(clock, tickets, people):
    draws.enter(people[0], tickets.id)
    draws.leave(people[0], tickets.id)
    draws.leave(people[0], tickets.id)
    assert draws.entered(tickets) == 0
    draws.enter(people[1], tickets.id)
    clock.move("2026-03-10 12:00")
    drawing.draw(tickets.id)
    with pytest.raises(draws.DrawOver):
        draws.leave(people[1], tickets.id)


@pytest.mark.parametrize("at", ["2026-03-07 09:30", "2027-01-01 09:00"])
def test_a_moment_nobody_could_use_is_refused(make_offer, at):
    with pytest.raises(draws.BadMoment):
        draws.plan(make_offer(), datetime.fromisoformat(at).replace(tzinfo=time_of.ZONE))


def test_once_somebody_has_entered_the_moment_stays(tickets, people):
    draws.enter(people[0], tickets.id)
    assert draws.plan(tickets, AT) is tickets
    for change in (lambda: draws.plan(tickets, AT.replace(hour=13)), lambda: draws.drop(tickets)):
        with pytest.raises(draws.DrawFixed):
            change()


def test_another_moment_keeps_the_seed_that_was_promised(tickets):
    """Idea 16: the fingerprint is public; nobody tries seeds until one pleases."""
    seed = draws.of(tickets).seed
    draws.plan(tickets, AT.replace(hour=15))
    db.session.expire_all()
    assert draws.of(tickets).seed == seed


def test_at_its_moment_the_list_is_closed_though_nobody_has_drawn_yet(clock, tickets, people):
    """Idea 16: whoever comes before the timetable does is too late."""
    clock.move("2026-03-10 12:00")
    with pytest.raises(draws.DrawOver):
        draws.enter(people[0], tickets.id)


def test_what_was_drawn_is_not_planned_again(clock, tickets):
    """Idea 16: not even when nobody had entered."""
    clock.move("2026-03-10 12:00")
    drawing.draw(tickets.id)
    for change in (AT.replace(day=11), AT.replace(day=12)):
        with pytest.raises(draws.DrawOver):
            draws.plan(tickets, change)


def test_nobody_enters_for_what_is_off_the_shelf(tickets, people):
    """Idea 16: nor is told that they have entered."""
    draws.enter(people[0], tickets.id)
    offers.withdraw(tickets)
    for person in people[:2]:
        with pytest.raises(NotFound):
            draws.enter(person, tickets.id)


def test_what_is_booked_by_time_is_not_drawn(make_offer):
    for terms in ({"kind": "venue", "by_slot": True}, {"daily_limit": 3}):
        with pytest.raises(draws.NotDrawable):
            draws.plan(make_offer(title="别的", **terms), AT)


def test_the_timetable_draws_it_and_withdrawn_ones_tell(here, clock, tickets, people, visitor):
    """Idea 16: an offer taken off the shelf is told to everybody who hoped for it."""
    draws.enter(people[0], tickets.id)
    offers.withdraw(tickets)
    clock.move("2026-03-10 12:01")
    for step in nightly.draw(time_of.now()):
        step()
    assert outcomes(tickets) == {1: "lost"} and draws.owed(time_of.now()) == []
    assert "没有抽中" in visitor(people[0]).get("/me/notices").words


def test_a_paused_one_waits(here, clock, tickets, people):
    draws.enter(people[0], tickets.id)
    offers.pause(tickets)
    clock.move("2026-03-10 12:01")
    assert draws.owed(time_of.now()) == []
    offers.resume(tickets)
    assert draws.owed(time_of.now()) == [tickets.id]


def test_the_page_enters_and_leaves_and_the_partner_plans(visitor, boss_lin, tea, xiaoman, here):
    desk, phone = visitor(boss_lin), visitor(xiaoman)
    terms = f"/office/offers/{tea.id}"
    assert "定下抽签" in desk.get(terms).words
    assert (
        "3月10日(周二) 12:00 抽签"
        in desk.post(f"{terms}/draw", {"draws_at": "2026-03-10T12:00"}, follow=True).words
    )
    assert "抽签要在一小时以后" in desk.post(f"{terms}/draw", {"draws_at": ""}, follow=True).words
    assert "签号是 1" in phone.post(f"/offers/{tea.id}/entry", follow=True).words
    assert "已经有 1 人报名" in desk.get(terms).words
    assert "不参加抽签了" in phone.post(f"/offers/{tea.id}/entry/withdrawal", follow=True).words
    assert "先到先得" in desk.post(f"{terms}/draw/removal", follow=True).words
    assert db.session.scalar(db.select(Voucher)) is None
    assert isinstance(draws.ByDraw(), Refusal)


@pytest.fixture
def child(nankeng, give_points):
    """Eighteen on 10 March, the day of the draw."""
    from datetime import date

    person = accounts.register(
        name="小雨",
        phone="13800000091",
        home=nankeng,
        birth_on=date(2008, 3, 10),
        guardian_phone="13800000092",
    )
    give_points(person, 10)
    return person


def test_nobody_under_eighteen_enters_a_draw_until_the_birthday(here, clock, make_offer, child, visitor):
    """Rules, Minors: no lottery. The day before is too early, the birthday is not; the page says why, without a button."""
    later = draws.plan(make_offer(title="电影票", points=10, stock=2), AT.replace(day=12))
    clock.move("2026-03-09 23:59")
    with pytest.raises(draws.AdultsOnly) as refused:
        draws.enter(child, later.id)
    assert refused.value.code == "offer.draw_adults" and draws.entered(later) == 0
    page = visitor(child).get(f"/offers/{later.id}")
    assert "年满 18 岁才能参加" in page.words and "报名抽签" not in page.words
    assert visitor(child).post(f"/offers/{later.id}/entry").status_code == 403
    assert "18 and over" in visitor(child, lang="en").get(f"/offers/{later.id}").words
    clock.move("2026-03-10 00:00")
    assert draws.enter(child, later.id).number == 1


def test_who_has_no_birthday_enters_no_draw(here, tickets, people, visitor):
    """Rules, Minors: a gate that opens for whoever says nothing is none; they read how to put it right."""
    people[0].birth_on = None
    with pytest.raises(draws.AdultsOnly):
        draws.enter(people[0], tickets.id)
    assert "填上出生日期" in visitor(people[0]).get(f"/offers/{tickets.id}").words


def test_a_minor_who_stood_in_a_draw_before_wins_nothing(here, clock, tickets, people, visitor):
    """Rules, Minors: entered before their birthday was put right: passed over, and told why."""
    from datetime import date

    for person in people[:2]:
        draws.enter(person, tickets.id)
    people[0].birth_on = date(2010, 1, 1)
    here.commit()
    clock.move("2026-03-10 12:00")
    assert drawing.draw(tickets.id) == 1 and outcomes(tickets) == {1: "passed", 2: "won"}
    assert "年满 18 岁才能参加" in visitor(people[0]).get("/me/notices").words
    assert ledger.balance(people[0].id) == 10
