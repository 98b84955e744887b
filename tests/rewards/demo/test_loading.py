"""The sample street: loaded once, into an empty database, in states the product can reach."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from rewards import demo, partners, vouchers
from rewards.demo import people
from rewards.offers import Offer
from rewards.vouchers import Voucher
from tests import chinese
from tests.engines import Engine
from tests.strict import Visitor
from volunteer import (
    accounts,
    activities,
    checkin,
    clock,
    community,
    events,
    hours,
    ledger,
    service_days,
    teams,
)
from volunteer.accounts import User, phones
from volunteer.activities import Activity
from volunteer.db import db as database
from volunteer.events import Happened
from volunteer.ledger import Posting
from volunteer.notices import Notice
from volunteer.service_days import ServiceDay, Signup

PASSWORD = "liyu-demo"
now = clock.now


@pytest.fixture
def street(here: Any, engine: Engine) -> Any:
    """The smallest sample street: loaded once, and a copy of it for each test."""
    with here.outside():
        if "street" not in engine.kept:
            assert demo.load("tiny", lambda _line: None)
        database.session.remove()
        database.engine.dispose()
        if "street" in engine.kept:
            engine.fresh("street")
        else:
            engine.keep("street")
    return here


def person(key: str) -> User:
    found = accounts.by_phone(people.CAST[key].phone)
    assert found is not None
    return found


def test_the_street_is_loaded_and_the_books_are_good(street):
    assert demo.loaded()
    assert ledger.inspect() == []


def test_loading_again_changes_nothing(street, clock):
    before = demo.counts()
    clock.pass_(hours=30)
    with street.outside():
        assert not demo.load("tiny")
        assert not demo.load_if_empty()
    assert demo.counts() == before


def test_the_same_moment_gives_the_same_street(here, make_app, engine):
    def seen() -> list[Any]:
        days = select(ServiceDay.on, ServiceDay.accepted, ServiceDay.public).order_by(ServiceDay.id)
        names = select(User.name, User.volunteer_no).where(User.id > len(people.CAST)).order_by(User.id)
        return [list(map(tuple, database.session.execute(look))) for look in (days, names)]

    def loaded_anew() -> list[Any]:
        other = make_app(database_url=engine.empty())
        with here.outside(), other.app_context():
            database.create_all()
            demo.load("tiny", lambda _line: None)
            return seen()

    assert loaded_anew() == loaded_anew()


def test_real_data_is_never_loaded_over(here, xiaoman):
    with here.outside(), pytest.raises(demo.NotEmpty):
        demo.load("tiny")
    assert not demo.loaded()
    assert demo.counts()["account"] == 1


def test_the_command_says_whom_one_may_be(command, here):
    said = command("demo", "load", "--size", "tiny")
    assert said.exit_code == 0, said.output
    assert all(part.phone in said.output for part in people.CAST.values()) and PASSWORD in said.output
    again = command("demo", "load", "--size", "tiny")
    assert again.exit_code == 0 and "没有改动" in again.output


def test_the_command_refuses_real_data_in_one_line(command, xiaoman):
    said = command("demo", "load", "--size", "tiny")
    assert said.exit_code == 1 and "空的数据库" in said.output and "Traceback" not in said.output


def test_nobody_is_named_where_there_is_no_street(here):
    assert demo.sign_ins() == [] and not demo.loaded()


def test_everybody_of_the_contract_signs_in_and_sees_their_home(street, visitor):
    for part in people.CAST.values():
        browser: Visitor = visitor()
        answer = browser.post("/sign-in", {"phone": part.phone, "password": PASSWORD})
        assert answer.status_code == 302, answer.words
        home = browser.get(answer.location, follow=True)
        assert home.status_code == 200 and part.name in home.words


def test_each_holds_the_role_the_contract_gives_them(street):
    def held(key: str) -> set[str]:
        return {hold.role for hold in person(key).holds}

    assert held("street_admin") == {"street_admin"}
    assert held("community_admin") == {"community_admin"}
    assert held("auditor") == {"auditor"}
    assert held("leader") == {"team_leader"}
    assert held("counter") == held("other_counter") == {"counter"}
    assert held("saver") == held("newcomer") == set()
    [team] = teams.led_by(person("leader").id)
    assert team.name == "党员志愿服务队"


def test_one_can_spend_and_the_other_cannot_yet(street, db):
    saver, newcomer = person("saver"), person("newcomer")
    assert ledger.balance(saver.id) >= 200
    assert ledger.balance(newcomer.id) == 0
    tariff = ledger.tariff(clock.today(), community.streets()[0].path)
    assert (tariff.redeem_min_hours, tariff.min_account_days) == (5, 30)
    assert hours.totals(saver.id).minutes >= 300
    [mart] = [hold.partner_id for hold in person("counter").holds]
    affordable = db.session.scalars(
        select(Offer).where(Offer.partner_id == mart, Offer.stock > 0, Offer.points.between(1, 60))
    ).all()
    assert affordable
    assert vouchers.claim(saver, affordable[0].id).state == "claimed"


def test_counters_are_at_two_partners_with_a_manager_each(street):
    places = [hold.partner_id for key in ("counter", "other_counter") for hold in person(key).holds]
    assert len(set(places)) == 2
    assert all(accounts.holders("partner_manager", partner_id=place) for place in places)


@contextmanager
def now_happening(db: Any) -> Iterator[ServiceDay]:
    now = clock.now()
    found = select(ServiceDay).join(Activity, Activity.id == ServiceDay.activity_id)
    yield db.session.scalars(
        found.where(
            ServiceDay.starts_at <= now,
            ServiceDay.ends_at > now,
            Activity.leader_id == person("leader").id,
            Activity.walk_ins,
        )
    ).one()


def test_a_day_is_happening_now_and_the_visitor_can_check_in(street, db, visitor):
    with now_happening(db) as day:
        assert day.state == "open" and clock.now() - day.starts_at <= timedelta(minutes=20)
        assert service_days.windows(day).checkin_closes > clock.now() + timedelta(minutes=10)
        for key in ("saver", "newcomer"):
            assert db.session.scalar(
                select(Signup.state).filter_by(service_day_id=day.id, volunteer_id=person(key).id)
            ) == ("accepted")
        showing = checkin.showing(day)
        day_id = day.id
    assert visitor(person("leader")).get(f"/service-days/{day_id}/wall").status_code == 200
    answer = checkin.record(person("newcomer"), showing.code, "a-visitor-scans-this")
    assert (answer.direction, answer.state) == ("in", "recorded")


def test_the_next_service_day_has_both_of_them_and_its_gate_opens(street, db, clock):
    ahead = db.session.scalars(
        select(ServiceDay)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .where(Activity.title.startswith("志愿者服务日"), ServiceDay.starts_at > now())
        .order_by(ServiceDay.starts_at)
    ).all()
    assert len(ahead) == 6 and all(day.on.weekday() == 6 and 8 <= day.on.day <= 14 for day in ahead)
    here_too = set(db.session.scalars(select(Signup.volunteer_id).filter_by(service_day_id=ahead[0].id)))
    assert {person("saver").id, person("newcomer").id} <= here_too
    # The gate of that Sunday, rehearsed a quarter of an hour before it begins.
    clock.move(ahead[0].starts_at - timedelta(minutes=15))
    for key in ("saver", "newcomer"):
        answer = checkin.record(person(key), checkin.showing(ahead[0]).code, f"{key}-on-sunday")
        assert (answer.direction, answer.state) == ("in", "recorded")


def test_keeping_the_series_ahead_adds_nothing(street, db):
    running = db.session.scalars(select(service_days.Series)).all()
    assert running and not any(service_days.extend(series) for series in running)


def test_vouchers_are_in_every_state_and_one_is_the_savers_to_show(street, db):
    states = set(db.session.scalars(select(Voucher.state)))
    assert {"claimed", "redeemed", "cancelled", "lapsed"} <= states
    mine = select(Voucher).filter_by(volunteer_id=person("saver").id, state="claimed")
    voucher = db.session.scalars(mine).one()
    assert {hold.partner_id for hold in person("counter").holds} == {voucher.partner_id}
    shown = vouchers.present(voucher)
    done = vouchers.redeem(shown.typed, "at-the-counter", person("counter"))
    assert done.voucher.state == "redeemed"


def test_points_were_earned_spent_given_back_and_ended(street, db):
    moved = set(db.session.scalars(select(Posting.move)))
    assert {"award", "claim", "redeem", "release", "settle", "expire"} <= moved


def test_every_activity_is_volunteer_service(street, db):
    for activity in db.session.scalars(select(Activity)):
        wrong = [finding for finding in activities.findings_of(activity) if finding.severity == "refuse"]
        assert not wrong, (activity.title, [str(finding.says) for finding in wrong])


def test_the_office_has_something_to_decide(street, db):
    assert db.session.scalar(select(func.count()).select_from(teams.Team).filter_by(state="pending")) == 1
    assert db.session.scalar(select(func.count()).select_from(Activity).filter_by(state="pending")) == 1
    asked = select(func.count()).select_from(partners.Partner).filter_by(state="applied")
    assert db.session.scalar(asked) == 2
    assert db.session.scalar(select(hours.ServiceRecord.id).filter_by(state="provisional").limit(1))


def test_sealed_phones_open_and_find_their_person(street, db):
    somebody = db.session.scalars(select(User).where(User.id > len(people.CAST)).limit(5)).all()
    for one in somebody:
        assert accounts.by_phone(phones.of(one)) is one
        assert phones.of(one)[:3] + "****" + phones.of(one)[-4:] == one.phone_masked
    partner = db.session.scalars(select(partners.Partner).limit(1)).one()
    assert partners.contact(partner).endswith(partner.contact_phone_masked[-4:])


def test_the_street_says_nothing_the_product_does_not_say(street, db):
    spoken = chinese.marked()
    said = set(db.session.scalars(select(Notice.text)))
    assert said and not {text for text in said if text not in spoken}


def test_the_trail_is_in_the_order_things_happened(street, db):
    trail = db.session.execute(select(Happened.kind, Happened.at).order_by(Happened.id)).all()
    apart = ("patrols.", "giving.")  # the last walk, and what was given, are told after everything else
    lived = [at for kind, at in trail if not kind.startswith(apart)]
    lived = lived[len(lived) // 10 :]  # the first are those of moving in
    assert lived == sorted(lived)
    for feature in apart:
        told = [at for kind, at in trail if kind.startswith(feature)]
        assert told and told == sorted(told), feature


def test_what_follows_from_the_latest_events_is_done(street, db):
    lately = select(Happened.id).where(
        Happened.kind.in_(list(events.REACTIONS)), Happened.at > clock.now() - timedelta(days=7)
    )
    assert db.session.scalar(lately.limit(1)), "nothing happened lately that anything follows from"
    with street.outside():
        assert events.deliver() == 0


def test_a_rehearsal_asks_whether_the_street_is_there(here, make_app, engine):
    nothing = make_app(database_url=engine.empty())
    with here.outside(), nothing.app_context():
        assert not demo.loaded()


def test_the_nights_after_find_the_street_in_order(street, clock, command):
    clock.pass_(hours=20)
    for job in ("vouchers.lapse", "service_days.close", "service_days.extend", "checkin.close"):
        done = command("timetable", "run", job)
        assert done.exit_code == 0, (job, done.output)
    assert ledger.inspect() == []


#: Pages each of them opens first.
PAGES = {
    "saver": ["/me", "/me/points", "/me/notices", "/me/hours", "/me/vouchers", "/me/pass", "/offers", "/teams", "/calendar"],
    "leader": ["/teams", "/activities", "/calendar"],
    "community_admin": ["/office", "/office/inbox", "/office/audit"],
    "street_admin": ["/office", "/office/inbox", "/office/audit"],
    "auditor": ["/office", "/office/audit"],
    "counter": ["/counter"],
}  # fmt: skip


def test_their_pages_open(street, visitor):
    for key, paths in PAGES.items():
        browser = visitor(person(key))
        for path in paths:
            assert browser.get(path).status_code == 200, (key, path)
