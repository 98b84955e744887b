"""A manager shows a code, one device of the counter becomes a till with it, within ten minutes, once."""

import base64

import pytest
from sqlalchemy import select

from rewards import partners, vouchers
from rewards.partners import till_codes
from rewards.partners.models import Till, TillCode
from tests.rewards.partners.test_tills import alive
from tests.volunteer.devices.test_devices import Gadget
from volunteer import accounts, devices
from volunteer.db import transaction
from volunteer.errors import Refusal


@pytest.fixture
def gadget():
    return Gadget()


@pytest.fixture
def code(tea_house, boss_lin):
    return till_codes.make(tea_house, by=boss_lin)


def enrolled(code, person, gadget=None):
    return till_codes.enrol(code, by=person, name="收银台", public_key=(gadget or Gadget()).public)


def refused(code, person):
    with pytest.raises(Refusal) as found:
        enrolled(code, person)
    return found.value.code


def test_from_the_managers_screen_to_the_first_redemption(
    visitor, gadget, tea_house, boss_lin, azhen, voucher, here, db
):
    """M5: the code by hand, in small letters with a dash; the device redeems at once."""
    here.commit()
    page = visitor(boss_lin).post(f"/partners/{tea_house.id}/till-codes")
    assert page.status_code == 201 and "前有效" in page.words
    typed = next(one.text for one in page.all("p") if one.get("class") == "plaque-number")
    kept = db.session.scalars(select(TillCode)).one()
    assert typed.replace("-", "") not in (kept.code_hash, str(vars(kept)))

    tablet = visitor(azhen)
    form = tablet.get("/till")
    challenge = form.all("input", name="challenge")[0].get("value")
    sent = {
        "code": typed.lower(), "name": "收银台平板", "challenge": challenge,
        "public_key": base64.b64encode(gadget.public).decode(), "proof": gadget.sign(challenge.encode()),
    }  # fmt: skip
    answer = tablet.post("/till", sent)
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/counter")
    device = db.session.scalars(select(devices.Device)).one()
    assert (device.partner_id, device.kind, device.owner_id) == (tea_house.id, "counter", azhen.id)
    assert db.session.get(Till, device.id).let_in_by == boss_lin.id
    partners.tills.only(tea_house, True)
    shown = vouchers.present(voucher)
    here.commit()
    assert alive(tablet, gadget, device).status_code == 200
    assert tablet.post("/redemptions", {"code": shown.code, "scan": "scan-1"}).status_code == 201


def test_the_code_on_the_screen_opens_the_page_with_itself_filled_in(visitor, code, azhen, here):
    here.commit()
    page = visitor(azhen).get(f"/till/{code}")
    assert page.all("input", name="code")[0].get("value") == code
    assert visitor().get(f"/till/{code}").status_code == 302
    for lang in ("zh", "en"):
        assert visitor(azhen, lang=lang).get("/till").status_code == 200


def test_used_stale_foreign_and_forged_each_say_so(code, tea_house, boss_lin, azhen, baker, clock):
    """M5, T29."""
    assert refused("00000000", azhen) == "partner.till_code_unknown"
    assert refused(code, baker) == "partner.till_code_foreign"
    enrolled(code, azhen)
    assert refused(code, azhen) == "partner.till_code_used"
    late = till_codes.make(tea_house, by=boss_lin)
    clock.pass_(minutes=10)
    assert refused(late, azhen) == "partner.till_code_stale"


def test_a_used_code_is_said_to_be_used_also_when_it_is_old(code, azhen, clock):
    """M5: whoever looks for the reason finds the device that has it."""
    enrolled(code, azhen)
    clock.pass_(minutes=11)
    assert refused(code, azhen) == "partner.till_code_used"


def test_a_second_before_ten_minutes_are_over_it_does(code, azhen, clock):
    clock.pass_(minutes=9, seconds=59)
    assert enrolled(code, azhen).partner_id


def test_the_word_of_a_manager_who_was_let_go_is_no_word(code, tea_house, boss_lin, azhen):
    """M5: within the ten minutes."""
    partners.invite(tea_house, "李小满", "13800000061", "partner_manager")
    partners.dismiss(tea_house, boss_lin, "partner_manager")
    assert refused(code, azhen) == "partner.till_code_stale"


def test_only_the_manager_opens_a_code_and_only_where_there_is_a_counter(
    visitor, tea_house, boss_lin, azhen, xiaoman, here
):
    here.commit()
    for person in (azhen, xiaoman):
        assert visitor(person).post(f"/partners/{tea_house.id}/till-codes").status_code in (403, 404)
    partners.terminate(tea_house, "搬走了")
    with pytest.raises(Refusal) as over:
        till_codes.make(tea_house, by=boss_lin)
    assert over.value.code == "partner.state"


def test_without_the_proof_of_its_key_nothing_is_enrolled(visitor, code, gadget, azhen, here, db):
    """T29: a key of somebody else."""
    here.commit()
    tablet = visitor(azhen)
    challenge = tablet.get("/till").all("input", name="challenge")[0].get("value")
    sent = {"code": code, "name": "收银台", "challenge": challenge, "public_key": "", "proof": ""}
    assert tablet.post("/till", sent).status_code == 422
    other = {
        "public_key": base64.b64encode(gadget.public).decode(),
        "proof": Gadget().sign(challenge.encode()),
    }
    assert tablet.post("/till", sent | other).status_code == 400
    assert db.session.scalars(select(devices.Device)).all() == []
    assert enrolled(code, azhen)


def test_guessing_is_slow(visitor, azhen, here):
    """T29: ten tries in ten minutes."""
    here.commit()
    tablet = visitor(azhen)
    answers = [tablet.post("/till", {"code": f"0000000{n}", "name": "x"}).status_code for n in range(10)]
    assert 429 not in answers
    assert tablet.post("/till", {"code": "00000009", "name": "x"}).status_code == 429


def test_of_two_devices_with_one_code_one_is_enrolled(app, together, code, azhen, here, db):
    """M5: at the same instant."""
    here.commit()
    azhen_id, gadgets = azhen.id, (Gadget(), Gadget())

    def by(gadget):
        def act():
            with app.app_context(), transaction():
                return enrolled(code, db.session.get_one(accounts.User, azhen_id), gadget).key_id

        return act

    answers = together([by(one) for one in gadgets])
    assert [getattr(one, "code", None) for one in answers].count("partner.till_code_used") == 1
    assert len(db.session.scalars(select(devices.Device)).all()) == 1


def test_a_code_taken_a_moment_ago_is_not_taken_again(code, azhen, db, clock):
    """M5: whoever looked before the other one took it finds it used."""
    found = db.session.scalars(select(TillCode)).one()
    taken = db.update(TillCode).values(used_at=found.made_at).execution_options(synchronize_session=False)
    db.session.execute(taken)
    assert found.used_at is None
    assert refused(code, azhen) == "partner.till_code_used"
