"""A complaint about what happened to one voucher: from its page, tied to it, seen whole by the office alone."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from rewards import partners, vouchers
from rewards.partners.models import Complaint
from tests.volunteer.devices.test_devices import Gadget
from volunteer import devices
from volunteer.errors import Refusal


@pytest.fixture
def used(voucher, azhen):
    vouchers.redeem(vouchers.present(voucher).code, "scan-1", azhen)
    return voucher


def refused(*args, **more):
    with pytest.raises(Refusal) as found:
        partners.complaints.file(*args, **more)
    return found.value.code


def test_from_the_vouchers_page_to_the_office_that_sees_what_when_and_at_which_till(
    voucher, azhen, xiaoman, boss_lin, office, tea_house, visitor, here, db
):
    """M8: the whole way; the partner is not told which voucher it was."""
    (place,) = devices.places(azhen)
    till = devices.enrol(azhen, place, name="收银台平板", public_key=Gadget().public)
    vouchers.redeem(vouchers.present(voucher).code, "scan-1", azhen, device=till.id)
    here.commit()
    holder = visitor(xiaoman)
    link = f"/partners/{tea_house.id}/complaint?voucher={voucher.id}"
    assert link in holder.get(f"/vouchers/{voucher.id}").text
    assert "凉茶一壶" in holder.get(link).words
    said = holder.post(
        f"/partners/{tea_house.id}/complaint",
        {"category": "charged", "words": "另外收了两块", "voucher": str(voucher.id)},
        follow=True,
    )
    assert "社区正在办" in said.words
    one = db.session.scalars(select(Complaint)).one()
    assert one.voucher_id == voucher.id
    desk = visitor(office).get(f"/partner-complaints/{one.id}").words
    for fact in ("凉茶一壶", "已兑换", "3月7日", "09:00", "收银台平板", "陈*珍", "30 分"):
        assert fact in desk, fact
    shop = visitor(boss_lin).get(f"/partner-complaints/{one.id}").words
    assert "另外收了两块" in shop and "凉茶一壶" not in shop and "收银台平板" not in shop
    assert visitor(office, lang="en").get(f"/partner-complaints/{one.id}").status_code == 200
    assert visitor(xiaoman, lang="en").get(link).status_code == 200


def test_given_back_at_the_counter_the_office_reads_the_counters_reason(
    voucher, azhen, xiaoman, office, tea_house, visitor, here
):
    """M8: a refused one, too."""
    vouchers.refuse(vouchers.present(voucher).code, "scan-1", "卖完了", azhen)
    one = partners.complaints.file(tea_house, "refused", "明明有", by=xiaoman, voucher_id=voucher.id)
    here.commit()
    desk = visitor(office).get(f"/partner-complaints/{one.id}").words
    assert "没有办成" in desk and "卖完了" in desk


def test_somebody_elses_voucher_another_shops_and_one_that_never_was_are_refused_alike(
    used, xiaoman, daming, tea_house, bakery, visitor, here, db
):
    """M8: nobody learns which vouchers there are."""
    codes = {
        refused(tea_house, "other", "不好", by=daming, voucher_id=used.id),
        refused(bakery, "other", "不好", by=xiaoman, voucher_id=used.id),
        refused(tea_house, "other", "不好", by=xiaoman, voucher_id=987654),
        refused(tea_house, "other", "不好", voucher_id=used.id),
    }
    assert codes == {"partner.complaint_voucher"}
    here.commit()
    stranger = visitor(daming)
    for sent in (used.id, 987654):
        assert stranger.get(f"/partners/{tea_house.id}/complaint?voucher={sent}").status_code == 403
        answer = stranger.post(
            f"/partners/{tea_house.id}/complaint",
            {"category": "other", "words": "不好", "voucher": str(sent)},
        )
        assert answer.status_code == 403
    assert db.session.scalars(select(Complaint)).all() == []


def test_a_voucher_that_was_not_at_the_counter_yet_has_nothing_to_complain_of(voucher, xiaoman, tea_house):
    assert refused(tea_house, "other", "不好", by=xiaoman, voucher_id=voucher.id) == (
        "partner.complaint_voucher_open"
    )


def test_one_open_complaint_a_voucher_beside_one_about_the_shop(used, xiaoman, tea_house, office):
    """M8: the same words are the same, others wait, and what is answered makes room."""
    first = partners.complaints.file(tea_house, "charged", "收了两块", by=xiaoman, voucher_id=used.id)
    again = partners.complaints.file(tea_house, "charged", "收了两块", by=xiaoman, voucher_id=used.id)
    assert again.id == first.id
    assert refused(tea_house, "manner", "还骂人", by=xiaoman, voucher_id=used.id) == "partner.complaint_waits"
    assert partners.complaints.file(tea_house, "manner", "还骂人", by=xiaoman).voucher_id is None
    partners.complaints.decide(first, "dismissed", "查过了", by=office)
    assert (
        partners.complaints.file(tea_house, "manner", "又骂", by=xiaoman, voucher_id=used.id).id != first.id
    )


@pytest.mark.parametrize("filed", [True, False], ids=["twice", "by_nobody"])
def test_the_database_holds_one_open_complaint_a_voucher_and_none_by_nobody(
    used, xiaoman, tea_house, db, filed
):
    one = partners.complaints.file(tea_house, "charged", "收了两块", by=xiaoman, voucher_id=used.id)
    if not filed:
        one.voucher_id = None
        db.session.flush()
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.add(
            Complaint(
                partner_id=one.partner_id, area_path=one.area_path, category="other", words="x", voucher_id=used.id,
                filed_by=one.filed_by if filed else None, filed_at=one.filed_at, due_on=one.due_on, state="open",
            )
        )  # fmt: skip
        db.session.flush()
