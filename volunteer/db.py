"""Session, column types, transaction(), read_only().

Verbs flush and never commit; the four who commit (web, timetable, events, the command line) do it through
`transaction()`. SQLite writes begin IMMEDIATE, because a deferred begin lets sixteen counters redeem one voucher.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVarTuple, overload

from flask import Flask
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
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, registry
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.sql.selectable import TypedReturnsRows

from volunteer import clock

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
#: The same where there may be none, which then is NULL and not the JSON word for it.
NoFacts = JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


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
    if _writing.get():
        return
    # On a page words of our own too: it reads without a transaction, so nothing would take them back.
    words = state.statement.text if isinstance(state.statement, TextClause) else ""
    by_hand = _by_the_statement.get() and words and not words.lstrip().startswith("SELECT")
    if state.is_insert or state.is_update or state.is_delete or by_hand:
        raise WroteWhileReading(str(state.statement))


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
