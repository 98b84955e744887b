"""S20, S22, S25, T22: what others may see, and that the rest cannot be read from the table."""

import pytest

from volunteer import privacy
from volunteer.privacy import BadIdNumber, MistypedIdNumber, Unreadable, Where
from volunteer.signing import Keyring

OLD, NEW = "the-old-secret-0123456789-abcdefgh", "the-new-secret-9876543210-hgfedcba"
KEYS = Keyring([NEW])
HERE = Where("profile", "id_number", 12)


def checked(first17):
    return (
        first17 + "10X98765432"[sum(int(d) * w for d, w in zip(first17, privacy._WEIGHTS, strict=True)) % 11]
    )


NUMBER = checked("44030719580214123")


# ── masks ──


@pytest.mark.parametrize(
    "name, masked",
    [
        ("王小明", "王*明"), ("王明", "王*"), ("王", "*"), ("", ""), ("欧阳小明", "欧*明"), ("上官婉儿", "上*儿"),
        ("买买提·吐尔逊", "买*·*逊"), ("阿不都·热合曼·艾力", "阿*·*·*力"), ("买·提", "买*·*"), ("John Smith", "J* *h"),
        ("𠮷野家", "𠮷*家"), ("葛\U000e0100城市", "葛\U000e0100*市"),
    ],
)  # fmt: skip
def test_a_name_is_masked_where_others_look(name, masked):
    assert privacy.mask_name(name) == masked


@pytest.mark.parametrize(
    "phone, masked",
    [
        ("13900001234", "139****1234"),
        ("+85291234567", "+85****4567"),
        ("28812345", "288****45"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_a_phone_is_masked_where_others_look(phone, masked):
    assert privacy.mask_phone(phone) == masked


def test_a_masked_id_number_tells_no_birthday():
    assert privacy.mask_id("110101195802141234") == "110***********1234"
    assert privacy.mask_id("1234") == "****"


# ── sealed ──


def test_an_id_number_opens_in_its_own_row_only():
    sealed = privacy.seal(KEYS, NUMBER, where=HERE)
    assert privacy.unseal(KEYS, sealed, where=HERE) == NUMBER
    for elsewhere in (HERE._replace(row=13), HERE._replace(column="other"), HERE._replace(table="other")):
        with pytest.raises(Unreadable) as refusal:
            privacy.unseal(KEYS, sealed, where=elsewhere)
    assert (refusal.value.code, refusal.value.status) == ("privacy.unreadable", 409)


def test_nothing_of_it_shows_and_it_looks_new_each_time():
    first, second = (privacy.seal(KEYS, NUMBER, where=HERE) for _ in range(2))
    assert first != second and first[1:13] != second[1:13]
    assert NUMBER.encode() not in first and len(first) == 1 + 12 + len(NUMBER) + 16


def test_any_changed_bit_is_noticed():
    sealed = privacy.seal(KEYS, NUMBER, where=HERE)
    for bit in range(len(sealed) * 8):
        changed = (int.from_bytes(sealed) ^ 1 << bit).to_bytes(len(sealed))
        with pytest.raises(Unreadable):
            privacy.unseal(KEYS, changed, where=HERE)
    for cut in (b"", sealed[:1], sealed[:20], sealed[:-1], sealed + b"\0"):
        with pytest.raises(Unreadable):
            privacy.unseal(KEYS, cut, where=HERE)


def test_secrets_are_changed_while_people_work():
    sealed = privacy.seal(Keyring([OLD]), NUMBER, where=HERE)
    both = Keyring([NEW, OLD])
    assert privacy.needs_resealing(both, sealed)
    again = privacy.seal(both, privacy.unseal(both, sealed, where=HERE), where=HERE)
    assert not privacy.needs_resealing(both, again)
    assert privacy.unseal(KEYS, again, where=HERE) == NUMBER
    with pytest.raises(Unreadable):
        privacy.unseal(KEYS, sealed, where=HERE)


def test_a_number_is_found_without_being_read():
    found = privacy.blind_index(KEYS, NUMBER)
    assert len(found) == 32 and found == privacy.blind_index(KEYS, NUMBER)
    assert found != privacy.blind_index(KEYS, NUMBER, of="phone")
    assert found != privacy.blind_index(Keyring([OLD]), NUMBER)
    assert privacy.blind_index(Keyring([OLD]), NUMBER) in privacy.blind_indexes(Keyring([NEW, OLD]), NUMBER)


# ── ID numbers ──


def test_an_id_number_has_one_spelling():
    with_x = next(number for n in range(1000) if (number := checked(f"44030719580214{n:03}")).endswith("X"))
    for text in (
        with_x,
        with_x.lower(),
        f" {with_x[:6]} {with_x[6:14]} {with_x[14:]} ",
        with_x[:-1] + "×",
        with_x[:-1] + "Ｘ",
    ):
        assert privacy.normal_id(text) == with_x
    assert privacy.born(with_x).isoformat() == "1958-02-14"


def test_any_one_wrong_digit_is_noticed():
    for place in range(17):
        for digit in set("0123456789") - {NUMBER[place]}:
            with pytest.raises(BadIdNumber):
                privacy.normal_id(NUMBER[:place] + digit + NUMBER[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "123", "44030758021412", "A" * 18, "0" * 18, NUMBER + "1", "x" * 1000, "١" * 18]
)
def test_what_has_not_eighteen_digits_is_refused(text):
    with pytest.raises(BadIdNumber) as refusal:
        privacy.normal_id(text)
    assert (refusal.value.code, refusal.value.status) == ("id_number.invalid", 422)


@pytest.mark.parametrize("birth", ["19581301", "19580230", "18991231", "20260308", "00000000"])
def test_a_birthday_that_cannot_be_is_refused(birth):
    with pytest.raises(MistypedIdNumber):
        privacy.normal_id(checked("440307" + birth + "123"))
