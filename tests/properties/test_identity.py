"""T36, T25: any text is taken in one spelling or refused with a sentence; a mask never tells the name."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer import identity, privacy
from volunteer.errors import Refusal

han = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
tricky = st.one_of(
    st.text(),
    st.text(st.characters(categories=["Cs", "Cf", "Mn", "So", "Lo", "Zs", "Nd"])),
    st.text("王明·.-' 　\u200b\u200d\ufe0f\u202e\u0301\U000e0100😀👩❤1０\n\t\ud800⼩ﬁ가", max_size=30),
)
UNWANTED = set("\0\t\r\x1b\u200b\u202e\u2066\u2028\ufeff\ud800")
readers = pytest.mark.parametrize(
    "read",
    [
        identity.phone,
        identity.person_name,
        identity.nickname,
        lambda text: identity.free_text(text, 20),
        lambda text: identity.free_text(text, 200, lines=True, empty=True),
        privacy.normal_id,
    ],
    ids=["phone", "person_name", "nickname", "title", "text", "id"],
)


@readers
@given(text=tricky)
def test_any_text_has_one_spelling_or_a_refusal(read, text):
    try:
        once = read(text)
    except Refusal as refusal:
        assert refusal.status == 422 and refusal.detail and ("{" not in refusal.detail or "{" in text)
        refusal.detail.encode()
    else:
        assert read(once) == once
        assert not UNWANTED & set(once)
        once.encode()


@given(st.text("0123456789", min_size=9, max_size=9), st.sampled_from("3456789"), st.data())
def test_every_mobile_number_survives_any_spacing(rest, second, data):
    number = "1" + second + rest
    typed = "".join(
        char + data.draw(st.sampled_from(["", " ", "-", "　", "—", "\u200b", " - "])) for char in number
    )
    prefix = data.draw(st.sampled_from(["", "+86", "86 ", "0086-", "(+86)", "＋８６"]))
    assert identity.phone(prefix + typed) == number


@given(st.text(han, min_size=2, max_size=8), st.lists(st.text(han, min_size=1, max_size=6), max_size=3))
def test_a_mask_shows_the_first_and_the_last_character_at_most(first, more):
    name = "·".join([first, *more])
    masked = privacy.mask_name(identity.person_name(name))
    shown = masked.replace("*", "").replace("·", "")
    assert len(shown) <= 2 and len(shown) < len(name.replace("·", ""))
    assert masked[0] == name[0] and masked.count("·") == len(more)


@given(tricky)
def test_masks_never_fail_and_never_repeat_a_name(text):
    masked = privacy.mask_name(text)
    assert masked != text or not text or "*" in text
    privacy.mask_phone(text)
    privacy.mask_id(text)


@given(st.dates(date(1901, 1, 1), date(2100, 1, 1)), st.integers(0, 50_000))
def test_age_grows_by_one_on_one_day_a_year(birth, days):
    on = birth + timedelta(days=days)
    step = identity.age(birth, on + timedelta(days=1)) - identity.age(birth, on)
    assert step in (0, 1)
    with suppress(ValueError):
        assert identity.age(birth, birth.replace(year=birth.year + 18)) == 18
