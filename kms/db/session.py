"""Sessions: one for reading, one for writing; only the edge (request, worker, command) commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session

from kms.db.engine import WRITES

AfterCommit = Callable[[], None]


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that is rolled back at the end; rows read in it stay readable."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session that commits at the end of the block, and rolls back on any error.

    Callbacks registered with `after_commit` run once the commit has succeeded.
    """
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        with Session(connection, expire_on_commit=False) as session:
            _forget_what_is_undone(session)
            yield session
            session.commit()
        callbacks = session.info.get("after_commit", [])
    for callback in callbacks:
        callback()


def after_commit(session: Session, callback: AfterCommit) -> None:
    """Run `callback` after the session's commit (wake a worker, push an event); never before, never twice."""
    callbacks: list[AfterCommit] = session.info.setdefault("after_commit", [])
    if callback not in callbacks:
        callbacks.append(callback)


def _forget_what_is_undone(session: Session) -> None:
    """A savepoint that is rolled back takes with it the callbacks that were registered within."""
    callbacks: list[AfterCommit] = session.info.setdefault("after_commit", [])
    before: dict[SessionTransaction, int] = {}

    def begun(_session: object, transaction: SessionTransaction) -> None:
        before[transaction] = len(callbacks)

    def undone(_session: object, transaction: SessionTransaction) -> None:
        del callbacks[before.get(transaction, 0) :]

    event.listen(session, "after_transaction_create", begun)
    event.listen(session, "after_soft_rollback", undone)
