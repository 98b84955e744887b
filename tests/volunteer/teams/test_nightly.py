"""Nobody waits for an answer for more than three working days without a reminder (V5)."""

from __future__ import annotations

from sqlalchemy import select

from volunteer import teams
from volunteer.notices import Notice


def told(db, person):
    db.session.expire_all()
    texts = db.session.scalars(select(Notice.text).where(Notice.user_id == person.id)).all()
    return [text for text in texts if "三个工作日" in text]


def test_leader_and_office_are_reminded_once(
    clock, command, db, team, xiaoman, daming, nankeng, lao_wang, office
):
    clock.move("2026-03-06 10:00")  # a Friday
    teams.join(xiaoman, team)
    teams.found(daming, nankeng, "青年志愿服务队", "youth")
    command("timetable", "run", "teams.remind", "--on", "2026-03-10")
    assert told(db, lao_wang) == told(db, office) == []
    for on in ("2026-03-11", "2026-03-12"):
        clock.move(f"{on} 09:30")
        command("timetable", "run", "teams.remind", "--on", on)
        assert len(told(db, lao_wang)) == 1 == len(told(db, office)), on
