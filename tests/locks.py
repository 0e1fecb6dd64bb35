"""Which rows a request locks. SQLite ignores the words FOR UPDATE, so the statements are looked at before."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine


@contextmanager
def locked_tables(engine: Engine) -> Iterator[set[str]]:
    """The names of the tables from which rows are selected for update within the block."""
    locked: set[str] = set()

    def note(_connection: Any, clause: Any, *_rest: Any) -> None:
        if isinstance(clause, sa.Select) and clause._for_update_arg is not None:
            locked.update(table.name for table in clause.get_final_froms() if isinstance(table, sa.Table))

    sa.event.listen(engine, "before_execute", note)
    try:
        yield locked
    finally:
        sa.event.remove(engine, "before_execute", note)
