"""T09, CK-44: what a volunteer shows or reads out at the counter."""

import pytest

from rewards.vouchers import codes
from rewards.vouchers.codes import Mistyped, Scanned, Typed
from volunteer.codes import WALL, WallElsewhere, stamp
from volunteer.signing import ALPHABET, Forged, Keyring

OLD, NEW = "the-old-secret-0123456789-abcdefgh", "the-new-secret-9876543210-hgfedcba"
KEYS = Keyring([NEW])
HERE = "https://liyu.example.cn"
VOUCHER, NONCE = b"v-ninety", b"nonce6"


def read_out_code():
    return codes.typed_for(KEYS, VOUCHER, codes.new_nonce())


def test_the_counter_takes_the_code_from_a_scanner_a_camera_or_a_keyboard():
    shown = codes.qr_code(KEYS, VOUCHER, NONCE)
    read_out = read_out_code()
    assert codes.read(KEYS, f"{shown}\r\n") == Scanned(VOUCHER, NONCE)
    assert codes.read(KEYS, f"{HERE}/v/{shown}", base_url=HERE) == Scanned(VOUCHER, NONCE)
    assert codes.read(KEYS, codes.shown(read_out)) == Typed(read_out)


def test_each_showing_has_a_nonce_of_its_own():
    nonces = {codes.new_nonce() for _ in range(100)}
    assert len(nonces) == 100 and all(len(nonce) == 6 for nonce in nonces)
    assert len({codes.qr_code(KEYS, VOUCHER, nonce) for nonce in nonces}) == 100


def test_the_code_to_read_out_comes_in_two_groups_without_confusing_letters():
    for _ in range(100):
        first, second = codes.shown(read_out_code()).split("-")
        assert len(first) == len(second) == 5
        assert not set(first + second) & set("ILOU")


@pytest.mark.parametrize(
    "text",
    [
        "00000-00000",
        "0000000000",
        " ooooo–ooooo ",
        "OOOOO OOOOO",
        "0 0 0 0 0 0 0 0 0 0",
        "０００００－０００００",
    ],
)
def test_people_type_it_as_they_hear_it(text):
    assert codes.typed(text) == "0000000000"


def test_lower_case_and_look_alikes_are_the_same_code():
    code = next(code for code in (read_out_code() for _ in range(10_000)) if "1" in code and "0" in code)
    assert codes.typed(code.lower().replace("1", "l").replace("0", "o")) == code
    assert codes.typed(code.replace("1", "I")) == code


def test_one_wrong_character_is_noticed_before_anybody_is_asked():
    code = read_out_code()
    for place in range(10):
        for char in set(ALPHABET) - {code[place]}:
            with pytest.raises(Mistyped) as refusal:
                codes.read(KEYS, code[:place] + char + code[place + 1 :])
            assert (refusal.value.code, refusal.value.status) == ("voucher.mistyped", 422)
    assert "再对一遍" in refusal.value.detail


@pytest.mark.parametrize(
    "text", ["", "-", "0", "000000000", "00000000000", "U000000000", "你好你好你好你好你好", "900000000001"]
)
def test_what_is_not_ten_characters_of_ours_is_mistyped(text):
    with pytest.raises(Mistyped):
        codes.read(KEYS, text)


def test_a_typed_code_is_kept_as_a_keyed_hash():
    """T09."""
    code = read_out_code()
    assert len(codes.kept(KEYS, code)) == 32
    assert code.encode() not in codes.kept(KEYS, code)
    assert codes.kept(KEYS, code) != codes.kept(Keyring([OLD]), code)
    assert codes.kept(Keyring([OLD]), code) in codes.kept_any(Keyring([NEW, OLD]), code)


def test_the_same_showing_is_read_out_the_same_and_only_with_our_secret():
    assert codes.typed_for(KEYS, VOUCHER, NONCE) == codes.typed_for(KEYS, VOUCHER, NONCE)
    assert codes.typed_for(KEYS, VOUCHER, NONCE) != codes.typed_for(KEYS, b"v-other!", NONCE)
    assert codes.typed_for(KEYS, VOUCHER, NONCE) != codes.typed_for(Keyring([OLD]), VOUCHER, NONCE)


def test_drawing_is_spread_over_all_forty_five_bits():
    """T09."""
    drawn = [read_out_code() for _ in range(2000)]
    assert len(set(drawn)) == 2000
    assert all({code[place] for code in drawn} == set(ALPHABET) for place in range(10))


def test_the_wall_is_no_voucher_and_a_strangers_house_is_not_ours():
    """T05."""
    with pytest.raises(WallElsewhere):
        codes.read(KEYS, stamp(KEYS, WALL, b"day-7step", "venue", b"day-7"))
    with pytest.raises(Forged):
        codes.read(KEYS, f"https://evil.example/v/{codes.qr_code(KEYS, VOUCHER, NONCE)}", base_url=HERE)
    with pytest.raises(Forged):
        codes.read(KEYS, codes.qr_code(Keyring([OLD]), VOUCHER, NONCE))
