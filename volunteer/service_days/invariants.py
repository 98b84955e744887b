"""What must always be true of days and sign-ups."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Executable, func, or_, select

from volunteer import ledger
from volunteer.i18n import _
from volunteer.service_days.models import Post, ServiceDay, Signup
from volunteer.service_days.places import HOLDS


@ledger.invariant("service_days.capacity", _("报上名的人不超过名额"))
def capacity(on: date) -> Executable:
    """Sign-ups accepted are never more than the places of their day or post."""
    days = select(ServiceDay.id.label("id"), ServiceDay.accepted, ServiceDay.capacity)
    posts = select(Post.service_day_id.label("id"), Post.accepted, Post.capacity)
    over_day = days.where(or_(ServiceDay.accepted > ServiceDay.capacity, ServiceDay.accepted < 0))
    return over_day.union_all(posts.where(or_(Post.accepted > Post.capacity, Post.accepted < 0)))


@ledger.invariant("service_days.accepted", _("占去的名额正好是占着名额的报名"))
def accepted(on: date) -> Executable:
    """The places taken on a day are exactly the sign-ups that hold one."""
    held = (
        select(Signup.service_day_id, func.count().label("held"))
        .where(Signup.state.in_(HOLDS))
        .group_by(Signup.service_day_id)
        .subquery()
    )
    return (
        select(ServiceDay.id, ServiceDay.accepted, func.coalesce(held.c.held, 0))
        .outerjoin(held, held.c.service_day_id == ServiceDay.id)
        .where(ServiceDay.accepted != func.coalesce(held.c.held, 0))
    )
