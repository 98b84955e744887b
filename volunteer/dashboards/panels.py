"""Volunteers: how many there are, and how many are new each month."""

from __future__ import annotations

from collections.abc import Iterator

from flask import request, url_for
from flask_login import current_user

from volunteer import accounts
from volunteer.dashboards import periods
from volunteer.dashboards.registry import Chart, Item, Panel, Scope, Series, inbox, panel
from volunteer.i18n import _


@panel("volunteers", order=10)
def volunteers(scope: Scope) -> Panel:
    """Registered volunteers at home in the area."""
    months = list(periods.months(scope.start, scope.end))
    total, registered = accounts.rollups.registered(scope.path, months)
    new = [registered[month] for month in months]
    return Panel(
        title=_("志愿者"),
        value=total,
        unit=_("人"),
        source=_("已注册、可以服务的志愿者，按所在社区统计。"),
        chart=Chart(months, [Series(_("新注册"), new)], unit=_("人")),
        heads=[_("月份"), (_("新注册"), "number")],
        rows=list(zip(months, new, strict=True)),
    )


@inbox("accounts.proposals", right="role.give")
def proposals_to_decide() -> Iterator[Item]:
    """Administrators' roles and lost factors that another of the office has asked for."""
    if request.endpoint != "dashboards.inbox":
        return  # asked on the page itself; the count beside the menu does not pay for what is so rare
    for proposal, user in accounts.proposals.to_decide(current_user):
        yield Item(
            kind=_("等你同意：管理员角色") if proposal.act == "role" else _("等你同意：重置第二步验证"),
            title=user.name_masked,
            since=proposal.asked_at,
            url=url_for("accounts.person", user_id=user.id),
            note=proposal.reason,
        )


@inbox("accounts.imports", right="person.import")
def imports_to_decide() -> Iterator[Item]:
    """Tables of people that another of the office wants to bring in."""
    if request.endpoint != "dashboards.inbox":
        return  # asked on the page itself, as above
    for row in accounts.import_requests.waiting():
        one = row.ImportRequest
        if one.asked_by != current_user.id:
            yield Item(
                kind=_("等你同意：导入名单"),
                title=one.reason,
                since=one.asked_at,
                url=url_for("accounts.import_page", import_id=one.id),
                note=_("{rows|number} 行", rows=one.row_count),
            )
