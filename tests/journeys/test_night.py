"""Journey 6: what starts by itself after midnight, run by hand for a date, twice."""

from __future__ import annotations

import json
from datetime import date

from rewards import vouchers
from volunteer import checkin, ledger, service_days


def night(command, on):
    """Run every job of a night as an operator would; each says that it ran."""
    for job in (
        "vouchers.lapse", "ledger.expire", "statements.draw", "partners.agreements", "service_days.extend",
        "checkin.close", "ledger.inspect", "ledger.seal",
    ):  # fmt: skip
        ran = command("timetable", "run", job, "--on", on)
        assert ran.exit_code == 0, (job, ran.output, ran.exception)


def test_vouchers_lapse_purses_expire_days_extend_and_the_books_hold(
    clock, command, here, db, person, activity, xiaoman, lao_wang, tea, give_points
):
    """T30, LG-24: each is harmless twice; a point that comes back to a past month gets thirty more days."""
    give_points(xiaoman, 100)  # ends with March 2028
    made = service_days.schedule(
        activity, "FREQ=MONTHLY;BYDAY=2SU", date(2026, 3, 8), *_times("09:00", "11:30"), 10
    )
    voucher = vouchers.claim(xiaoman, tea.id)
    assert [day.on.isoformat() for day in made.days][:2] == ["2026-03-08", "2026-04-12"]
    before = len(service_days.ServiceDay.query.all())

    clock.move("2026-06-07 01:00")
    for _ in range(2):
        night(command, "2026-06-07")
    db.session.expire_all()
    assert voucher.state == "lapsed" and ledger.balance(xiaoman.id) == 100
    days = service_days.ServiceDay.query.order_by(service_days.ServiceDay.starts_at).all()
    assert len(days) > before and len({day.on for day in days}) == len(days)
    ahead = [day for day in days if day.on > date(2026, 6, 7)]
    assert len(ahead) == 6

    her = person(xiaoman)
    her.open("/me/notices")
    her.reads("过期没有用")

    clock.move("2028-04-01 01:00")
    for _ in range(2):
        night(command, "2028-04-01")
    assert ledger.balance(xiaoman.id) == 0
    her = person(xiaoman)
    her.open("/me/points")
    her.reads("到期")


def test_a_forgotten_way_out_is_closed_and_told(clock, command, here, db, person, xiaoman, day):
    """CK-32."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    stay = checkin.record(xiaoman, checkin.showing(day).code, "s1")
    clock.move("2026-03-08 12:31")
    for _ in range(2):
        assert command("timetable", "run", "checkin.close").exit_code == 0
    db.session.expire_all()
    assert db.session.get(checkin.Attendance, stay.id).state == "stale"
    her = person(xiaoman)
    her.open("/me/notices")
    assert her.page.words.count("忘了签退") == 1


def test_the_inspection_says_so_in_words_and_in_json(clock, command, here, xiaoman, day):
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "s1")
    clock.move("2026-03-08 11:30")
    checkin.record(xiaoman, checkin.showing(day).code, "s2")
    plain, machine = command("ledger", "inspect"), command("ledger", "inspect", "--json")
    assert plain.exit_code == machine.exit_code == 0
    assert json.loads(machine.output)


def _times(*texts):
    from datetime import time

    return [time.fromisoformat(text) for text in texts]
