"""S20, S21, S22: a data key for each community, counted, changed while people work, destroyed for good."""

from __future__ import annotations

import os
import re
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import select, update

from tests.whole.spilt import bytes_of
from volunteer import accounts, privacy, vault
from volunteer.accounts import consents, guardians, phones, profile
from volunteer.accounts.models import Guardian, User
from volunteer.db import db, read_only, transaction
from volunteer.privacy import Unreadable, Where

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
NEW = "another-secret-of-the-tests-9876543210-zyxwvut"
_WEIGHTS, _CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"


def id_number(n: int) -> str:
    first = f"440307{1950 + n % 50}{1 + n % 12:02}{1 + n % 28:02}{n % 1000:03}"
    return first + _CHECKS[sum(int(d) * w for d, w in zip(first, _WEIGHTS, strict=True)) % 11]


def keys() -> list[tuple[str, int, int, bool]]:
    db.session.expire_all()
    return [(key.scope, key.kid, key.encryptions, key.wrapped is not None) for key in vault.everything()]


# ── S20 ──


def test_every_community_has_a_key_of_its_own(here, xiaoman, daming, passer_by, nankeng, yangmei):
    """S20: a data key for each community, and each value in the layout key number, nonce, ciphertext, tag."""
    here.commit()
    assert [(scope, kid) for scope, kid, _n, _there in keys()] == [(nankeng.path, 1), (yangmei.path, 1)]
    assert xiaoman.phone_sealed[0] == 1 and len(xiaoman.phone_sealed) == 1 + 12 + len("13800000001") + 16
    assert phones.of(xiaoman) == "13800000001" and phones.of(passer_by) == "13800000009"
    wrapped = {key.wrapped for key in vault.everything()}
    assert len(wrapped) == 2 and all(len(one) > 64 for one in wrapped)


def test_a_value_moved_to_another_row_column_or_community_does_not_open(here, xiaoman, daming, passer_by):
    """S20: ciphertexts swapped between rows fail to decrypt, in one community and between two."""
    for one, other in ((xiaoman, daming), (xiaoman, passer_by)):
        one.phone_sealed, other.phone_sealed = other.phone_sealed, one.phone_sealed
        for person in (one, other):
            with pytest.raises(Unreadable):
                phones.of(person)
        one.phone_sealed, other.phone_sealed = other.phone_sealed, one.phone_sealed
    here_ = Where("account", "phone", xiaoman.public)
    for elsewhere in (here_._replace(column="id"), here_._replace(table="guardian")):
        with pytest.raises(Unreadable):
            vault.unseal(xiaoman.phone_sealed, where=elsewhere, area_path=xiaoman.area_path)


def test_who_has_the_database_reads_no_number(engine, app, here, nankeng, yangmei, tmp_path: Path):
    """S20: 0 of the seeded phones and ID numbers in the file, its log, a dump and a backup (10,000 in the long form)."""
    count = 5_000 if LONG else 60
    seeded: set[bytes] = set()
    for n in range(count):
        home = (nankeng, yangmei)[n % 2]
        phone, number = f"139{n * 7919 % 10**8:08d}", id_number(n)
        person = accounts.register(name="志愿者", phone=phone, home=home, consents=("basic", "id"))
        seeded |= {phone.encode(), number.encode()}
        with db.session.begin_nested():
            try:
                profile.prove(person, number)
            except profile.IdTaken:
                seeded.discard(number.encode())
    here.commit()
    assert len(seeded) > 1.9 * count
    for form, content in bytes_of(engine, tmp_path).items():
        assert len(content) > 0 or form == "log"
        found = set(re.findall(rb"(?=(1[3-9]\d{9}))", content)) | set(
            re.findall(rb"(?=(\d{17}[\dX]))", content)
        )
        assert not (open_there := found & seeded), f"{form}: {len(open_there)} of {len(seeded)}"


def test_who_moves_takes_their_numbers_along(here, nankeng, yangmei):
    """S20: in a new community everything of theirs stands under its key, the guardian's number too."""
    ming = accounts.register(
        name="小明",
        phone="13700000001",
        home=nankeng,
        birth_on=date(2014, 1, 1),
        guardian_phone="13700000002",
    )
    profile.change(ming, name="小明", home=yangmei, birth_on=None)
    here.commit()
    guardian = guardians.named(ming)
    assert phones.of(ming) == "13700000001" and phones.of_guardian(guardian, ming) == "13700000002"
    assert {scope: n for scope, _kid, n, _there in keys()} == {nankeng.path: 2, yangmei.path: 2}


def test_what_was_sealed_before_communities_had_keys_still_opens(here, xiaoman, command):
    """S20: the older layout opens, and changing keys brings it under the community's."""
    where = Where("account", "phone", xiaoman.public)
    xiaoman.phone_sealed = privacy.seal(phones.keyring(), "13800000001", where=where)
    here.commit()
    assert phones.of(xiaoman) == "13800000001"
    old = xiaoman.phone_sealed
    assert command("keys", "rotate").exit_code == 0
    assert phones.of(xiaoman) == "13800000001" and xiaoman.phone_sealed != old
    with pytest.raises(Unreadable):
        privacy.unseal(phones.keyring(), xiaoman.phone_sealed, where=where)


# ── S21 ──


def test_each_key_counts_what_it_encrypts(here, nankeng, make_volunteers):
    """S21: the count is exact, whatever savepoints come undone, and is there for the metrics."""
    make_volunteers(7)
    here.commit()
    accounts.register(name="志愿者", phone="13600000001", home=nankeng)
    here.undo()
    assert keys() == [(nankeng.path, 1, 7, True)] and vault.most_encryptions() == 7


def test_a_key_that_has_done_enough_is_changed_by_itself(here, xiaoman, daming, nankeng):
    """S21: at 2³⁰ encryptions the next value is sealed with a new key; the old one opens what it sealed."""
    here.commit()
    db.session.execute(update(vault.DataKey).values(encryptions=vault.ENCRYPTIONS_MAX))
    here.commit()
    late = accounts.register(name="后来的人", phone="13600000002", home=nankeng)
    here.commit()
    assert late.phone_sealed[0] == 2 and phones.of(late) == "13600000002"
    assert phones.of(xiaoman) == "13800000001"
    assert keys() == [(nankeng.path, 1, vault.ENCRYPTIONS_MAX, True), (nankeng.path, 2, 1, True)]


def test_nothing_is_sealed_with_a_key_that_came_undone(here, nankeng):
    """S20: a key first made inside a savepoint that fails is gone, and the next person's number still opens."""
    with pytest.raises(ZeroDivisionError), db.session.begin_nested():
        accounts.register(name="没成的人", phone="13600000003", home=nankeng)
        raise ZeroDivisionError
    kept = accounts.register(name="成了的人", phone="13600000004", home=nankeng)
    here.commit()
    assert phones.of(kept) == "13600000004"


def test_two_first_people_of_a_community_share_its_key(app, here, nankeng, together):
    """S20: who comes at the same instant finds one key, on both engines."""
    home, path = nankeng.id, nankeng.path

    def arrive(n: int) -> Any:
        from volunteer import community

        def act() -> int:
            with app.app_context(), transaction():
                return accounts.register(name="志愿者", phone=f"1350000000{n}", home=community.get(home)).id

        return act

    answers = together([arrive(n) for n in range(6)])
    assert all(isinstance(answer, int) for answer in answers), answers
    assert keys() == [(path, 1, 6, True)]
    assert {phones.of(person) for person in db.session.scalars(select(User))} == {
        f"1350000000{n}" for n in range(6)
    }


# ── S22 ──


def test_keys_are_changed_while_people_work(
    app, here, nankeng, yangmei, make_app, together, make_volunteers, outdoors
):
    """S22: both secrets serve, every value is sealed anew, 0 requests fail, and the old secret then opens nothing."""
    people = [person.id for person in make_volunteers(40)]
    keeper = accounts.register(name="看的人", phone="13500000099", home=yangmei, consents=("basic", "id"))
    profile.prove(keeper, id_number(7))
    kept, keeper_id = (keeper.id_sealed, keeper.phone_sealed), keeper.id
    here.commit()
    both = make_app(secret_keys=(NEW, *app.config["LIYU"].secret_keys))
    over = threading.Event()
    done = {"read": 0, "new": 0}

    def read() -> None:
        n = 0
        while not over.is_set() or n < 40:
            with both.app_context(), read_only():
                phone = f"137{1 + n % 40:08d}"
                person = accounts.by_phone(phone)
                assert person is not None and person.id == people[n % 40] and phones.of(person) == phone
            n += 1
        done["read"] = n

    def arrive() -> None:
        from volunteer import community

        n = 0
        while not over.is_set() or n < 5:
            with both.app_context(), transaction():
                accounts.register(name="新来的人", phone=f"1360001{n:04d}", home=community.get(home))
            over.wait(0.02)  # people come one after another, not in a loop
            n += 1
        done["new"] = n

    def change() -> Any:
        try:
            return FlaskCliRunner(both).invoke(args=["keys", "rotate", "--batch", "7"])
        finally:
            over.set()

    home = nankeng.id
    answers = together([read, arrive, change])
    assert answers[:2] == [None, None] and answers[2].exit_code == 0, [*answers[:2], answers[2].output]
    assert done["read"] >= 40 and done["new"] >= 5

    def say(*words: str) -> str:
        return outdoors.copy().run(lambda: FlaskCliRunner(both).invoke(args=words).output)

    with here.outside():
        assert " 0 values sealed anew" in say("keys", "rotate", "--resume")
        assert say("keys", "destroy") == "0 keys destroyed\n"  # somebody may hold what they have just read
        assert say("keys", "destroy", "--at-once") == "2 keys destroyed\n"
    assert [(kid, there) for _scope, kid, _n, there in keys()] == [(1, False), (2, True)] * 2

    only = make_app(secret_keys=(NEW,))

    def look() -> None:
        with only.app_context(), read_only():
            everybody = list(db.session.scalars(select(User)))
            assert len(everybody) == 41 + done["new"]
            for person in everybody:
                assert accounts.by_phone(phones.of(person)).id == person.id
            found = accounts.by_phone("13500000099")
            assert phones.id_of(found) == id_number(7)
            for sealed, column in zip(kept, ("id", "phone"), strict=True):
                where = Where("account", column, found.public)
                with pytest.raises(Unreadable):  # a copy from a backup: its key is destroyed
                    vault.unseal(sealed, where=where, area_path=found.area_path)

    with here.outside():
        outdoors.copy().run(look)
    assert accounts.by_phone("13500000099") is None  # the old secret alone finds nobody, and opens nothing
    with pytest.raises(Unreadable):
        phones.of(db.session.get(User, keeper_id))


def test_a_change_of_keys_that_was_cut_short_goes_on(here, make_volunteers, command, nankeng):
    """S22: the change stops anywhere and goes on where it stood, with no key more."""
    make_volunteers(10)
    here.commit()
    vault.renew(nankeng.path)
    vault.reseal(vault.COLUMNS[0], 0, 4)
    here.commit()
    standing = sorted(person.phone_sealed[0] for person in db.session.scalars(select(User)))
    assert standing == [1] * 6 + [2] * 4
    assert "6 values sealed anew" in command("keys", "rotate", "--resume").output
    assert [kid for _scope, kid, _n, _there in keys()] == [1, 2]
    assert {person.phone_sealed[0] for person in db.session.scalars(select(User))} == {2}


def test_a_value_that_does_not_open_is_named_and_stops_nobody_else(here, xiaoman, daming, command):
    """S22: tampering shows in the change of keys; the others are sealed anew all the same."""
    consents.give(xiaoman, ["id"])
    xiaoman.phone_sealed = daming.phone_sealed
    told = command("keys", "rotate")
    assert told.exit_code == 1 and f"account.phone of row {xiaoman.id}" in told.output
    assert daming.phone_sealed[0] == 2
    assert command("keys", "destroy", "--at-once").output == "0 keys destroyed\n"


def test_every_sealed_column_takes_part(here):
    """S22: no sealed column of people or shops is left out of the change of keys."""
    walked = {(column.model.__tablename__, column.sealed) for column in vault.COLUMNS}
    there = {
        (table.name, column.name)
        for table in db.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_sealed")
    }
    assert walked == there and Guardian.__tablename__ in dict(walked)


def test_the_command_lists_the_keys(here, xiaoman, nankeng, command):
    listed = command("keys", "list").output
    assert listed.split() == [nankeng.path, "1", "1", "2026-03-07", "in", "use"]


def test_the_doctor_speaks_of_old_and_worn_keys(here, xiaoman, nankeng, clock, make_app, outdoors):
    """S21, S23: a key older than a quarter, used too much, or wrapped under a secret that is on its way out."""
    here.commit()
    assert vault.worries() == []
    clock.pass_(days=91)
    assert ["older than 90 days" in one for one in vault.worries()] == [True]
    db.session.execute(update(vault.DataKey).values(encryptions=vault.ENCRYPTIONS_MAX // 2 + 1))
    here.commit()
    assert "has encrypted 536870913 times" in vault.worries()[1]
    both = make_app(secret_keys=(NEW, here.app.config["LIYU"].secret_keys[0]))

    def ask() -> list[str]:
        with both.app_context(), read_only():
            return vault.worries()

    with here.outside():
        assert "older secret" in outdoors.copy().run(ask)[2]
