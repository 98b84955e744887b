"""For whom an offer is: those who live in an area, those who have so many stars. What is missing is said."""

from __future__ import annotations

from rewards.offers.hindrances import hindrance
from rewards.offers.models import Offer
from volunteer import accounts, community, hours
from volunteer.errors import Refusal
from volunteer.i18n import _


class NotYourArea(Refusal):
    code = "offer.area"
    status = 403
    says = _("这份礼遇是给{area}的居民准备的，你登记的不在那里。")
    who = _("搬了家的话，请社区帮你改一下登记的住处。")
    action = (_("看别的礼遇"), "offers.index")


class TooFewStars(Refusal):
    code = "offer.stars"
    status = 403
    says = _("这份礼遇给 {needed} 星以上的志愿者，你现在是 {have} 星。再服务 {missing_hours} 小时就到了。")
    action = (_("看看服务日"), "service_days.calendar")


class TooEarlyForStars(TooFewStars):
    says = _(
        "这份礼遇给 {needed} 星以上的志愿者，你现在是 {have} 星。时长够了，注册满 {needed_days} 天就到了。"
    )
    action = (_("看别的礼遇"), "offers.index")


def area_at(path: str | None) -> community.Area | None:
    """Return the area a path names, None where there is no such area."""
    last = (path or "").strip("/").split("/")[-1]
    if not last.isdigit():
        return None
    try:
        area = community.get(int(last))
    except community.NoSuchArea:
        return None
    return area if area.path == path else None


@hindrance
def lives_elsewhere(volunteer: accounts.User, offer: Offer) -> Refusal | None:
    if offer.for_area_path is None or volunteer.area_path.startswith(offer.for_area_path):
        return None
    area = area_at(offer.for_area_path)
    return NotYourArea(area=area.name if area else "")


@hindrance
def too_few_stars(volunteer: accounts.User, offer: Offer) -> Refusal | None:
    if not offer.least_star:
        return None
    standing = hours.star_standing(volunteer)
    if standing.stars >= offer.least_star:
        return None
    missing = standing.missing_minutes(offer.least_star)
    facts = {"needed": offer.least_star, "have": standing.stars}
    if missing:
        return TooFewStars(**facts, missing_hours=-(-missing // 60))
    return TooEarlyForStars(**facts, needed_days=standing.needed_days(offer.least_star))
