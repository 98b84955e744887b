"""Photos of offers: sent by the shop, redrawn, looked at by somebody else of the office, and only then seen."""

import io
import threading
import time

import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from rewards import offers
from rewards.offers import pictures
from rewards.offers.models import OfferPicture
from volunteer import accounts, photos
from volunteer.db import transaction
from volunteer.errors import NotFound, Refusal


def photo(colour="green", size=(1600, 1200), form="JPEG", **more):
    held = io.BytesIO()
    Image.new("RGB", size, colour).save(held, form, **more)
    return held.getvalue()


@pytest.fixture
def waiting(tea, boss_lin):
    return pictures.send(tea, photo(), by=boss_lin)


def refused(act):
    with pytest.raises(Refusal) as found:
        act()
    return found.value.code


def test_the_whole_way_by_hand(visitor, tea, boss_lin, office, xiaoman, here, db):
    """M3: sent, in the office's inbox, approved, on the card and the offer's page, for good in a cache."""
    here.commit()
    shop, desk, reader = visitor(boss_lin), visitor(office), visitor(xiaoman)
    page = f"/office/offers/{tea.id}"
    answer = shop.post(
        f"{page}/picture",
        data={"photo": (io.BytesIO(photo()), "tea.jpg")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303 and "等社区看" in shop.get(page).words
    one = db.session.scalars(db.select(OfferPicture)).one()
    address = f"/offer-pictures/{one.digest}.jpg"
    assert reader.get(address).status_code == 404
    assert not reader.get(f"/offers/{tea.id}").all("img", src=address)
    assert "凉茶一壶" in desk.get("/office/inbox").words
    queue = desk.get("/office/offer-pictures")
    assert "便民茶屋" in queue.words
    assert desk.get(f"/office/offer-pictures/{one.id}").mimetype == "image/jpeg"
    desk.post(f"/office/offer-pictures/{one.id}/approval")
    assert "没有等着看的图" in desk.get("/office/offer-pictures").words
    for where in ("/offers", f"/offers/{tea.id}"):
        (image,) = reader.get(where).all("img", src=address)
        assert image.get("alt") == "凉茶一壶"
    shown = visitor().get(address)
    assert shown.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (shown.mimetype, Image.open(io.BytesIO(shown.data)).size) == ("image/jpeg", (960, 720))
    for lang in ("zh", "en"):
        assert visitor(office, lang=lang).get("/office/offer-pictures").status_code == 200
        assert visitor(boss_lin, lang=lang).get(page).status_code == 200
    shop.post(f"{page}/picture/removal")
    assert reader.get(address).status_code == 404 and not reader.get("/offers").all("img", src=address)


def test_what_a_phone_writes_beside_a_photo_is_gone(tea, boss_lin):
    """T20: no place, no camera."""
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[1] = "N"
    kept = pictures.send(tea, photo(exif=exif), by=boss_lin)
    assert b"SecretPhone" not in kept.jpeg and not Image.open(io.BytesIO(kept.jpeg)).getexif()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "photo.unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo.unreadable"),
        (photo()[:500], "photo.unreadable"),
        (photo() + b"\0" * photos.BYTES_MAX, "photo.too_large"),
        (photo(size=(5000, 4001)), "photo.too_large"),
    ],
    ids=["empty", "no_picture", "broken", "bytes", "pixels"],
)
def test_what_is_no_photo_is_refused_and_the_waiting_one_stays(waiting, tea, boss_lin, sent, code):
    """T20."""
    assert refused(lambda: pictures.send(tea, sent, by=boss_lin)) == code
    assert waiting.state == "waiting"


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF", "BMP"])
def test_other_kinds_are_taken_and_small_ones_stay_small(tea, boss_lin, form):
    kept = pictures.send(tea, photo(size=(200, 100), form=form), by=boss_lin)
    assert (kept.width, kept.height, kept.jpeg[:2]) == (200, 100, b"\xff\xd8")


def test_the_old_one_stays_until_the_new_one_is_approved(waiting, tea, boss_lin, office, db):
    """M3: and what nobody sees any more is not kept."""
    pictures.approve(waiting, by=office)
    new = pictures.send(tea, photo("red"), by=boss_lin)
    assert pictures.shown([tea.id])[tea.id].digest == waiting.digest
    pictures.approve(new, by=office)
    pictures.approve(new, by=office)
    db.session.refresh(waiting)
    assert pictures.shown([tea.id])[tea.id].digest == new.digest
    assert (waiting.state, waiting.jpeg) == ("over", None)
    with pytest.raises(NotFound):
        pictures.public(waiting.digest)


@pytest.mark.races
def test_a_new_one_sent_while_the_old_one_is_being_approved_waits_behind_it(
    waiting, tea, boss_lin, office, here, app, together, db
):
    """M3: the office says yes, and the shop sends another before that is written."""
    here.commit()
    decided, offer_id, old, boss, desk = threading.Event(), tea.id, waiting.id, boss_lin.id, office.id

    def approve():
        with app.app_context(), transaction():
            one = db.session.get(OfferPicture, old, with_for_update=True)
            pictures.approve(one, by=db.session.get(accounts.User, desk))
            decided.set()
            time.sleep(0.3)

    def send():
        assert decided.wait(5)
        with app.app_context(), transaction():
            offer = db.session.get(offers.Offer, offer_id, with_for_update=True)
            return pictures.send(offer, photo("red"), by=db.session.get(accounts.User, boss)).id

    _none, new = together([approve, send])
    states = dict(db.session.execute(db.select(OfferPicture.id, OfferPicture.state)).all())
    assert states == {old: "shown", new: "waiting"}


def test_turned_down_its_sender_hears_why_and_the_shown_one_stays(
    waiting, tea, boss_lin, office, visitor, here
):
    """M3."""
    pictures.approve(waiting, by=office)
    new = pictures.send(tea, photo("red"), by=boss_lin)
    pictures.refuse(new, "拍到了人脸", by=office)
    assert new.jpeg is None and pictures.shown([tea.id])[tea.id].digest == waiting.digest
    here.commit()
    shop = visitor(boss_lin)
    assert "拍到了人脸" in shop.get("/me/notices").words
    assert "拍到了人脸" in shop.get(f"/office/offers/{tea.id}").words
    assert refused(lambda: pictures.approve(new, by=office)) == "offer.picture_decided"


def test_the_same_photo_twice_waits_once_and_another_takes_its_place(waiting, tea, boss_lin):
    assert pictures.send(tea, photo(), by=boss_lin).id == waiting.id
    other = pictures.send(tea, photo("red"), by=boss_lin)
    assert (waiting.state, other.state) == ("over", "waiting")


def test_nobody_approves_their_own_nor_their_own_shops(waiting, tea, office, boss_lin):
    """M3: two persons."""
    mine = pictures.send(tea, photo("red"), by=office)
    assert refused(lambda: pictures.approve(mine, by=office)) == "offer.picture_same"
    theirs = pictures.send(tea, photo("blue"), by=boss_lin)
    accounts.appoint(office, "partner_manager", partner_id=tea.partner_id)
    assert refused(lambda: pictures.approve(theirs, by=office)) == "partner.hand_in_it"
    assert refused(lambda: pictures.refuse(theirs, "不好", by=office)) == "partner.hand_in_it"


def test_the_database_wants_another_person_and_one_of_each(waiting, tea, db):
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(text("UPDATE offer_picture SET state = 'shown', decided_by = sent_by"))
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(text("UPDATE offer_picture SET state = 'shown'"))
    twin = {name: getattr(waiting, name) for name in (
        "offer_id", "partner_id", "area_path", "jpeg", "digest", "width", "height", "state", "sent_by", "sent_at",
    )}  # fmt: skip
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.add(OfferPicture(**twin))
        db.session.flush()


def test_the_database_keeps_bytes_of_what_is_seen_or_waits_and_of_nothing_else(waiting, office, db):
    """M3, T20: an old photo is not kept behind the new one, and none is shown that is not there."""
    pictures.approve(waiting, by=office)
    for wrong in ("jpeg = NULL", "state = 'over'", "state = 'refused'"):
        with pytest.raises(IntegrityError, match="ck_offer_picture_jpeg"), db.session.begin_nested():
            db.session.execute(text(f"UPDATE offer_picture SET {wrong}"))


def test_one_decided_a_moment_ago_is_not_decided_again(waiting, office, db):
    """M3: whoever looked before finds it decided."""
    assert waiting.state == "waiting"
    db.session.execute(
        db.update(OfferPicture).values(state="over", jpeg=None).execution_options(synchronize_session=False)
    )
    assert refused(lambda: pictures.approve(waiting, by=office)) == "offer.picture_decided"


def test_others_neither_send_nor_see_what_waits(
    waiting, tea, baker, daming, bakery, xiaoman, other_office, visitor, here
):
    """T13."""
    here.commit()
    for person in (daming, xiaoman, other_office):
        seen = visitor(person)
        assert seen.get(f"/office/offer-pictures/{waiting.id}").status_code in (403, 404)
        assert seen.post(f"/office/offer-pictures/{waiting.id}/approval").status_code in (403, 404)
        assert seen.post(f"/office/offers/{tea.id}/picture").status_code in (403, 404)
    assert "凉茶一壶" not in visitor(other_office).get("/office/offer-pictures").words


def test_off_the_shelf_for_good_it_takes_no_photo_and_keeps_none(waiting, tea, boss_lin, office, here, db):
    """M3, T20: nobody sees it any more, and nobody is asked to look at one."""
    pictures.approve(waiting, by=office)
    new = pictures.send(tea, photo("red"), by=boss_lin)
    offers.withdraw(tea)
    assert refused(lambda: pictures.send(tea, photo("blue"), by=boss_lin)) == "offer.withdrawn"
    here.commit()
    assert db.session.execute(db.select(OfferPicture.state, OfferPicture.jpeg)).all() == [("over", None)] * 2
    assert (
        refused(lambda: pictures.approve(db.session.get(OfferPicture, new.id), by=office))
        == "offer.picture_decided"
    )
