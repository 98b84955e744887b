"""What a database holds, told in a few numbers: written into every backup, and compared after every restore."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, inspect, text

from volunteer import clock


@dataclass(frozen=True)
class Manifest:
    """When and from what a backup was made, how many rows each table has, and where the sealed books end."""

    engine: str
    made_at: str
    revision: str | None
    rows: dict[str, int]
    sealed_on: str | None
    seal_head: str | None

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, told: dict[str, Any]) -> Manifest:
        return cls(**{name: told[name] for name in cls.__dataclass_fields__})

    def differs(self, other: Manifest) -> list[str]:
        """Return the tables whose rows differ from another's, and "seal" when the sealed books do."""
        tables = [
            f"{name}: {self.rows.get(name, 0)} → {other.rows.get(name, 0)}"
            for name in sorted({*self.rows, *other.rows})
            if self.rows.get(name, 0) != other.rows.get(name, 0)
        ]
        seals = (self.sealed_on, self.seal_head) != (other.sealed_on, other.seal_head)
        return tables + (["seal"] if seals else [])


def describe(connection: Connection) -> Manifest:
    """Return the manifest of a database as this connection's snapshot sees it."""
    tables = in_order(connection)
    sealed: Any = None
    if "ledger_seal" in tables:
        newest = 'SELECT "on", head FROM ledger_seal ORDER BY "on" DESC LIMIT 1'
        sealed = connection.execute(text(newest)).first()
    revision = None
    if "alembic_version" in tables:
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return Manifest(
        engine=connection.dialect.name,
        made_at=clock.now().isoformat(timespec="seconds"),
        revision=revision,
        rows={name: count(connection, name) for name in tables},
        sealed_on=str(sealed[0]) if sealed else None,
        seal_head=sealed[1] if sealed else None,
    )


def in_order(connection: Connection) -> list[str]:
    """Return every table, those that others refer to first."""
    found = inspect(connection).get_sorted_table_and_fkc_names()
    return [name for name, _keys in found if name is not None]


def count(connection: Connection, table: str) -> int:
    quoted = connection.dialect.identifier_preparer.quote(table)
    return connection.scalar(text(f"SELECT count(*) FROM {quoted}")) or 0  # noqa: S608 -- a table's own name
