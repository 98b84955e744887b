"""The files a city installs, filled in for this machine and read by the programs they are for."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.cluster import layout as where
from tests.engines import free_port
from volunteer import connections
from volunteer.connections import address, engine_options


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[where.Layout]:
    if absent := where.missing():
        pytest.skip(f"not on this machine: {', '.join(absent)}")
    folder = tmp_path / "cluster"
    yield where.prepare(folder, base=min(free_port(), 31000))


def reads(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    path = shutil.which(program, path=where.search_path())
    return subprocess.run(
        [path or program, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=30
    )


def test_haproxy_takes_its_file(layout: where.Layout) -> None:
    """F08: HAProxy reads its file without a warning."""
    answer = reads("haproxy", "-c", "-f", layout.folder / "haproxy.cfg")
    assert answer.returncode == 0 and "WARNING" not in answer.stderr, answer.stderr


def test_patroni_takes_its_files(layout: where.Layout) -> None:
    """F08: Patroni reads the file of every node and objects to loopback alone, which only stands in for three machines."""
    for number in where.NODES:
        answer = reads("patroni", "--validate-config", layout.folder / f"patroni{number}.yml")
        told = (answer.stdout + answer.stderr).splitlines()
        known = ('must not contain "127.0.0.1"', "is not reachable")
        assert not [line for line in told if line and not any(words in line for words in known)]


def test_the_script_of_the_first_leader_is_sound(layout: where.Layout) -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("not on this machine: shellcheck")
    answer = reads("shellcheck", layout.folder / "create_database.sh")
    assert answer.returncode == 0, answer.stdout


def test_the_leader_cannot_hold_on_longer_than_the_gap_we_promise(layout: where.Layout) -> None:
    """F08: a key of ten seconds, and never so short that one slow answer costs a healthy leader its place."""
    said = (where.CONFIG / "patroni.yml").read_text()
    number = {
        name: int(said.split(f"\n    {name}: ")[1].split()[0])
        for name in ("ttl", "loop_wait", "retry_timeout")
    }
    assert number["ttl"] <= 12
    assert number["ttl"] >= number["loop_wait"] + 2 * number["retry_timeout"]
    assert "synchronous_mode: true" in said and 'synchronous_commit: "on"' in said
    assert 'fsync: "on"' in said and "- data-checksums" in said


def test_only_we_read_the_passwords(layout: where.Layout) -> None:
    for name in ("passwords.json", "pgbouncer_users.txt", "patroni1.yml"):
        assert (layout.folder / name).stat().st_mode & 0o077 == 0, name


def test_passwords_are_drawn_once(layout: where.Layout) -> None:
    again = where.prepare(layout.folder, layout.base)
    assert again.passwords == layout.passwords and len(set(again.passwords.values())) == len(again.passwords)


def test_pgbouncer_says_for_us_what_it_does_not_let_us_say(layout: where.Layout) -> None:
    """Behind PgBouncer a connection carries the same time-outs as without it."""
    said = (layout.folder / "pgbouncer1.ini").read_text()
    assert connections.SESSION
    for name, value in connections.SESSION.items():
        assert said.count(f"SET {name} = ''{value}''") == 2


def test_behind_pgbouncer_nothing_is_left_on_the_server(layout: where.Layout) -> None:
    """Transaction pooling: no prepared statements and no start-up options; without it both."""
    pooled = engine_options(layout.database_url(1))["connect_args"]
    assert pooled["prepare_threshold"] is None and "options" not in pooled
    direct = engine_options(layout.leader_url)["connect_args"]
    assert "prepare_threshold" not in direct and "lock_timeout" in direct["options"]
    assert "pgbouncer=" not in address(layout.database_url(1))
    assert address("sqlite:///:memory:") == "sqlite:///:memory:"


def test_every_port_is_below_those_of_outgoing_connections(layout: where.Layout) -> None:
    highest = max(layout.port(name, 3) for name in where.OFFSETS)
    assert highest < 32768


def test_a_folder_that_postgresql_cannot_enter_is_noticed(layout: where.Layout, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "cluster").mkdir(parents=True)
    closed.chmod(0o700)
    assert where.enterable(closed / "cluster") == (where.owner() is None)


def test_a_taken_port_is_named(layout: where.Layout) -> None:
    with socket.socket() as somebody:
        somebody.bind((where.HOST, layout.port("rw")))
        somebody.listen()
        assert layout.port("rw") in where.taken(layout)
