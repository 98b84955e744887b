"""People from a table take two of the office: one tries it and asks, another agrees, and all are registered at once.

The rows lie sealed, and only until somebody has decided or a week is over. Whom a table brought can be sent away again
as one: whoever has done nothing since is forgotten, the others are left and named. One person does that, with a reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, null, or_, select
from sqlalchemy.orm import aliased

from volunteer import access, clock, events, identity, privacy, signing, vault
from volunteer.accounts import closing, guardians, imports, proposals
from volunteer.accounts.import_models import ImportedAccount, ImportRequest
from volunteer.accounts.models import User
from volunteer.accounts.registration import register_all
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.privacy import Where
from volunteer.vault import Column

RIGHT = "person.import"
#: How long rows are kept for a decision.
WAITS = timedelta(days=7)
#: What a second person sees of the rows, masked.
SAMPLE = 10
SHOWN_MAX = 50
#: What stands about everybody in the trail from the moment they were registered.
_BEGINNINGS = ("accounts.Registered", "accounts.ConsentGiven", "accounts.GuardianNamed")


#: What else says that somebody uses an account; features above add theirs with `uses`.
_USES: list[Callable[[], ColumnElement[bool]]] = []


@events.kind
class ImportAsked(events.Event):
    import_id: int
    rows: int
    reason: str


@events.kind
class ImportDecided(events.Event):
    """`outcome` is done or refused; `rows` is how many people were registered."""

    import_id: int
    asker_id: int
    rows: int
    outcome: str


@events.kind
class ImportDropped(events.Event):
    import_id: int
    rows: int


@events.kind
class ImportUndone(events.Event):
    import_id: int
    rows: int
    staying: int
    reason: str


class NobodyNew(Refusal):
    code = "import.nobody_new"
    says = _("表里的人都已经有账号了，不用导入。")


class SeveralStreets(Refusal):
    code = "import.streets"
    says = _("一次只能导入一个街道的人，请按街道分开再传。")


class NotTried(Refusal):
    code = "import.not_tried"
    says = _("这份名单已经提出过，或者已经不在了。")


class NotTheirs(Refusal):
    code = "import.not_theirs"
    status = 409
    says = _("谁传的名单，由谁来提出或撤掉。")


class Changed(Refusal):
    code = "import.changed"
    says = _("传上来以后情况有变：第 {row} 行，{why} 请不同意这一份，改好再传。")


class NotDone(Refusal):
    code = "import.not_done"
    says = _("只有导入过、还没有撤回的名单才能撤回。")


@dataclass(frozen=True)
class Shown:
    """A row as somebody else may see it."""

    name: str
    phone: str
    home: str
    minor: bool


# ── one asks ──


def try_out(asker: User, raw: bytes) -> tuple[imports.Report, ImportRequest | None]:
    """Try a file; without a faulty row it is kept, sealed, for its uploader to ask with. One tried before goes.

    :raises imports.UnreadableTable: no table can be read, it is too large, or it is empty
    :raises imports.MissingColumns: a column is missing
    :raises NobodyNew: everybody in it has an account
    """
    if len(raw) > imports.PAGE_BYTES_MAX:
        raise imports.TooLargeTable
    lines = imports.read(raw, most=imports.PAGE_ROWS_MAX)
    paths = [hold.area_path for hold in asker.holds if RIGHT in hold.rights and hold.area_path]
    report = imports.tried(lines, reach=paths)
    if report.faults:
        return report, None
    if not report.new:
        raise NobodyNew

    before = select(ImportRequest).filter_by(asked_by=asker.id, state="tried").with_for_update()
    for old in db.session.scalars(before):
        old.state, old.rows_sealed = "dropped", None
    kept = ImportRequest(
        key=signing.uuid7(),
        area_path=_around({home.path for _one, home in report.new}),
        row_count=report.rows,
        new_count=len(report.new),
        known_count=report.known,
        asked_by=asker.id,
        asked_at=clock.now(),
        state="tried",
    )
    rows = json.dumps(lines, ensure_ascii=False)
    kept.rows_sealed = vault.seal(rows, where=_where(kept.key), area_path=kept.area_path)
    db.session.add(kept)
    db.session.flush()
    return report, kept


def ask(asker: User, tried: ImportRequest, reason: str) -> ImportRequest:
    """Ask another one of the office to agree.

    :raises NotTheirs: somebody else uploaded it
    :raises NotTried: it was asked already, or is gone
    """
    if tried.asked_by != asker.id:
        raise NotTheirs
    if tried.state != "tried":
        raise NotTried
    tried.reason = identity.free_text(reason, 200)
    tried.state, tried.asked_at = "open", clock.now()
    db.session.flush()
    events.record(ImportAsked(import_id=tried.id, rows=tried.new_count, reason=tried.reason), **_about(tried))
    return tried


def withdraw(asker: User, waiting: ImportRequest) -> ImportRequest:
    """Take back what nobody has decided yet; its rows are wiped. Twice changes nothing.

    :raises NotTheirs: somebody else uploaded it
    :raises proposals.DecidedAlready: somebody was faster
    """
    if waiting.asked_by != asker.id:
        raise NotTheirs
    if waiting.state == "dropped":
        return waiting
    if waiting.state not in ("tried", "open"):
        raise proposals.DecidedAlready
    return _drop(waiting)


def expire() -> int:
    """Wipe the rows of whatever has waited for a week; return how many tables went."""
    old = select(ImportRequest).where(
        ImportRequest.state.in_(("tried", "open")), ImportRequest.asked_at <= clock.now() - WAITS
    )
    return len([_drop(one) for one in db.session.scalars(old.with_for_update()).all()])


# ── another decides ──


def decide(waiting: ImportRequest, note: str, by: User, *, agreed: bool) -> ImportRequest:
    """Agree, and everybody new is registered at once; or refuse. Either way the rows are wiped.

    :raises proposals.DecidedAlready: somebody was faster
    :raises proposals.TakesAnother: whoever uploaded it does not agree as well
    :raises Changed: a row that was good is not any more; then nobody is registered
    """
    if waiting.state != "open":
        raise proposals.DecidedAlready
    if by.id == waiting.asked_by:
        raise proposals.TakesAnother
    waiting.note = identity.free_text(note, 200, empty=agreed)
    report = _tried_again(waiting) if agreed else None

    waiting.state = "done" if report else "refused"
    waiting.decided_by, waiting.decided_at, waiting.rows_sealed = by.id, clock.now(), None
    if report:
        waiting.new_count, waiting.known_count = len(report.new), report.known
        users = register_all(report.new, channel="import")
        db.session.add_all(ImportedAccount(user_id=user.id, import_id=waiting.id) for user in users)
    db.session.flush()
    events.record(
        ImportDecided(
            import_id=waiting.id,
            asker_id=waiting.asked_by,
            rows=waiting.new_count if report else 0,
            outcome=waiting.state,
        ),
        **_about(waiting),
    )
    return waiting


def undo(done: ImportRequest, reason: str, by: User) -> int:
    """Forget whoever a table brought and who has done nothing since; return how many. The others stay as they are.

    :raises NotDone: it was never brought in, or is taken back already
    """
    reason = identity.free_text(reason, 200)
    if done.state != "done":
        raise NotDone
    # Held first and asked afterwards: somebody who is signing in is seen, or waits until it is over.
    brought = select(User).join(ImportedAccount, ImportedAccount.user_id == User.id)
    brought = brought.where(ImportedAccount.import_id == done.id, User.state == "active").order_by(User.id)
    held = db.session.scalars(
        brought.with_for_update(of=User).execution_options(populate_existing=True)
    ).all()
    mine = select(ImportedAccount.user_id).where(ImportedAccount.import_id == done.id)
    used = set(db.session.scalars(select(User.id).where(User.id.in_(mine), lives())))
    unused = [user for user in held if user.id not in used]

    closing.close_unused(unused)
    done.state, done.undone_by, done.undone_at, done.undo_reason = "undone", by.id, clock.now(), reason
    db.session.flush()
    stay, _first = staying(done)
    undone = ImportUndone(import_id=done.id, rows=len(unused), staying=stay, reason=reason)
    events.record(undone, **_about(done))
    return len(unused)


def lives() -> ColumnElement[bool]:
    """Whether somebody has begun to use an account: anything has happened to them beyond being registered.

    Every act that concerns a person says whom in the trail: a sign-in, a sign-up, a stay, a role, a team, a suspension.
    """
    happened = events.Happened
    return or_(
        exists().where(happened.whom == User.id, happened.kind.not_in(_BEGINNINGS)),
        *(use() for use in _USES),
    )


def uses(use: Callable[[], ColumnElement[bool]]) -> Callable[[], ColumnElement[bool]]:
    """Have a condition on `User` count as using an account, beside what the trail says."""
    _USES.append(use)
    return use


# ── what pages show ──


def waiting() -> Sequence[Any]:
    """What waits within reach, oldest first: request, who asked, who decided."""
    found = access.within(_told().where(ImportRequest.state == "open"), ImportRequest, RIGHT)
    return db.session.execute(found.order_by(ImportRequest.id).limit(SHOWN_MAX)).all()


def lately() -> Sequence[Any]:
    """What was decided within reach, newest first, as `waiting` tells it."""
    decided = ImportRequest.state.in_(("done", "refused", "undone"))
    found = access.within(_told().where(decided), ImportRequest, RIGHT)
    return db.session.execute(found.order_by(ImportRequest.decided_at.desc()).limit(SHOWN_MAX)).all()


def mine(asker: User) -> Sequence[Any]:
    """What somebody has uploaded and nobody has decided, newest first, as `waiting` tells it."""
    theirs = _told().where(ImportRequest.asked_by == asker.id, ImportRequest.rows_sealed.is_not(None))
    return db.session.execute(theirs.order_by(ImportRequest.id.desc()).limit(SHOWN_MAX)).all()


def sample(waiting: ImportRequest) -> list[Shown]:
    """Return the first rows, masked."""
    if waiting.rows_sealed is None:
        return []
    told = [line.told for line in _lines(waiting)[:SAMPLE]]
    return [
        Shown(
            privacy.mask_name(one["name"]),
            privacy.mask_phone(identity.phone(one["phone"])),
            one["home"],
            guardians.is_minor(imports.birthday(one.get("birth_on", ""))),
        )
        for one in told
    ]


def staying(done: ImportRequest) -> tuple[int, Sequence[User]]:
    """Return how many of those a table brought use their account, and the first of them."""
    used = select(User).join(ImportedAccount, ImportedAccount.user_id == User.id)
    used = used.where(ImportedAccount.import_id == done.id, User.state != "closed", lives())
    count = db.session.scalar(select(func.count()).select_from(used.subquery())) or 0
    return count, db.session.scalars(used.order_by(User.id).limit(SHOWN_MAX)).all()


def _told() -> Select[*tuple[Any, ...]]:
    asker, decider = aliased(User), aliased(User)
    return (
        select(ImportRequest, asker.name.label("asker"), decider.name.label("decider"))
        .join(asker, asker.id == ImportRequest.asked_by)
        .outerjoin(decider, decider.id == ImportRequest.decided_by)
    )


def _drop(waiting: ImportRequest) -> ImportRequest:
    waiting.state, waiting.rows_sealed = "dropped", None
    db.session.flush()
    events.record(ImportDropped(import_id=waiting.id, rows=waiting.row_count), **_about(waiting))
    return waiting


def _tried_again(waiting: ImportRequest) -> imports.Report:
    report = imports.tried(_lines(waiting), reach=[waiting.area_path])
    if report.faults:
        row, why = report.faults[0]
        raise Changed(row=row, why=why)
    return report


def _lines(waiting: ImportRequest) -> list[imports.Line]:
    assert waiting.rows_sealed is not None
    told = vault.unseal(waiting.rows_sealed, where=_where(waiting.key), area_path=waiting.area_path)
    return [imports.Line(number, cells) for number, cells in json.loads(told)]


def _around(paths: set[str]) -> str:
    """The smallest area with all of these in it.

    :raises SeveralStreets: there is none
    """
    shared: list[str] = []
    for parts in zip(*(path.strip("/").split("/") for path in paths), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    if not shared:
        raise SeveralStreets
    return "/" + "".join(f"{part}/" for part in shared)


def _where(key: str) -> Where:
    return Where("import_request", "rows", key)


def _about(one: ImportRequest) -> dict[str, Any]:
    return {"about": f"import:{one.id}", "within": one.area_path}


vault.COLUMNS.append(
    Column(
        ImportRequest,
        "rows_sealed",
        "import_request",
        "rows",
        lambda: select(
            ImportRequest.id, ImportRequest.rows_sealed, ImportRequest.key, ImportRequest.area_path, null()
        ),
    )
)
