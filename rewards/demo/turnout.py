"""Who signs up for the days of the sample street, who comes, and who stays away."""

from __future__ import annotations

from bisect import bisect
from datetime import date, datetime, timedelta
from itertools import accumulate

from rewards.demo.attendance import Gate
from rewards.demo.crews import Team
from rewards.demo.days import PILOT, Day
from rewards.demo.story import Person, Row, Story

#: Days ahead → which share of the people who usually come has signed up by then.
_SO_FAR = ((3, 0.9), (7, 0.75), (14, 0.5), (31, 0.25), (70, 0.1))
_REASONS = ("临时加班，来不了", "孩子发烧了", "家里有事", "出差改期", "身体不舒服，先休息")
LEAVES, STAYS_AWAY = 0.05, 0.09


class Turnout:
    """Fills day after day, in the order they begin, so that nobody is in two places."""

    def __init__(self, story: Story, teams: list[Team]) -> None:
        self.story, self.gate = story, Gate(story)
        self._crowds: dict[int, tuple[list[Person], list[float]]] = {}
        self._joined: set[str] = set()

    def fill(self, day: Day) -> None:
        """Have people sign up for a day, and put on the agenda what they do there."""
        if day.row["state"] == "cancelled":
            self._called_off(day)
        elif day.row["starts_at"] > self.story.now:
            self._ahead(day)
        else:
            self._held(day)

    def _held(self, day: Day) -> None:
        rng, on = self.story.rng, day.row["on"]
        wanted = round(day.plan.come * rng.uniform(0.8, 1.2) * (1.0 if on >= self.story.year_ago else 0.35))
        people = self._some(day, min(wanted, day.plan.capacity - 2))
        people += self._of_the_cast(day, people)
        leader = day.team.leader
        if (
            rng.random() < 0.6
            and on not in leader.busy
            and leader.joined.date() < on
            and day.plan.key != "now"
        ):
            leader.busy.add(on)
            people.append(leader)
        came: list[tuple[Person, Row]] = []
        for person in people:
            fate = rng.random() if person.zeal else 1.0
            since = day.row["starts_at"] - timedelta(days=12)
            state = "left" if fate < LEAVES else "accepted"
            signup = self._sign_up(day, person, since, day.row["starts_at"] - timedelta(hours=2), state)
            if state == "left":
                signup["reason"] = rng.choice(_REASONS)
            elif fate >= LEAVES + STAYS_AWAY:
                came.append((person, signup))
        self.gate.hold(day, came)

    def _ahead(self, day: Day) -> None:
        away = (day.row["on"] - self.story.today).days
        share = next((share for until, share in _SO_FAR if away <= until), 0.0)
        first = day.plan.key not in self._joined
        self._joined.add(day.plan.key)
        places = day.plan.capacity
        # The smallest activity is full the next time, and three people wait.
        wanted = places + 3 if first and places <= 8 else round(day.plan.come * share)
        people = self._of_the_cast(day, []) if first else []
        people += [one for one in self._some(day, wanted - len(people)) if one not in people]
        latest = self.story.now - timedelta(minutes=20)
        for person in people:
            state = "accepted" if day.row["accepted"] < places else "waitlisted"
            self._sign_up(day, person, self.story.now - timedelta(days=9), latest, state)

    def _called_off(self, day: Day) -> None:
        starts = day.row["starts_at"]
        people = self._some(day, round(day.plan.come * 0.3))
        for person in people:
            person.busy.discard(day.row["on"])
            self._sign_up(day, person, starts - timedelta(days=16), starts - timedelta(days=10), "cancelled")
        self.story.trail.told(
            starts - timedelta(days=9), "service_days.CalledOff", about=f"service_day:{day.id}",
            within=f"activity:{day.row['activity_id']}", by=day.team.leader.id, service_day_id=day.id, people=len(people),
        )  # fmt: skip

    def _sign_up(self, day: Day, person: Person, earliest: datetime, latest: datetime, state: str) -> Row:
        story = self.story
        latest = min(latest, story.now)
        earliest = min(max(earliest, person.joined), latest)
        queued = earliest + (latest - earliest) * story.rng.random()
        queued = queued.replace(microsecond=0)
        post = None
        if state == "accepted":
            day.row["accepted"] += 1
            post = next((one for one in day.posts if one["accepted"] < one["capacity"]), None)
            if post is not None and (story.rng.random() < 0.7):
                post["accepted"] += 1
            else:
                post = None
        signup = story.sheets.add(
            "signup", service_day_id=day.id, volunteer_id=person.id, post_id=post["id"] if post else None,
            state=state, queued_at=queued, reason=None,
        )  # fmt: skip
        self.gate.signups.setdefault(day.id, []).append(signup)
        story.trail.told(
            queued, "service_days.SignedUp", about=f"signup:{signup['id']}", within=f"service_day:{day.id}",
            whom=person.id, by=person.id, signup_id=signup["id"], service_day_id=day.id, volunteer_id=person.id,
            state="accepted" if state in ("left", "cancelled") else state,
        )  # fmt: skip
        return signup

    # ── who ──

    def _of_the_cast(self, day: Day, people: list[Person]) -> list[Person]:
        """The saver comes to every service day of the party's team; the newcomer is only signed up for what is ahead."""
        cast, on = self.story.cast, day.row["on"]
        wanted: list[str] = []
        if day.plan.key == "now":
            wanted = ["saver", "newcomer"]
        elif day.plan.key == PILOT and day.team.leader is cast["leader"]:
            wanted = ["saver"] if day.row["starts_at"] <= self.story.now else ["saver", "newcomer"]
        elif day.plan.key == "patrol" and day.team.leader is cast["leader"] and on < self.story.today:
            wanted = ["saver"] if day.id % 2 else []
        free = [cast[key] for key in wanted if on not in cast[key].busy and cast[key] not in people]
        for person in free:
            person.busy.add(on)
        return free

    def _some(self, day: Day, wanted: int) -> list[Person]:
        """Return so many people who may come that day: mostly of the team, the keen ones more often."""
        rng, on = self.story.rng, day.row["on"]
        signs_by = min(day.row["starts_at"], self.story.now) - timedelta(hours=3)
        chosen: dict[int, Person] = {}
        for members, weights, share in (
            (day.team.members, day.team.weights, wanted if not day.plan.walk_ins else round(wanted * 0.7)),
            (*self._crowd(day), wanted),
        ):
            if not members or not weights or weights[-1] <= 0:
                continue
            for _try in range(share * 4):
                if len(chosen) >= share:
                    break
                person = members[min(bisect(weights, rng.random() * weights[-1]), len(members) - 1)]
                if person.id not in chosen and self._may_come(person, day, on, signs_by):
                    chosen[person.id] = person
        for person in chosen.values():
            person.busy.add(on)
        return list(chosen.values())

    def _may_come(self, person: Person, day: Day, on: date, signs_by: datetime) -> bool:
        return (
            person.zeal > 0
            and person.confirmed
            and on not in person.busy
            and person.joined + timedelta(hours=21) < signs_by
            and person.age(on) >= day.plan.min_age
        )

    def _crowd(self, day: Day) -> tuple[list[Person], list[float]]:
        place = day.team.place
        if place.rank not in self._crowds:
            self._crowds[place.rank] = (
                place.people,
                list(accumulate(person.zeal for person in place.people)),
            )
        return self._crowds[place.rank]
