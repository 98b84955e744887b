"""Read a rule set's parameters into a Tariff, and write them back: the form an office edits and the row keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.ledger.tariff import Tariff, say_tenths, tenths

#: name → the least and the most a scheme may set
RANGES: dict[str, tuple[int, int]] = {
    "points_per_hour": (1, 1000),
    "credit_block_minutes": (5, 120),
    "points_daily_minutes_cap": (0, 1440),
    "points_daily_cap": (0, 100_000),
    "points_monthly_cap": (0, 1_000_000),
    "team_monthly_points": (0, 100_000_000),
    "daily_auto_minutes": (0, 1440),
    "daily_admin_minutes": (0, 1440),
    "sessions_per_activity_day": (1, 10),
    "checkin_open": (-240, 0),
    "checkin_close": (0, 240),
    "checkout_open": (-240, 0),
    "checkout_close": (0, 720),
    "qr_period_seconds": (5, 120),
    "geofence_metres": (0, 0),  # nobody is asked where they are, so nothing else would be true
    "roster_confirm_hours": (1, 720),
    "supplement_window_days": (0, 90),
    "publicity_days": (1, 30),
    "points_ttl_months": (1, 120),
    "balance_cap_points": (1, 10_000_000),
    "annual_cap_points": (0, 10_000_000),
    "release_min_days": (0, 365),
    "redeem_min_hours": (0, 1000),
    "min_account_days": (0, 3650),
    "item_limit_per_person": (1, 1000),
    "voucher_days": (1, 730),
    "circulation_percent": (0, 50),
    "cover_warn_percent": (0, 1000),
    "cover_block_percent": (0, 1000),
    "redemptions_per_partner_day": (0, 100),
    "merchant_strikes": (1, 20),
    "merchant_strike_months": (1, 60),
    "noshow_limit": (1, 100),
    "noshow_days": (1, 730),
    "noshow_pause_days": (0, 365),
    "max_teams": (1, 100),
    "members_per_admin": (1, 10_000),
}
_TENTHS = ("coefficient_leader", "coefficient_max")
_RATIOS = ("min_ratio_for_points", "share_for_full", "supplement_points_ratio")
_LADDERS = ("star_hours", "star_min_days")


class BadTariff(Refusal):
    code = "tariff.invalid"
    status = 422
    says = _("“{key}”的值“{value}”不合适，请改一改。")


class UnknownParameter(BadTariff):
    says = _("规则里没有“{key}”这一项，请核对名称。")


class OutOfRange(BadTariff):
    says = _("“{key}”要是 {low} 到 {high} 之间的整数，现在是“{value}”。")


class NotWhole(BadTariff):
    says = _("每 {block} 分钟 {hourly} 分/小时、系数 {coefficient} 算不出整数积分，请调整其中一个。")


class Disagree(BadTariff):
    says = _("“{key}”和“{other}”互相矛盾，请改成一致。")


def read(params: Mapping[str, Any], version: int = 1) -> Tariff:
    """The defaults with these changes; every one of them checked, alone and together."""
    tariff = Tariff(version=version, **{key: _value(key, value) for key, value in params.items()})
    _look_at_the_whole(tariff)
    return tariff


def write(tariff: Tariff) -> dict[str, Any]:
    """Every parameter as JSON carries it, the way `read` takes it."""
    return {field.name: _plain(field.name, getattr(tariff, field.name)) for field in fields(tariff)[1:]}


def _value(key: str, value: Any) -> Any:
    try:
        if key in RANGES:
            return _whole(key, value)
        if key in _TENTHS:
            return _tenths(value)
        if key in _RATIOS:
            return _ratio(value)
        if key == "coefficients":
            return tuple(sorted({_tenths(level) for level in value}))
        if key in _LADDERS:
            return _ladder(value)
        if key == "grade_points_ratio" and set(value) == {"A", "B", "C"}:
            return {grade: _ratio(ratio) for grade, ratio in sorted(value.items())}
    except (ArithmeticError, TypeError, ValueError):
        raise BadTariff(key=key, value=str(value)[:40]) from None
    if key == "grade_points_ratio":
        raise BadTariff(key=key, value=str(value)[:40])
    raise UnknownParameter(key=key[:40])


def _whole(key: str, value: Any) -> int:
    low, high = RANGES[key]
    number = Decimal(str(value))
    if isinstance(value, bool) or not low <= number <= high or number != int(number):
        raise OutOfRange(key=key, value=str(value)[:40], low=low, high=high)
    return int(number)


def _tenths(value: Any) -> int:
    number = tenths(value)
    if not 1 <= number <= 50:
        raise ValueError(value)
    return number


def _ratio(value: Any) -> Decimal:
    number = Decimal(str(value))
    if not 0 <= number <= 1:
        raise ValueError(value)
    return number


def _ladder(value: Any) -> tuple[int, ...]:
    steps = tuple(int(step) for step in value)
    if len(steps) != 5 or list(steps) != sorted(steps) or steps[0] < 1 or steps[-1] > 100_000:
        raise ValueError(value)
    return steps


def _look_at_the_whole(tariff: Tariff) -> None:
    if not tariff.coefficients:
        raise BadTariff(key="coefficients", value="[]")
    for level in tariff.coefficients:
        for leader in (False, True):
            total = tariff.coefficient(level, leader)
            if tariff.points_per_hour * tariff.credit_block_minutes * total % 600:
                raise NotWhole(
                    block=tariff.credit_block_minutes,
                    hourly=tariff.points_per_hour,
                    coefficient=say_tenths(total),
                )
    if tariff.points_per_hour * tariff.credit_block_minutes % 60:
        raise NotWhole(block=tariff.credit_block_minutes, hourly=tariff.points_per_hour, coefficient="1.0")
    if tariff.coefficients[-1] > tariff.coefficient_max:
        raise Disagree(key="coefficients", other="coefficient_max")
    if tariff.daily_auto_minutes > tariff.daily_admin_minutes:
        raise Disagree(key="daily_auto_minutes", other="daily_admin_minutes")
    if tariff.cover_block_percent > tariff.cover_warn_percent:
        raise Disagree(key="cover_block_percent", other="cover_warn_percent")
    if tariff.grade_points_ratio["C"] != tariff.supplement_points_ratio:
        raise Disagree(key="grade_points_ratio", other="supplement_points_ratio")


def _plain(key: str, value: Any) -> Any:
    if key in _TENTHS:
        return say_tenths(value)
    if key == "coefficients":
        return [say_tenths(level) for level in value]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Mapping):
        return {grade: _plain("", ratio) for grade, ratio in value.items()}
    return list(value) if isinstance(value, tuple) else value
