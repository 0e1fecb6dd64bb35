"""Alembic's entry: one set of migrations for SQLite and PostgreSQL."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.engine import Connection
from sqlmodel import AutoString, SQLModel

from kms.api.tables import METADATA
from kms.db.engine import WRITES, make_engine
from kms.db.types import Json, UtcDateTime
from kms.settings import get_settings

assert METADATA is SQLModel.metadata  # noqa: S101 - all tables are imported


def _render(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Our column types by their own names, so that a migration reads like the models."""
    if kind == "type" and item is Json:
        return "Json"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "UtcDateTime()"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String({item.length})" if item.length else "sa.String()"
    return False


def _configure(connection: Connection) -> None:
    context.configure(
        target_metadata=METADATA,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=True,
        render_item=_render,
        connection=connection,
    )


def run() -> None:
    """Migrate with the connection that the caller gives, or with one from the settings."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _configure(connection)
        with context.begin_transaction():
            context.run_migrations()
        return
    engine = make_engine(get_settings().database)
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        _configure(connection)
        with context.begin_transaction():
            context.run_migrations()


run()
