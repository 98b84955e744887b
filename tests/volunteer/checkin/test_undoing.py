"""Taking back: the device that scanned within a quarter of an hour, the organiser within a day, then two people."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from volunteer import accounts, checkin, hours, ledger, notices, service_days
from volunteer.checkin import roll, undoing
from volunteer.checkin.models import Attendance
from volunteer.checkin.undo_models import GateScan, ReversalRequest
from volunteer.db import db
from volunteer.errors import NotFound, Refusal

DEVICE = "a" * 32


@pytest.fixture
def gate(xiaoman: Any, day: Any, lao_wang: Any, clock: Any) -> Any:
    """老王's tablet at the gate reads 小满's number: `gate("scan-one", at="09:00")`."""
    service_days.sign_up(xiaoman, day)

    def read(scan: str, at: str, device: str = DEVICE) -> Attendance:
        clock.move(f"2026-03-08 {at}")
        given = checkin.scan_pass(lao_wang, day.id, checkin.my_pass(xiaoman).code, scan)
        undoing.took(given, scan, device=device, by=lao_wang)
        return db.session.get_one(Attendance, given.id, populate_existing=True)

    return read


def take_back(day: Any, scan: str, by: Any, *, device: str = DEVICE, reason: str = "扫错了人") -> GateScan:
    return undoing.undo(day, scan, reason=reason, device=device, by=by)


def test_a_way_in_taken_back_is_no_stay(gate: Any, day: Any, lao_wang: Any, xiaoman: Any, clock: Any) -> None:
    """CK-48: the row stays, void, with why; taking it back again changes nothing; the person is told."""
    stay = gate("scan-in", "09:00")
    clock.move("2026-03-08 09:15")
    kept = take_back(day, "scan-in", lao_wang)
    assert (stay.state, stay.reason, kept.reason) == ("void", "扫错了人", "扫错了人")
    take_back(day, "scan-in", lao_wang, reason="又点了一下")
    assert kept.reason == "扫错了人"
    assert len(db.session.scalars(select(notices.Notice).filter_by(user_id=xiaoman.id)).all()) == 1
    assert gate("scan-again", "09:16").state == "open", "and may come in after all"


def test_a_way_out_taken_back_lets_the_stay_go_on(
    gate: Any, day: Any, lao_wang: Any, xiaoman: Any, here: Any
) -> None:
    """CK-48, LG-33: the points go back by the posted entry, once; the next way out pays once."""
    gate("scan-in", "09:00")
    gate("scan-out", "11:20")
    first = ledger.balance(xiaoman.id)
    assert first > 0
    take_back(day, "scan-out", lao_wang)
    take_back(day, "scan-out", lao_wang)
    stay = db.session.scalars(select(Attendance)).one()
    assert (stay.state, stay.out_at, stay.minutes, stay.grade) == ("open", None, None, None)
    assert (ledger.balance(xiaoman.id), hours.totals(xiaoman.id).minutes) == (0, 0)
    assert gate("scan-out", "11:21").state == "open", "the same scan, sent again, is no second way out"
    again = gate("scan-out-2", "11:30")
    assert (again.state, again.minutes, hours.totals(xiaoman.id).minutes) == ("closed", 150, 150)
    assert ledger.balance(xiaoman.id) == 25
    here.commit()
    assert ledger.inspect() == []


def test_what_cannot_be_taken_back_here(
    gate: Any, day: Any, make_day: Any, lao_wang: Any, clock: Any
) -> None:
    """CK-49: unknown or of another day 404; another device and a minute too late are refused; the stay stays."""
    gate("scan-in", "09:00")
    other = make_day("2026-03-15")
    for where, scan in ((day, "never-seen"), (other, "scan-in")):
        with pytest.raises(NotFound):
            take_back(where, scan, lao_wang)
    with pytest.raises(undoing.OtherDevice) as elsewhere:
        take_back(day, "scan-in", lao_wang, device="b" * 32)
    with pytest.raises(Refusal):
        take_back(day, "scan-in", lao_wang, reason="  ")
    clock.move("2026-03-08 09:15:01")
    with pytest.raises(undoing.TooLate) as late:
        take_back(day, "scan-in", lao_wang)
    assert (elsewhere.value.code, late.value.code) == ("scan.undo_device", "scan.undo_late")
    assert db.session.scalars(select(Attendance)).one().state == "open"


def test_a_stay_that_went_on_is_not_taken_back_by_its_beginning(
    gate: Any, day: Any, make_day: Any, lao_wang: Any, xiaoman: Any, clock: Any
) -> None:
    """LG-33."""
    gate("scan-in", "09:28")
    clock.move("2026-03-08 09:30")
    roll.manual(day, xiaoman, reason="手机没电", by=lao_wang, direction="out")
    with pytest.raises(undoing.Changed):
        take_back(day, "scan-in", lao_wang)


def test_spent_points_are_not_taken_back(gate: Any, day: Any, lao_wang: Any, xiaoman: Any) -> None:
    """LG-33: nothing half done: the stay, its record and the scan are as before."""
    gate("scan-in", "09:00")
    gate("scan-out", "11:30")
    ledger.spend(xiaoman.id, 20, to=ledger.chart.held(1), key="claim:1", why={})
    with pytest.raises(ledger.Spent), db.session.begin_nested():
        take_back(day, "scan-out", lao_wang)
    db.session.expire_all()
    assert db.session.scalars(select(Attendance)).one().state == "closed"
    assert db.session.get_one(GateScan, "scan-out").undone_at is None


# ── later: the organiser, then two ──


@pytest.fixture
def served(gate: Any) -> Attendance:
    """小满 came at nine and left at half past eleven."""
    gate("scan-in", "09:00")
    return gate("scan-out", "11:30")


def test_within_a_day_the_organiser_undoes_alone(
    served: Any, lao_wang: Any, xiaoman: Any, clock: Any
) -> None:
    """T33."""
    clock.move("2026-03-09 11:30")
    assert undoing.reverse(served, reason="没有到场", by=lao_wang) == "reversed"
    assert (served.state, ledger.balance(xiaoman.id)) == ("void", 0)


@pytest.fixture
def asked(served: Any, lao_wang: Any, clock: Any) -> ReversalRequest:
    """A minute after that, 老王 asks for it."""
    clock.move("2026-03-09 11:31")
    assert undoing.reverse(served, reason="没有到场", by=lao_wang) == "waiting"
    assert undoing.reverse(served, reason="没有到场", by=lao_wang) == "waiting"
    return db.session.scalars(select(ReversalRequest)).one()


def test_after_a_day_it_takes_another_of_the_office(
    asked: Any, served: Any, lao_wang: Any, office: Any, xiaoman: Any, nankeng: Any, here: Any
) -> None:
    """T33: nothing moves until somebody else agrees: neither whoever asked, nor whose it is, nor who leads the team."""
    assert (served.state, ledger.balance(xiaoman.id)) == ("closed", 25)
    with pytest.raises(undoing.TakesAnother):
        undoing.decide(asked, "", lao_wang, agreed=True)
    with pytest.raises(hours.OwnRecord):
        undoing.decide(asked, "", xiaoman, agreed=True)
    undoing.decide(asked, "", office, agreed=True)
    with pytest.raises(undoing.DecidedAlready):
        undoing.decide(asked, "", office, agreed=True)
    assert (served.state, served.reason, ledger.balance(xiaoman.id)) == ("void", "没有到场", 0)
    here.commit()
    assert ledger.inspect() == []


def test_whoever_leads_the_team_does_not_agree(asked: Any, served: Any, team: Any, nankeng: Any) -> None:
    """T33: not even somebody of the office who leads it as well."""
    person = accounts.register(name="周敏", phone="13800000052", home=nankeng)
    accounts.appoint(person, "team_leader", team_id=team.id)
    with pytest.raises(hours.OwnDay):
        undoing.decide(asked, "", person, agreed=True)


def test_refused_the_stay_stays_and_whoever_asked_is_told(
    asked: Any, served: Any, office: Any, lao_wang: Any
) -> None:
    """T33."""
    with pytest.raises(Refusal):
        undoing.decide(asked, " ", office, agreed=False)
    undoing.decide(asked, "名单上有他", office, agreed=False)
    assert served.state == "closed"
    mine = select(notices.Notice).filter_by(user_id=lao_wang.id, key=f"reversal:{asked.id}:refused")
    said = db.session.scalars(mine).one()
    assert said.facts == {"note": "名单上有他"}


def test_the_database_wants_two(asked: Any, xiaoman: Any) -> None:
    """T33: the constraints behind it."""
    for who in (asked.asked_by, xiaoman.id):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            done = {"decided_by": who, "decided_at": asked.asked_at, "state": "done"}
            db.session.execute(update(ReversalRequest).values(**done))


# ── on pages ──


def test_the_page_of_what_was_just_scanned(
    visitor: Any, xiaoman: Any, daming: Any, day: Any, lao_wang: Any, clock: Any, other_office: Any
) -> None:
    """CK-48, CK-49: the tablet that scanned sees it and takes it back; another of the same leader does not."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    tablet, other = visitor(lao_wang), visitor(lao_wang)
    at = f"/service-days/{day.id}/scans"
    assert "没有扫过码" in tablet.get(at).words
    sent = {"code": xiaoman.volunteer_no, "scan": "scan-on-the-page"}
    assert tablet.post(f"/service-days/{day.id}/checkins", sent).status_code == 201
    assert tablet.post(f"/service-days/{day.id}/checkins", sent).status_code == 200, "sent twice"
    page = tablet.get(at)
    assert "小*" in page.words and "小满" not in page.words
    assert "没有扫过码" in other.get(at).words
    asked = {"scan": "scan-on-the-page", "reason": "扫错了人"}
    assert other.post(f"{at}/reversal", asked).status_code == 409
    assert tablet.post(f"{at}/reversal", {"scan": "scan-on-the-page"}).status_code == 422
    assert tablet.post(f"{at}/reversal", asked | {"scan": "nobody-knows"}).status_code == 404
    assert visitor(daming).post(f"{at}/reversal", asked).status_code == 403
    assert visitor(other_office).post(f"{at}/reversal", asked).status_code == 404
    assert "已撤销" in tablet.post(f"{at}/reversal", asked, follow=True).words
    assert "扫错了人" in visitor(xiaoman).get("/me/notices").words


def test_the_page_of_what_waits_for_a_second_person(
    visitor: Any, asked: Any, office: Any, lao_wang: Any, other_office: Any, xiaoman: Any, day: Any
) -> None:
    """T33, T13."""
    desk, at = visitor(office), f"/reversals/{asked.id}"
    assert "没有到场" in desk.get("/office/reversals").words and "没有到场" in desk.get("/office/inbox").words
    assert visitor(lao_wang).post(f"{at}/approval", {}).status_code == 403
    assert visitor(other_office).post(f"{at}/approval", {}).status_code == 404
    assert "积分已经退回" in desk.post(f"{at}/approval", {}, follow=True).words
    assert "没有等着同意的撤销" in desk.get("/office/reversals").words
    assert re.search(r"已撤销", visitor(xiaoman).get("/me/hours").words)
