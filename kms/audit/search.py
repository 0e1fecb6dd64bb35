"""Find audit records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from kms import clock
from kms.audit.models import AuditRecord
from kms.errors import Invalid

PAGE = 50
EXPORT = 50_000
"""The most records of one CSV file."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search; empty values do not filter.

    `actor` is a login, of the person or the program. `action` is a name or its first word (`user`).
    `target` is `type:id` or just the id. `start` and `end` are days or instants as people write them;
    a day as `end` is included.
    """

    actor: str = ""
    action: str = ""
    target: str = ""
    start: str = ""
    end: str = ""
    before: int | None = None
    """The last id of the page before."""


def find_records(session: Session, wanted: Wanted, limit: int = PAGE) -> tuple[list[AuditRecord], int | None]:
    """Newest first, with what the next page starts before (None: no more). Raises Invalid for a bad time."""
    query = select(AuditRecord).where(*_conditions(wanted))
    if wanted.before is not None:
        query = query.where(col(AuditRecord.id) < wanted.before)
    rows = list(session.exec(query.order_by(col(AuditRecord.id).desc()).limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def actions(session: Session) -> Sequence[str]:
    """The names of all that was ever done."""
    return list(session.exec(select(AuditRecord.action).distinct().order_by(AuditRecord.action)))


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    record = AuditRecord
    conditions: list[sa.ColumnElement[bool]] = [sa.true()]
    if actor := wanted.actor.strip():
        conditions.append(sa.or_(col(record.actor_login) == actor, col(record.service_login) == actor))
    if action := wanted.action.strip()[:64]:
        conditions.append(
            sa.or_(
                col(record.action) == action,
                col(record.action).startswith(f"{action}.", autoescape=True),
            )
        )
    if wanted.target.strip():
        kind, mark, key = wanted.target.strip().partition(":")
        if mark:
            conditions.append(col(record.target_type) == kind)
        conditions.append(col(record.target_id) == (key if mark else kind))
    return [*conditions, *_times(wanted)]


def _times(wanted: Wanted) -> list[Any]:
    errors: dict[str, str] = {}
    start = _moment(wanted.start, "start", errors)
    end = _moment(wanted.end, "end", errors)
    if errors:
        raise Invalid("时间写作 2026-11-25 或 2026-11-25 09:00", errors)
    if end is not None and len(wanted.end.strip()) <= len("2026-11-25"):
        end += timedelta(days=1)
    conditions: list[Any] = [] if start is None else [col(AuditRecord.at) >= start]
    return conditions if end is None else [*conditions, col(AuditRecord.at) < end]


def _moment(text: str, name: str, errors: dict[str, str]) -> datetime | None:
    try:
        return clock.parse(text) if text.strip() else None
    except (ValueError, OverflowError):
        errors[name] = "时间写法不对"
        return None
