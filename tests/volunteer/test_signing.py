"""T05, S23, S24: keys apart, links that lapse, and nothing accepted that we did not make."""

import hashlib
import uuid
from itertools import combinations

import pytest

from volunteer import clock, signing
from volunteer.signing import Forged, Keyring, Lapsed

OLD, NEW = "the-old-secret-0123456789-abcdefgh", "the-new-secret-9876543210-hgfedcba"
KEYS = Keyring([NEW])


def test_every_purpose_has_a_key_of_its_own():
    """S24."""
    keys = [KEYS.derive(purpose) for purpose in signing.PURPOSES]
    assert all(len(key) == 32 for key in keys)
    assert all(a != b for a, b in combinations(keys, 2))


def test_every_object_has_a_key_of_its_own_however_its_name_is_cut():
    """S24."""
    contexts = [(), ("ab",), ("a", "b"), ("", "ab"), ("ab", ""), (b"ab", 1), ("ab1",), (1,), (11,), (1, 1)]
    keys = [KEYS.derive("venue", *context) for context in contexts]
    assert len(set(keys)) == len(contexts)


def test_a_key_is_the_same_every_time_and_differs_between_installations():
    assert KEYS.derive("venue", b"12345") == Keyring([NEW]).derive("venue", b"12345")
    assert KEYS.derive("venue", b"12345") != Keyring([OLD]).derive("venue", b"12345")


def test_a_use_nobody_listed_gets_no_key():
    with pytest.raises(KeyError, match="PURPOSES"):
        KEYS.derive("something-new")


@pytest.mark.parametrize("secrets", [[], ["short"], [NEW, "short"], ["x" * 31]])
def test_a_short_secret_makes_no_keyring(secrets):
    """S09."""
    with pytest.raises(ValueError, match="32 characters"):
        Keyring(secrets)


def test_a_keyring_is_read_from_the_environment_and_keeps_its_secrets_to_itself():
    """S23."""
    keys = Keyring.of(f" {NEW} , {OLD},")
    assert keys.derive("csrf") == KEYS.derive("csrf")
    assert len(list(keys.all("csrf"))) == 2
    assert NEW not in repr(keys) and OLD not in repr(keys)


def test_the_number_of_a_secret_does_not_depend_on_its_place():
    assert Keyring([OLD, NEW]).kid == Keyring([OLD]).kid
    assert Keyring([NEW, OLD]).kid == KEYS.kid


# ── links ──


def test_a_link_carries_its_words_until_it_lapses():
    with clock.stopped("2026-03-07T09:00:00+08:00"):
        link = signing.signed(KEYS, "export", {"file": "名单", "rows": 3}, lasts=900)
        assert signing.read(KEYS, "export", link) == {"file": "名单", "rows": 3}
    with clock.stopped("2026-03-07T09:14:59+08:00"):
        assert signing.read(KEYS, "export", link)["rows"] == 3
    with clock.stopped("2026-03-07T09:15:00+08:00"), pytest.raises(Lapsed) as refusal:
        signing.read(KEYS, "export", link)
    assert (refusal.value.code, refusal.value.status) == ("signing.lapsed", 410)
    assert "过期" in refusal.value.detail


def test_a_link_may_stand_in_an_address():
    link = signing.signed(KEYS, "export", {"?": "&=+/ü"}, lasts=900)
    assert set(link) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_a_link_for_one_thing_opens_no_other():
    """T05."""
    link = signing.signed(KEYS, "export", {"id": 1}, lasts=900)
    with pytest.raises(Forged) as refusal:
        signing.read(KEYS, "guardian", link)
    assert (refusal.value.code, refusal.value.status) == ("signing.forged", 400)
    assert "不是我们发出的" in refusal.value.detail


def test_an_old_secret_opens_what_it_made_until_it_is_taken_away():
    """S22."""
    link = signing.signed(Keyring([OLD]), "export", {"id": 1}, lasts=900)
    assert signing.read(Keyring([NEW, OLD]), "export", link) == {"id": 1}
    with pytest.raises(Forged):
        signing.read(KEYS, "export", link)


def test_a_link_is_forged_before_it_is_late():
    with clock.stopped("2026-03-07T09:00:00+08:00"):
        link = signing.signed(Keyring([OLD]), "export", {"id": 1}, lasts=1)
    with clock.stopped("2027-03-07T09:00:00+08:00"), pytest.raises(Forged):
        signing.read(KEYS, "export", link)


def test_every_changed_character_of_a_link_is_a_forgery():
    """T05."""
    link = signing.signed(KEYS, "export", {"id": 1}, lasts=900)
    for place, char in enumerate(link):
        for other in "A_x":
            if other != char:
                with pytest.raises(Forged):
                    signing.read(KEYS, "export", link[:place] + other + link[place + 1 :])


@pytest.mark.parametrize("spare", range(3))
def test_a_link_has_one_spelling(spare):
    link = signing.signed(KEYS, "export", {"": "x" * spare}, lasts=900)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for other in set(alphabet) - {link[-1]}:
        with pytest.raises(Forged):
            signing.read(KEYS, "export", link[:-1] + other)
    for text in (
        link + "=",
        link + "==",
        link + "\n",
        link[:8] + "=" + link[8:],
        link.replace("-", "+") + "A",
    ):
        with pytest.raises(Forged):
            signing.read(KEYS, "export", text)


def test_a_seal_is_the_standard_one_and_says_what_it_seals():
    seal = signing.mac(b"key", "wall", b"body")
    assert (
        seal
        == hashlib.new(
            "sha256", _block(0x5C) + hashlib.sha256(_block(0x36) + b"ly1:wall\0body").digest()
        ).digest()[:16]
    )
    assert seal != signing.mac(b"key", "pass", b"body")


def _block(pad):
    """HMAC by hand, as RFC 2104 has it."""
    return bytes(byte ^ pad for byte in b"key".ljust(64, b"\0"))


def test_too_much_for_a_link_is_our_own_fault_at_once():
    with pytest.raises(ValueError, match="too much"):
        signing.signed(KEYS, "export", {"words": "x" * 3000}, lasts=900)


# ── chance ──


def test_what_is_drawn_looks_as_promised_and_is_not_drawn_twice():
    assert len(signing.token_bytes()) == 32 and len(signing.token()) == 43
    assert uuid.UUID(signing.uuid()).version == 4
    assert len(signing.scan_id()) == 26 and set(signing.scan_id()) <= set(signing.ALPHABET)
    assert all(0 <= signing.number(3) < 3 for _ in range(50))
    for draw in (signing.token, signing.uuid, signing.scan_id, signing.volunteer_no, signing.token_bytes):
        assert len({draw() for _ in range(200)}) == 200


def test_a_volunteer_number_has_twelve_digits_and_survives_a_spreadsheet():
    for _ in range(200):
        number = signing.volunteer_no()
        assert len(number) == 12 and number.isdigit() and str(int(number)) == number


def test_a_code_by_sms_may_begin_with_zero_and_keeps_its_length():
    drawn = {signing.digits(2) for _ in range(3000)}
    assert all(len(code) == 2 for code in drawn)
    assert {"00", "07", "99"} <= drawn


def test_secrets_are_compared_whole():
    assert signing.same("秘密", "秘密") and signing.same(b"ab", "ab")
    assert not signing.same("秘密", "秘") and not signing.same("a", "b")
    assert signing.fingerprint("abc").startswith("ba7816bf")
