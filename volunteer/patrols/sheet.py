"""The list of findings as a file: what, where, when, and what became of it; never who."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, select

from volunteer.community import Area
from volunteer.dashboards import exports
from volunteer.i18n import _
from volunteer.patrols.findings import KINDS, STATES
from volunteer.patrols.models import Finding, Stop


def of(conditions: Sequence[Any]) -> exports.Sheet:
    """Return the sheet of the findings that these conditions choose, oldest first."""
    said = exports.line(
        exports.moment(Finding.reported_at),
        exports.cell(Area.name),
        exports.cell(Stop.name),
        exports.cell(case({key: str(words) for key, words in KINDS.items()}, value=Finding.kind)),
        exports.cell(Finding.words),
        exports.cell(case({key: str(words) for key, words in STATES.items()}, value=Finding.state)),
        exports.cell(Finding.answer),
        exports.cell(exports.moment(Finding.answered_at)),
    )
    heads = (
        _("上报时间"),
        _("网格或社区"),
        _("打卡点"),
        _("哪一类问题"),
        _("看到了什么"),
        _("状态"),
        _("答复"),
        _("答复时间"),
    )
    return exports.Sheet(
        [str(head) for head in heads],
        select(said)
        .select_from(Finding)
        .join(Area, Area.id == Finding.area_id)
        .outerjoin(Stop, Stop.id == Finding.stop_id)
        .where(*conditions)
        .order_by(Finding.reported_at, Finding.id),
    )
