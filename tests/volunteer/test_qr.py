"""The codes as pictures: drawn, printed, shown in a terminal, and read back from a photo."""

import io
import re
from xml.etree import ElementTree

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from volunteer import codes, qr
from volunteer.qr import BadPhoto, BigPhoto
from volunteer.signing import Keyring

KEYS = Keyring(["a-secret-for-tests-0123456789-abcdef"])
HOST = "https://" + "liyu.subdomain.volunteers.gov.cn"
PATHS = {codes.WALL: "c", codes.PASS: "m", codes.CARD: "m", codes.VOUCHER: "v"}
ADDRESSES = {
    kind.name: f"{HOST}/{path}/{codes.stamp(KEYS, kind, bytes(range(99, 99 + kind.fields_bytes)), 'venue')}"
    for kind, path in PATHS.items()
}


def drawn(svg):
    """The picture an SVG of ours paints, eight pixels to a module."""
    size = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])
    picture = Image.new("L", (size, size), 255)
    for left, top, strokes in re.findall(r"M(\d+) (\d+)\.5([^M\"]*)", svg):
        x = int(left)
        for kind, length in re.findall(r"([hm])(\d+)", strokes):
            if kind == "h":
                for dark in range(x, x + int(length)):
                    picture.putpixel((dark, int(top)), 0)
            x += int(length)
    return picture.resize((size * 8, size * 8), Image.Resampling.NEAREST)


def as_file(picture, kind="PNG", **options):
    made = io.BytesIO()
    picture.save(made, kind, **options)
    return made.getvalue()


@pytest.mark.parametrize("kind", ADDRESSES)
def test_every_code_of_ours_is_coarse_enough_for_a_poor_camera(kind):
    assert len(HOST.removeprefix("https://")) == 32
    assert qr.version(ADDRESSES[kind]) <= 6


@pytest.mark.parametrize("kind", ADDRESSES)
def test_what_is_drawn_is_read_back(kind):
    text = ADDRESSES[kind]
    assert qr.read(as_file(drawn(qr.svg(text)))) == [text]
    assert qr.read(qr.png(text, box=4)) == [text]
    assert qr.read(qr.png(text)) == [text]


@given(st.text("0123456789ABCDEFabcdef:/?#[]@!$&'()*+,;=-._~%", min_size=1, max_size=90))
def test_any_address_is_read_back(text):
    assert [code.text for code in zxingcpp.read_barcodes(drawn(qr.svg(text)))] == [text]


def test_the_drawing_obeys_the_content_policy_and_has_a_name():
    svg = str(qr.svg(ADDRESSES["wall"], title='签到码 "南坑" <7>'))
    tree = ElementTree.fromstring(svg)
    assert tree.attrib["role"] == "img" and tree.attrib["aria-label"] == '签到码 "南坑" <7>'
    assert tree[0].tag.endswith("title") and tree[0].text == '签到码 "南坑" <7>'
    assert "style" not in svg and "<script" not in svg and len(svg) < 4000
    assert str(qr.svg("x")).count("二维码") == 2


def test_a_template_prints_the_drawing_as_it_is():
    from jinja2 import Environment

    assert Environment(autoescape=True).from_string("{{ code }}").render(code=qr.svg("x")) == str(qr.svg("x"))


def test_the_terminal_shows_it_black_on_white():
    lines = re.sub(r"\x1b\[[0-9;]*m", "", qr.terminal("http://192.168.1.5:8000")).split("\n")
    assert len({len(line) for line in lines}) == 1
    picture = Image.new("L", (len(lines[0]), 2 * len(lines)), 255)
    for y, line in enumerate(lines):
        for x, char in enumerate(line):
            if char in "▀█":
                picture.putpixel((x, 2 * y), 0)
            if char in "▄█":
                picture.putpixel((x, 2 * y + 1), 0)
    larger = picture.resize((picture.width * 8, picture.height * 8), Image.Resampling.NEAREST)
    assert qr.read(as_file(larger)) == ["http://192.168.1.5:8000"]


# ── photos ──


def photographed(text, *, turned=0, size=1200):
    code = Image.open(io.BytesIO(qr.png(text, box=12))).convert("RGB")
    table = Image.new("RGB", (size, size), (196, 180, 160))
    table.paste(code, ((size - code.width) // 2, (size - code.height) // 3))
    return table.rotate(turned, fillcolor=(196, 180, 160)).filter(ImageFilter.GaussianBlur(1.5))


@pytest.mark.parametrize("turned", [0, 17, 90, 200])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_held_crookedly_is_read(turned, kind):
    assert qr.read(as_file(photographed(ADDRESSES["voucher"], turned=turned), kind)) == [ADDRESSES["voucher"]]


def test_a_large_photo_is_read_and_so_is_a_small_code_in_it():
    large = Image.new("RGB", (4000, 3000), (250, 250, 250))
    large.paste(Image.open(io.BytesIO(qr.png(ADDRESSES["wall"], box=3))).convert("RGB"), (1700, 1300))
    assert qr.read(as_file(large, "JPEG")) == [ADDRESSES["wall"]]


def test_two_codes_in_one_photo_are_both_told():
    two = Image.new("RGB", (1400, 700), "white")
    for place, kind in enumerate(("wall", "voucher")):
        two.paste(Image.open(io.BytesIO(qr.png(ADDRESSES[kind]))).convert("RGB"), (place * 700, 0))
    assert sorted(qr.read(as_file(two))) == sorted([ADDRESSES["wall"], ADDRESSES["voucher"]])


def test_a_see_through_picture_lies_on_white_paper():
    code = Image.open(io.BytesIO(qr.png(ADDRESSES["wall"]))).convert("L")
    clear = Image.new("RGBA", code.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=code.point(lambda value: 255 - value))
    assert qr.read(as_file(clear)) == [ADDRESSES["wall"]]


def test_a_photo_of_the_cat_holds_no_code():
    assert qr.read(as_file(Image.effect_noise((300, 300), 60))) == []


@pytest.mark.parametrize(
    "photo",
    [
        b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0" + b"\0" * 50, b"GIF89a\xff\xff\xff\xff", b"%PDF-1.7", b"RIFF\0\0\0\0WEBP",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>", qr.png("x")[:-30], qr.png("x")[:60],
    ],
)  # fmt: skip
def test_a_broken_photo_is_refused_with_a_sentence(photo):
    with pytest.raises(BadPhoto) as refusal:
        qr.read(photo)
    assert (refusal.value.code, refusal.value.status) == ("photo.unreadable", 422)
    assert "换一张" in refusal.value.detail


@given(st.binary(max_size=60), st.integers(0, 400))
def test_no_damage_breaks_the_reader(damage, at):
    good = as_file(photographed("x", size=300), "JPEG")
    try:
        assert isinstance(qr.read(good[:at] + damage + good[at + len(damage) :]), list)
    except (BadPhoto, BigPhoto) as refusal:
        assert refusal.status in (413, 422)


@pytest.mark.parametrize("size", [(5000, 4001), (12_000, 12_000)])
def test_a_picture_that_would_fill_the_memory_is_refused_unopened(size):
    with pytest.raises(BigPhoto) as refusal:
        qr.read(as_file(Image.new("1", size)))
    assert (refusal.value.code, refusal.value.status) == ("photo.too_large", 413)


def test_a_file_beyond_five_megabytes_is_refused():
    with pytest.raises(BigPhoto):
        qr.read(b"\0" * (5 * 1024 * 1024 + 1))
