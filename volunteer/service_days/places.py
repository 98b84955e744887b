"""Counting people in and out of a day, a post and a time to arrive: one conditional statement each.

Whoever changes who has a place changes the day's row first, so all of them stand in one line: the number of places
taken and the rows that take them never disagree.
"""

from __future__ import annotations

from sqlalchemy import or_, select, update
from sqlalchemy.orm.attributes import set_committed_value

from volunteer.db import db
from volunteer.service_days.models import Post, ServiceDay, Signup, Slot

HOLDS = ("accepted", "offered", "attended", "no_show")  # states that take a place
HOPES = ("waitlisted", "applied")  # states that may become a place
COMING = (*HOPES, "offered", "accepted")  # whoever is told when the day changes
QUEUE = (Signup.behind, Signup.queued_at, Signup.id)  # who stands before whom


def take(day: ServiceDay, post: Post | None) -> bool:
    """Count one more in, if there is room on the day and at the post; this is the line everybody stands in."""
    if not _count(day, 1):
        return False
    if post is not None:
        room = update(Post).where(Post.id == post.id, Post.accepted < Post.capacity)
        taken = room.values(accepted=Post.accepted + 1).returning(Post.accepted)
        now = db.session.scalar(taken, execution_options={"synchronize_session": False})
        if now is None:
            _count(day, -1)
            return False
        set_committed_value(post, "accepted", now)
    return True


def give_back(day: ServiceDay, signup: Signup) -> None:
    """Count somebody out of the day, their post and their time to arrive."""
    _count(day, -1)
    if signup.post_id is not None:
        freed = update(Post).where(Post.id == signup.post_id, Post.accepted > 0)
        db.session.execute(
            freed.values(accepted=Post.accepted - 1), execution_options={"synchronize_session": "fetch"}
        )
    leave_slot(signup)


def take_slot(slot: Slot) -> bool:
    """Count one more in at a time to arrive; whether there was room."""
    room = update(Slot).where(Slot.id == slot.id, Slot.taken < Slot.capacity)
    now = db.session.scalar(
        room.values(taken=Slot.taken + 1).returning(Slot.taken),
        execution_options={"synchronize_session": False},
    )
    if now is not None:
        set_committed_value(slot, "taken", now)
    return now is not None


def leave_slot(signup: Signup) -> None:
    """Count somebody out of the time they chose, if they chose one."""
    if signup.slot_id is not None:
        freed = update(Slot).where(Slot.id == signup.slot_id, Slot.taken > 0)
        db.session.execute(
            freed.values(taken=Slot.taken - 1), execution_options={"synchronize_session": "fetch"}
        )
        signup.slot_id = None


def lock(day: ServiceDay) -> None:
    """Stand in the line of this day, and read it anew."""
    db.session.refresh(day, with_for_update=True)


def of(day_id: int, volunteer_id: int) -> Signup | None:
    """What somebody has on a day, as it is now."""
    asked = select(Signup).where(Signup.service_day_id == day_id, Signup.volunteer_id == volunteer_id)
    return db.session.scalar(asked.execution_options(populate_existing=True))


def _count(day: ServiceDay, change: int) -> bool:
    """Change how many places are taken in one conditional statement; whether that was possible."""
    # A closed day still takes people in: scans kept without a signal may arrive the day after. A day whose places
    # are drawn has none to give before the draw.
    counted = update(ServiceDay).where(ServiceDay.id == day.id, ServiceDay.state != "cancelled")
    if change > 0:
        open_to_all = or_(ServiceDay.draws_at.is_(None), ServiceDay.drawn_at.is_not(None))
        counted = counted.where(ServiceDay.accepted < ServiceDay.capacity, open_to_all)
    else:
        counted = counted.where(ServiceDay.accepted > 0)
    now = db.session.scalar(
        counted.values(accepted=ServiceDay.accepted + change).returning(ServiceDay.accepted),
        execution_options={"synchronize_session": False},
    )
    if now is None:
        return False
    set_committed_value(day, "accepted", now)
    return True
