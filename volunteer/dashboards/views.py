"""The office's pages: figures, inbox, audit trail."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from flask import Response, g, get_template_attribute, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import Select, exists, select

from volunteer import access, accounts, chain, clock, community, events, i18n, kept, render
from volunteer.dashboards import audit, exports, lists, periods, registry
from volunteer.dashboards.registry import Box, Item, Panel, Scope
from volunteer.dashboards.words import WORDS
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.events import Happened
from volunteer.i18n import _
from volunteer.paging import page
from volunteer.web import Pages

pages = Pages("dashboards", __name__)

#: What a spreadsheet would run instead of show.
_RUNS = tuple("=+-@\t\r\0＝＋－＠")
OVERDUE_DAYS = 3


def waiting() -> list[Item]:
    """Everything that waits for the person signed in, the longest first; looked up once a request."""
    if "waiting" not in g:
        filled = _filled(access.holds(), clock.today())
        g.waiting = sorted((item for box in filled for item in box.bring()), key=lambda item: item.since)
    found: list[Item] = g.waiting
    return found


def _filled(holds: tuple[access.Hold, ...], on: date) -> list[Box]:
    """The boxes with something in them, of those that the person signed in may open; found out with one question."""
    names, question = _question(holds, on)
    met = dict(zip(names, db.session.execute(question).one(), strict=True)) if names else {}
    return [
        box
        for name, box in registry.inboxes().items()
        if access.may(box.right) and (box.when is None or met[name])
    ]


# It depends on the roles and the day alone, and takes longer to put together than to answer.
@lru_cache(maxsize=64)
def _question(holds: tuple[access.Hold, ...], on: date) -> tuple[list[str], Select[*tuple[bool, ...]]]:
    boxes = {name: box.when for name, box in registry.inboxes().items() if box.when and access.may(box.right)}
    return list(boxes), select(*(exists().where(when()) for when in boxes.values()))


def _how_many() -> int:
    """What waits, for the badge."""
    return len(waiting())


render.navigate("today", _("待办"), "dashboards.inbox", "inbox.read", icon="inbox", order=10, count=_how_many)
render.navigate("watch", _("数据看板"), "dashboards.index", "dashboard.read", icon="chart", order=10)
render.navigate("watch", _("来龙去脉"), "dashboards.audit_page", "audit.read", icon="history", order=20)


def _areas() -> Sequence[Any]:
    """Whose figures may be looked at: id, name and path of each area, a street before its communities."""
    return db.session.execute(
        select(community.Area.id, community.Area.name, community.Area.path)
        .where(access.covered(community.Area, "dashboard.read"), community.Area.kind != "grid")
        .order_by(community.Area.path)
    ).all()


def _scope() -> tuple[Scope, Any, Sequence[Any], str]:
    holds = tuple(hold for hold in access.holds() if "dashboard.read" in hold.rights)
    areas = kept.lately(("areas", holds), _areas).what
    if not areas:
        raise NotFound
    asked = request.args.get("area", type=int)
    area = next((one for one in areas if one.id == asked), areas[0])
    period = request.args.get("period", "quarter")
    start, end = periods.span(period, clock.today())
    return Scope(area.path, start, end), area, areas, period if period in periods.PERIODS else "quarter"


@pages.get("/office", allow="dashboard.read", replica=True)
def index() -> str:
    """Few panels, each a number, its trend, a chart, the table behind it and where it comes from."""
    scope, area, areas, period = _scope()
    # What the boxes say depends on these alone, so whoever may see the area sees the same.
    drawn = kept.lately((area.id, scope, period, i18n.locale()), lambda: _drawn(area, scope, period))
    return render_template(
        "volunteer/dashboards/index.html",
        panels=drawn.what,
        at=drawn.at,
        area=area,
        areas=areas,
        scope=scope,
        period=period,
        periods=periods.PERIODS,
    )


def _drawn(area: Any, scope: Scope, period: str) -> str:
    panels = [(name, draw(scope)) for name, draw in registry.panels()]
    drawn: str = get_template_attribute("volunteer/dashboards/panels.html", "boxes")(
        panels, area, period, _trend
    )
    return drawn


def _trend(panel: Panel) -> tuple[str, str] | None:
    """Against the stretch before: words and a direction; none where there was nothing to compare with."""
    if not panel.before:
        return None
    change = round(100 * (panel.value - panel.before) / panel.before)
    if change == 0:
        return str(_("与上期持平")), "flat"
    if change > 0:
        return str(_("比上期多 {change}%", change=change)), "up"
    return str(_("比上期少 {change}%", change=-change)), "down"


@events.kind
class PanelExported(events.Event):
    """Somebody took the table behind a panel away as a file."""

    panel: str
    rows: int


@pages.get("/office/panels/<name>.csv", allow="dashboard.read", replica=True)
def export(name: str) -> Response:
    """The table behind one panel, for a spreadsheet; cells that look like formulas are defused."""
    scope, _area, _areas, _period = _scope()
    draw = dict(registry.panels()).get(name)
    if draw is None:
        raise NotFound
    panel, out = draw(scope), io.StringIO()
    events.record_apart(
        PanelExported(panel=name, rows=len(panel.rows)), by=current_user.id, about="platform:1"
    )
    write = csv.writer(out)
    write.writerow([_plain(head[0] if isinstance(head, tuple) else head) for head in panel.heads])
    write.writerows([[_plain(cell) for cell in row] for row in panel.rows])
    return Response(
        "\ufeff" + out.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}.csv"},
    )


def _plain(cell: object) -> str:
    text = str(cell)
    return text if isinstance(cell, int | float) or not text.startswith(_RUNS) else f"'{text}"


@pages.post("/office/exports/people", allow="person.reveal", proof=True, before=exports.count)
def export_people() -> ResponseReturnValue:
    """Everybody within reach, masked as on the page, as one file that is sent while it is read."""
    everybody = lists.people(access.covered(accounts.User, "person.reveal"))
    return exports.send(everybody, "people", right="person.reveal")


@pages.get("/office/inbox", allow="inbox.read")
def inbox() -> str:
    """What waits for a decision, with clocks; the longest first."""
    today = clock.today()
    items = [(item, periods.working_days(item.since.date(), today)) for item in waiting()]
    return render_template("volunteer/dashboards/inbox.html", items=items, overdue=OVERDUE_DAYS)


@pages.get("/office/audit", allow="audit.read")
def audit_page() -> str:
    """What happened to any one thing, or lately in one's area."""
    thing = request.args.get("thing", "").strip().lower().replace("\uff1a", ":")
    kind = request.args.get("kind", "")
    understood = not thing or bool(audit.THING.fullmatch(thing))
    chosen = audit.trail(thing if understood else "?", kind).where(audit.reachable())
    found = page(chosen, key=Happened.id, size=40)
    return render_template(
        "volunteer/dashboards/audit.html",
        thing=thing,
        understood=understood,
        kind=kind,
        kinds=[(name, WORDS.get(name, name)) for name in sorted(events.KINDS)],
        lines=audit.lines(list(found.items)),
        next=found.next,
        anchor=chain.anchor(),
    )
