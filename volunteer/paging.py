"""Lists by key: the next page begins after the last row seen, so nothing is skipped or shown twice."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request
from sqlalchemy import Select, literal, tuple_

from volunteer.db import Moment, db
from volunteer.errors import Refusal
from volunteer.i18n import _


@dataclass(frozen=True)
class Page:
    """One page of a list and the cursor of the next, None at the end."""

    items: Sequence[Any]
    next: str | None

    def __iter__(self) -> Any:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class BadCursor(Refusal):
    code = "paging.cursor"
    status = 422
    says = _("翻页的位置不对，请从第一页看起。")


def page(
    statement: Select[*tuple[Any, ...]],
    *,
    key: Any,
    size: int = 50,
    descending: bool = True,
    scalars: bool = True,
    paged: bool = True,
) -> Page:
    """Return one keyset page; `key` is a column or a tuple of columns that is unique together.

    The next page begins after the last row seen, so nothing is skipped or shown twice while rows are added. With
    `paged=False` it is the first one, whatever the address says: for a list inside another list's page.
    """
    columns = key if isinstance(key, tuple) else (key,)
    after = request.args.get("after") if request and paged else None
    if after:
        values = [
            _typed(column, value) for column, value in zip(columns, _cursor(after, len(columns)), strict=True)
        ]
        edge = tuple_(*columns)
        bound = tuple_(*values)
        statement = statement.where(edge < bound if descending else edge > bound)
    ordered = statement.order_by(*(column.desc() if descending else column.asc() for column in columns))
    result = db.session.execute(ordered.add_columns(*columns).limit(size + 1)).all()
    rows, more = result[:size], len(result) > size
    width = len(columns)
    cursor = _encoded(rows[-1][-width:]) if more and rows else None
    return Page([row[0] if scalars else row for row in rows], cursor)


def _encoded(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if hasattr(value, "isoformat") else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _cursor(text: str, width: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(values, list) or len(values) != width:
            raise ValueError
    except ValueError as error:
        raise BadCursor from error
    return values


def _typed(column: Any, value: Any) -> Any:
    python = column.type.python_type if not isinstance(column.type, Moment) else datetime
    try:
        if python is datetime:
            value = datetime.fromisoformat(value)
        elif python is date:
            value = date.fromisoformat(value)
        elif not isinstance(value, python) or isinstance(value, bool):
            raise ValueError
    except (TypeError, ValueError) as error:
        raise BadCursor from error
    return literal(value, column.type)
