"""`kms migrate`: bring the database to this version's schema."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.engine import Engine

from kms.cli.console import console, fail
from kms.db.engine import WRITES, make_engine
from kms.settings import get_settings


def alembic_config() -> Config:
    """Alembic's configuration without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(engine: Engine) -> None:
    """Apply all pending migrations in one connection."""
    config = alembic_config()
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def migrate_command(
    check: Annotated[
        bool, typer.Option("--check", help="Only compare the migrations with the models (for developers).")
    ] = False,
    new: Annotated[
        str, typer.Option("--new", help="Write a migration with this title from the models (for developers).")
    ] = "",
) -> None:
    """Create or upgrade the tables."""
    if check or new:
        _compare(new)
        return
    engine = make_engine(get_settings().database)
    migrate(engine)
    engine.dispose()
    console.print("The database is up to date.")


def _compare(title: str) -> None:
    """Migrations against models on an empty database: write what is missing under `title`, or fail."""
    with TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/check.sqlite3")
        migrate(engine)
        config = alembic_config()
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            try:
                command.revision(config, title, autogenerate=True) if title else command.check(config)
            except CommandError as error:
                fail(f"Migrations and models differ: {error}")
        engine.dispose()
