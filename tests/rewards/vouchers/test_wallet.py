"""The wallet: what ends soonest on top, narrowed down; and a ticket saved as a picture that opens nothing."""

from __future__ import annotations

import io
from datetime import date

import pytest
from PIL import Image

from rewards import vouchers
from volunteer import qr


@pytest.fixture
def wallet(clock, here, xiaoman, make_offer, give_points):
    """Three vouchers, the one that was claimed last ends first."""
    give_points(xiaoman, 200)
    late = vouchers.claim(xiaoman, make_offer(title="凉茶一壶").id)
    free = vouchers.claim(xiaoman, make_offer(title="借雨伞", points=0).id)
    soon = vouchers.claim(xiaoman, make_offer(title="双皮奶").id)
    late.expires_on, free.expires_on, soon.expires_on = date(2026, 6, 5), date(2026, 5, 1), date(2026, 3, 12)
    here.commit()
    return {"late": late, "free": free, "soon": soon}


def order(page, *titles):
    places = [page.words.find(title) for title in titles]
    return -1 not in places and places == sorted(places)


def test_what_ends_soonest_is_on_top(visitor, xiaoman, wallet):
    """M6: whoever opens the wallet sees what to use first."""
    assert order(visitor(xiaoman).get("/me/vouchers"), "双皮奶", "借雨伞", "凉茶一壶")


@pytest.mark.parametrize(
    ("only", "there", "gone"), [("soon", "双皮奶", "凉茶一壶"), ("free", "借雨伞", "双皮奶"), ("no-such", "凉茶一壶", "没有这样的券")]
)  # fmt: skip
def test_the_wallet_is_narrowed_down(visitor, xiaoman, wallet, only, there, gone):
    page = visitor(xiaoman).get(f"/me/vouchers?only={only}")
    assert there in page.words and gone not in page.words


def test_nothing_of_that_kind_says_so(visitor, xiaoman, wallet):
    assert "没有这样的券" in visitor(xiaoman).get("/me/vouchers?only=booked").words


def test_the_pages_of_a_wallet_follow_the_last_day(visitor, xiaoman, here, make_offer, give_points):
    """Nothing is skipped or shown twice where many end on one day."""
    free = make_offer(points=0, stock=60, per_person=50)
    for _n in range(25):
        vouchers.claim(xiaoman, free.id)
    here.commit()
    first = visitor(xiaoman).get("/me/vouchers")
    hrefs = {one.get("href") for one in first.all("a", class_="item-cover")}
    (more,) = {one.get("href") for one in first.all("a") if "after=" in (one.get("href") or "")}
    rest = {one.get("href") for one in visitor(xiaoman).get(f"/me/vouchers{more[more.index('?'):]}").all("a", class_="item-cover")}  # fmt: skip
    assert len(hrefs) == 20 and len(rest) == 5 and not hrefs & rest


def test_a_ticket_is_saved_as_a_picture_without_a_code(visitor, xiaoman, daming, voucher, here):
    """M6: shown or not, no code is on it; it is the holder's alone, and while it can be used."""
    vouchers.present(voucher)
    here.commit()
    answer = visitor(xiaoman).get(f"/vouchers/{voucher.id}/picture.png")
    picture = Image.open(io.BytesIO(answer.data))
    assert (picture.format, picture.size) == ("PNG", (1080, 1350)) and len(answer.data) < 150_000
    assert qr.read(answer.data) == []
    assert "attachment" in answer.headers["Content-Disposition"]
    assert visitor(daming).get(f"/vouchers/{voucher.id}/picture.png").status_code == 404
    vouchers.cancel(voucher)
    here.commit()
    assert visitor(xiaoman).get(f"/vouchers/{voucher.id}/picture.png").status_code == 404


def test_pictures_are_not_drawn_without_end(visitor, xiaoman, voucher, here):
    """M6: twenty a minute."""
    here.commit()
    phone = visitor(xiaoman)
    said = [phone.get(f"/vouchers/{voucher.id}/picture.png").status_code for _ in range(21)]
    assert said == [200] * 20 + [429]
