"""Which passwords are kept, and how strongly (S06)."""

from __future__ import annotations

import threading
import time

import argon2
import pytest

from tests.volunteer.accounts.conftest import PASSWORD
from volunteer import accounts
from volunteer.accounts import common_passwords, passwords

pytestmark = pytest.mark.usefixtures("real_hashes")

VOLUNTEER, OFFICE = "$argon2id$v=19$m=19456,t=2,p=1$", "$argon2id$v=19$m=65536,t=3,p=1$"


def test_the_list_is_the_one_it_says_it_is():
    """S06, T20: 16,290 fingerprints, sorted, each once; the lists' first of eight characters and more are in it."""
    raw = common_passwords.FILE.read_bytes()
    marks = [raw[n : n + 5] for n in range(0, len(raw), 5)]
    assert len(marks) == 16290 and marks == sorted(set(marks))
    for known in (
        "password",
        "12345678",
        "iloveyou",
        "sunshine",
        "football1",
        "trustno1",
        "jennifer",
        "PASSWORD",
    ):
        assert common_passwords.guessed(known), known


@pytest.mark.parametrize(
    "word",
    ["liyu2026", "Liyu@123", "mima8888", "woaini520", "bantian2026", "5201314520", "qwertyui", "1qaz2wsx3edc",
     "19900131", "13912345678", "zhang123", "P@ssw0rd", "nankeng888", "abcd1234", "98765432"],
)  # fmt: skip
def test_what_people_here_choose_first_is_told_by_rule(word):
    """S06: our name and places, phones, birthdays, runs and rows of keys."""
    with pytest.raises(passwords.TooCommon):
        passwords.kept(word)


@pytest.mark.parametrize(
    "word", ["liyu-demo", PASSWORD, "wang xiaoming 1987 corner", "三只猫 在南坑 晒太阳", "x" * 5 + "yzab&19"]
)
def test_what_is_no_secret_to_guess_is_accepted(word):
    """S06: any characters, no rules of composition."""
    assert not common_passwords.guessed(word)


def test_ones_own_name_or_phone_is_no_password():
    """S06: a name with a few digits, a phone with a letter."""
    for word, whose in (("lihuiming12", {"name": "lihuiming"}), ("13912345678x", {"phone": "13912345678"})):
        with pytest.raises(passwords.TooCommon):
            passwords.kept(word, **whose)


def test_who_comes_to_hold_a_role_is_kept_more_strongly_from_the_next_sign_in(visitor, ming, nankeng):
    """S06: volunteers 19 MiB and two passes; staff, shops and administrators 64 MiB and three."""
    assert ming.password_hash.startswith(VOLUNTEER)
    accounts.appoint(ming, "auditor", area=nankeng)
    for _ in range(2):
        visitor().post("/sign-in", {"phone": "13800000011", "password": PASSWORD})
        assert ming.password_hash.startswith(OFFICE)
    accounts.dismiss(ming, "auditor", area=nankeng)
    visitor().post("/sign-in", {"phone": "13800000011", "password": PASSWORD})
    assert ming.password_hash.startswith(OFFICE) and passwords.fits(ming.password_hash, PASSWORD)


def test_a_sign_in_keeps_even_a_password_that_would_be_refused_today(visitor, ming, nankeng, db):
    """S06: raising the cost never locks out who chose a word before the list was longer."""
    ming.password_hash = passwords.hashed("sunshine")
    accounts.appoint(ming, "counter", partner_id=1)
    visitor().post("/sign-in", {"phone": "13800000011", "password": "sunshine"})
    assert ming.password_hash.startswith(OFFICE)


def test_at_most_four_are_computed_at_once(monkeypatch):
    """S06: twelve sign-ins at one instant never take more than four hashes' memory."""
    running, most, lock = [0], [0], threading.Lock()

    def slow(self, word):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.02)
        with lock:
            running[0] -= 1
        return "hash"

    monkeypatch.setattr(argon2.PasswordHasher, "hash", slow)
    crowd = [threading.Thread(target=passwords.hashed, args=("word",)) for _ in range(12)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert 1 <= most[0] <= 4
