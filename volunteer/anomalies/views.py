"""The list of anomalies: what looks unusual, answered by the office and looked over by the auditor."""

from __future__ import annotations

from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, dashboards, render
from volunteer.anomalies import answers, queries
from volunteer.anomalies.models import Anomaly
from volunteer.anomalies.watch import KINDS
from volunteer.i18n import Sentence, _
from volunteer.web import Pages

pages = Pages("anomalies", __name__)

render.navigate("watch", _("异常清单"), "anomalies.index", "anomaly.read", icon="eye", order=30)

STATES = {
    "open": (_("等人看"), "caution"),
    "explained": (_("说得清楚"), "good"),
    "wrong": (_("确实不对"), "accent"),
}


@pages.get("/office/anomalies", allow="anomaly.read")
def index() -> str:
    """What nobody has looked at yet, or what came of the rest; one kind alone by `?kind=`."""
    state = "answered" if request.args.get("state") == "answered" else "open"
    kind = request.args.get("kind", "")
    lines, following = queries.listed(state, kind)
    counts = queries.counts() if state == "open" else {}
    return render_template(
        "volunteer/anomalies/index.html",
        lines=lines,
        following=following,
        state=state,
        kind=kind if kind in KINDS else "",
        kinds=KINDS,
        choices=[
            ("", _("全部")),
            *((key, _counted(word, counts.get(key, 0))) for key, word in KINDS.items()),
        ],
        states=STATES,
        outcomes=answers.OUTCOMES,
    )


def _counted(word: Sentence, count: int) -> str:
    return f"{word} · {count}" if count else str(word)


@pages.post("/office/anomalies/<int:anomaly_id>/answer", allow="anomaly.answer")
def answer(anomaly_id: int) -> ResponseReturnValue:
    """Say what a sign comes to."""
    anomaly = access.find(Anomaly, anomaly_id, right="anomaly.answer")
    outcome = request.form.get("outcome", "")
    paid = answers.answer(anomaly, outcome, request.form.get("reason", ""), by=current_user)
    said = (
        _("记下了，{count} 条等着的时长和积分已经记上。", count=paid)
        if paid
        else _("记下了。")
        if outcome == "explained"
        else _("记下了。请打开名单，把没有到场的人撤销。")
    )
    flash(str(said), "good")
    return redirect(url_for("anomalies.index"), 303)


@pages.post("/office/anomalies/<int:anomaly_id>/second-look", allow="anomaly.review")
def reopen(anomaly_id: int) -> ResponseReturnValue:
    """Have somebody else look again."""
    anomaly = access.find(Anomaly, anomaly_id, right="anomaly.review")
    answers.reopen(anomaly, request.form.get("reason", ""), by=current_user)
    flash(str(_("交回社区，由另一个人再看一次。")), "good")
    return redirect(url_for("anomalies.index"), 303)


@dashboards.inbox("anomalies", right="anomaly.answer", when=queries.waits)
def open_items() -> Iterator[dashboards.Item]:
    """Anomalies nobody has looked at."""
    for row in queries.waiting():
        yield dashboards.Item(
            kind=_("异常"),
            title=row.team,
            since=row.Anomaly.found_at,
            url=url_for("anomalies.index"),
            note=KINDS[row.Anomaly.kind],
        )
