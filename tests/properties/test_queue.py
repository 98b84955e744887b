"""Places and queues against a plain list: whatever people do, in whatever order (SU-03, SU-04, SU-06)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from volunteer import service_days
from volunteer.db import db
from volunteer.errors import Refusal

PEOPLE = 6
#: Mostly coming and leaving, on a day with a queue already; now and then somebody walks in or places are added.
acts = st.lists(
    st.tuples(
        st.sampled_from(["come", "come", "come", "leave", "leave", "leave", "walk_in", "resize", "lapse"]),
        st.integers(0, PEOPLE - 1),
    ),
    min_size=8,
    max_size=25,
)


class Line:
    """What a day is: who has a place or is kept one, who waits, in order."""

    def __init__(self, places):
        self.places, self.inside, self.waiting, self.kept = places, [], [], []

    def come(self, who):
        self.kept = [one for one in self.kept if one != who]  # coming again is saying yes
        if who not in self.inside + self.waiting:
            (self.inside if len(self.inside) < self.places else self.waiting).append(who)

    def leave(self, who):
        self.inside = [one for one in self.inside if one != who]
        self.kept = [one for one in self.kept if one != who]
        self.waiting = [one for one in self.waiting if one != who]
        self.move_up()

    def walk_in(self, who):
        self.kept = [one for one in self.kept if one != who]
        if who not in self.inside and len(self.inside) < self.places:
            self.inside.append(who)
            self.waiting = [one for one in self.waiting if one != who]

    def resize(self, places):
        if places >= len(self.inside):
            self.places = places
            self.move_up()

    def move_up(self):
        while self.waiting and len(self.inside) < self.places:
            self.kept.append(self.waiting[0])
            self.inside.append(self.waiting.pop(0))

    def lapse(self, _who):
        """A day later: nobody who was kept a place said yes."""
        self.inside = [one for one in self.inside if one not in self.kept]
        self.kept = []
        self.move_up()


def test_places_and_queue_follow_the_line(here, clock, make_day, make_volunteers):
    people = make_volunteers(PEOPLE)

    @given(places=st.integers(1, 3), acts=acts)
    def whatever_people_do(places, acts):
        with db.session.begin_nested() as attempt:
            day = make_day("2026-12-15", capacity=places)
            line = Line(places)
            for what, number in [("come", number) for number in range(PEOPLE)] + acts:
                clock.pass_(milliseconds=1)
                try:
                    if what == "resize":
                        service_days.resize(day, number + 1)
                    elif what == "lapse":
                        clock.pass_(hours=25)
                        service_days.lapse(day)
                    elif what == "come":
                        service_days.sign_up(people[number], day)
                    elif what == "leave":
                        service_days.leave(people[number], day)
                    else:
                        service_days.take_walk_in(people[number].id, day)
                except Refusal:
                    pass
                getattr(line, what)(number + 1 if what == "resize" else number)

            rows = service_days.queries.people(day)
            inside = {people.index(row.User) for row in rows if row.Signup.state in ("accepted", "offered")}
            waiting = [people.index(row.User) for row in rows if row.Signup.state == "waitlisted"]
            assert (inside, waiting) == (set(line.inside), line.waiting)
            assert (day.accepted, day.capacity) == (len(line.inside), line.places)
            assert [
                service_days.place(row.Signup) for row in rows if row.Signup.state == "waitlisted"
            ] == list(range(1, len(waiting) + 1))
            for broken in (service_days.invariants.capacity, service_days.invariants.accepted):
                assert db.session.execute(broken(day.on)).all() == []
            attempt.rollback()

    whatever_people_do()
