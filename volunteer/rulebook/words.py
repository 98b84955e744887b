"""What each number of the rules is called, in the order in which people read them."""

from __future__ import annotations

from volunteer.i18n import Sentence, _

#: group → parameter → (what it is called, what it means where that is not plain)
GROUPS: dict[Sentence, dict[str, tuple[Sentence, Sentence | None]]] = {
    _("积分怎么算"): {
        "points_per_hour": (_("一小时多少分"), None),
        "credit_block_minutes": (_("满多少分钟算一次"), _("不满的记时长，不计积分。")),
        "coefficients": (_("难度系数"), _("几档就写几个，用空格隔开，例如 1.0 1.2 1.4。")),
        "coefficient_leader": (_("带队的人加多少系数"), None),
        "coefficient_max": (_("系数最高到多少"), None),
        "min_ratio_for_points": (_("做满计划时长的多少才计积分"), _("0.6 就是六成；不够的只记时长。")),
        "share_for_full": (_("行走打卡点走到多少算全程"), None),
        "supplement_points_ratio": (_("补录的按几成计积分"), _("0 就是补录只记时长，不计积分。")),
    },
    _("上限"): {
        "points_daily_minutes_cap": (_("一天最多按多少分钟计积分"), None),
        "annual_cap_points": (_("一年的服务最多攒多少分"), _("多出来的只能捐出去。0 是不限。")),
        "balance_cap_points": (_("手里最多留多少分"), _("多出来的只能捐出去。")),
        "points_daily_cap": (_("一天超过多少分先看一看"), _("等社区确认才发。0 是不看。")),
        "points_monthly_cap": (_("一个月超过多少分先看一看"), _("0 是不看。")),
        "team_monthly_points": (_("一支队伍一个月超过多少分先看一看"), _("0 是不看。")),
    },
    _("到期和兑换"): {
        "points_ttl_months": (_("积分管几个月"), _("从服务当月月底算起。")),
        "release_min_days": (_("退回来的积分至少再留几天"), None),
        "redeem_min_hours": (_("服务满几小时才能兑换"), None),
        "min_account_days": (_("注册满几天才能兑换"), None),
        "item_limit_per_person": (_("同一份礼遇每人最多几份"), _("发布礼遇时的默认数。")),
        "voucher_days": (_("券管几天"), None),
        "redemptions_per_partner_day": (_("一天在同一家最多用几张券"), _("填 0 就是不限。")),
    },
    _("时长怎么认"): {
        "daily_auto_minutes": (_("一天多少分钟以内自动确认"), None),
        "daily_admin_minutes": (_("一天多少分钟以内由社区确认"), _("再长的由街道确认。")),
        "sessions_per_activity_day": (_("一场活动一天最多进出几次"), None),
        "checkin_open": (_("开始前多少分钟可以签到"), _("写负数，例如 -30。")),
        "checkin_close": (_("开始后多少分钟停止签到"), None),
        "checkout_open": (_("结束前多少分钟可以签退"), _("写负数，例如 -15。")),
        "checkout_close": (_("结束后多少分钟停止签退"), None),
        "qr_period_seconds": (_("大屏的码几秒一换"), None),
        "geofence_metres": (_("离现场多少米以内才能签到"), _("签到都不用定位，只能是 0。")),
        "roster_confirm_hours": (_("名单要在几小时内确认"), None),
        "supplement_window_days": (_("补录要在几天内提出"), None),
        "publicity_days": (_("补录公示几天"), None),
    },
    _("报名和队伍"): {
        "noshow_limit": (_("几次没来就先候补"), None),
        "noshow_days": (_("在多少天里数"), None),
        "noshow_pause_days": (_("先候补多少天"), None),
        "max_teams": (_("一个人最多进几支队伍"), None),
        "members_per_admin": (_("多少名队员配一位队长"), _("不够的在队员页上提醒，最多五位。")),
    },
    _("商家和星级"): {
        "circulation_percent": (_("账单最多转赠给商家自己的志愿者百分之几"), None),
        "cover_warn_percent": (_("覆盖率低于百分之几提醒"), _("架上的礼遇能接住多少还没用的积分。")),
        "cover_block_percent": (_("覆盖率低于百分之几不开加倍活动"), _("0 是不管。")),
        "merchant_strikes": (_("投诉成立几次终止合作"), None),
        "merchant_strike_months": (_("在多少个月里数"), None),
        "star_hours": (_("一到五星各要多少小时"), _("五个数，从小到大，用空格隔开。")),
        "star_min_days": (_("一到五星各要满多少天"), _("五个数，从小到大，用空格隔开。")),
    },
}

LABELS: dict[str, Sentence] = {key: said[0] for group in GROUPS.values() for key, said in group.items()}

STATES: dict[str, tuple[Sentence, str]] = {
    "draft": (_("草稿"), "plain"),
    "proposed": (_("等另一位同意"), "caution"),
    "adopted": (_("已定"), "good"),
    "dropped": (_("不用了"), "done"),
}
