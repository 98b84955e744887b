"""What the cover has to say about a plan: a warning below one mark, and below the other nothing new that pays more."""

from __future__ import annotations

from rewards.cover.figures import standing
from volunteer import clock, ledger
from volunteer.activities import Plan, Verdict, budget_look
from volunteer.i18n import _


@budget_look
def look(plan: Plan) -> Verdict | None:
    """Say whether the rewards can take what a plan promises; nothing while there is enough."""
    numbers, now = ledger.tariff(clock.today(), plan.area_path), standing(plan.area_path)
    if now is None or now.percent is None:
        return None
    most = plan.most(numbers)
    then = now.after(most)
    if plan.dearer and now.percent < numbers.cover_block_percent:
        return Verdict(
            _(
                "大家手里有 {outstanding|number} 分，架上的礼遇只接得住 {percent}%。补足 {missing|number} 分的礼遇以前，先不开系数高的活动。",
                outstanding=now.outstanding,
                percent=now.percent,
                missing=now.missing(numbers.cover_block_percent),
            ),
            refuses=True,
        )
    assert then.percent is not None
    if then.percent >= numbers.cover_warn_percent:
        return None
    if not most:
        return Verdict(
            _(
                "架上的礼遇接得住 {percent}% 的积分，低于 {warn}%。多发积分以前，请商家先补货。",
                percent=now.percent,
                warn=numbers.cover_warn_percent,
            )
        )
    return Verdict(
        _(
            "这次最多发 {most|number} 分。架上的礼遇现在接得住 {percent}% 的积分，发完约 {then}%，低于 {warn}%，请商家先补货。",
            most=most,
            percent=now.percent,
            then=then.percent,
            warn=numbers.cover_warn_percent,
        )
    )
