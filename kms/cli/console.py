"""What commands share: output, progress, clear failures, the database."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import inspect
from sqlalchemy.engine import Engine

from kms.db.engine import make_engine
from kms.errors import KmsError
from kms.settings import Settings

console = Console()
errors = Console(stderr=True)


def fail(message: str) -> NoReturn:
    """End the command with status 1 and one sentence that says what to do."""
    errors.print(f"[bold red]Error:[/] {message}", highlight=False, soft_wrap=True)
    raise typer.Exit(1)


def progress() -> Progress:
    """A progress display; silent where nobody looks at a terminal."""
    return Progress(console=errors, transient=True, disable=not sys.stderr.isatty())


@contextmanager
def telling_errors() -> Iterator[None]:
    """Domain errors become one line on the terminal."""
    try:
        yield
    except KmsError as error:
        details = error.extra.get("errors") or {}
        fail("\n  ".join([error.message, *(f"{field}: {text}" for field, text in details.items())]))


@contextmanager
def using_database(settings: Settings, *, migrated: bool = True) -> Iterator[Engine]:
    """The database of the settings; with `migrated` it must have our tables."""
    engine = make_engine(settings.database)
    try:
        if migrated and not inspect(engine).has_table("outbox"):
            fail("The database has no tables yet. Run: kms migrate")
        with telling_errors():
            yield engine
    finally:
        engine.dispose()
