"""CK-15, CK-18, CK-61, T01, T28: the wall's code, the pass on the phone, the printed card."""

from datetime import date, timedelta

import pytest

from volunteer import clock
from volunteer.checkin import passes
from volunteer.checkin.passes import Forged, Revoked, Stale
from volunteer.codes import VoucherElsewhere, WallElsewhere
from volunteer.signing import Keyring

OLD, NEW = "the-old-secret-0123456789-abcdefgh", "the-new-secret-9876543210-hgfedcba"
KEYS = Keyring([NEW])
NINE = clock.moment("2026-03-07T09:00:00+08:00")
XIAOMAN = b"xiao-man"
STEP = timedelta(seconds=15)


def members(revision=3):
    return {XIAOMAN: revision}.get


def test_the_wall_changes_every_fifteen_seconds_and_not_before():
    seen = [passes.wall_code(KEYS, b"day-7", NINE + timedelta(seconds=s)) for s in range(30)]
    assert len(set(seen[:15])) == len(set(seen[15:])) == 1 and seen[14] != seen[15]
    assert len(seen[0]) == 44 and seen[0] == seen[0].upper()


def test_the_wall_knows_when_its_code_changes_and_when_it_dies():
    at = NINE + timedelta(seconds=7)
    assert passes.changes_at(at) == NINE + STEP
    assert passes.valid_until(at) == NINE + 2 * STEP
    assert passes.changes_at(NINE + STEP) == NINE + 2 * STEP


def test_a_phone_may_send_the_whole_address():
    here = "https://liyu.example.cn"
    wall, card = passes.wall_code(KEYS, b"day-7", NINE), passes.card_code(KEYS, XIAOMAN, 3, NINE.date())
    assert passes.read_wall(KEYS, f"{here}/c/{wall}?elder=1", base_url=here).day == b"day-7"
    assert passes.read_pass(KEYS, f"{here}/m/{card}", members(), base_url=here).volunteer == XIAOMAN
    for elsewhere in ("", "https://evil.example"):
        with pytest.raises(Forged):
            passes.read_wall(KEYS, f"{here}/c/{wall}", base_url=elsewhere)
        with pytest.raises(Forged):
            passes.read_pass(KEYS, f"{here}/m/{card}", members(), base_url=elsewhere)


def test_two_days_on_one_morning_have_codes_of_their_own():
    assert passes.read_wall(KEYS, passes.wall_code(KEYS, b"day-7", NINE)).day == b"day-7"
    assert passes.read_wall(KEYS, passes.wall_code(KEYS, b"day-8", NINE)).day == b"day-8"


def test_a_picture_sent_to_a_friend_is_stale_half_a_minute_later():
    """T01."""
    step = passes.read_wall(KEYS, passes.wall_code(KEYS, b"day-7", NINE)).step
    passes.fresh(step, NINE + timedelta(seconds=29))
    with pytest.raises(Stale) as refusal:
        passes.fresh(step, NINE + timedelta(seconds=31))
    assert (refusal.value.code, refusal.value.status) == ("checkin.stale_code", 410)
    assert refusal.value.detail == "这个码刚换过，请对着屏幕再扫一次。"


def test_a_code_of_the_future_is_not_accepted():
    """T01."""
    step = passes.read_wall(KEYS, passes.wall_code(KEYS, b"day-7", NINE + STEP)).step
    with pytest.raises(Stale):
        passes.fresh(step, NINE)


def test_a_kept_scan_names_the_moment_it_can_first_have_been_seen():
    step = passes.read_wall(KEYS, passes.wall_code(KEYS, b"day-7", NINE + timedelta(seconds=9))).step
    assert passes.moment_of(step) == NINE


def test_a_place_may_change_its_code_more_slowly():
    step = passes.read_wall(KEYS, passes.wall_code(KEYS, b"day-7", NINE, period=60)).step
    passes.fresh(step, NINE + timedelta(seconds=119), period=60)
    with pytest.raises(Stale):
        passes.fresh(step, NINE + timedelta(seconds=120), period=60)


def test_changing_the_secret_leaves_nobody_at_the_door():
    """S22."""
    shown = passes.wall_code(Keyring([OLD]), b"day-7", NINE)
    assert passes.read_wall(Keyring([NEW, OLD]), shown).day == b"day-7"
    with pytest.raises(Forged):
        passes.read_wall(KEYS, shown)


# ── the volunteer ──


def test_a_pass_is_good_for_a_minute_either_way():
    """T24."""
    code = passes.read_pass(KEYS, passes.pass_code(KEYS, XIAOMAN, 3, NINE), members())
    for steps in range(-2, 3):
        passes.fresh_pass(code, NINE + timedelta(seconds=30 * steps))
    for steps in (-3, 3):
        with pytest.raises(Stale, match="刷新") as refusal:
            passes.fresh_pass(code, NINE + timedelta(seconds=30 * steps))
        assert refusal.value.code == "checkin.stale_code"


def test_a_pass_is_refused_from_the_moment_we_promise():
    at = NINE + timedelta(seconds=11)
    code = passes.read_pass(KEYS, passes.pass_code(KEYS, XIAOMAN, 3, at), members())
    until = passes.pass_valid_until(at)
    passes.fresh_pass(code, until - timedelta(seconds=1))
    with pytest.raises(Stale):
        passes.fresh_pass(code, until)


def test_a_pass_made_just_before_midnight_is_read_after_it():
    midnight = clock.moment("2026-03-08T00:00:00+08:00")
    code = passes.pass_code(KEYS, XIAOMAN, 3, midnight - timedelta(seconds=1))
    passes.fresh_pass(passes.read_pass(KEYS, code, members()), midnight + timedelta(seconds=29))


def test_after_a_lost_phone_the_old_pass_is_revoked():
    """T28."""
    code = passes.pass_code(KEYS, XIAOMAN, 3, NINE)
    with pytest.raises(Revoked) as refusal:
        passes.read_pass(KEYS, code, members(4))
    assert (refusal.value.code, refusal.value.status) == ("checkin.revoked_pass", 410)
    with pytest.raises(Forged):
        passes.read_pass(KEYS, code, members(2))


def test_a_pass_of_nobody_we_know_is_a_forgery():
    with pytest.raises(Forged):
        passes.read_pass(KEYS, passes.pass_code(KEYS, b"somebody", 3, NINE), members())
    with pytest.raises(Forged):
        passes.read_pass(KEYS, passes.card_code(KEYS, b"somebody", 3, NINE.date()), members())


def test_a_card_is_good_to_the_end_of_its_last_day():
    code = passes.read_pass(KEYS, passes.card_code(KEYS, XIAOMAN, 3, date(2026, 3, 7)), members())
    passes.fresh_pass(code, clock.moment("2026-03-07T23:59:59+08:00"))
    with pytest.raises(Stale, match=r"3月7日\(周六\) 到期"):
        passes.fresh_pass(code, clock.moment("2026-03-08T00:00:00+08:00"))


def test_a_new_card_ends_the_old_one():
    """T28."""
    old = passes.card_code(KEYS, XIAOMAN, 3, date(2027, 3, 7))
    with pytest.raises(Revoked):
        passes.read_pass(KEYS, old, members(4))
    with pytest.raises(Forged):
        passes.read_pass(KEYS, old, members(2))


def test_a_strangers_card_is_never_looked_up():
    theirs = passes.card_code(Keyring([OLD]), XIAOMAN, 3, date(2027, 3, 7))
    asked = []
    with pytest.raises(Forged):
        passes.read_pass(KEYS, theirs, asked.append)
    assert asked == []


def test_the_wall_is_no_pass_and_a_voucher_is_neither():
    """T05."""
    from rewards.vouchers import codes as vouchers

    voucher = vouchers.qr_code(KEYS, b"v-ninety", b"nonce6")
    with pytest.raises(WallElsewhere):
        passes.read_pass(KEYS, passes.wall_code(KEYS, b"day-7", NINE), members())
    with pytest.raises(VoucherElsewhere, match="这是礼遇券的码，请拿到商家那里用。"):
        passes.read_wall(KEYS, voucher)
    assert passes.kind_of(voucher) == "voucher"


def test_a_scanner_without_signal_holds_the_keys_of_one_day_only():
    """T29."""
    keys = {passes.day_key(KEYS, XIAOMAN, 3, NINE.date() + timedelta(days=n)) for n in range(8)}
    assert len(keys) == 8
    from volunteer import codes, signing

    token = codes.take_apart(passes.pass_code(KEYS, XIAOMAN, 3, NINE), codes.PASS)
    assert signing.mac(passes.day_key(KEYS, XIAOMAN, 3, NINE.date()), "pass", token.body) == token.seal
