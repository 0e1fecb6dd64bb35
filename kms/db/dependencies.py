"""Sessions for routes. Use `scope="function"`: the commit happens before the response leaves."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from sqlalchemy.engine import Engine
from sqlmodel import Session

from kms.db.session import reading, writing


def get_engine(request: Request) -> Engine:
    """The application's database engine."""
    engine: Engine = request.app.state.engine
    return engine


def _read_session(engine: Annotated[Engine, Depends(get_engine)]) -> Iterator[Session]:
    with reading(engine) as session:
        yield session


def _write_session(engine: Annotated[Engine, Depends(get_engine)]) -> Iterator[Session]:
    with writing(engine) as session:
        yield session


LAST_ID = 2**31 - 1
"""Greater ids, versions and numbers exist in no table and would not fit its column."""
RowId = Annotated[int, Path(ge=1, le=LAST_ID)]
"""An id in an address."""
PageKey = Annotated[int | None, Query(ge=1, le=LAST_ID)]
"""Where the page before ended."""

ReadSession = Annotated[Session, Depends(_read_session, scope="function")]
WriteSession = Annotated[Session, Depends(_write_session, scope="function")]
