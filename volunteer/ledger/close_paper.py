"""A closed month on paper."""

from __future__ import annotations

import json

from flask import current_app

from volunteer import accounts, papers, privacy
from volunteer.i18n import Sentence, _
from volunteer.ledger.models import MonthClose

#: What the figures of a month are called, on the page and on paper.
SUMS: dict[str, Sentence] = {
    "issued": _("发出"),
    "redeemed": _("已核销"),
    "expired": _("到期"),
    "given": _("捐赠"),
    "settled": _("结清"),
    "circulated": _("商家转赠"),
}
AT_THE_END: dict[str, Sentence] = {
    "outstanding": _("大家手里"),
    "to_give": _("只能捐的"),
    "held": _("押在券上"),
    "between": _("在家人之间路上的"),
    "owed": _("欠商家"),
}


def pdf(made: MonthClose) -> bytes:
    """Return the summary of a closed month as a PDF: figures, heads, the two people, the signature, and a code that
    opens the page on which the same is public."""
    said = json.loads(made.summary)
    names = accounts.names([made.made_by, made.approved_by])
    books = said["books"]
    rows = [(str(word), f"{said['sums'].get(name, 0):,}") for name, word in SUMS.items()]
    rows += [
        (str(_("月底：{what}", what=word)), f"{said['at_the_end'].get(name, 0):,}")
        for name, word in AT_THE_END.items()
    ]
    facts = [
        (str(_("笔数")), f"{books['postings']:,}"),
        (str(_("封存的天数")), f"{books['days_sealed']}"),
        (str(_("账本印记")), books["head"]),
        (str(_("成立的事项")), f"{said['invariants']}"),
        (str(_("先留着的")), "；".join(said["open"]) or str(_("没有"))),
    ]
    late = said["for_closed_months"]
    if late and late["postings"]:
        facts.append(
            (
                str(_("补记以前月份的")),
                str(_("{n|number} 笔，{points|number} 分", n=late["postings"], points=late["points"])),
            )
        )
    return papers.pdf(
        papers.Paper(
            title=str(_("{month|month} 结账", month=made.month)),
            under=str(_("礼遇计划的积分账本")),
            facts=facts,
            columns=[papers.Column(str(_("项目")), 3), papers.Column(str(_("积分")), 1, number=True)],
            rows=rows,
            totals=("", ""),
            signed=[
                (str(_("提出：")), privacy.mask_name(names.get(made.made_by, ""))),
                (str(_("同意：")), privacy.mask_name(names.get(made.approved_by, ""))),
            ],
            seal=str(_("盖章处")),
            check=str(
                _("Ed25519 签名（密钥 {kid}）：{value}", kid=made.key_id, value=made.signature),
            ),
            link=f"{current_app.config['BASE_URL']}/open/books",
        )
    )
