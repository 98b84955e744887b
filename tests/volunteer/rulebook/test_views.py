"""The rules as everybody reads them, and the pages on which an office changes them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.cast import with_factor
from volunteer import accounts, ledger
from volunteer.ledger import params, rules
from volunteer.ledger.tariff import Tariff
from volunteer.rulebook.forms import LISTS, differences
from volunteer.rulebook.words import GROUPS, LABELS


@pytest.fixture
def chief(bantian: Any) -> accounts.User:
    """Another administrator of the street."""
    person = accounts.register(name="周主任", phone="13900000091", home=bantian)
    accounts.appoint(person, "street_admin", area=bantian)
    return with_factor(person)


def sent(**changes: Any) -> dict[str, Any]:
    """The form as a browser sends it: every number of version 1, but for some."""
    plain = params.write(Tariff())
    plain |= {key: " ".join(map(str, plain[key])) for key in LISTS}
    typed = {key: plain[key] for key in LABELS}
    return typed | {"effective_on": "2026-05-01", "note": "一小时二十分"} | changes


def test_every_number_of_the_rules_has_a_name_and_a_place() -> None:
    """A3: "every parameter"; what each grade is worth follows from the share of supplements."""
    named = [key for keys in GROUPS.values() for key in keys]
    assert sorted(named) == sorted(set(params.write(Tariff())) - {"grade_points_ratio"})
    assert len(named) == len(set(named))


def test_from_draft_to_agreement_by_two_people(
    visitor: Any, chief: accounts.User, street_office: accounts.User, auditor: accounts.User, clock: Any, here: Any
) -> None:  # fmt: skip
    """A3: the journey of a rule: drafted, changed, tried, proposed by one; agreed to by another."""
    clock.move("2026-03-20 10:00")
    desk = visitor(chief)
    page = desk.post("/office/rules", {}, follow=True)
    assert "还没有改动" in page.words
    at = page.request.path
    saved = desk.post(at, sent(points_per_hour="20"), follow=True)
    assert "存好了" in saved.words and "一小时多少分" in saved.words
    assert desk.post(f"{at}/proposal", {}).status_code == 409
    tried = desk.post(f"{at}/trial", {}, follow=True)
    assert "新规则一共" in tried.words
    assert "等另一位同意" in desk.post(f"{at}/proposal", {}, follow=True).words
    assert desk.post(f"{at}/adoption", {}).status_code == 403
    second = visitor(auditor)
    assert "积分规则" in second.get("/office/inbox").words
    assert "定下来了" in second.post(f"{at}/adoption", {}, follow=True).words
    here.commit()
    assert ledger.tariff(date(2026, 5, 1), chief.area_path).points_per_hour == 20
    read = visitor().get("/rules").words
    assert "第 2 版" in read and "一小时多少分：10 改成 20" in read
    clock.move("2026-05-01 08:00")
    assert "服务一小时 20 分" in visitor().get("/rules").words


def test_numbers_that_make_no_sense_are_shown_beside_their_field(
    visitor: Any, chief: accounts.User, clock: Any
) -> None:
    """A3: alone and together; what was typed stays."""
    clock.move("2026-03-20 10:00")
    desk = visitor(chief)
    at = desk.post("/office/rules", {}, follow=True).request.path
    for wrong, said in (
        ({"points_per_hour": "7"}, "算不出整数积分"),
        ({"voucher_days": "0"}, "请填 1 到 730 之间的整数"),
        ({"star_hours": "100 300 200 400 500"}, "不合适"),
        ({"coefficients": "一点二"}, "不合适"),
        ({"daily_auto_minutes": "800"}, "互相矛盾"),
        ({"effective_on": "2026-03-20"}, "规则最早从"),
        ({"note": ""}, "这一项要填"),
        ({"min_ratio_for_points": "1.2"}, "请填 0 到 1 之间的数"),
    ):
        answer = desk.post(at, sent(**wrong))
        assert answer.status_code == 422 and said in answer.words, wrong
    assert "还没有改动" in desk.get(at).words


def test_a_community_and_a_volunteer_read_the_rules_and_change_nothing(
    visitor: Any, chief: accounts.User, office: accounts.User, xiaoman: accounts.User, clock: Any
) -> None:
    """A3: what everybody may read is one page; a draft is the street's."""
    clock.move("2026-03-20 10:00")
    at = visitor(chief).post("/office/rules", {}, follow=True).request.path
    for person in (office, xiaoman):
        for path in ("/office/rules", at):
            assert visitor(person).get(path).status_code in (403, 404)
        assert visitor(person).post(f"{at}/trial", {}).status_code in (403, 404)
        assert visitor(person).get("/rules").status_code == 200


def test_what_a_draft_does_not_touch_stays_as_it_was(
    visitor: Any, chief: accounts.User, clock: Any, here: Any
) -> None:
    """A3: the form carries over what other versions said, and a rule set keeps only what differs."""
    clock.move("2026-03-20 10:00")
    rules.publish({"voucher_days": 60}, date(2026, 4, 1), "券管六十天")
    here.commit()
    desk = visitor(chief)
    at = desk.post("/office/rules", {}, follow=True).request.path
    page = desk.get(at)
    assert 'value="60"' in page.text
    desk.post(at, sent(voucher_days="60", points_per_hour="20"))
    assert differences(Tariff(), Tariff.from_params({"points_per_hour": 20})) == [
        ("points_per_hour", "10", "20")
    ]
    changes = desk.get(at).words
    assert "一小时多少分" in changes and changes.count("券管几天") == 1  # in the form, not among the changes


def test_a_draft_is_put_away_and_one_sent_back_says_why(
    visitor: Any, chief: accounts.User, street_office: accounts.User, clock: Any
) -> None:
    clock.move("2026-03-20 10:00")
    desk, other = visitor(chief), visitor(street_office)
    at = desk.post("/office/rules", {}, follow=True).request.path
    desk.post(at, sent(points_per_hour="20"))
    desk.post(f"{at}/trial", {})
    desk.post(f"{at}/proposal", {})
    other.post(f"{at}/return", {"reason": "券也要一起改"})
    assert "券也要一起改" in desk.get(at).words
    assert "不用了" in desk.post(f"{at}/removal", {}, follow=True).words
