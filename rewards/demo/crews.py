"""The teams of the sample street: who leads them, who is in them, who has asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate

from rewards.demo import names
from rewards.demo.people import Registry, grant
from rewards.demo.places import Place
from rewards.demo.programme import ASKING, CREWS, MORE, PARTY, Crew
from rewards.demo.story import Person, Row, Story, moment, sentence

#: How many of a community are in one team, in a second one.
IN_A_TEAM, IN_TWO = 0.72, 0.12


@dataclass
class Team:
    """A team, and its members in the order of their zeal, so that some come again and again."""

    row: Row
    place: Place
    leader: Person
    does: Sequence[str]
    began: date
    members: list[Person] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    @property
    def id(self) -> int:
        return int(self.row["id"])


def gather(story: Story, registry: Registry) -> list[Team]:
    """Found every team, approve it, and let people in."""
    found = [_found(story, registry, crew) for crew in _wanted(story)]
    by_place: dict[int, list[Team]] = {}
    for team in found:
        by_place.setdefault(team.place.rank, []).append(team)
    for place in story.places:
        _share_out(story, place, by_place.get(place.rank, []))
    party = found[0]
    for key in ("saver", "newcomer"):
        _let_in(story, party, story.cast[key], main=True)
    for team in found:
        team.row["members"] = len(team.members) + 1
        team.weights = list(accumulate(person.zeal for person in team.members))
        _ask_to_join(story, team)
    _ask_for_a_team(story)
    return found


def _wanted(story: Story) -> list[Crew]:
    wanted = [crew for crew in CREWS if crew.place < len(story.places)][: story.size.teams]
    taken = {(crew.place, crew.name) for crew in wanted}
    rank = 0
    while len(wanted) < story.size.teams:
        for place in range(len(story.places)):
            name, kind, does = MORE[(rank + place) % len(MORE)]
            if (place, name) not in taken and len(wanted) < story.size.teams:
                wanted.append(
                    Crew(place, name, kind, f"{story.places[place].name}的街坊们自己的队伍。", does)
                )
                taken.add((place, name))
        rank += 1
    return wanted


def _found(story: Story, registry: Registry, crew: Crew) -> Team:
    place = story.places[crew.place]
    party = crew.name == PARTY and place.rank == 0
    began = story.began if party else story.year_ago - timedelta(days=story.rng.randint(8, 30))
    if party:
        leader = story.cast["leader"]
    else:
        birth = date(story.rng.randint(1958, 1992), story.rng.randint(1, 12), 16)
        day = began - timedelta(days=story.rng.randint(2, 20))
        leader = registry.open(names.person(story.rng, birth.year), place, (day, day), birth, zeal=3.0)
    asked, decided = moment(began, "10:12"), moment(began + timedelta(days=2), "15:40")
    row = story.sheets.add(
        "team",
        area_id=place.area.id,
        area_path=place.area.path,
        name=crew.name,
        kind=crew.kind,
        about=crew.about,
        leader_id=leader.id,
        state="active",
        asked_at=asked,
        decided_at=decided,
        decided_by=place.office_id,
    )
    about = f"team:{row['id']}"
    story.trail.told(
        asked, "teams.Founded", about=about, whom=leader.id, by=leader.id, team_id=row["id"], leader_id=leader.id
    )  # fmt: skip
    story.trail.told(
        decided, "teams.Approved", about=about, whom=leader.id, by=place.office_id, team_id=row["id"]
    )
    story.tell(
        decided, leader.id, sentence("“{team}”通过了，现在可以招队员、排活动。", team=crew.name),
        key=f"team:{row['id']}:approved:{decided:%Y%m%d%H%M}", link=f"/teams/{row['id']}",
    )  # fmt: skip
    _membership(story, row["id"], leader, "member", asked=decided, decided=decided, main=True)
    grant(story, leader.id, "team_leader", decided.date(), place.office_id, team_id=row["id"])
    return Team(row, place, leader, crew.does, decided.date())


def _share_out(story: Story, place: Place, teams: list[Team]) -> None:
    if not teams:
        return
    leaders = {team.leader.id for team in teams}
    for person in place.people:
        draw = story.rng.random()
        if draw > IN_A_TEAM or person.id in leaders:
            continue
        chosen = story.rng.sample(teams, min(2 if draw < IN_TWO else 1, len(teams)))
        for turn, team in enumerate(chosen):
            _let_in(story, team, person, main=turn == 0)
    for team in teams:
        for person in story.rng.sample(
            [one for one in team.members if one.age(story.today) >= 18], k=min(2, len(team.members) // 8)
        ):
            grant(
                story,
                person.id,
                "gatekeeper",
                max(team.began, person.joined.date()),
                team.leader.id,
                team_id=team.id,
            )


def _let_in(story: Story, team: Team, person: Person, *, main: bool) -> None:
    since = max(team.began, person.joined.date())
    asked = story.between(since, since + timedelta(days=6))
    asked = max(asked, person.joined)
    decided = min(asked + timedelta(hours=story.rng.randint(1, 40)), story.now)
    _membership(story, team.id, person, "member", asked=asked, decided=decided, main=main)
    team.members.append(person)
    if person.zeal == 0 or decided > story.now - timedelta(days=60):
        story.tell(
            decided, person.id, sentence("欢迎加入“{team}”。", team=team.row["name"]),
            key=f"membership:{team.id}:{person.id}:member", link=f"/teams/{team.id}",
        )  # fmt: skip
    story.trail.told(
        decided, "teams.Joined", about=f"team:{team.id}", whom=person.id, by=team.leader.id,
        team_id=team.id, volunteer_id=person.id,
    )  # fmt: skip


def _ask_to_join(story: Story, team: Team) -> None:
    inside = {person.id for person in team.members}
    outside = [
        one
        for one in team.place.people
        if one.id not in inside and one.confirmed and one.id != team.leader.id
    ]
    for person in story.rng.sample(outside, min(2, len(outside))):
        asked = story.between(max(story.today - timedelta(days=3), person.joined.date()), story.today)
        asked = max(asked, person.joined)
        _membership(story, team.id, person, "applied", asked=asked, decided=None, main=False)
        story.trail.told(
            asked, "teams.Asked", about=f"team:{team.id}", whom=person.id, by=person.id,
            team_id=team.id, volunteer_id=person.id,
        )  # fmt: skip
        story.tell(
            asked, team.leader.id, sentence("{name}想加入“{team}”，请看一下。", name=person.name, team=team.row["name"]),
            key=f"membership:{team.id}:{person.id}:asked", link=f"/teams/{team.id}/members",
        )  # fmt: skip


def _membership(
    story: Story,
    team_id: int,
    person: Person,
    state: str,
    *,
    asked: datetime,
    decided: datetime | None,
    main: bool,
) -> None:
    story.sheets.add(
        "membership",
        team_id=team_id,
        volunteer_id=person.id,
        main=main,
        state=state,
        asked_at=asked,
        decided_at=decided,
    )


def _ask_for_a_team(story: Story) -> None:
    """One team waits in the community's inbox."""
    name, kind, about = ASKING
    place = story.places[0]
    leader = next(
        one
        for one in place.people
        if 22 <= one.age(story.today) <= 60 and one.joined.date() < story.today - timedelta(days=3)
    )
    asked = moment(story.today - timedelta(days=1), "16:20")
    row = story.sheets.add(
        "team", area_id=place.area.id, area_path=place.area.path, name=name, kind=kind, about=about,
        leader_id=leader.id, state="pending", members=0, asked_at=asked,
    )  # fmt: skip
    story.trail.told(
        asked, "teams.Founded", about=f"team:{row['id']}", whom=leader.id, by=leader.id, team_id=row["id"],
        leader_id=leader.id,
    )  # fmt: skip
