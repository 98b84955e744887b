"""Session, column types, transaction(), read_only().

Verbs flush and never commit; the four who commit (web, timetable, events, the command line) do it through
`transaction()`. SQLite writes begin IMMEDIATE, because a deferred begin lets sixteen counters redeem one voucher.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVarTuple, overload

from flask import Flask, has_request_context
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as BoundSession
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Executable,
    Integer,
    MetaData,
    Result,
    String,
    Text,
    TypeDecorator,
    UpdateBase,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, registry
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlalchemy.sql.selectable import TypedReturnsRows

from volunteer import clock, metrics

Ts = TypeVarTuple("Ts")

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware moment; UTC in the database on both engines, Shanghai time in our hands."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its offset")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(clock.ZONE)


BigInt = BigInteger().with_variant(Integer, "sqlite")
Facts = JSON().with_variant(postgresql.JSONB(), "postgresql")


class Base(DeclarativeBase):
    # An explicit registry: Flask-SQLAlchemy refuses a base class that carries type_annotation_map itself.
    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            int: BigInt,
            str: Text,
            datetime: Moment(),
            dict[str, Any]: Facts,
            list[str]: Facts,
            list[Any]: Facts,
        },
    )


_writing: ContextVar[bool] = ContextVar("writing", default=False)
_by_the_statement: ContextVar[bool] = ContextVar("by_the_statement", default=False)
#: The engine that a replica is reached by, where one is configured, and whether it is being asked just now.
REPLICA = "replica"
from_replica: ContextVar[bool] = ContextVar("from_replica", default=False)


class Conversation(BoundSession):
    """The session; what is read while `from_replica` is set comes from there. Nothing is ever written there."""

    def get_bind(self, *arguments: Any, **options: Any) -> Engine | Connection:
        """Return the engine a statement goes to."""
        if _writing.get():
            return super().get_bind(*arguments, **options)
        engine = self._db.engines[REPLICA if from_replica.get() else None]
        alone = _by_the_statement.get() and engine.dialect.name == "postgresql"
        return _without_transactions(engine) if alone else engine


@lru_cache(maxsize=8)
def _without_transactions(engine: Engine) -> Engine:
    """The same engine for whoever only reads: without BEGIN and ROLLBACK, each statement a transaction of its own.

    Nothing is lost by it: under READ COMMITTED every statement sees its own moment inside a transaction too.
    """
    return engine.execution_options(isolation_level="AUTOCOMMIT")


class Database(SQLAlchemy):
    """Flask-SQLAlchemy, and the one statement the two engines spell differently."""

    def create_all(self, bind_key: Any = None) -> None:
        """Make the tables where we write; a replica has them from there."""
        super().create_all(bind_key)

    def insert(self, model: Any) -> Any:
        """Return an INSERT that knows ON CONFLICT, in the spelling of the engine in use."""
        insert = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        return insert(model)


if TYPE_CHECKING:
    # Type checkers do not look for classes on an instance; for them `db` is a class with the same names.
    class Asking(Session):
        @overload
        def execute(
            self, statement: TypedReturnsRows[*Ts], params: Any = None, **options: Any
        ) -> Result[*Ts]: ...
        @overload
        def execute(
            self, statement: UpdateBase, params: Any = None, **options: Any
        ) -> CursorResult[*tuple[Any, ...]]: ...
        @overload
        def execute(
            self, statement: Executable, params: Any = None, **options: Any
        ) -> Result[*tuple[Any, ...]]: ...
        def execute(self, statement: Any, params: Any = None, **options: Any) -> Any: ...
        def remove(self) -> None: ...

    class db:
        class Model(Base):
            __abstract__ = True

        session: ClassVar[Asking]
        engine: ClassVar[Engine]
        engines: ClassVar[Mapping[str | None, Engine]]
        metadata: ClassVar[MetaData]
        insert: ClassVar[Callable[[Any], Any]]
        init_app: ClassVar[Callable[[Flask], None]]
        create_all: ClassVar[Callable[[], None]]
else:
    db = Database(model_class=Base, session_options={"expire_on_commit": False, "class_": Conversation})

#: Path of an area such as "/1/4/9/": C collation, so that a prefix is a range on PostgreSQL as on SQLite.
Path = String(200).with_variant(String(200, collation="C"), "postgresql")

_after_commit: list[Callable[[list[int]], None]] = []


class WroteWhileReading(RuntimeError):
    """A GET, or code outside transaction(), tried to change something."""


class Work:
    """One transaction in progress; `undo()` makes it end without a trace."""

    undone = False

    def undo(self) -> None:
        self.undone = True


@contextmanager
def transaction() -> Iterator[Work]:
    """Do the work inside and commit it as one; an exception or `undo()` leaves no trace."""
    if _writing.get():
        raise RuntimeError("a transaction is open already; verbs never open one")
    db.session.rollback()  # ends a snapshot that reading may have opened
    work, mark = Work(), _writing.set(True)
    try:
        yield work
        if work.undone:
            db.session.rollback()
        else:
            db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _writing.reset(mark)
        waiting = db.session.info.pop("waiting", [])
        then = db.session.info.pop("then", [])
    if not work.undone:
        for act in then:
            act()
    if waiting and not work.undone:
        for tell in _after_commit:
            tell([happened.id for happened in waiting])


@contextmanager
def read_only(*, page: bool = False) -> Iterator[None]:
    """Read in one transaction; for a page, PostgreSQL needs none. Anything left to save is an error."""
    mark = _by_the_statement.set(page)
    try:
        yield
        if (
            any(db.session.is_modified(thing) for thing in db.session.dirty)
            or db.session.new
            or db.session.deleted
        ):
            raise WroteWhileReading(f"left unsaved: {list(db.session.new) + list(db.session.dirty)}")
    finally:
        _by_the_statement.reset(mark)
        db.session.rollback()


@contextmanager
def apart() -> Iterator[Connection]:
    """A short transaction of its own, for what must stay when the request leaves no trace: counters, last seen.

    Never inside transaction(): on SQLite the one would wait for the other.
    """
    if _writing.get():
        raise RuntimeError("a transaction is open already; what stands apart comes before or after it")
    mark = _writing.set(True)
    try:
        with db.engine.begin() as connection:
            yield connection
    finally:
        _writing.reset(mark)


def away(error: Exception) -> bool:
    """Whether the database cannot be reached or is handing over: a few seconds later it, or another one, answers."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeout)
    state = getattr(error.orig, "sqlstate", "")
    if state is None:  # from psycopg and without a state: there was nobody to give one
        return error.connection_invalidated or isinstance(error, OperationalError)
    return error.connection_invalidated or state[:2] == "08" or state in _HANDING_OVER


def full(error: BaseException) -> bool:
    """Whether there was no room left to write: reading goes on, and writing does as soon as there is room again."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", None) == "53100" or "disk is full" in str(cause)


def overdue(error: BaseException) -> bool:
    """Whether a lock or an answer was waited for as long as anybody should wait in front of a page."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in ("55P03", "57014")


#: Shutting down, crashed, starting up; and writing on a server that has just become a replica.
_HANDING_OVER = ("57P01", "57P02", "57P03", "25006")


@event.listens_for(Engine, "handle_error")
def _leave_a_replica(context: ExceptionContext) -> None:
    """A connection that has ended up on a replica while we write is no use to the next one either."""
    if _writing.get() and getattr(context.original_exception, "sqlstate", "") == "25006":
        context.is_disconnect = True


def when_committed(act: Callable[[], object]) -> None:
    """Have something counted or logged once the transaction in progress is true, and never if it is not."""
    db.session.info.setdefault("then", []).append(act)


@contextmanager
def part() -> Iterator[None]:
    """A savepoint: an exception undoes what was done inside and what was to follow from it, and goes on."""
    then = db.session.info.setdefault("then", [])
    before = len(then)
    try:
        with db.session.begin_nested():
            yield
    except BaseException:
        del then[before:]
        raise


def writing() -> bool:
    """Whether we are inside transaction()."""
    return _writing.get()


def after_commit(tell: Callable[[list[int]], None]) -> Callable[[list[int]], None]:
    """Have `tell(event ids)` called after each commit that recorded events."""
    _after_commit.append(tell)
    return tell


@event.listens_for(Session, "before_flush")
def _no_flush_while_reading(session: Session, *_: Any) -> None:
    if not _writing.get() and (
        session.new or session.deleted or any(map(session.is_modified, session.dirty))
    ):
        raise WroteWhileReading(f"{list(session.new)} {list(session.dirty)} {list(session.deleted)}")


@event.listens_for(Session, "do_orm_execute")
def _no_statement_while_reading(state: ORMExecuteState) -> None:
    if not _writing.get() and (state.is_insert or state.is_update or state.is_delete):
        raise WroteWhileReading(str(state.statement))


@event.listens_for(Engine, "connect")
def _tune_sqlite(connection: Any, _: Any) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None  # we say BEGIN ourselves, below
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL lost acknowledged commits in a power cut
        "busy_timeout=8000",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # so REPLACE meets the append-only guards
        "trusted_schema=OFF",
        "cache_size=-32000",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


#: What each of our connections to PostgreSQL says of itself; behind PgBouncer its `connect_query` says it for us.
SESSION = {"timezone": "UTC", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "60s"}

#: What a statement may take while somebody waits for the page; reports and nights that run by themselves take longer.
IN_A_REQUEST = {"statement_timeout": "5s"}

#: A database that vanished without a word is noticed by its silence, on the way there and back.
_SILENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
}


def address(url: str) -> str:
    """Return a DATABASE_URL without the word that is for us: `?pgbouncer=true`."""
    if "pgbouncer" not in make_url(url).query:
        return url
    return make_url(url).difference_update_query(["pgbouncer"]).render_as_string(hide_password=False)


class Pool(QueuePool):
    """A pool that says how long people waited for a connection."""

    def _do_get(self) -> Any:
        began = time.perf_counter()
        try:
            return super()._do_get()
        finally:
            metrics.count("db_checkouts")
            metrics.count("db_checkout_seconds", by=time.perf_counter() - began)


#: How long a connection may have lain in the pool and still be believed, unless its server has said something since:
#: that would be a farewell. Asking each time costs a page a tenth of its time.
BELIEVED_S = 1.0


@event.listens_for(QueuePool, "checkin")
def _laid_down(_: Any, record: ConnectionPoolEntry) -> None:
    record.info["laid_down"] = time.monotonic()


@event.listens_for(QueuePool, "checkout")
def _asked_first(connection: Any, record: ConnectionPoolEntry, _: Any) -> None:
    """A connection to PostgreSQL that has lain for a while says whether it still stands; if not, all are made anew."""
    since = record.info.get("laid_down")
    if since is None or not hasattr(connection, "pgconn"):
        return
    try:
        if time.monotonic() - since > BELIEVED_S or _has_spoken(connection):
            connection.autocommit = True
            connection.execute("")
            connection.autocommit = False
    except Exception as gone:
        raise InvalidatePoolError from gone


def _has_spoken(connection: Any) -> bool:
    ear = select.poll()
    ear.register(connection.pgconn.socket, select.POLLIN)
    return bool(ear.poll(0))


@event.listens_for(Engine, "do_connect")
def _hurry_in_requests(_: Any, __: Any, ___: Any, options: dict[str, Any]) -> None:
    if "options" in options and has_request_context():
        options["options"] += "".join(f" -c {name}={value}" for name, value in IN_A_REQUEST.items())


def engine_options(url: str) -> dict[str, Any]:
    """What create_engine needs beside the address: time-outs on PostgreSQL, a patient pool on both.

    With `?pgbouncer=true` nothing is left on the server between two transactions, since the next one may run on
    another connection: no prepared statements, and no start-up options, which PgBouncer would drop.
    """
    if url.startswith("sqlite"):
        return {
            "poolclass": Pool,
            "hide_parameters": True,
            "connect_args": {"timeout": 8},
            "pool_size": 20,
            "max_overflow": 20,
        }
    pooled = make_url(url).query.get("pgbouncer") == "true"
    said = {"options": " ".join(f"-c {name}={value}" for name, value in SESSION.items())}
    return {
        "poolclass": Pool,
        "hide_parameters": True,  # an error in a log names the statement, never the values
        "pool_size": 10,
        "max_overflow": 20,
        "pool_timeout": 1,
        "connect_args": {**_SILENCE, **({"prepare_threshold": None} if pooled else said)},
    }
