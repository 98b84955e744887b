"""Where each part of the cluster lives on one machine: folders, ports, passwords; and its files, filled in."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from volunteer import connections

CONFIG = Path(__file__).resolve().parent / "config"
HOST = "127.0.0.1"
NODES = (1, 2, 3)
APPLICATIONS = (1, 2)
#: Beside the base port; below 32768, where no outgoing connection can take one meanwhile.
OFFSETS = {
    "web": 0, "rw": 1, "ro": 2, "figures": 3, "application": 10, "pgbouncer": 20,
    "postgres": 30, "patroni": 40, "etcd": 50, "etcd_peer": 60,
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """One cluster: everything it keeps is in `folder`, everything it listens on lies within 70 ports from `base`."""

    folder: Path
    base: int = 21000
    passwords: dict[str, str] = field(default_factory=dict)

    def port(self, name: str, number: int = 0) -> int:
        """Return a port: `port("web")`, `port("postgres", 2)`."""
        return self.base + OFFSETS[name] + number

    @property
    def web(self) -> str:
        """Where people find the platform."""
        return f"http://{HOST}:{self.port('web')}"

    def database_url(self, application: int, *, replica: bool = False) -> str:
        """The address an application host is given: its own PgBouncer, and behind that the leader or the replicas."""
        name = "liyu_replica" if replica else "liyu"
        return f"postgresql://{self._role}@{HOST}:{self.port('pgbouncer', application)}/{name}?pgbouncer=true"

    @property
    def leader_url(self) -> str:
        """The leader, past PgBouncer: for migrations, loading and restores."""
        return f"postgresql://{self._role}@{HOST}:{self.port('rw')}/liyu"

    @property
    def _role(self) -> str:
        return f"liyu:{self.passwords['application']}"

    def node_url(self, number: int) -> str:
        """One PostgreSQL node itself, whoever leads."""
        return f"postgresql://{self._role}@{HOST}:{self.port('postgres', number)}/liyu"


def owner() -> str | None:
    """PostgreSQL refuses to run as root; return who runs it then."""
    if os.geteuid() != 0:
        return None
    return "postgres" if any(one.pw_name == "postgres" for one in pwd.getpwall()) else "nobody"


def bin_dir() -> Path:
    """The newest PostgreSQL of this machine.

    :raises FileNotFoundError: when there is none
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    if not found:
        raise FileNotFoundError("PostgreSQL")
    return found[-1].parent


def missing() -> list[str]:
    """The programs that are not on this machine; a cluster needs all of them."""
    programs = ("etcd", "patroni", "haproxy", "pgbouncer", "psql")
    absent = [name for name in programs if shutil.which(name, path=search_path()) is None]
    return absent if list(Path("/usr/lib/postgresql").glob("*/bin/postgres")) else [*absent, "postgresql"]


def search_path() -> str:
    """PATH with the folders where Debian keeps servers."""
    return os.pathsep.join([os.environ.get("PATH", "/usr/bin:/bin"), "/usr/sbin", "/sbin"])


def prepare(folder: Path, base: int = 21000) -> Layout:
    """Fill in every file of the cluster below `folder`; its passwords are drawn once and kept there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log").mkdir(exist_ok=True)
    (folder / "archive").mkdir(exist_ok=True)
    kept = folder / "passwords.json"
    if not kept.exists():
        names = ("superuser", "replication", "rewind", "application", "secret_key")
        drawn = {name: secrets.token_urlsafe(36) for name in names}
        kept.touch(0o600)
        kept.write_text(json.dumps(drawn))
    layout = Layout(folder, base, json.loads(kept.read_text()))
    _write(layout)
    if user := owner():
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, user, user)
    return layout


def enterable(folder: Path) -> bool:
    """Whether those who run PostgreSQL may enter the folder: a checkout may lie where only root can go."""
    user = owner()
    return (
        user is None
        or subprocess.run(["test", "-x", folder], user=user, cwd="/", check=False).returncode == 0
    )


def taken(layout: Layout) -> list[int]:
    """The ports of the cluster that somebody else listens on."""
    found = []
    for name in OFFSETS:
        for number in (0,) if name in ("web", "rw", "ro", "figures") else NODES:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, layout.port(name, number)))
                except OSError:
                    found.append(layout.port(name, number))
    return found


def _write(layout: Layout) -> None:
    for number in NODES:
        (layout.folder / f"node{number}").mkdir(mode=0o700, exist_ok=True)
        _fill(layout, "etcd.yml", f"etcd{number}.yml", number)
        _fill(layout, "patroni.yml", f"patroni{number}.yml", number)
    for number in APPLICATIONS:
        _fill(layout, "pgbouncer.ini", f"pgbouncer{number}.ini", number)
    for name in ("haproxy.cfg", "pgbouncer_users.txt", "create_database.sh"):
        _fill(layout, name, name, 0)
    (layout.folder / "create_database.sh").chmod(0o700)


def _fill(layout: Layout, template: str, name: str, number: int) -> None:
    path = layout.folder / name
    path.touch(0o600)
    path.write_text(Template((CONFIG / template).read_text()).substitute(_facts(layout, number)))


def _facts(layout: Layout, number: int) -> dict[str, object]:
    port = layout.port
    nodes = [(one, f"{HOST}:{port('postgres', one)} check port {port('patroni', one)}") for one in NODES]
    servers = "\n".join(f"    server node{one} {where}" for one, where in nodes)
    hosts = (f"    server host{one} {HOST}:{port('application', one)} check" for one in APPLICATIONS)
    return {
        "host": HOST,
        "network": f"{HOST}/32",
        "folder": layout.folder,
        "number": number,
        "bin_dir": bin_dir(),
        "shared_buffers": "64MB",
        "etcd_members": ",".join(f"etcd{one}=http://{HOST}:{port('etcd_peer', one)}" for one in NODES),
        "etcd_hosts": ",".join(f"{HOST}:{port('etcd', one)}" for one in NODES),
        "application_servers": "\n".join(hosts),
        "leader_servers": servers,
        "replica_servers": servers,
        "session": "; ".join(f"SET {name} = ''{value}''" for name, value in connections.SESSION.items()),
        **{f"{name}_port": port(name, number) for name in ("etcd", "etcd_peer", "postgres", "patroni", "pgbouncer")},
        **{f"{name}_port": port(name) for name in ("web", "rw", "ro", "figures")},
        **{f"{name}_password": word for name, word in layout.passwords.items()},
    }  # fmt: skip
