"""The whole database as JSON lines, readable by any database that kms runs on."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

CHUNK = 1000


def dump_table(connection: Connection, table: sa.Table, out: IO[bytes]) -> int:
    """Write every row of `table`, in primary-key order, one JSON object a line; returns how many."""
    rows = connection.execution_options(yield_per=CHUNK).execute(
        sa.select(table).order_by(*table.primary_key)
    )
    count = 0
    for row in rows.mappings():
        values = {key: _out(value) for key, value in row.items()}
        out.write(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        count += 1
    return count


def load_table(connection: Connection, table: sa.Table, lines: Iterator[bytes]) -> int:
    """Insert the rows of `dump_table` into an empty table; returns how many.

    References of a table to itself are filled in afterwards, so that row order does not matter.
    """
    own = [column.name for column in table.columns if _refers_to_itself(column)]
    later: list[dict[str, Any]] = []
    count = 0
    for chunk in _chunks(lines, table):
        for row in chunk:
            if any(row[name] is not None for name in own):
                later.append(dict(row))
                row.update(dict.fromkeys(own))
        connection.execute(sa.insert(table), chunk)
        count += len(chunk)
    for row in later:
        key = sa.and_(*(column == row[column.name] for column in table.primary_key))
        connection.execute(sa.update(table).where(key).values({name: row[name] for name in own}))
    _advance_sequence(connection, table)
    return count


def is_empty(connection: Connection, table: sa.Table) -> bool:
    return connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is None


def _chunks(lines: Iterator[bytes], table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for line in lines:
        chunk.append({name: _in(value, table.columns[name]) for name, value in json.loads(line).items()})
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _out(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _in(value: Any, column: sa.Column[Any]) -> Any:
    if isinstance(value, str) and _holds(column, datetime):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and _holds(column, date):
        return date.fromisoformat(value)
    return value


def _holds(column: sa.Column[Any], kind: type) -> bool:
    stored: Any = column.type.impl if isinstance(column.type, sa.TypeDecorator) else column.type
    try:
        return issubclass(stored.python_type, kind)
    except NotImplementedError:
        return False


def _refers_to_itself(column: sa.Column[Any]) -> bool:
    return any(key.column.table is column.table for key in column.foreign_keys)


def _advance_sequence(connection: Connection, table: sa.Table) -> None:
    # PostgreSQL's sequences do not notice rows that bring their own ids.
    key = table.autoincrement_column
    if connection.dialect.name != "postgresql" or key is None:
        return
    newest = sa.select(sa.func.coalesce(sa.func.max(key), 0) + 1).scalar_subquery()
    sequence = sa.func.pg_get_serial_sequence(table.name, key.name)
    connection.execute(sa.select(sa.func.setval(sequence, newest, sa.false())))
