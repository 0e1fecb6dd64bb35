"""Sessions: one for reading, one for writing; only the edge (request, worker, command) commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Engine
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
