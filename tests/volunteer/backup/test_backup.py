"""A backup is worth what its restore is worth: made, opened, cut, bent, put back, on each engine."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskCliRunner
from flask_migrate import stamp, upgrade
from sqlalchemy import text

from rewards import vouchers
from volunteer import accounts, checkin, ledger, service_days
from volunteer.db import db, transaction

OTHER = "another-secret-0123456789-zyxwvutsrqponm"


@pytest.fixture
def street(
    here: Any,
    clock: Any,
    xiaoman: accounts.User,
    day: service_days.ServiceDay,
    make_offer: Callable[..., Any],
) -> Any:
    """A volunteer who came, earned points and claimed a voucher, in a database that knows its schema."""
    cheap = make_offer(points=3)
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-in")
    clock.move("2026-03-08 11:30")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-out")
    vouchers.claim(xiaoman, cheap.id)
    here.commit()
    with here.outside():
        stamp()
    return xiaoman


@pytest.fixture
def saved(street: Any, command: Any, tmp_path: Path) -> Path:
    file = tmp_path / "tonight.liyu"
    made = command("backup", "create", str(file))
    assert made.exit_code == 0, made.output
    return file


@pytest.fixture
def elsewhere(engine: Any, make_app: Any, here: Any, outdoors: Any) -> Callable[..., Any]:
    """Run a command of ours on another machine: `elsewhere("backup", "restore", file)`."""
    url = engine.empty()
    plain = make_app(database_url=url)

    def run(*words: str, **config: Any) -> Any:
        there = make_app(**{"database_url": url, **config}) if config else plain
        with here.outside():
            return outdoors.copy().run(lambda: FlaskCliRunner(there).invoke(args=list(words)))

    run.url = url  # type: ignore[attr-defined]
    return run


def _counts() -> dict[str, int]:
    return {
        name: db.session.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0 for name in db.metadata.tables
    }


def test_what_was_saved_comes_back_on_another_machine(
    here: Any, saved: Path, street: Any, elsewhere: Any, make_app: Any
) -> None:
    """B1, B2: counts, balances, guards and numbering are as they were; the books hold."""
    who, before, points = street.id, _counts() | {"event": 0}, ledger.balance(street.id)
    back = elsewhere("backup", "restore", str(saved))
    assert back.exit_code == 0, back.output
    with make_app(database_url=elsewhere.url).app_context():
        assert _counts() | {"event": 0} == before
        assert ledger.balance(who) == points > 0
        assert ledger.inspect() == []
        with pytest.raises(Exception, match="append-only"):
            db.session.execute(text("UPDATE ledger_posting SET amount = 1"))
        db.session.rollback()
    again = elsewhere("doctor")
    assert "ok    append-only guards" in again.output


def test_life_goes_on_after_a_restore(
    here: Any, saved: Path, street: Any, elsewhere: Any, make_app: Any, give_points: Callable[..., None]
) -> None:
    """New rows get new numbers: the sequences came back too."""
    who = street.id
    elsewhere("backup", "restore", str(saved))
    with here.outside(), make_app(database_url=elsewhere.url).app_context(), transaction():
        before, person = ledger.balance(who), db.session.get(accounts.User, who)
        give_points(person, 7)
        assert ledger.balance(who) == before + 7


def test_nothing_of_a_person_is_readable_in_the_file(saved: Path, street: Any) -> None:
    """S20: neither name nor phone nor a table's name is found in a backup, and only its owner may read it."""
    content = saved.read_bytes()
    for word in (street.name, "ledger_posting", "volunteer"):
        assert word.encode() not in content
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_without_its_key_it_is_worthless(saved: Path, elsewhere: Any) -> None:
    """B4: the data without the key, and the key of somebody else, restore nothing."""
    refused = elsewhere("backup", "restore", str(saved), secret_keys=(OTHER,))
    assert refused.exit_code == 1 and "another key" in refused.output
    with_old_key_kept = elsewhere("backup", "restore", str(saved), secret_keys=(OTHER, "x" + OTHER))
    assert with_old_key_kept.exit_code == 1


def test_a_key_of_its_own_opens_it_whatever_the_platform_signs_with(
    street: Any, here: Any, elsewhere: Any, make_app: Any, outdoors: Any, tmp_path: Path
) -> None:
    """B4: BACKUP_KEY is enough, and SECRET_KEY is not."""
    file = tmp_path / "own-key.liyu"
    ours = make_app(backup_keys=(OTHER,))
    with here.outside():
        made = outdoors.copy().run(lambda: FlaskCliRunner(ours).invoke(args=["backup", "create", str(file)]))
    assert made.exit_code == 0, made.output
    assert "another key" in elsewhere("backup", "restore", str(file)).output
    assert elsewhere("backup", "restore", str(file), backup_keys=(OTHER,)).exit_code == 0


def test_a_file_that_was_cut_or_changed_anywhere_touches_nothing(
    saved: Path, elsewhere: Any, make_app: Any, tmp_path: Path
) -> None:
    whole = saved.read_bytes()
    bent = tmp_path / "bent.liyu"
    places = [5, 20, 40, len(whole) // 3, len(whole) // 2, len(whole) - 1]
    broken = [whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :] for place in places]
    broken += [whole[:place] for place in (0, 10, 100, len(whole) // 2, len(whole) - 1)]
    broken += [whole + b"\0", whole + whole[-500:]]
    for content in broken:
        bent.write_bytes(content)
        refused = elsewhere("backup", "restore", str(bent))
        assert refused.exit_code == 1 and "Traceback" not in refused.output, refused.output
        assert refused.output.startswith("Error: ") or "Error: " in refused.output
    with make_app(database_url=elsewhere.url).app_context():
        from sqlalchemy import inspect

        assert inspect(db.engine).get_table_names() == []


def test_a_database_with_something_in_it_is_replaced_only_when_told(
    saved: Path, street: Any, command: Any, here: Any, give_points: Callable[..., None]
) -> None:
    refused = command("backup", "restore", str(saved))
    assert refused.exit_code == 1 and "--replace" in refused.output
    here.undo()
    give_points(street, 500)
    here.commit()
    richer = ledger.balance(street.id)
    back = command("backup", "restore", str(saved), "--replace")
    assert "FAIL" not in back.output, back.output
    assert ledger.balance(street.id) == richer - 500


def test_last_years_backup_goes_into_this_years_schema(
    engine: Any, elsewhere: Any, make_app: Any, tmp_path: Path
) -> None:
    file, old = tmp_path / "old.liyu", engine.empty()
    with make_app(database_url=old).app_context():
        upgrade(revision="0001")
    made = elsewhere("backup", "create", str(file), "--json", database_url=old)
    # An old schema may lack what the new code writes: the backup itself is made all the same.
    assert file.exists() and stat.S_IMODE(file.stat().st_mode) == 0o600, made.output
    back = elsewhere("backup", "restore", str(file), "--json")
    assert back.exit_code == 0, back.output
    assert json.loads(back.output[back.output.index("{") :])["revision"] == "0001"
    with make_app(database_url=elsewhere.url).app_context():
        assert db.session.scalar(text("SELECT version_num FROM alembic_version")) > "0001"


def test_a_backup_of_a_newer_version_is_refused(
    saved: Path, street: Any, here: Any, command: Any, elsewhere: Any, tmp_path: Path
) -> None:
    here.commit()
    db.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    here.commit()
    newer = tmp_path / "newer.liyu"
    command("backup", "create", str(newer))
    refused = elsewhere("backup", "restore", str(newer))
    assert refused.exit_code == 1 and "newer version" in refused.output


def test_a_backup_overwrites_nothing(saved: Path, command: Any) -> None:
    before = saved.read_bytes()
    refused = command("backup", "create", str(saved))
    assert refused.exit_code == 1 and "there already" in refused.output
    assert saved.read_bytes() == before


def test_a_restore_is_rehearsed_beside_the_database(
    saved: Path, command: Any, here: Any, engine: Any
) -> None:
    """B3: restored in a place of its own, counted, inspected, taken away, and written into the trail."""
    before = _counts()
    proved = command("backup", "check", str(saved), "--json")
    assert proved.exit_code == 0, proved.output
    told = json.loads(proved.output[proved.output.index("{") :])
    assert told["ok"] and told["rows"]["ledger_posting"] == before["ledger_posting"]
    assert db.session.scalar(text("SELECT count(*) FROM event WHERE kind = 'backup.Proved'")) == 1
    if engine.name == "postgresql":
        left = "SELECT count(*) FROM pg_database WHERE datname LIKE 'liyu\\_check%'"
        assert db.session.scalar(text(left)) == 0


def test_a_rehearsed_restore_of_wrong_books_says_so(
    saved: Path, command: Any, here: Any, tmp_path: Path
) -> None:
    db.session.execute(text("UPDATE ledger_balance SET amount = amount + 1"))
    here.commit()
    wrong = tmp_path / "wrong.liyu"
    command("backup", "create", str(wrong))
    found = command("backup", "check", str(wrong))
    assert found.exit_code == 1 and "FAIL  ledger.balances" in found.output
