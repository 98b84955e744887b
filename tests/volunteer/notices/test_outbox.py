"""What leaves the inbox: to those who want it, not at night, and once (V27)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from volunteer import accounts, notices
from volunteer import clock as wall_clock
from volunteer.db import db as database
from volunteer.db import transaction
from volunteer.i18n import Sentence
from volunteer.notices import Notice, choices, mails, outbox, quiet
from volunteer.notices.models import MailAddress, Outgoing

NEWS = Sentence("“{title}”改时间了", {"title": "清洁家园"})


@pytest.fixture
def tell(here):
    def tell(*people, kind="day.changed", key="k", until=None):
        notices.tell([one.id for one in people], NEWS, kind=kind, key=key, link="/calendar", until=until)

    return tell


@pytest.fixture
def go(here):
    def go():
        with here.outside():
            return outbox.send_due()

    return go


@pytest.fixture
def configure(app):
    """`configure(sms_provider="none")`: as if the environment said so; put back after the test."""
    before = app.config["LIYU"]

    def configure(**changes):
        app.config["LIYU"] = replace(app.config["LIYU"], **changes)

    yield configure
    app.config["LIYU"] = before


@pytest.fixture(autouse=True)
def mail(configure):
    configure(mail_url="console")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=wall_clock.ZONE)


def states(db):
    return db.session.scalars(select(Outgoing.state).order_by(Outgoing.id)).all()


def test_a_change_goes_to_the_inbox_and_by_text_message(tell, go, out, db, xiaoman):
    tell(xiaoman)
    assert out() == [] and notices.unread(xiaoman.id) == 1
    assert go() == {"count": 1}
    assert out() == [("sms", "13800000001", "【礼遇】“清洁家园”改时间了")]
    assert states(db) == ["sent"]


def test_told_twice_it_is_sent_once(tell, go, out, db, xiaoman):
    """SU-16: one key, one message, whoever asks again."""
    tell(xiaoman)
    go()
    tell(xiaoman)
    go()
    assert len(out()) == 1 and db.session.scalar(select(func.count()).select_from(Notice)) == 1


def test_what_a_person_does_not_want_stays_in_the_inbox(tell, go, out, xiaoman, daming):
    choices.choose(xiaoman.id, {("day.evening", "sms"): True})
    tell(xiaoman, daming)
    tell(xiaoman, daming, kind="day.evening", key="eve")
    go()
    assert sorted((way, whom) for way, whom, _words in out()) == [
        ("sms", "13800000001"),
        ("sms", "13800000002"),
    ]
    assert (notices.unread(xiaoman.id), notices.unread(daming.id)) == (2, 2)


def test_a_mail_goes_to_an_address_that_was_confirmed(tell, go, out, mailbox, db, xiaoman, daming):
    mailbox(xiaoman)
    tell(xiaoman, daming, kind="day.evening")
    go()
    assert out() == [("mail", "xiaoman@example.com", "【礼遇】“清洁家园”改时间了")]


def test_at_night_nothing_rings_and_at_seven_it_does(tell, go, out, clock, xiaoman):
    """V27: quiet from 22:00 to 07:00."""
    clock.move("2026-03-07 22:00")
    tell(xiaoman, until=at("2026-03-08 09:00"))
    clock.move("2026-03-08 06:59")
    assert go() == {"count": 0} and out() == [] and notices.unread(xiaoman.id) == 1
    clock.move("2026-03-08 07:00")
    assert go() == {"count": 1} and len(out()) == 1


def test_what_would_be_too_late_at_seven_is_sent_at_night(tell, go, out, clock, xiaoman):
    clock.move("2026-03-07 23:30")
    tell(xiaoman, until=at("2026-03-08 06:30"))
    go()
    assert len(out()) == 1


@pytest.mark.parametrize(
    ("now", "before", "sent"),
    [
        ("2026-03-07 21:59", None, "2026-03-07 21:59"),
        ("2026-03-07 22:00", None, "2026-03-08 07:00"),
        ("2026-03-08 00:10", None, "2026-03-08 07:00"),
        ("2026-03-08 06:59", None, "2026-03-08 07:00"),
        ("2026-03-08 07:00", None, "2026-03-08 07:00"),
        ("2026-03-07 23:00", "2026-03-08 07:00", "2026-03-07 23:00"),
        ("2026-03-07 23:00", "2026-03-08 07:01", "2026-03-08 07:00"),
    ],
)
def test_quiet_hours_to_the_minute(now, before, sent):
    """V27."""
    assert quiet.when(at(now), before and at(before)) == at(sent)


def test_after_a_day_away_old_news_is_not_sent(tell, go, out, clock, db, xiaoman):
    """No storm when the machine comes back: what is over is left out."""
    tell(xiaoman, until=at("2026-03-07 11:00"))
    tell(xiaoman, key="without an end")
    tell(xiaoman, key="still true", until=at("2026-03-09 09:00"))
    clock.move("2026-03-08 10:00")
    assert go() == {"count": 1}
    assert len(out()) == 1 and states(db) == ["dropped", "dropped", "sent"]


def test_what_was_due_before_the_night_waits_for_the_morning(tell, go, out, clock, xiaoman):
    clock.move("2026-03-07 21:58")
    tell(xiaoman, until=at("2026-03-08 09:00"))
    clock.move("2026-03-07 23:00")
    assert go() == {"count": 0} and out() == []
    clock.move("2026-03-08 07:00")
    assert go() == {"count": 1} and len(out()) == 1


def test_whoever_left_is_sent_nothing(tell, go, out, db, xiaoman):
    tell(xiaoman)
    db.session.execute(update(accounts.User).values(state="suspended"))
    assert go() == {"count": 0} and out() == [] and states(db) == ["dropped"]


def test_a_fault_with_one_does_not_stop_the_others(tell, go, out, db, xiaoman, daming):
    db.session.execute(
        update(accounts.User).where(accounts.User.id == xiaoman.id).values(phone_sealed=b"broken")
    )
    tell(xiaoman, daming)
    assert go() == {"count": 1, "failed": 1}
    assert states(db) == ["failed", "sent"] and len(out()) == 1


@pytest.mark.races
def test_two_processes_send_it_once(app, tell, together, out, db, make_volunteers):
    """T35: whoever sends it has claimed it."""
    people = make_volunteers(6)
    tell(*people)

    def send():
        with app.app_context():
            outbox.send_due()

    assert together([send] * 4) == [None] * 4
    assert sorted(whom for _way, whom, _words in out()) == [f"137{n:08d}" for n in range(1, 7)]
    assert states(db) == ["sent"] * 6


def test_a_process_that_died_while_sending_leaves_nothing_to_be_sent_twice(
    app, tell, go, out, here, db, xiaoman
):
    tell(xiaoman)
    with here.outside(), transaction():
        assert outbox._claim(database.session.scalar(select(Outgoing.id))) is not None
    assert go() == {"count": 0} and out() == [] and states(db) == ["sending"]


def test_where_nothing_is_sent_nothing_waits(configure, tell, mailbox, db, xiaoman):
    mailbox(xiaoman)
    configure(sms_provider="none", mail_url="none")
    tell(xiaoman)
    assert states(db) == [] and notices.unread(xiaoman.id) == 1


def test_what_was_sent_is_forgotten_after_a_month(tell, go, clock, db, xiaoman):
    tell(xiaoman)
    go()
    clock.pass_(days=29)
    assert outbox.tidy(wall_clock.now()) == 0
    clock.pass_(days=2)
    assert outbox.tidy(wall_clock.now()) == 1


def test_only_what_cannot_wait_goes_out_by_text_message_unless_chosen(app):
    from volunteer.notices.kinds import KINDS

    assert set(KINDS) >= {"day.changed", "day.evening", "day.soon", "checkin.checkout"}
    assert [name for name, kind in KINDS.items() if kind.sms] == ["day.changed"]
    assert timedelta(hours=24) == outbox.STALE_AFTER


# ── mail ──


def test_a_server_takes_a_letter(configure, here, post_office):
    configure(mail_url=post_office.url, mail_from="礼遇 <liyu@example.org>")
    mails.send("xiaoman@example.com", "【礼遇】明天见", "明天 09:00 见。\n")
    (letter,) = post_office.letters
    assert (letter["Subject"], letter["To"], letter["Auto-Submitted"]) == (
        "【礼遇】明天见", "xiaoman@example.com", "auto-generated",
    )  # fmt: skip
    assert letter.get_content().strip() == "明天 09:00 见。"


def test_a_server_that_is_away_is_tried_again_three_times(configure, tell, go, mailbox, clock, db, xiaoman):
    configure(mail_url="smtp://127.0.0.1:9")
    mailbox(xiaoman)
    tell(xiaoman, kind="day.evening", until=at("2026-03-08 09:00"))
    for tries in (1, 2, 3):
        go()
        row = db.session.execute(select(Outgoing.state, Outgoing.tries)).one()
        assert tuple(row) == ("waiting" if tries < 3 else "failed", tries)
        assert go() == {"count": 0}  # not before five minutes are over
        clock.pass_(minutes=6)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "x",
        "x@y",
        "@y.cn",
        "x@y..cn",
        "x@.cn",
        "x y@z.cn",
        "x@y.cn\nBcc: z@y.cn",
        "a@b@c.cn",
        "x" * 120 + "@y.cn",
    ],
)
def test_what_is_no_address(typed):
    with pytest.raises(mails.BadAddress):
        mails.address(typed)


def test_the_address_is_kept_sealed(mailbox, db, xiaoman):
    """S20: a stolen copy tells nobody's address."""
    mailbox(xiaoman)
    (row,) = db.session.query(MailAddress)
    assert row.masked == "x***@example.com" and b"example" not in row.address_sealed
    assert mails.plain(xiaoman) == "xiaoman@example.com"


def test_closing_the_account_forgets_the_address(here, mailbox, db, xiaoman):
    mailbox(xiaoman)
    accounts.closing.close(xiaoman)
    here.commit()
    assert db.session.query(MailAddress).count() == 0


# ── the pages ──


def test_choosing_on_the_page(visitor, xiaoman):
    browser = visitor(xiaoman)
    page = browser.get("/me/notices/choices")
    assert [
        one.get("name")
        for one in page.all("input", type="checkbox")
        if "checked" in one.attrib and one.get("name").endswith("sms")
    ] == ["day.changed:sms"]
    browser.post("/me/notices/choices", {"day.soon:sms": "1", "made.up:sms": "1", "day.soon:pigeon": "1"})
    chosen = choices.of(xiaoman.id)
    assert [pair for pair, wanted in chosen.items() if wanted] == [("day.soon", "sms")]


def test_an_address_counts_once_the_link_in_the_mail_was_opened(visitor, xiaoman, daming, out, db, capsys):
    browser = visitor(xiaoman)
    assert browser.post("/me/mail", {"address": "nonsense"}).status_code == 422
    asked = browser.post("/me/mail", {"address": "xiaoman@example.com"}, follow=True)
    assert "邮件发出去了" in asked.text and mails.of(xiaoman.id) is None
    link = next(line for line in capsys.readouterr().err.splitlines() if "/me/mail/" in line)
    path = link.partition("localhost")[2]
    assert visitor(daming).post(path).status_code == 400
    assert browser.get(path).status_code == 200 and mails.of(xiaoman.id) is None
    assert "x***@example.com" in browser.post(path, follow=True).words
    assert browser.post(path[:-1]).status_code == 400
    assert "x***" not in browser.post("/me/mail/end", follow=True).words and mails.of(xiaoman.id) is None


def test_a_link_is_good_for_a_day(clock, visitor, xiaoman):
    token = mails.token(xiaoman, "xiaoman@example.com")
    clock.pass_(hours=25)
    assert visitor(xiaoman).post(f"/me/mail/{token}").status_code == 410


def test_nobody_is_flooded_with_letters(visitor, xiaoman, out):
    """T19: whoever types other people's addresses is stopped after five."""
    browser = visitor(xiaoman)
    answers = [browser.post("/me/mail", {"address": f"x{n}@example.com"}).status_code for n in range(6)]
    assert answers == [302] * 5 + [429] and len(out()) == 5


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_in_both_languages(visitor, mailbox, xiaoman, lang):
    browser = visitor(xiaoman, lang=lang)
    assert browser.get("/me/notices/choices").status_code == browser.get("/me/mail/x").status_code == 200
    mailbox(xiaoman)
    assert browser.get("/me/notices/choices").status_code == 200
