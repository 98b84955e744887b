"""Volunteer teams and who is in them: a community approves a team, its leader lets people in.

Everything that happens on a service day belongs to a team, so this is where service begins.
"""

from volunteer.teams.memberships import (
    NotYours,
    TooManyTeams,
    accept,
    choose_main,
    is_member,
    join,
    leave,
    refuse_member,
)
from volunteer.teams.models import Membership, Team
from volunteer.teams.registrations import (
    KINDS,
    NameTaken,
    NotActive,
    approve,
    found,
    led_by,
    reject,
    require_active,
    resume,
    suspend,
)

__all__ = [
    "KINDS",
    "Membership",
    "NameTaken",
    "NotActive",
    "NotYours",
    "Team",
    "TooManyTeams",
    "accept",
    "approve",
    "choose_main",
    "found",
    "is_member",
    "join",
    "leave",
    "led_by",
    "refuse_member",
    "reject",
    "require_active",
    "resume",
    "suspend",
]
