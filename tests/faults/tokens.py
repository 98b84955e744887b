"""Codes bent in every way a million times: what we made is read, what we did not make is not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from rewards.vouchers import codes as vouchers
from tests.faults.registry import Outcome, fault
from volunteer import clock, codes
from volunteer.checkin import passes
from volunteer.errors import Refusal
from volunteer.signing import ALPHABET, Keyring

OLD, NEW = "a-secret-for-tests-0123456789-abcdef", "another-secret-0123456789-abcdefghij"
BEFORE, ROTATED, AFTER = Keyring([OLD]), Keyring([NEW, OLD]), Keyring([NEW])
AT = datetime(2026, 3, 7, 9, 0, tzinfo=clock.ZONE)
HERE = "https://liyu.example.cn"
#: Letters a tired eye takes for ours, the Cyrillic and full-width ones among them.
ALIKE = {"0": "Oo○О０", "1": "IlL|１", "V": "UuＶ", "A": "АΑ", "B": "ВΒ8", "C": "С", "E": "ЕΕ", "H": "НΗ"}


@dataclass(frozen=True)
class Made:
    """A code of ours and what it says."""

    kind: str
    text: str
    says: Any


def _wall(dice: Random, keys: Keyring) -> Made:
    day, at = dice.randbytes(5), AT + timedelta(seconds=dice.randrange(10**8))
    return Made("wall", passes.wall_code(keys, day, at), passes.WallCode(day, int(at.timestamp()) // 15))


def _pass(dice: Random, keys: Keyring) -> Made:
    who, at = dice.randbytes(8), AT + timedelta(seconds=dice.randrange(10**8))
    step = passes.step_at(at, passes.PASS_PERIOD)
    return Made("pass", passes.pass_code(keys, who, 7, at), passes.PassCode("pass", who, 7, step=step))


def _card(dice: Random, keys: Keyring) -> Made:
    who, until = dice.randbytes(8), date(2027, 1, 1) + timedelta(days=dice.randrange(3000))
    return Made("card", passes.card_code(keys, who, 7, until), passes.PassCode("card", who, 7, until=until))


def _voucher(dice: Random, keys: Keyring) -> Made:
    which, nonce = dice.randbytes(8), dice.randbytes(6)
    return Made("voucher", vouchers.qr_code(keys, which, nonce), vouchers.Scanned(which, nonce))


MAKERS: tuple[Callable[[Random, Keyring], Made], ...] = (_wall, _pass, _card, _voucher)
READERS: dict[str, Callable[[Keyring, str], Any]] = {
    "wall": lambda keys, text: passes.read_wall(keys, text, base_url=HERE),
    "pass": lambda keys, text: passes.read_pass(keys, text, lambda _who: 7, base_url=HERE),
    "card": lambda keys, text: passes.read_pass(keys, text, lambda _who: 7, base_url=HERE),
    "voucher": lambda keys, text: vouchers.read(keys, text, base_url=HERE),
}


# ── ways to bend one ──


def _flip(dice: Random, made: Made) -> str:
    size = next(one.size for one in codes.KINDS if one.name == made.kind)
    number = int.from_bytes(codes.decode(made.text, size))
    return codes.encode((number ^ 1 << dice.randrange(size * 8)).to_bytes(size))


def _cut(dice: Random, made: Made) -> str:
    keep = dice.randrange(len(made.text))
    return made.text[:keep] if dice.random() < 0.5 else made.text[len(made.text) - keep :]


def _extend(dice: Random, made: Made) -> str:
    more = "".join(dice.choices(ALPHABET, k=dice.randint(1, 8)))
    return made.text + more if dice.random() < 0.5 else more + made.text


def _swap(dice: Random, made: Made) -> str:
    at = dice.randrange(len(made.text))
    return made.text[:at] + dice.choice(ALPHABET) + made.text[at + 1 :]


def _look_alike(dice: Random, made: Made) -> str:
    there = [at for at, char in enumerate(made.text) if char in ALIKE]
    if not there:
        return made.text + "O"
    at = dice.choice(there)
    return made.text[:at] + dice.choice(ALIKE[made.text[at]]) + made.text[at + 1 :]


def _graft(dice: Random, made: Made) -> str:
    """The head of one on the body of another of its kind."""
    other = next(make(dice, ROTATED) for make in MAKERS if make.__name__ == f"_{made.kind}")
    at = dice.randrange(8, len(made.text) - 8)
    return made.text[:at] + other.text[at:]


BENT = (_flip, _cut, _extend, _swap, _look_alike, _graft)


@fault(
    "F25",
    "codes flipped, cut, extended, grafted, misread, of other kinds, keys and moments",
    target="0 bad accepted, 0 good refused",
    engines=("sqlite",),
    short={"rounds": 4_000},
    long={"rounds": 1_000_000},
)
def tokens(engine: str, dice: Random, *, rounds: int) -> Outcome:
    """Each round is one question; the database has no part in it."""
    accepted: list[str] = []
    refused: list[str] = []
    good = bad = 0
    for nth in range(rounds):
        keys = dice.choice((BEFORE, ROTATED))
        made = MAKERS[nth % len(MAKERS)](dice, keys)
        if nth % 5 == 0:
            good += 1
            _must_read(dice, made, keys, refused)
            continue
        bad += 1
        how = dice.choice((*BENT, "kind", "key", "moment"))
        if how == "kind":
            wanted = dice.choice(
                [one for one in READERS if {one, made.kind} > {one} and {one, made.kind} != {"pass", "card"}]
            )
            _must_not(wanted, ROTATED, made.text, accepted)
        elif how == "key":
            _must_not(made.kind, AFTER if keys is BEFORE else BEFORE, made.text, accepted)
        elif how == "moment":
            _edges(dice, accepted, refused)
        else:
            bent = how(dice, made)
            if _plain(bent) != _plain(made.text):
                _must_not(made.kind, ROTATED, bent, accepted)
    figure = f"{good} good, {bad} bent: {len(accepted)} bad accepted, {len(refused)} good refused"
    return Outcome(
        figure + "".join(f" {one!r}" for one in (accepted + refused)[:3]), not accepted and not refused
    )


def _plain(text: str) -> str:
    return text.upper()


def _must_read(dice: Random, made: Made, keys: Keyring, refused: list[str]) -> None:
    """As it is, in small letters, and by whoever has changed the keys since."""
    text = dice.choice((made.text, made.text.lower()))
    try:
        read = READERS[made.kind](dice.choice((keys, ROTATED)), text)
    except Refusal:
        refused.append(text)
        return
    if read != made.says:
        refused.append(text)


def _must_not(kind: str, keys: Keyring, text: str, accepted: list[str]) -> None:
    with suppress(Refusal):
        read = READERS[kind](keys, text)
        # One scrap in 32 that is ten characters long checks as one that was read out: it opens what the table says.
        if not isinstance(read, vouchers.Typed):
            accepted.append(text)


def _edges(dice: Random, accepted: list[str], refused: list[str]) -> None:
    """A wall's code is good in its step and the next one, to the second."""
    shown = AT + timedelta(seconds=dice.randrange(10**8))
    step, age = int(shown.timestamp()) // 15, dice.randint(-40, 60)
    at = shown + timedelta(seconds=age)
    fits = int(at.timestamp()) // 15 in (step, step + 1)
    try:
        passes.fresh(step, at)
        if not fits:
            accepted.append(f"step {step} at {at}")
    except passes.Stale:
        if fits:
            refused.append(f"step {step} at {at}")
