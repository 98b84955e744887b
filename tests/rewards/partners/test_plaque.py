"""The plaque: one drawing as PDF and PNG, and the public page that says how things stand, for good where it is over."""

import io
from dataclasses import replace
from datetime import date
from urllib.parse import unquote

import pytest
from PIL import Image

from rewards import partners
from rewards.partners import plaque_drawing
from rewards.partners.plaque_drawing import Words
from rewards.partners.plaque_views import DRAWINGS
from volunteer import lettering, limits, qr
from volunteer.checkin import poster_drawing

ADDRESS = "https://liyu.example.cn/p/7KQ2M9XW"
SHORT = Words(
    scheme="坂田街道 · 志愿者礼遇计划", kind="爱心企业", name="茶屋", thanks="谢谢你，善待每一位为街坊出力的人。",
    number_label="牌号", number="7KQ2 M9XW", dates="2026年3月1日 到 2027年2月28日", scan="扫一扫，看现在的状态",
    address=ADDRESS, host="liyu.example.cn/p/7KQ2M9XW",
)  # fmt: skip
LONGEST = replace(
    SHORT, kind="Government office or public institution", name="深圳市龙岗区坂田街道雪岗科技园䶮喆堃犇㐂运营管理有限公司第一分公司便民服务综合门市部" * 2,
)  # fmt: skip


@pytest.mark.parametrize("words", [SHORT, LONGEST], ids=["short", "longest"])
def test_the_code_is_read_back_from_both_and_from_a_small_photo(words):
    """M1: the plaque hangs on a wall and is photographed."""
    page = plaque_drawing.draw(words)
    assert page.size == (poster_drawing.WIDTH, poster_drawing.HEIGHT)
    assert qr.read(lettering.png(page)) == [ADDRESS]
    printed = lettering.pdf(page, "牌子")
    inside = printed[printed.index(b"\xff\xd8\xff") : printed.rindex(b"\xff\xd9") + 2]
    assert qr.read(inside) == [ADDRESS]
    photo = io.BytesIO()
    page.convert("L").resize((640, 905), Image.Resampling.BILINEAR).save(photo, "JPEG", quality=50)
    assert qr.read(photo.getvalue()) == [ADDRESS]


@pytest.mark.parametrize("words", [SHORT, LONGEST], ids=["short", "longest"])
def test_nothing_runs_into_the_frame(words):
    """M1: whatever the name, the room between the frame and the words stays white."""
    page = plaque_drawing.draw(words).convert("L")
    inner, mm = plaque_drawing.FRAME + 5, poster_drawing.mm
    for box in (
        (mm(inner), mm(inner), mm(inner + 5), page.height - mm(inner)),
        (page.width - mm(inner + 5), mm(inner), page.width - mm(inner), page.height - mm(inner)),
        (mm(inner), page.height - mm(inner + 4), page.width - mm(inner), page.height - mm(inner)),
    ):
        assert page.crop(box).getextrema() == (255, 255)


def test_the_manager_and_the_office_take_it_away_others_do_not(
    visitor, tea_house, office, boss_lin, xiaoman, other_office
):
    """M1: PDF and PNG from the partner's page."""
    for person, status in ((office, 200), (boss_lin, 200), (xiaoman, 403), (other_office, 404)):
        assert visitor(person).get(f"/partners/{tea_house.id}/plaque.png").status_code == status
    page = visitor(boss_lin).get(f"/partners/{tea_house.id}")
    assert f"/partners/{tea_house.id}/plaque.pdf" in page.text
    printed = visitor(boss_lin).get(f"/partners/{tea_house.id}/plaque.pdf")
    assert printed.mimetype == "application/pdf" and printed.data.startswith(b"%PDF")
    assert "便民茶屋" in unquote(printed.headers["Content-Disposition"])


@pytest.mark.parametrize(
    ("ending", "large", "more"),
    [
        (lambda partner: partners.pause(partner, "装修"), "已暂停", "现在不能兑换"),
        (lambda partner: partners.terminate(partner, "停业"), "已终止", "不会再恢复"),
        (lambda partner: partners.wind_up(date(2027, 3, 1)), "协议到期", "还没有续签"),
    ],
    ids=["paused", "terminated", "lapsed"],
)
def test_the_public_page_says_how_it_stands_and_the_plaque_is_to_be_had_no_more(
    ending, large, more, visitor, tea_house, office, here
):
    """M1, M8."""
    ending(tea_house)
    here.commit()
    page = visitor().get(f"/p/{tea_house.plaque_no}")
    assert large in page.words and more in page.words and "看礼遇" not in page.words
    assert visitor(office).get(f"/partners/{tea_house.id}/plaque.pdf").status_code == 404


def test_it_says_from_when_to_when_it_is_covered_through_a_renewal_signed_early(visitor, tea_house):
    """M1: an agreement that begins next year does not make a partner of today look like one of next year."""
    partners.sign(tea_house, date(2027, 3, 1), date(2028, 2, 28))
    for address in (f"/p/{tea_house.plaque_no}", f"/p/{tea_house.plaque_no}/print"):
        assert "2026年03月01日 到 2028年02月28日" in visitor().get(address).words


def test_signed_for_next_month_the_plaque_may_hang_already(visitor, boss_lin, nankeng, here):
    """M1: it says itself from when on."""
    asked = partners.review(partners.apply(
        boss_lin, nankeng, name="新茶屋", kind="caring_enterprise", licence_no="91440300MA5EXAMPLE9", address="南坑路 9 号",
        contact_name="林老板", contact_phone="13800000021", pledged=True,
    ))  # fmt: skip
    partners.sign(asked, date(2026, 4, 1), date(2027, 3, 31))
    number = partners.grant_plaque(asked).plaque_no
    here.commit()
    assert "协议还没有开始" in visitor().get(f"/p/{number}").words
    assert visitor().get(f"/p/{number}/print").status_code == 200


def test_so_many_drawings_a_minute_and_no_more(visitor, tea_house, office, here):
    """Each takes most of a second of a processor."""
    here.commit()
    with here.outside():
        for _n in range(20):
            limits.hit("plaque", office.id, DRAWINGS)
    assert visitor(office).get(f"/partners/{tea_house.id}/plaque.png").status_code == 429
