"""Paging by key set: a page begins after the sort value and the id of the last row of the page before."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from kms.errors import Invalid

Row = TypeVar("Row")
SIZE = 20


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of one page; `after` and `before` are the keys of its neighbours, empty at the ends."""

    rows: Sequence[Row]
    total: int
    after: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins or ends: the sort order, the value and the id of the row."""

    sort: str
    value: Any
    ident: int

    def __str__(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        text = json.dumps([self.sort, value, self.ident]).encode()
        return base64.urlsafe_b64encode(text).decode().rstrip("=")


def read_cursor(text: str, sort: str, kind: type) -> Cursor:
    """A key of a list sorted by `sort` with values of `kind`. Raises Invalid for what no such page has given out."""
    try:
        order, value, ident = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if kind is datetime:
            value = datetime.fromisoformat(value)
        if order == sort and isinstance(value, kind) and isinstance(ident, int) and abs(ident) < 2**31:
            return Cursor(sort, value, ident)
    except (ValueError, TypeError):
        pass
    raise Invalid("翻页参数已失效，请回到第一页")


def beyond(column: Any, ident: Any, cursor: Cursor, *, down: bool) -> sa.ColumnElement[bool]:
    """Rows past the cursor in the direction of the order; ids follow the same direction."""
    value = sa.literal(cursor.value, type_=column.type)
    further = column < value if down else column > value
    same = ident < cursor.ident if down else ident > cursor.ident
    return sa.or_(further, sa.and_(column == value, same))
