"""Ask for work, lease it, finish it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col

from kms import clock
from kms.db.session import after_commit
from kms.outbox.models import OutboxRow
from kms.outbox.wake import wake_worker

MAX_BACKOFF = timedelta(minutes=10)


def wanted(session: Session, consumer: str, key: object, due_at: datetime | None = None) -> None:
    """Ask `consumer` to look at `key`, now or at `due_at`; joins the caller's transaction.

    Asking again before it was done bumps the version; the newer due time wins (a timer that was moved).
    """
    moment = clock.now()
    insert = postgres_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    statement = insert(OutboxRow).values(
        consumer=consumer, key=str(key), version=1, due_at=due_at or moment, attempts=0, created_at=moment
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["consumer", "key"],
            set_={
                "version": col(OutboxRow.version) + 1,
                "due_at": statement.excluded.due_at,
                "attempts": 0,
            },
        )
    )
    after_commit(session, wake_worker)


def not_wanted(session: Session, consumer: str, key: object) -> None:
    """Forget pending work (a timer whose cause has gone)."""
    session.execute(
        sa.delete(OutboxRow).where(col(OutboxRow.consumer) == consumer, col(OutboxRow.key) == str(key))
    )


def lease(
    session: Session, consumer: str, worker: str, limit: int, seconds: int, keys: Sequence[str] = ()
) -> list[OutboxRow]:
    """Take up to `limit` due rows of `consumer` for `seconds`; oldest due first.

    On PostgreSQL rows that another worker is taking are skipped; SQLite has one writer at a time.
    """
    moment = clock.now()
    free = sa.or_(col(OutboxRow.leased_until).is_(None), col(OutboxRow.leased_until) <= moment)
    due = sa.select(OutboxRow).where(
        col(OutboxRow.consumer) == consumer, col(OutboxRow.due_at) <= moment, free
    )
    if keys:
        due = due.where(col(OutboxRow.key).in_(keys))
    query = due.order_by(col(OutboxRow.due_at), col(OutboxRow.key)).limit(limit)
    rows = list(session.scalars(query.with_for_update(skip_locked=True)))
    for row in rows:
        row.leased_until = moment + timedelta(seconds=seconds)
        row.leased_by = worker
    session.flush()
    return rows


def finish(session: Session, row: OutboxRow) -> None:
    """Done: forget the row, unless it was asked for again meanwhile; then it stays, due at once."""
    mine = (col(OutboxRow.consumer) == row.consumer, col(OutboxRow.key) == row.key)
    gone = session.execute(sa.delete(OutboxRow).where(*mine, col(OutboxRow.version) == row.version))
    if not gone.rowcount:  # type: ignore[attr-defined]
        session.execute(sa.update(OutboxRow).where(*mine).values(leased_until=None, leased_by=None))


def fail(session: Session, row: OutboxRow, error: str) -> None:
    """Not done: keep the row, due again after a back-off of 1, 2, 4 … seconds, ten minutes at most."""
    attempts = row.attempts + 1
    pause = min(timedelta(seconds=2 ** min(attempts - 1, 20)), MAX_BACKOFF)
    session.execute(
        sa.update(OutboxRow)
        .where(col(OutboxRow.consumer) == row.consumer, col(OutboxRow.key) == row.key)
        .values(
            attempts=attempts,
            due_at=clock.now() + pause,
            leased_until=None,
            leased_by=None,
            last_error=error[:2000],
        )
    )


def release_all(session: Session) -> None:
    """Give up all leases: the caller knows that their holders are dead."""
    session.execute(
        sa.update(OutboxRow)
        .where(col(OutboxRow.leased_by).is_not(None))
        .values(leased_until=None, leased_by=None)
    )


def pending(session: Session, consumer: str | None = None) -> int:
    """How many rows are due now or overdue."""
    query = sa.select(sa.func.count()).select_from(OutboxRow).where(col(OutboxRow.due_at) <= clock.now())
    if consumer:
        query = query.where(col(OutboxRow.consumer) == consumer)
    return session.scalar(query) or 0
