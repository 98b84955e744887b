"""What could not be settled when it was uploaded waits for the office, and two people always decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from volunteer import accounts, checkin, devices, hours, ledger, notices, service_days
from volunteer import clock as wall_clock
from volunteer.checkin import kept, parked, refusals
from volunteer.checkin.models import Attendance, KeptScan
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.events import Happened

LATE = "2026-03-12 10:00"


@pytest.fixture
def late(
    clock: Any, here: Any, xiaoman: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> list[KeptScan]:
    """小满 came and went; 老王's phone found signal four days later."""
    service_days.sign_up(xiaoman, day)
    scans = []
    for name, at, way in (("k-in", "2026-03-08 09:02", "in"), ("k-out", "2026-03-08 11:31", "out")):
        clock.move(at)
        scans.append(kept.Scan(name, checkin.my_pass(xiaoman).code, wall_clock.now(), way))
    clock.move(LATE)
    assert {one.outcome for one in checkin.keep(day, scans, lao_wang)} == {"parked"}
    here.commit()
    return rows()


def rows() -> list[KeptScan]:
    return list(db.session.scalars(db.select(KeptScan).order_by(KeptScan.id)))


def told(person: accounts.User) -> list[str]:
    found = db.session.scalars(db.select(notices.Notice).filter_by(user_id=person.id))
    return [one.text for one in found if "离线扫码" in one.text]


def test_both_ends_taken_make_the_stay_they_were(
    late: list[KeptScan], here: Any, office: accounts.User, xiaoman: accounts.User
) -> None:
    """T25: the office takes both scans: grade A, paid once, every step in the trail and told to the volunteer."""
    way_in, way_out = late
    parked.accept(way_in, "老王说当天山上没有信号", office)
    assert db.session.scalars(db.select(Attendance)).one().state == "to_confirm", "its way out waits still"
    assert ledger.balance(xiaoman.id) == 0
    parked.accept(way_out, "同上", office)
    here.commit()
    stay = db.session.scalars(db.select(Attendance)).one()
    assert (stay.state, stay.grade, stay.minutes) == ("confirmed", "A", 148)
    record = db.session.scalars(db.select(hours.ServiceRecord)).one()
    assert ledger.balance(xiaoman.id) == record.points > 0
    assert [(one.outcome, one.decided_by, one.attendance_id) for one in rows()] == 2 * [
        ("recorded", office.id, stay.id)
    ]
    decided = db.session.scalars(db.select(Happened).filter_by(kind="checkin.ScanDecided")).all()
    assert [one.facts["outcome"] for one in decided] == ["taken", "taken"]
    assert len(told(xiaoman)) == 4
    assert [one.name for one in ledger.inspect()] == []


def test_one_end_taken_and_one_turned_down_is_grade_b(
    late: list[KeptScan], office: accounts.User, xiaoman: accounts.User
) -> None:
    """T25: what is taken counts, what is turned down does not, and neither is decided twice."""
    way_in, way_out = late
    parked.accept(way_in, "当天在场", office)
    parked.turn_down(way_out, "不是本人的手机拍的", office)
    stay = db.session.scalars(db.select(Attendance)).one()
    assert (stay.state, stay.grade) == ("confirmed", "B") and ledger.balance(xiaoman.id) > 0
    for again in (parked.accept, parked.turn_down):
        with pytest.raises(parked.DecidedAlready):
            again(way_out, "再来一次", office)


def test_all_turned_down_leaves_nothing_but_the_trail(
    late: list[KeptScan], office: accounts.User, xiaoman: accounts.User
) -> None:
    """T25."""
    for one in late:
        parked.turn_down(one, "当天没有来", office)
    assert db.session.scalars(db.select(Attendance)).all() == [] and ledger.balance(xiaoman.id) == 0
    assert [one.note for one in rows()] == ["当天没有来"] * 2


def test_nobody_decides_alone(
    late: list[KeptScan], here: Any, office: accounts.User, street_office: accounts.User, lao_wang: accounts.User,
    xiaoman: accounts.User, nankeng: Any,
) -> None:  # fmt: skip
    """T25, T06: not who uploaded it, nor whose code it is, nor who leads the team; the database says so as well."""
    for person, refusal in ((lao_wang, parked.OwnUpload), (xiaoman, hours.OwnRecord)):
        accounts.appoint(person, "community_admin", area=nankeng)
        with pytest.raises(refusal):
            parked.accept(late[0], "我自己看过", person)
    late[0].uploaded_by = street_office.id
    db.session.flush()
    with pytest.raises(hours.OwnDay):
        parked.accept(late[0], "我的队伍", lao_wang)
    with pytest.raises(Refusal):
        parked.accept(late[0], "  ", office)
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(
            update(KeptScan).values(decided_by=KeptScan.uploaded_by, settled_at=wall_clock.now())
        )


def test_a_revoked_devices_scan_is_taken_while_the_day_goes_on(
    clock: Any, here: Any, xiaoman: accounts.User, lao_wang: accounts.User, office: accounts.User,
    day: service_days.ServiceDay,
) -> None:  # fmt: skip
    """T25, T29: taken before the day has ended, it waits for the roll like any scan that came late."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:10")
    scan = kept.Scan("k-lost", checkin.my_pass(xiaoman).code, wall_clock.now(), "in")
    clock.pass_(minutes=10)
    kept.park(day, [scan], lao_wang, device_id=1, why=devices.Revoked.code)
    (row,) = rows()
    parked.accept(row, "设备丢之前扫的", office)
    stay = db.session.scalars(db.select(Attendance)).one()
    assert (stay.state, stay.in_at) == ("to_confirm", row.seen_at)
    clock.move("2026-03-08 12:00")
    assert [one.state for one in checkin.confirm(day, [xiaoman.id], lao_wang)] == ["confirmed"]


def test_what_would_not_have_counted_then_does_not_count_now(
    clock: Any, here: Any, xiaoman: accounts.User, lao_wang: accounts.User, office: accounts.User,
    day: service_days.ServiceDay,
) -> None:  # fmt: skip
    """T25: somebody who never signed up is told so again; the office turns it down, or sees to the reason first."""
    clock.move("2026-03-08 09:10")
    checkin.keep(day, [kept.Scan("k-stranger", checkin.my_pass(xiaoman).code, wall_clock.now())], lao_wang)
    (row,) = rows()
    with pytest.raises(checkin.NotSignedUp), db.session.begin_nested():
        parked.accept(row, "看着面熟", office)
    db.session.refresh(row)
    assert row.outcome == "parked"
    parked.turn_down(row, "没有报名", office)


def test_the_pages(
    late: list[KeptScan], clock: Any, here: Any, visitor: Any, office: accounts.User, other_office: accounts.User,
    lao_wang: accounts.User, xiaoman: accounts.User, day: service_days.ServiceDay,
) -> None:  # fmt: skip
    """T25, T13: who, when, from which device, why, whose it is and until when; next door there is nothing."""
    page = visitor(office).get("/office/scans")
    for words in ("小*", "超过三天才上传", "王*国", "南坑社区", "3月19日", "没有登记的设备"):
        assert words in page.words, words
    assert xiaoman.name not in page.words
    assert "离线扫码待处理" in visitor(office).get("/office/inbox").words
    assert "没有等着处理的扫码" in visitor(other_office).get("/office/scans").words
    address = f"/kept-scans/{late[0].id}/acceptance"
    assert visitor(other_office).post(address, {"reason": "看看"}).status_code == 404
    assert visitor(lao_wang).post(address, {"reason": "看看"}).status_code == 403
    mine = visitor(xiaoman)
    assert "待确认" in mine.get("/me/scans").words and "超过三天才上传" in mine.get("/me/scans").words
    assert "/me/scans" in mine.get("/me/hours").links
    assert "等社区处理的离线扫码" in visitor(lao_wang).get(f"/service-days/{day.id}/roll").words
    assert "收下了" in visitor(office).post(address, {"reason": "当天在场"}, follow=True).words
    refused = f"/kept-scans/{late[1].id}/refusal"
    assert visitor(office).post(refused, {"reason": ""}).status_code == 422
    assert "没有收" in visitor(office).post(refused, {"reason": "没有看见他走"}, follow=True).words
    assert "没有看见他走" in visitor(xiaoman).get("/me/scans").words


def test_after_a_week_it_is_overdue(
    late: list[KeptScan], clock: Any, visitor: Any, office: accounts.User
) -> None:
    """T25: seven days, and the page says so."""
    assert "已经超过期限" not in visitor(office).get("/office/scans").words
    clock.pass_(minutes=int((parked.DECIDE_WITHIN + timedelta(minutes=1)).total_seconds() // 60))
    assert "已经超过期限" in visitor(office).get("/office/scans").words


def test_every_reason_a_scan_may_wait_for_has_words(here: Any) -> None:
    ways = [one for one in vars(refusals).values() if isinstance(one, type) and issubclass(one, Refusal)]
    assert {one.code for one in ways if one is not Refusal} <= set(parked.WHY)
