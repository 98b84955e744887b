import pytest

from volunteer import codes
from volunteer.codes import CardElsewhere, PassElsewhere, VoucherElsewhere, WallElsewhere, WrongType
from volunteer.signing import Forged, Keyring

KEYS = Keyring(["a-secret-for-tests-0123456789-abcdef"])
HERE = "https://liyu.example.cn"
SAMPLES = {
    kind: codes.stamp(KEYS, kind, bytes(range(kind.fields_bytes)), purpose, b"x")
    for kind, purpose in zip(codes.KINDS, ("venue", "personal", "card", "voucher"), strict=True)
}


@pytest.mark.parametrize(
    "data, text",
    [
        (b"", ""),
        (b"\0", "00"),
        (b"\xff", "ZW"),
        (b"\0\0\0\0\0", "00000000"),
        (b"\xff" * 5, "ZZZZZZZZ"),
        (b"hello", "D1JPRV3F"),
    ],
)
def test_bytes_are_spelt_as_crockford_wrote(data, text):
    assert codes.encode(data) == text
    assert codes.decode(text, len(data)) == data == codes.decode(text.lower(), len(data))


@pytest.mark.parametrize(
    "text",
    ["", "Z", "ZX", "ZZ", "ZWW", "Z W", "ZU", "ıW", "\u017fW", "Z\ud800", "z-", "０0", "I0", "O0", "L0"],
)
def test_a_second_spelling_is_a_forgery(text):
    with pytest.raises(Forged):
        codes.decode(text, 1)


def test_what_is_typed_by_hand_may_look_alike():
    assert codes.tidy(" i1l-oO0 ab–ＣＤ\u3000２ ") == "111000ABCD2"


def test_every_kind_has_a_length_of_its_own():
    assert [kind.chars for kind in codes.KINDS] == [44, 48, 50, 52]
    assert [len(SAMPLES[kind]) for kind in codes.KINDS] == [44, 48, 50, 52]


@pytest.mark.parametrize("kind", codes.KINDS, ids=lambda kind: kind.name)
def test_a_code_tells_what_it_is_however_it_was_scanned(kind):
    token = SAMPLES[kind]
    for text in (
        token, token.lower(), f" {token}\r\n", f"{HERE}/c/{token}", f"{HERE}/v/{token.lower()}",
        f"{HERE.upper()}/M/{token}", f"{HERE}:443/m/{token}?elder=1", f"http://liyu.example.cn/c/{token}#x",
    ):  # fmt: skip
        assert codes.kind_of(text, base_url=HERE) == kind.name
        assert codes.token_in(text, base_url=HERE).upper() == token


@pytest.mark.parametrize("kind", codes.KINDS, ids=lambda kind: kind.name)
def test_an_address_of_somebody_else_is_not_ours(kind):
    token = SAMPLES[kind]
    for text in (
        f"https://evil.example/c/{token}", f"https://liyu.example.cn.evil.example/c/{token}",
        f"https://liyu.example.cn@evil.example/c/{token}", f"https://x@liyu.example.cn/c/{token}",
        f"{HERE}:8443/c/{token}", f"ftp://liyu.example.cn/c/{token}", f"javascript:/c/{token}",
        f"{HERE}/x/{token}", f"{HERE}//{token}", f"{HERE}/c/{token}/", f"{HERE}/{token}", f"{HERE}/c/c/{token}",
        f"//liyu.example.cn/c/{token}", f"https://[::1/c/{token}", f"{HERE}:x/c/{token}", f"/c/{token}",
    ):  # fmt: skip
        assert codes.kind_of(text, base_url=HERE) == "unknown", text
    assert codes.kind_of(f"{HERE}/c/{token}") == "unknown"


def test_a_checkpoints_code_is_told_from_the_others_and_read_in_one_spelling():
    """T01, T05: eighty random bits; what is not exactly ours in shape is forged, another of ours is told so."""
    token = codes.new_point()
    assert len(token) == 16 and codes.new_point() != token
    for text in (
        token,
        token.lower(),
        f" {token}\r\n",
        f"{HERE}/w/{token}",
        f"{HERE.upper()}/W/{token.lower()}",
    ):
        assert codes.kind_of(text, base_url=HERE) == "point"
        assert codes.read_point(text, base_url=HERE) == token
    for kind in codes.KINDS:
        with pytest.raises(kind.elsewhere):
            codes.read_point(SAMPLES[kind])
        with pytest.raises(codes.PointElsewhere):
            codes.take_apart(token, kind)
    for text in ("", "hello", token[:-1], token + "0", token[:-1] + "U", f"https://evil.example/w/{token}"):
        with pytest.raises(Forged):
            codes.read_point(text, base_url=HERE)


def test_a_house_on_a_port_of_its_own():
    token = SAMPLES[codes.WALL]
    home = "http://192.168.1.5:8000"
    assert codes.kind_of(f"{home}/c/{token}", base_url=home) == "wall"
    assert codes.kind_of(f"http://192.168.1.5/c/{token}", base_url=home) == "unknown"


@pytest.mark.parametrize(
    "text", ["", " ", "hello", "900000000001", "A" * 44, "0" * 48, "x" * 5000, "https://", "\ud800"]
)
def test_anything_else_is_unknown(text):
    assert codes.kind_of(text, base_url=HERE) == "unknown"


def test_a_code_at_the_wrong_place_says_what_it_is_and_where_it_belongs():
    says = {
        codes.WALL: (WallElsewhere, "签到码"), codes.PASS: (PassElsewhere, "个人码"),
        codes.CARD: (CardElsewhere, "志愿者卡"), codes.VOUCHER: (VoucherElsewhere, "请拿到商家那里用"),
    }  # fmt: skip
    for kind, (refusal, words) in says.items():
        for wanted in codes.KINDS:
            if wanted is kind:
                assert codes.take_apart(SAMPLES[kind], wanted).kind is kind
                continue
            with pytest.raises(refusal, match=words) as refused:
                codes.take_apart(SAMPLES[kind], wanted)
            assert isinstance(refused.value, WrongType)
            assert (refused.value.code, refused.value.status) == ("signing.wrong_type", 400)


def test_a_code_sealed_for_one_object_is_not_genuine_for_another():
    token = codes.take_apart(SAMPLES[codes.WALL], codes.WALL)
    assert token.genuine(KEYS, "venue", b"x")
    assert not token.genuine(KEYS, "venue", b"y")
    assert not token.genuine(KEYS, "card", b"x")
    assert not token.genuine(Keyring(["another-secret-0123456789-abcdefghij"]), "venue", b"x")
