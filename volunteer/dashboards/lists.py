"""The list of people as a file: names and phones masked as on the page."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import case, select

from volunteer import community, privacy
from volunteer.accounts import User
from volunteer.dashboards import exports
from volunteer.i18n import _


def people(reach: Any) -> exports.Sheet:
    """Return the sheet of the people that a condition chooses, by number."""
    words = {"active": _("正常"), "suspended": _("停用"), "closed": _("已注销")}
    state = case({name: str(said) for name, said in words.items()}, value=User.state)
    rest = exports.line(
        exports.cell(User.volunteer_no),
        exports.cell(User.phone_masked),
        exports.cell(community.Area.name),
        exports.moment(User.registered_at),
        exports.cell(state),
    )
    heads = (_("姓名"), _("志愿者编号"), _("手机"), _("所在社区"), _("加入"), _("状态"))
    return exports.Sheet(
        [str(head) for head in heads],
        select(User.name, rest)
        .join(community.Area, community.Area.id == User.home_id)
        .where(reach)
        .order_by(User.id),
        lambda row: f"{_masked(row[0])},{row[1]}",
    )


@lru_cache(maxsize=8192)
def _masked(name: str) -> str:
    return exports.quoted(privacy.mask_name(name))
