"""The printed card and its PIN: made, printed, read at the gate, reported lost (V9, CK-15, CK-42, T04, T09, T28, S10)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import delete, select, text

from volunteer import accounts, checkin, codes, community, events, notices, service_days, signing, teams
from volunteer.accounts import lost
from volunteer.checkin import Attendance, cards, passes
from volunteer.checkin.card_models import Card
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.limits import Counter


@pytest.fixture
def morning(clock: Any, grandma: accounts.User, day: service_days.ServiceDay) -> service_days.ServiceDay:
    """李奶奶 has signed up, and it is nine o'clock."""
    service_days.sign_up(grandma, day)
    clock.move("2026-03-08 09:00")
    return day


@pytest.fixture
def gate(
    visitor: Any, lao_wang: accounts.User, morning: service_days.ServiceDay
) -> Callable[..., tuple[int, str]]:
    """What the scanner page answers: status and words."""
    page = visitor(lao_wang)

    def type_in(code: str, pin: str = "") -> tuple[int, str]:
        sent = {"code": code, "pin": pin, "scan": signing.scan_id()}
        answer = page.post(f"/service-days/{morning.id}/checkins", data=sent)
        return answer.status_code, answer.words

    return type_in


def _face(who: accounts.User, by: accounts.User) -> cards.Face:
    return cards.face(cards.make(who, by), who)


def _refused(act: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as refusal:
        act()
    return refusal.value.code


def _wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 10**6:06d}"


# ── made and printed ──


def test_a_living_card_printed_again_is_the_same_card(
    here: Any, grandma: accounts.User, lao_wang: accounts.User
) -> None:
    """V9: the same code and the same PIN, until it is reported lost."""
    first, second = _face(grandma, lao_wang), _face(grandma, lao_wang)
    assert (first.card.id, first.url, first.pin) == (second.card.id, second.url, second.pin)
    assert first.card.until == date(2027, 3, 7)
    assert re.fullmatch(r"\d{6}", first.pin)


def test_two_people_have_two_pins_and_a_new_card_another(
    here: Any, grandma: accounts.User, xiaoman: accounts.User, lao_wang: accounts.User
) -> None:
    """V9: the PIN follows the person and the revision."""
    first = _face(grandma, lao_wang)
    next_one = cards.face(cards.replace(first.card, "丢在公交车上", lao_wang), grandma)
    assert len({first.pin, next_one.pin, _face(xiaoman, lao_wang).pin}) == 3


def test_the_pin_is_kept_nowhere(here: Any, grandma: accounts.User, lao_wang: accounts.User) -> None:
    """S04: no column of any table holds it."""
    face = _face(grandma, lao_wang)
    cards.note_printing([grandma], lao_wang)
    here.commit()
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(text(f'SELECT * FROM "{table.name}"')).all():
            assert face.pin not in [str(one) for one in row], table.name
            assert face.pin not in " ".join(str(one) for one in row if isinstance(one, str | dict))


def test_a_person_has_one_living_card(here: Any, grandma: accounts.User, lao_wang: accounts.User) -> None:
    """V9: said by the database."""
    from sqlalchemy.exc import IntegrityError

    card = cards.make(grandma, lao_wang)
    again = Card(
        volunteer_id=grandma.id, revision=1, until=card.until, made_by=lao_wang.id, made_at=card.made_at
    )
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.add(again)
        db.session.flush()


def test_nobody_suspended_gets_a_card(here: Any, grandma: accounts.User, lao_wang: accounts.User) -> None:
    with here.signed_in(lao_wang):
        accounts.suspend(grandma, "证件不符")
    assert _refused(lambda: cards.make(grandma, lao_wang)) == "card.not_active"


def test_every_printing_is_written_down_and_told(
    here: Any, grandma: accounts.User, lao_wang: accounts.User
) -> None:
    """T04: who prints whose card stands in the trail, and the person hears of it."""
    with here.signed_in(lao_wang):
        cards.note_printing([grandma], lao_wang)
        cards.note_printing([grandma], lao_wang)
    here.commit()
    printed = db.session.scalars(select(events.Happened).filter_by(kind="checkin.CardPrinted")).all()
    assert [(one.actor_id, one.whom) for one in printed] == [(lao_wang.id, grandma.id)] * 2
    told = db.session.scalars(select(notices.Notice).filter_by(user_id=grandma.id)).all()
    assert [one.link for one in told] == ["/me/card"]


def test_a_printing_has_bounds(
    here: Any, make_volunteers: Callable[[int], list[accounts.User]], lao_wang: accounts.User
) -> None:
    assert _refused(lambda: cards.note_printing([], lao_wang)) == "card.nobody"
    assert _refused(lambda: cards.note_printing(make_volunteers(101), lao_wang)) == "card.too_many"


# ── at the gate ──


def test_the_card_counts_like_a_pass(
    gate: Any, clock: Any, here: Any, grandma: accounts.User, lao_wang: accounts.User
) -> None:
    """V9, CK-42: two scans of a card make grade A."""
    url = _face(grandma, lao_wang).url
    here.commit()
    assert gate(url)[0] == 201
    clock.move("2026-03-08 11:30")
    assert gate(url)[0] == 201
    stay = db.session.scalars(select(Attendance)).one()
    assert (stay.in_how, stay.out_how, stay.grade, stay.state) == ("card", "card", "A", "closed")


@pytest.mark.parametrize("way", ["two fields", "one field", "with spaces"])
def test_the_number_with_its_pin_counts_like_the_card(
    gate: Any, clock: Any, here: Any, grandma: accounts.User, lao_wang: accounts.User, way: str
) -> None:
    """V9: PIN 6 digits fallback."""
    face = _face(grandma, lao_wang)
    here.commit()
    typed = {
        "two fields": (face.number, face.pin),
        "one field": (f"{face.number} {face.pin}", ""),
        "with spaces": (
            f"{face.number[:4]} {face.number[4:8]} {face.number[8:]}",
            f"{face.pin[:3]} {face.pin[3:]}",
        ),
    }[way]
    assert gate(*typed)[0] == 201
    clock.move("2026-03-08 11:30")
    assert gate(*typed)[0] == 201
    stay = db.session.scalars(select(Attendance)).one()
    assert (stay.in_how, stay.out_how, stay.grade) == ("card", "card", "A")


def test_a_number_alone_proves_nothing_as_before(
    gate: Any, clock: Any, here: Any, grandma: accounts.User, lao_wang: accounts.User
) -> None:
    """T04: it waits for the roll."""
    cards.make(grandma, lao_wang)
    here.commit()
    assert gate(grandma.volunteer_no)[0] == 201
    clock.move("2026-03-08 11:30")
    assert gate(grandma.volunteer_no)[0] == 201
    stay = db.session.scalars(select(Attendance)).one()
    assert (stay.in_how, stay.grade, stay.state) == ("number", None, "stale")


def test_five_wrong_pins_and_nobody_may_try_for_a_quarter_of_an_hour(
    gate: Any, clock: Any, here: Any, grandma: accounts.User, lao_wang: accounts.User
) -> None:
    """T09, S10: five misses, then the right one waits too; the card's code goes on; later it is open again."""
    face = _face(grandma, lao_wang)
    here.commit()
    for _n in range(5):
        status, words = gate(face.number, _wrong(face.pin))
        assert status == 422 and "编号和密码对不上" in words
    assert gate(face.number, face.pin)[0] == 429
    assert db.session.scalars(select(Attendance)).all() == []
    assert gate(face.url)[0] == 201
    clock.pass_(minutes=15)
    assert gate(face.number, face.pin)[0] == 200


def test_right_pins_lock_nobody_out(
    gate: Any, here: Any, grandma: accounts.User, lao_wang: accounts.User
) -> None:
    """S10: only misses count."""
    face = _face(grandma, lao_wang)
    here.commit()
    answers = [gate(face.number, face.pin)[0] for _n in range(8)]
    assert answers == [201] + [200] * 7


def test_where_tries_cannot_be_counted_no_pin_is_taken(
    gate: Any, here: Any, grandma: accounts.User, lao_wang: accounts.User, engine: Any
) -> None:
    """S10: the limiter failing is closed, never open."""
    face = _face(grandma, lao_wang)
    here.commit()
    with here.outside(), db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE rate_limit RENAME TO rate_limit_gone"))
    assert gate(face.number, face.pin)[0] == 503
    assert gate(face.url)[0] == 201
    with here.outside(), db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE rate_limit_gone RENAME TO rate_limit"))


def test_a_stranger_and_the_next_teams_leader_may_not_try_pins(
    visitor: Any, here: Any, morning: Any, grandma: accounts.User, lao_wang: accounts.User,
    xiaoman: accounts.User, nankeng: community.Area,
) -> None:  # fmt: skip
    """T09: and what they send locks nobody out."""
    face = _face(grandma, lao_wang)
    teams.approve(teams.found(xiaoman, nankeng, "别的队", "party", "也做清洁。"))
    here.commit()
    for person, status in ((None, 401), (grandma, 403), (xiaoman, 404)):
        page = visitor(person) if person else visitor()
        for pin in (_wrong(face.pin), face.pin):
            sent = {"code": face.number, "pin": pin, "scan": signing.scan_id()}
            assert page.post(f"/service-days/{morning.id}/checkins", data=sent).status_code == status
    counted = db.session.scalars(select(Counter.key).where(Counter.key.contains("card-pin"))).all()
    assert counted == []


def test_a_pin_without_a_card_opens_nothing(
    gate: Any, here: Any, grandma: accounts.User, lao_wang: accounts.User
) -> None:
    """T09: what the PIN would be is worth nothing before a card is made; that there is none is not told."""
    card = cards.make(grandma, lao_wang)
    pin = cards.face(card, grandma).pin
    db.session.execute(delete(Card))
    here.commit()
    status, words = gate(grandma.volunteer_no, pin)
    assert status == 422 and "编号和密码对不上" in words


def test_a_pin_printed_before_the_keys_changed_is_good_while_the_old_key_is_kept(
    here: Any, grandma: accounts.User
) -> None:
    """S11: accepted under every living key, not under one that was dropped."""
    old, new = "an-old-secret-of-ours-0123456789-abcdef", "the-new-secret-of-ours-9876543210-fedcba"
    public = codes.decode(grandma.public, 8)
    printed = next(cards._pins(signing.Keyring([old]), public, 1))
    assert printed in list(cards._pins(signing.Keyring([new, old]), public, 1))
    assert printed not in list(cards._pins(signing.Keyring([new]), public, 1))


# ── lost, expired, never made ──


def test_a_lost_card_is_dead_with_its_pin_and_the_pass_of_before(
    gate: Any, here: Any, clock: Any, grandma: accounts.User, lao_wang: accounts.User
) -> None:
    """CK-15, T28: revoked at once; the next card is another; the person is told."""
    face = _face(grandma, lao_wang)
    shown = checkin.my_pass(grandma).code
    next_one = cards.replace(face.card, "丢在公交车上", lao_wang)
    new = cards.face(next_one, grandma)
    here.commit()
    assert gate(face.url)[0] == 410
    assert gate(face.number, face.pin)[0] == 422
    assert gate(shown)[0] == 410
    assert gate(new.url)[0] == 201
    told = [one.key for one in db.session.scalars(select(notices.Notice).filter_by(user_id=grandma.id))]
    assert f"card:{face.card.id}:ended" in told
    kinds = set(db.session.scalars(select(events.Happened.kind).where(events.Happened.whom == grandma.id)))
    assert {"checkin.CardMade", "checkin.CardEnded"} <= kinds


def test_a_genuine_code_of_a_card_that_is_not_ours_any_more_is_refused(
    gate: Any, here: Any, grandma: accounts.User, lao_wang: accounts.User
) -> None:
    """CK-15, CK-42: of the present revision, signed by us: ended, or never made."""
    keyring = current_app.extensions["keyring"]
    never = passes.card_code(keyring, codes.decode(grandma.public, 8), 1, date(2027, 3, 8))
    here.commit()
    assert gate(never)[0] == 410
    card = cards.make(grandma, lao_wang)
    other_day = passes.card_code(keyring, codes.decode(grandma.public, 8), 1, date(2030, 1, 1))
    assert cards.face(card, grandma).url.endswith(never)
    here.commit()
    assert gate(other_day)[0] == 410
    cards._close(card, lao_wang, "停用")
    here.commit()
    assert gate(never)[0] == 410
    assert db.session.scalars(select(Attendance)).all() == []


def test_a_card_past_its_last_day_is_stale_and_the_next_one_is_made(
    gate: Any, here: Any, clock: Any, grandma: accounts.User, lao_wang: accounts.User
) -> None:
    """V9: until the end of its last day; its PIN too."""
    card = cards.make(grandma, lao_wang, until=date(2026, 3, 7))
    old = cards.face(card, grandma)
    here.commit()
    status, words = gate(old.url)
    assert status == 410 and "到期了" in words
    assert gate(old.number, old.pin)[0] == 410
    new = _face(grandma, lao_wang)
    here.commit()
    assert new.card.id != card.id and new.url != old.url
    assert gate(new.url)[0] == 201


def test_a_lost_phone_takes_the_card_with_it(
    gate: Any, here: Any, grandma: accounts.User, lao_wang: accounts.User
) -> None:
    """T28: the row says so, and the person's next card is of the new revision."""
    face = _face(grandma, lao_wang)
    lost.report(grandma)
    here.commit()
    old = db.session.get_one(Card, face.card.id)
    assert (old.ended_at is not None, old.reason) == (True, "本人报了手机丢失")
    assert gate(face.url)[0] == 410
    made = cards.make(grandma, lao_wang)
    cards.codes_changed(grandma.id)  # told late: the new one stays
    db.session.refresh(made)
    assert (made.revision, made.ended_at) == (2, None)


def test_ending_twice_raises_the_revision_once(
    here: Any, grandma: accounts.User, lao_wang: accounts.User
) -> None:
    card = cards.make(grandma, lao_wang)
    cards.end(card, "丢了", lao_wang)
    cards.end(card, "又丢了", lao_wang)
    assert (grandma.pass_revision, card.reason) == (2, "丢了")


def test_who_leaves_takes_their_reasons_along(
    here: Any, grandma: accounts.User, lao_wang: accounts.User
) -> None:
    """S52: a closed account has no living card, and what was written about it is gone."""
    cards.replace(cards.make(grandma, lao_wang), "她孙子说丢在菜市场了", lao_wang)
    accounts.closing.close(grandma)
    here.commit()
    rows = db.session.scalars(select(Card).filter_by(volunteer_id=grandma.id)).all()
    assert len(rows) == 2
    assert {(one.ended_at is not None, one.reason) for one in rows} == {(True, "账号注销")}


# ── without signal ──


def test_a_pin_sent_from_a_device_proves_nothing_and_is_not_kept(
    device: Any, here: Any, morning: Any, grandma: accounts.User, lao_wang: accounts.User
) -> None:
    """T09, T24: an upload is no way to guess; the number is kept, as a number."""
    from volunteer.checkin.models import KeptScan

    face = _face(grandma, lao_wang)
    here.commit()
    scans = [
        {"scan": f"k-{n}", "code": face.number + pin, "seen_at": "2026-03-08T09:00:00+08:00"}
        for n, pin in enumerate((_wrong(face.pin), face.pin))
    ]
    body = {"service_day_id": morning.id, "scans": scans}
    given = device(lao_wang).post("/api/v1/checkins/kept", json=body).json["results"]
    assert {one["outcome"] for one in given} <= {"recorded", "repeated"}
    assert set(db.session.scalars(select(KeptScan.code))) == {face.number}
    assert {one.in_how for one in db.session.scalars(select(Attendance))} == {"number"}


# ── pages ──


def test_the_office_makes_prints_and_stops_a_card(
    visitor: Any, here: Any, grandma: accounts.User, office: accounts.User
) -> None:
    """V9: from the person's page to the sheet, and to the report of a loss."""
    here.commit()
    desk = visitor(office)
    assert "打印或停用" in desk.get(f"/office/people/{grandma.id}").words
    assert "他还没有志愿者卡" in desk.get(f"/office/people/{grandma.id}/card").words
    sheet = desk.post(f"/office/people/{grandma.id}/card/printing", data={}, follow=True)
    face = cards.faces([grandma.id])[0]
    for words in (
        "李桂芳",
        f"{face.number[:4]} {face.number[4:8]}",
        f"{face.pin[:3]} {face.pin[3:]}",
        "2027年3月7日",
        "南坑社区",
        "localhost",
    ):
        assert words in sheet.words, words
    assert desk.post(f"/office/people/{grandma.id}/card/ending", data={"reason": ""}).status_code == 422
    ended = desk.post(
        f"/office/people/{grandma.id}/card/ending", data={"reason": "丢在公交车上"}, follow=True
    )
    assert "旧卡停用了" in ended.words and "丢在公交车上" in ended.words
    assert cards.faces([grandma.id]) == []


def test_a_leader_prints_the_members_ticked_and_nobody_else(
    visitor: Any, here: Any, team: teams.Team, grandma: accounts.User, xiaoman: accounts.User,
    daming: accounts.User, lao_wang: accounts.User,
) -> None:  # fmt: skip
    """T13: a number that is no member's means nothing."""
    for one in (grandma, xiaoman):
        teams.accept(teams.join(one, team))
    here.commit()
    leader = visitor(lao_wang)
    page = leader.get(f"/teams/{team.id}/cards?all=1")
    assert len([one for one in page.all("input", name="user_id") if "checked" in one.attrib]) == 3
    sent = {"user_id": [str(grandma.id), str(daming.id)]}
    sheet = leader.post(f"/teams/{team.id}/cards/printing", data=sent, follow=True)
    assert "李桂芳" in sheet.words and "陈大明" not in sheet.words and "小满" not in sheet.words
    assert leader.post(f"/teams/{team.id}/cards/printing", data={}).status_code == 422
    assert (
        leader.post(
            f"/teams/{team.id}/cards/ending", data={"user_id": str(daming.id), "reason": "丢了"}
        ).status_code
        == 422
    )
    gone = {"user_id": str(grandma.id), "reason": "丢了"}
    assert "旧卡停用了" in leader.post(f"/teams/{team.id}/cards/ending", data=gone, follow=True).words


def test_a_day_prints_who_signed_up(
    visitor: Any, here: Any, morning: Any, grandma: accounts.User, xiaoman: accounts.User,
    lao_wang: accounts.User,
) -> None:  # fmt: skip
    here.commit()
    leader = visitor(lao_wang)
    page = leader.get(f"/service-days/{morning.id}/cards")
    assert "李桂芳" in page.words and "小满" not in page.words
    sent = {"user_id": [str(grandma.id), str(xiaoman.id)]}
    sheet = leader.post(f"/service-days/{morning.id}/cards/printing", data=sent, follow=True)
    assert "李桂芳" in sheet.words and "小满" not in sheet.words


def test_the_keeper_of_the_gate_and_the_auditor_print_no_cards(
    visitor: Any, here: Any, team: teams.Team, morning: Any, daming: accounts.User, auditor: accounts.User
) -> None:
    """T04, CK-47: who may scan does not make what is scanned."""
    accounts.appoint(daming, "gatekeeper", team_id=team.id)
    here.commit()
    for person in (daming, auditor):
        assert visitor(person).get(f"/service-days/{morning.id}/cards").status_code == 403
        assert visitor(person).get(f"/teams/{team.id}/cards").status_code == 403


def test_ones_own_card_is_on_ones_own_page(visitor: Any, here: Any, grandma: accounts.User) -> None:
    """V9: made, kept as a picture, printed, reported lost by oneself."""
    here.commit()
    phone = visitor(grandma)
    assert "你还没有志愿者卡" in phone.get("/me/card").words
    assert phone.get("/me/card/picture").status_code == 409
    assert "李桂芳" in phone.post("/me/card/printing", data={}, follow=True).words
    face = cards.faces([grandma.id])[0]
    assert f"{face.pin[:3]} {face.pin[3:]}" in phone.get("/me/card").words
    assert phone.get("/me/card/picture").mimetype == "image/png"
    assert "志愿者卡" in phone.get("/me/copy").words
    assert "旧卡停用了" in phone.post("/me/card/ending", data={}, follow=True).words
    assert phone.post("/me/card/ending", data={}).status_code == 409


def test_the_sheets_are_for_whoever_printed_them_and_for_ten_minutes(
    visitor: Any, here: Any, clock: Any, grandma: accounts.User, xiaoman: accounts.User, office: accounts.User
) -> None:
    """T13, S04: the link is nobody else's, lapses, and shows nothing that has ended meanwhile."""
    here.commit()
    desk = visitor(office)
    link = desk.post(f"/office/people/{grandma.id}/card/printing", data={}).headers["Location"]
    assert "李桂芳" in desk.get(link).words
    assert visitor(xiaoman).get(link).status_code == 400
    assert desk.get("/cards/sheets").status_code == 400
    assert desk.get(link + "A").status_code == 400
    cards.end(cards.living(grandma.id), "丢了", office)
    here.commit()
    assert "李桂芳" not in desk.get(link).words
    clock.pass_(minutes=11)
    assert desk.get(link).status_code == 410
