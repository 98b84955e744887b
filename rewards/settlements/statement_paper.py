"""A statement on A4: lines over as many pages as it takes, totals, who signed, room for a seal, a code to check it by."""

from __future__ import annotations

import hashlib
import json

from rewards.partners import Partner
from rewards.settlements import genuine, sheet
from rewards.settlements.models import Statement
from rewards.settlements.queries import Figures
from volunteer import accounts, papers, privacy
from volunteer.i18n import _


def code(partner: Partner, figures: Figures, lines: list[list[str | int | float]]) -> str:
    """Return the check code of a statement: the same lines and figures, whoever prints them and when."""
    said = [partner.id, figures.month, figures.count, figures.points, figures.value_cents]
    # Without titles and names, which are in the reader's language: what is counted is counted by number.
    numbers = [[line[0], line[2], line[4], line[5]] for line in lines]
    text = json.dumps([said, numbers], separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest().upper()[:16]
    return "-".join(digest[n : n + 4] for n in range(0, 16, 4))


def pdf(partner: Partner, figures: Figures, statement: Statement | None, state: str, address: str) -> bytes:
    """Return a partner's month as a PDF; `address` is where its code is looked up, and what it stands for is kept."""
    lines = sheet.rows(partner, figures.month)
    checked = code(partner, figures, lines)
    genuine.keep(checked, figures)
    signed = (statement.confirmed_by, statement.agreed_by) if statement else (None, None)
    names = accounts.names(one for one in signed if one)
    confirmed, agreed = (privacy.mask_name(names[one]) if one in names else "" for one in signed)
    heads = sheet.heads()
    parts = (1.2, 4.0, 3.0, 1.6, 1.2, 1.8)
    return papers.pdf(
        papers.Paper(
            title=str(_("{month|month} 的账单", month=figures.month)),
            under=f"{partner.name} · {state}",
            facts=[
                (str(_("已核销")), str(_("{count} 张", count=figures.count))),
                (str(_("积分")), str(_("{points} 分", points=figures.points))),
                (str(_("参考价值（元）")), f"{figures.value_cents / 100:,.2f}"),
            ],
            columns=[
                papers.Column(head, part, number=place in (0, 4, 5))
                for place, (head, part) in enumerate(zip(heads, parts, strict=True))
            ],
            rows=[[_cell(cell) for cell in line] for line in lines],
            totals=[
                "",
                str(_("合计")),
                "",
                "",
                _cell(sum(int(line[4]) for line in lines)),
                _cell(sum(float(line[5]) for line in lines)),
            ],
            signed=[(str(_("商家确认：")), confirmed), (str(_("社区核准：")), agreed)],
            seal=str(_("盖章处")),
            check=str(
                _(
                    "核对码 {code}：同一份账单，谁在什么时候再下载，核对码都一样。",
                    code=checked,
                )
            )
            + str(_("扫码或者到 {address} 输入，看是不是真的。", address=address)),
            link=f"{address}?code={checked}",
        )
    )


def _cell(cell: str | int | float) -> str:
    return cell if isinstance(cell, str) else f"{cell:,.2f}" if isinstance(cell, float) else f"{cell:,}"
