"""Article codes `KB-000123`, given out one by one."""

import re

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col

from kms.articles.models import CodeCounter

_CODE = re.compile(r"KB-(\d{6,9})")
_ONLY = 1


def next_code(session: Session) -> str:
    """A code that nobody had before; two transactions never get the same one."""
    return f"KB-{_raise(session, col(CodeCounter.last) + 1, 1):06d}"


def reserve_code(session: Session, code: str) -> None:
    """Keep `next_code` above a code that came from outside (an import)."""
    if found := _CODE.fullmatch(code):
        number = int(found[1])
        higher = sa.case((col(CodeCounter.last) < number, number), else_=col(CodeCounter.last))
        _raise(session, higher, number)


def _raise(session: Session, value: sa.ColumnElement[int], first: int) -> int:
    insert = postgres_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    statement = insert(CodeCounter).values(id=_ONLY, last=first)
    upsert = statement.on_conflict_do_update(index_elements=["id"], set_={"last": value})
    last: int = session.execute(upsert.returning(CodeCounter.__table__.c.last)).scalar_one()  # type: ignore[attr-defined]
    return last
