"""What is volunteer service and what is not, in the words that teams really type."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.volunteer.activities.wordings import BAD, GOOD
from volunteer.activities.eligibility import Draft, Ineligible, errors, look, require
from volunteer.clock import ZONE

NOW = datetime(2026, 3, 7, 9, 0, tzinfo=ZONE)
STARTS = datetime(2026, 3, 15, 9, 0, tzinfo=ZONE)

HAIRCUTS = Draft(
    title="便民义剪",
    category="warm",
    content="为社区老人和行动不便的居民免费理发，志愿者分理发、登记、清扫三个岗位。",
    place_name="南坑社区党群服务中心",
    place_address="坂田街道五和大道 118 号一楼大厅",
    risk="使用剪刀和推子，注意别伤到手；久站请轮换休息。",
    guarantees="提供饮水、马甲和一次性围布，统一购买志愿者意外险。",
    now=NOW,
    starts_at=STARTS,
    ends_at=STARTS + timedelta(hours=2, minutes=30),
    places=20,
)


def refused(draft):
    return {finding.code for finding in look(draft) if finding.severity == "refuse"}


@pytest.mark.parametrize(("title", "content"), GOOD, ids=[title for title, _content in GOOD])
def test_a_good_activity_is_not_held_up(title, content):
    assert refused(replace(HAIRCUTS, title=title, content=content)) == set()


@pytest.mark.parametrize(("title", "content", "kind"), BAD, ids=[title for title, _content, _kind in BAD])
def test_what_is_not_service_is_named_with_its_reason(title, content, kind):
    found = [
        finding
        for finding in look(replace(HAIRCUTS, title=title, content=content))
        if finding.severity == "refuse"
    ]
    assert f"eligibility.{kind}" in {finding.code for finding in found}
    for finding in found:
        assert finding.says.within("zh").endswith("。")
        assert finding.says.within("en") != finding.says.within("zh")


def test_the_words_of_an_activity_that_is_fine_raise_nothing_at_all():
    assert look(HAIRCUTS) == []
    assert require(HAIRCUTS) == []


def test_a_meeting_after_the_service_is_only_mentioned():
    draft = replace(HAIRCUTS, content="为老人免费理发，结束后队员参加总结会。")
    (finding,) = look(draft)
    assert (finding.field, finding.code, finding.severity) == ("content", "eligibility.meeting", "warn")
    assert errors([finding]) == {}


def test_the_word_service_in_the_title_does_not_buy_a_meeting_in():
    assert "eligibility.meeting" in refused(replace(HAIRCUTS, title="参加街道会议志愿服务"))


def test_a_fee_hidden_among_the_guarantees_is_found():
    (finding,) = look(replace(HAIRCUTS, guarantees="提供饮水；每人收 10 元材料费。"))
    assert (finding.field, finding.code) == ("guarantees", "eligibility.fee")


def test_late_hours_do_not_come_in_by_the_title():
    assert refused(replace(HAIRCUTS, title="三月义剪补录")) == {"eligibility.supplement"}


# ── when ──


@pytest.mark.parametrize(("seconds", "fine"), [(-60, False), (0, False), (60, True)])
def test_only_what_has_not_begun_can_be_published(seconds, fine):
    starts = NOW + timedelta(seconds=seconds)
    draft = replace(HAIRCUTS, starts_at=starts, ends_at=starts + timedelta(hours=2))
    assert ("eligibility.future" not in refused(draft)) is fine


def test_times_are_to_the_minute():
    draft = replace(
        HAIRCUTS,
        starts_at=STARTS + timedelta(seconds=30),
        ends_at=STARTS + timedelta(hours=1, microseconds=5),
    )
    assert [finding.field for finding in look(draft)] == ["starts_at", "ends_at"]
    assert refused(draft) == {"eligibility.minute"}


def test_the_end_is_after_the_start_and_within_a_year():
    def ending(at):
        return refused(replace(HAIRCUTS, ends_at=at))

    assert ending(STARTS) == {"eligibility.order"}
    assert ending(STARTS + timedelta(minutes=1)) == set()
    assert ending(STARTS.replace(year=2027)) == set()
    assert ending(STARTS.replace(year=2027) + timedelta(minutes=1)) == {"eligibility.too_long"}


def test_a_long_day_is_mentioned_and_not_refused():
    assert look(replace(HAIRCUTS, ends_at=STARTS + timedelta(hours=8))) == []
    (finding,) = look(replace(HAIRCUTS, ends_at=STARTS + timedelta(hours=8, minutes=1)))
    assert (finding.code, finding.severity) == ("eligibility.long_day", "warn")


def test_what_is_not_known_yet_is_not_looked_at():
    assert look(replace(HAIRCUTS, starts_at=None, ends_at=None, places=None)) == []


# ── where ──


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("南坑社区党群服务中心", "坂田街道五和大道 118 号"),
        ("党群服务中心", "坂田街道南坑社区"),
        ("四季花城广场", "广东省深圳市龙岗区坂田街道四季花城牡丹苑 3 栋架空层"),
        ("门口", "深圳市龙岗区坂田街道吉华路 393 号"),
        ("富民公园", "龙岗区坪地街道湖田路富民公园南门"),
        ("杨美地铁站", "5 号线杨美地铁站 A 出口"),
        ("万科城", "万科城四期社区公园"),
        ("社区医院", "平湖街道上木古社区新河路 2 号"),
        ("海洋社区", "海珠区新港西路 135 号"),
        ("南坑小学", "南坑小学正门口"),
        ("暖蜂驿站", "坂田街道布龙路与坂雪岗大道交叉口"),
    ],
)
def test_a_place_one_can_find_is_accepted(name, address):
    assert refused(replace(HAIRCUTS, place_name=name, place_address=address)) == set()


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("南坑社区", "坂田街道"),
        ("党群服务中心", "坂田街道"),
        ("党群服务中心", "广东省深圳市龙岗区"),
        ("南坑社区", "广东省深圳市龙岗区坂田街道南坑社区"),
        ("各小区", "坂田街道各小区"),
        ("待定", "另行通知"),
        ("线上", "线上"),
        ("社区内", "南坑社区内"),
        ("附近", "南坑社区附近"),
        ("党群服务中心", ""),
        ("党群服务中心", "  "),
        ("6 网格", "南坑社区 6 网格"),
    ],
)
def test_a_district_is_not_an_address(name, address):
    assert refused(replace(HAIRCUTS, place_name=name, place_address=address)) == {"eligibility.address"}


# ── safe, insured, planned ──


def test_risks_and_guarantees_are_always_said():
    assert refused(replace(HAIRCUTS, risk=" ", guarantees="")) == {
        "eligibility.risk",
        "eligibility.guarantees",
    }
    (finding,) = look(replace(HAIRCUTS, risk="无。"))
    assert (finding.code, finding.severity) == ("eligibility.risk_vague", "warn")


def test_danger_needs_a_policy():
    risky = replace(HAIRCUTS, risk_level="high")
    assert refused(risky) == refused(replace(risky, insurance="  ")) == {"eligibility.insurance"}
    assert look(replace(risky, insurance="PICC-2026-000381")) == []


def test_danger_in_the_words_is_pointed_out():
    (finding,) = look(replace(HAIRCUTS, content="清理屋顶，需要高空作业。"))
    assert (finding.field, finding.severity) == ("risk_level", "warn")
    assert (
        look(replace(HAIRCUTS, content="清理屋顶，需要高空作业。", risk_level="high", insurance="PICC-1"))
        == []
    )


@pytest.mark.parametrize(
    ("places", "codes"), [(49, set()), (50, {"eligibility.plan"}), (51, {"eligibility.plan"})]
)
def test_fifty_places_need_a_plan(places, codes):
    assert refused(replace(HAIRCUTS, places=places)) == codes
    assert refused(replace(HAIRCUTS, places=places, plan="分工、路线、急救点……")) == set()


@pytest.mark.parametrize(("days", "codes"), [(4, {"eligibility.plan_ahead"}), (5, set())])
def test_fifty_places_are_published_five_days_ahead(days, codes):
    starts = NOW.replace(hour=8) + timedelta(days=days)
    many = replace(HAIRCUTS, starts_at=starts, ends_at=starts + timedelta(hours=2), places=60, plan="方案")
    assert refused(many) == codes
    assert refused(replace(many, places=49)) == set()


def test_a_refusal_carries_every_reason_by_its_field():
    with pytest.raises(Ineligible) as no:
        require(replace(HAIRCUTS, title="年终聚餐补录", content="大家一起吃个饭。", risk=""))
    assert no.value.status == 422
    assert set(no.value.facts["errors"]) == {"title", "risk"}
    assert len(no.value.facts["errors"]["title"]) == 2
    assert no.value.detail.startswith("这个活动还不能发布。聚餐")
