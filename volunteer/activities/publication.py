"""Asking for publication and answering: the community looks before anybody can sign up."""

from __future__ import annotations

from volunteer import access, accounts, clock, events, identity, notices
from volunteer.activities.models import Activity
from volunteer.activities.proposals import require_eligible
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _


@events.kind
class Asked(events.Event):
    activity_id: int


@events.kind
class Published(events.Event):
    activity_id: int


@events.kind
class Rejected(events.Event):
    activity_id: int


@events.kind
class Withdrawn(events.Event):
    activity_id: int


@events.kind
class Cancelled(events.Event):
    activity_id: int


class Decided(Refusal):
    code = "activity.decided"
    says = _("这个活动已经办过了，请刷新看看现在的状态。")


def ask_publication(activity: Activity) -> Activity:
    """Ask the community to publish a draft; it is published at once when the caller may do that. A repeat is the same.

    :raises volunteer.activities.Ineligible: with every finding, when it is not volunteer service
    :raises Decided: it was called off or closed
    """
    db.session.refresh(activity, with_for_update=True)
    if activity.state == "published":
        return activity
    if activity.state not in ("draft", "pending", "rejected", "withdrawn"):
        raise Decided
    if access.may("activity.approve", activity):
        return publish(activity)
    if activity.state == "pending":
        return activity
    require_eligible(activity)

    activity.state, activity.asked_at = "pending", clock.now()
    activity.decided_at = activity.decided_by = activity.reason = None

    events.record(
        Asked(activity_id=activity.id), about=f"activity:{activity.id}", within=f"team:{activity.team_id}"
    )
    notices.send_many(
        [person.id for person in accounts.holders("community_admin", area_path=activity.area_path)],
        _("有新活动等你看一下：{title}", title=activity.title),
        key=f"activity:{activity.id}:asked:{activity.asked_at:%Y%m%d%H%M%S}",
        link=f"/activities/{activity.id}",
    )
    return activity


def publish(activity: Activity) -> Activity:
    """Open an activity: it can be scheduled and signed up for.

    :raises volunteer.activities.Ineligible: nobody can publish what is not volunteer service
    :raises Decided: it was called off or closed
    """
    db.session.refresh(activity, with_for_update=True)
    if activity.state == "published":
        return activity
    if activity.state not in ("draft", "pending", "rejected", "withdrawn"):
        raise Decided
    require_eligible(activity)

    activity.state, activity.reason = "published", None
    _decided(activity)

    events.record(
        Published(activity_id=activity.id), about=f"activity:{activity.id}", within=f"team:{activity.team_id}"
    )
    _tell(activity, "published", _("“{title}”通过了，现在可以排服务日。", title=activity.title))
    return activity


def reject(activity: Activity, reason: str) -> Activity:
    """Send a proposal back with what to mend.

    :raises Decided: it is not waiting
    """
    db.session.refresh(activity, with_for_update=True)
    if activity.state == "rejected":
        return activity
    if activity.state != "pending":
        raise Decided

    activity.state, activity.reason = "rejected", identity.free_text(reason, 200)
    _decided(activity)

    events.record(
        Rejected(activity_id=activity.id), about=f"activity:{activity.id}", within=f"team:{activity.team_id}"
    )
    _tell(
        activity,
        "rejected",
        _("“{title}”要改一改：{reason}", title=activity.title, reason=activity.reason),
    )
    return activity


def withdraw(activity: Activity) -> Activity:
    """Take an activity back that nobody has signed up for; `service_days.end_activity` looks whether that is so.

    :raises Decided: it was called off or closed
    """
    if activity.state == "withdrawn":
        return activity
    if activity.state not in ("pending", "published"):
        raise Decided

    activity.state = "withdrawn"
    _decided(activity)

    events.record(
        Withdrawn(activity_id=activity.id), about=f"activity:{activity.id}", within=f"team:{activity.team_id}"
    )
    return activity


def cancel(activity: Activity, reason: str) -> Activity:
    """Call a published activity off for good, and say why.

    :raises Decided: it is not published
    """
    if activity.state == "cancelled":
        return activity
    if activity.state != "published":
        raise Decided

    activity.state, activity.reason = "cancelled", identity.free_text(reason, 200)
    _decided(activity)

    events.record(
        Cancelled(activity_id=activity.id), about=f"activity:{activity.id}", within=f"team:{activity.team_id}"
    )
    return activity


def _decided(activity: Activity) -> None:
    activity.decided_at, activity.decided_by = clock.now(), events.actor()


def _tell(activity: Activity, what: str, words: Sentence) -> None:
    assert activity.decided_at is not None
    key = f"activity:{activity.id}:{what}:{activity.decided_at:%Y%m%d%H%M%S}"
    notices.send(activity.leader_id, words, key=key, link=f"/activities/{activity.id}")
