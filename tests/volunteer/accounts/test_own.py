"""One's own things: particulars, consents, the copy of everything, leaving (V3, V26, S50, S52, S53)."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest
from sqlalchemy import select

from volunteer import accounts, timetable
from volunteer.accounts import closing, consents, copies, profile
from volunteer.accounts.models import Consent, Guardian, User
from volunteer.events import Happened


def test_particulars_change_and_the_change_is_remembered_without_the_values(visitor, ming, yangmei, db):
    """S32."""
    done = visitor(ming).post(
        "/me/profile",
        {"name": "王晓明", "home": yangmei.id, "birth_on": "1990-01-31", "skills": "理发，量血压、 理发"},
    )
    assert done.location == "/me"
    assert (ming.name, ming.home_id, ming.area_path, ming.skills) == (
        "王晓明",
        yangmei.id,
        yangmei.path,
        ["理发", "量血压"],
    )
    told = db.session.scalar(select(Happened).filter_by(kind="accounts.ProfileChanged"))
    assert told.facts["fields"] == "name,home,skills" and "晓" not in str(told.facts)


def test_nothing_changed_is_nothing_told(here, ming, nankeng, db):
    profile.change(ming, name="王小明", home=nankeng, birth_on=date(1990, 1, 31))
    assert db.session.scalar(select(Happened).filter_by(kind="accounts.ProfileChanged")) is None


@pytest.mark.parametrize("name", ["", "😀", "1234", "小\u202e明", "x" * 41])
def test_what_is_no_name_is_said_beside_the_field(visitor, ming, nankeng, name):
    page = visitor(ming).post("/me/profile", {"name": name, "home": nankeng.id, "birth_on": "1990-01-31"})
    assert page.status_code == 422 and ming.name == "王小明"


# ── consents ──


def test_each_consent_is_given_and_taken_back_by_itself(visitor, ming, db):
    """S50."""
    browser = visitor(ming)
    for purpose in ("id", "photo", "national", "merchant"):
        assert browser.post(f"/me/consents/{purpose}").location == "/me/consents"
        assert consents.agreed(ming, purpose)
        browser.post(f"/me/consents/{purpose}")
        browser.post(f"/me/consents/{purpose}/withdrawal")
        browser.post(f"/me/consents/{purpose}/withdrawal")
        assert not consents.agreed(ming, purpose)
    rows = db.session.scalars(select(Consent).where(Consent.user_id == ming.id)).all()
    assert len(rows) == 5 and sum(row.withdrawn_at is not None for row in rows) == 4
    assert "收回：照片和姓名公开" in browser.get("/me/consents").words


def test_the_basic_one_cannot_be_taken_back_alone(visitor, ming):
    answer = visitor(ming).post("/me/consents/basic/withdrawal")
    assert answer.status_code == 422 and "注销" in answer.words and consents.agreed(ming, "basic")


def test_there_is_no_other_consent(visitor, ming):
    assert visitor(ming).post("/me/consents/everything").status_code == 422


def test_a_new_text_is_agreed_to_anew(ming, db):
    consents.in_force(ming)["basic"].version = "2020-01"
    db.session.flush()
    consents.give(ming, ["basic"])
    assert consents.in_force(ming)["basic"].version == consents.PURPOSES["basic"].version
    assert len(consents.history(ming)) == 2


# ── the copy ──


def test_ones_own_copy_holds_what_we_keep(visitor, ming):
    """S52."""
    browser = visitor(ming)
    whole = json.loads(browser.get("/me/copy.json").text)
    assert whole["profile"][0]["phone"] == "13800000011" and whole["profile"][0]["name"] == "王小明"
    assert {"profile", "consents", "roles", "sessions", "events"} <= set(whole)
    assert {"signups", "hours", "points", "vouchers", "draws", "gifts", "appeals"} <= set(whole)
    table = browser.get("/me/copy/profile.csv")
    assert table.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert rows[0]["volunteer_no"] == ming.volunteer_no
    assert browser.get("/me/copy/secrets.csv").status_code == 404


def test_every_part_can_be_had_as_a_table(visitor, ming):
    browser = visitor(ming)
    for key, _title in copies.titles():
        assert browser.get(f"/me/copy/{key}.csv").status_code == 200, key


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_no_cell_runs_in_a_spreadsheet(sign):
    """T16."""
    assert copies.harmless(f"{sign}cmd|' /C calc'!A0").startswith("'")
    assert copies.harmless("王小明") == "王小明"


# ── leaving ──


def test_a_week_to_think_again(visitor, ming, clock):
    browser = visitor(ming)
    assert browser.get("/me/closing").status_code == 200
    browser.post("/me/closing")
    assert "3月14日" in browser.get("/me/closing").words
    browser.post("/me/closing/withdrawal")
    assert closing.closes_at(ming) is None


def test_after_the_week_nothing_says_who_it_was(visitor, here, ming, nankeng, db, clock):
    """S53."""
    accounts.appoint(ming, "auditor", area=nankeng)
    browser = visitor(ming)
    closing.ask(ming)
    number = ming.volunteer_no
    job = timetable.JOBS["accounts.close"]
    with here.outside():
        timetable.run_by_hand(job, date(2026, 3, 13))
    assert ming.state == "active"
    clock.move("2026-03-15 03:10")
    with here.outside():
        timetable.run_by_hand(job, date(2026, 3, 14))
        timetable.run_by_hand(job, date(2026, 3, 14))
    gone = db.session.get(User, ming.id)
    assert (gone.state, gone.name, gone.birth_on, gone.password_hash) == ("closed", "已注销", None, None)
    assert gone.volunteer_no == number and accounts.by_phone("13800000011") is None
    gone.__dict__.pop("holds", None)
    assert gone.holds == () and consents.in_force(gone) == {}
    assert browser.get("/me").status_code == 302
    told = db.session.scalars(select(Happened.kind).where(Happened.whom == ming.id)).all()
    assert told.count("accounts.AccountClosed") == 1
    accounts.register(name="新住户", phone="13800000011", home=nankeng)


def test_a_guardian_who_leaves_leaves_no_number_behind(here, ming, nankeng, db):
    child = accounts.register(
        name="乐乐",
        phone="13800000031",
        home=nankeng,
        birth_on=date(2014, 6, 1),
        guardian_phone="13800000011",
    )
    row = db.session.scalar(select(Guardian).filter_by(minor_id=child.id))
    assert row.guardian_id == ming.id
    closing.close(child)
    assert db.session.scalar(select(Guardian)) is None


def test_the_timetable_drops_codes_and_counters(here, visitor, ming, db, clock):
    visitor().post("/sign-in/code/message", {"phone": "13800000011"})
    clock.pass_(days=2)
    with here.outside():
        assert timetable.run_by_hand(timetable.JOBS["accounts.tidy"], date(2026, 3, 9)) is not None
    from volunteer.accounts.models import PhoneCode

    assert db.session.scalar(select(PhoneCode)) is None
