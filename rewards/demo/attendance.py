"""At the gate of the sample street: scans in and out, forgotten check-outs, the roll, and what it all pays."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from rewards.demo.days import Day
from rewards.demo.story import Person, Row, Story, sentence

FORGETS, BY_HAND, VOIDED = 0.07, 0.015, 0.004
_BY_HAND = ("手机没电了，当面核对后补签", "屏幕碎了扫不了，组织者代签", "长者没有智能手机，现场登记")


class Gate:
    """Plays what happens on the days: each scan at its moment, the roll afterwards, the day closed in the end."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.signups: dict[int, list[Row]] = {}
        self._credited: dict[tuple[int, date], int] = defaultdict(int)
        self._stays: dict[int, list[tuple[Person, Row]]] = {}
        self._awards: dict[int, Row] = {}

    def hold(self, day: Day, came: list[tuple[Person, Row]]) -> None:
        """Put a day on the agenda, with the people who come to it."""
        rng, agenda, row = self.story.rng, self.story.agenda, day.row
        for person, signup in came:
            early = rng.triangular(-24, 20, -6)
            if day.plan.key == "now":
                if not person.zeal or rng.random() < 0.5:
                    continue  # still on their way; the visitor may be one of them
                early = rng.uniform(-20, 0)
            at = row["starts_at"] + timedelta(minutes=early)
            agenda.put(at.replace(microsecond=0), partial(self._arrive, day, person, signup))
        agenda.put(day.windows.checkout_closes + timedelta(minutes=4), partial(self._forgotten, day))
        agenda.put(
            (row["ends_at"] + timedelta(hours=rng.randint(3, 60))).replace(minute=20),
            partial(self._roll, day),
        )
        agenda.put(
            day.windows.checkout_closes + timedelta(minutes=rng.randint(5, 30)), partial(self._close, day)
        )

    def _arrive(self, day: Day, person: Person, signup: Row) -> None:
        story, at = self.story, self.story.agenda.at
        assert at is not None
        draw = story.rng.random()
        leader = day.team.leader.id
        how = "manual" if draw < BY_HAND else "pass" if draw < 0.12 else "wall"
        if person is day.team.leader:
            how = "wall"  # nobody signs for himself
        pays = day.plan.flat if day.plan.flat and how != "manual" else 0
        stay = story.sheets.add(
            "attendance",
            service_day_id=day.id,
            volunteer_id=person.id,
            team_id=day.team.id,
            area_path=day.row["area_path"],
            in_at=at,
            in_how=how,
            in_scan=f"manual-{story.scan()}" if how == "manual" else story.scan(),
            in_by=None if how == "wall" else leader,
            points=pays or 0,
            state="open",
            reason=story.rng.choice(_BY_HAND) if how == "manual" else None,
        )
        self._stays.setdefault(day.id, []).append((person, stay))
        signup["state"] = "attended"
        if pays:
            worth = story.tariff.flat(pays)
            why = {
                "title": day.plan.title,
                "formula": worth.formula,
                "link": f"/service-days/{day.id}",
                "service_day": day.id,
            }
            story.books.award(
                at, person.id, pays, key=f"flat:{day.id}:{person.id}", why=why, on=day.row["on"], path=day.row["area_path"]
            )  # fmt: skip
        story.trail.told(
            at, "checkin.CheckedIn", about=f"attendance:{stay['id']}", within=f"service_day:{day.id}", whom=person.id,
            by=person.id if how == "wall" else leader, attendance_id=stay["id"], volunteer_id=person.id, how=how,
            points=pays or 0,
        )  # fmt: skip
        if story.rng.random() >= FORGETS:
            ends = day.row["ends_at"]
            left = ends + timedelta(minutes=story.rng.triangular(-14, 40, 4))
            if story.rng.random() < 0.02:
                left = ends - timedelta(minutes=14)
            story.agenda.put(left.replace(microsecond=0), partial(self._leave, day, person, stay))

    def _leave(self, day: Day, person: Person, stay: Row) -> None:
        story, at = self.story, self.story.agenda.at
        assert at is not None
        how = "pass" if story.rng.random() < 0.06 and person is not day.team.leader else "wall"
        by = day.team.leader.id if how == "pass" else None
        proven = stay["in_how"] != "manual"
        stay.update(
            out_at=at,
            out_how=how,
            out_scan=story.scan(),
            out_by=by,
            minutes=_minutes(day, stay["in_at"], at),
            grade="A" if proven else None,
            state="closed" if proven else "stale",
        )
        record = self._record(day, person, stay, "A", at, by) if proven else None
        paid = record["points"] if record and record["state"] == "confirmed" else 0
        story.trail.told(
            at, "checkin.CheckedOut", about=f"attendance:{stay['id']}", within=f"service_day:{day.id}", whom=person.id,
            by=by or person.id, attendance_id=stay["id"], volunteer_id=person.id, how=how, minutes=stay["minutes"],
            grade=stay["grade"], points=paid,
        )  # fmt: skip
        if record and paid and person.zeal and story.rng.random() < VOIDED:
            story.agenda.put(at + timedelta(hours=20), partial(self._void, day, person, stay, record))

    def _record(self, day: Day, person: Person, stay: Row, grade: Any, at: datetime, by: int | None) -> Row:
        """Write the service record of a stay, and pay it unless it waits for the community."""
        story, on, minutes = self.story, day.row["on"], stay["minutes"]
        credited = self._credited[person.id, on]
        self._credited[person.id, on] += minutes
        if day.plan.flat:
            worth = story.tariff.flat(day.plan.flat, grade)
        else:
            leads = day.team.leader is person
            worth = story.tariff.worth(minutes, day.minutes, day.plan.coefficient, grade, leads, credited)
        waits = story.tariff.tier(credited + minutes) != "auto"
        record = story.sheets.add(
            "service_record",
            source=f"attendance:{stay['id']}",
            volunteer_id=person.id,
            service_day_id=day.id,
            team_id=day.team.id,
            area_path=day.row["area_path"],
            on=on,
            minutes=minutes,
            grade=grade,
            state="provisional" if waits else "confirmed",
            points=0 if day.plan.flat else worth.points,
            formula=worth.formula,
            recorded_at=at,
            recorder_id=by,
        )
        if not waits:
            person.minutes += minutes
            if record["points"]:
                why = {
                    "title": day.plan.title,
                    "formula": worth.formula,
                    "link": "/me/hours",
                    "record": record["id"],
                }
                self._awards[record["id"]] = story.books.award(
                    at, person.id, record["points"], key=f"record:{record['id']}", why=why, on=on, path=day.row["area_path"]
                )  # fmt: skip
        return record

    def _forgotten(self, day: Day) -> None:
        story, at = self.story, self.story.agenda.at
        assert at is not None
        for person, stay in self._stays.get(day.id, ()):
            if stay["state"] == "open":
                stay["state"] = "stale"
                story.trail.told(
                    at, "checkin.Forgotten", about=f"attendance:{stay['id']}", within=f"service_day:{day.id}",
                    whom=person.id, attendance_id=stay["id"], volunteer_id=person.id,
                )  # fmt: skip
                story.tell(
                    at, person.id, sentence("你忘了签退。不用担心，组织者核对名单后时长会记上。"),
                    key=f"attendance:{stay['id']}:forgotten", link="/me/hours",
                )  # fmt: skip

    def _roll(self, day: Day) -> None:
        """The organiser vouches for those with one scan, for most of them at least."""
        story, at, leader = self.story, self.story.agenda.at, day.team.leader.id
        assert at is not None
        sure = [
            (person, stay)
            for person, stay in self._stays.get(day.id, ())
            if stay["state"] == "stale" and person is not day.team.leader and story.rng.random() < 0.85
        ]
        for person, stay in sure:
            # One scan of ours makes B; where the organiser signed for the way in, the way out is that scan.
            stay["minutes"] = _minutes(day, stay["in_at"], stay.get("out_at") or day.row["ends_at"])
            if stay["in_how"] == "manual" and not stay.get("out_at"):
                grade = "C"
            else:
                grade = "B"
            stay.update(grade=grade, state="confirmed")
            if not stay.get("out_at"):
                stay.update(out_at=max(day.row["ends_at"], stay["in_at"]), out_how="roll", out_by=leader)
            if day.plan.flat and grade == "B" and not stay["points"]:
                stay["points"] = day.plan.flat
                why = {
                    "title": day.plan.title, "formula": story.tariff.flat(day.plan.flat).formula,
                    "link": f"/service-days/{day.id}", "service_day": day.id,
                }  # fmt: skip
                story.books.award(
                    at, person.id, day.plan.flat, key=f"flat:{day.id}:{person.id}", why=why, on=day.row["on"],
                    path=day.row["area_path"],
                )  # fmt: skip
            record = self._record(day, person, stay, grade, at, leader)
            story.trail.told(
                at, "checkin.Confirmed", about=f"attendance:{stay['id']}", within=f"service_day:{day.id}",
                whom=person.id, by=leader, attendance_id=stay["id"], volunteer_id=person.id, minutes=stay["minutes"],
                grade=grade, points=record["points"],
            )  # fmt: skip
        if sure:
            story.trail.told(
                at, "checkin.RollConfirmed", about=f"service_day:{day.id}", by=leader, service_day_id=day.id,
                confirmed=len(sure),
            )  # fmt: skip

    def _close(self, day: Day) -> None:
        story, at, missing = self.story, self.story.agenda.at, 0
        assert at is not None
        for signup in self.signups.get(day.id, ()):
            if signup["state"] == "accepted":
                signup["state"], missing = "no_show", missing + 1
            elif signup["state"] == "waitlisted":
                signup["state"] = "cancelled"
        day.row["state"] = "closed"
        share = len(self._stays.get(day.id, ())) / day.plan.come
        day.row["served"] = round(day.plan.served * share * story.rng.uniform(0.85, 1.15))
        story.trail.told(
            at, "service_days.Closed", about=f"service_day:{day.id}", service_day_id=day.id, missing=missing
        )  # fmt: skip

    def _void(self, day: Day, person: Person, stay: Row, record: Row) -> None:
        """Somebody else's phone was scanned: the stay is void, and what it paid goes back once."""
        story, at, office = self.story, self.story.agenda.at, day.team.place.office_id
        assert at is not None
        reason = "扫错了人，本人当天没有到场"
        why = {"title": day.plan.title, "reason": reason, "link": "/me/hours"}
        if not story.books.reverse(at, self._awards[record["id"]], why):
            return
        person.minutes -= record["minutes"]
        record.update(state="reversed", reversed_at=at, reversed_by=office, reason=reason)
        stay.update(state="void", reason=reason)
        story.trail.told(
            at, "hours.Reversed", about=f"record:{record['id']}", within=f"service_day:{day.id}", whom=person.id, by=office,
            record_id=record["id"], minutes=record["minutes"], points=record["points"],
        )  # fmt: skip
        story.trail.told(
            at, "checkin.Reversed", about=f"attendance:{stay['id']}", within=f"service_day:{day.id}", whom=person.id,
            by=office, attendance_id=stay["id"], volunteer_id=person.id, points=record["points"],
        )  # fmt: skip
        story.tell(
            at, person.id, sentence("一条签到记录被撤销了，原因：{reason}。有疑问可以申诉。", reason=reason),
            key=f"attendance:{stay['id']}:void", link="/me/hours",
        )  # fmt: skip


def _minutes(day: Day, came: datetime, left: datetime) -> int:
    start, end = max(came, day.row["starts_at"]), min(left, day.row["ends_at"])
    return max(0, int((end - start).total_seconds() // 60))
