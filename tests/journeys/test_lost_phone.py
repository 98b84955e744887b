"""A lost phone, from one press to the community's desk."""

from __future__ import annotations

from typing import Any

import pytest

from rewards import vouchers
from volunteer import accounts, checkin, service_days
from volunteer.checkin.passes import Revoked


@pytest.fixture
def shown(voucher: Any) -> vouchers.Shown:
    return vouchers.present(voucher)


def test_the_finder_can_open_show_and_spend_nothing(
    clock: Any,
    here: Any,
    visitor: Any,
    device: Any,
    xiaoman: accounts.User,
    azhen: accounts.User,
    lao_wang: accounts.User,
    day: service_days.ServiceDay,
    voucher: Any,
    shown: Any,
) -> None:
    """T28: log out everywhere, the old pass revoked at once, held vouchers frozen."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    shown = vouchers.present(voucher)
    old_pass = checkin.my_pass(xiaoman).code
    stolen, script, mine = visitor(xiaoman), device(xiaoman), visitor(xiaoman)
    assert "手机丢了" in mine.get("/me/sessions").words
    told = mine.post("/me/lost-phone", data={}, follow=True)
    assert "礼遇券冻结着" in told.words

    assert stolen.get("/me").status_code in (302, 303, 401)
    assert script.get("/api/v1/me").status_code == 401
    here.commit()
    with pytest.raises(Revoked):
        checkin.scan_pass(lao_wang, day.id, old_pass, "found-phone-1")
    here.undo()
    spent = device(azhen).post("/api/v1/redemptions", json={"code": shown.code, "scan": "found-2"})
    assert (spent.status_code, spent.json["code"]) == (409, "voucher.frozen")
    assert mine.post(f"/vouchers/{voucher.id}/presentation", data={}).status_code == 409
    assert checkin.scan_pass(lao_wang, day.id, checkin.my_pass(xiaoman).code, "new-phone-1").direction == "in"


def test_the_office_reports_it_and_frees_the_vouchers_of_whom_it_has_seen(
    here: Any,
    visitor: Any,
    xiaoman: accounts.User,
    office: accounts.User,
    other_office: accounts.User,
    voucher: Any,
) -> None:
    """T28: somebody without a phone comes to the desk."""
    browser = visitor(xiaoman)
    path = f"/office/people/{xiaoman.id}/lost-phone"
    assert visitor(other_office).post(path, data={}).status_code == 404
    desk = visitor(office)
    assert "冻结" in desk.post(path, data={}, follow=True).words
    assert browser.get("/me").status_code in (302, 303, 401)
    assert "解冻了" in desk.post(f"{path}/recovery", data={}, follow=True).words
    again = visitor(xiaoman)
    assert again.post(f"/vouchers/{voucher.id}/presentation", data={}).status_code in (201, 302, 303)
