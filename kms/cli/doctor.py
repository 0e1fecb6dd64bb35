"""`kms doctor`: what is wrong, in words, and what to do."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import typer
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from kms import clock
from kms.accounts.demo import refuse_default_secrets
from kms.api.locking import DataDirectoryInUse
from kms.api.runtime import check, open_runtime
from kms.cli.console import console
from kms.cli.migrate import alembic_config
from kms.db.engine import make_engine
from kms.db.session import reading
from kms.errors import KmsError
from kms.outbox.models import OutboxRow
from kms.settings import Settings, get_settings

GIB = 1024**3
FREE_AT_LEAST = GIB


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `wrong` findings end the command with status 1."""

    topic: str
    text: str
    wrong: bool = False


def doctor() -> None:
    """Check settings, disk, database, work in hand, index and embedder."""
    findings = list(examine(get_settings()))
    for finding in findings:
        mark = "[bold red]✗[/]" if finding.wrong else "[green]✓[/]"
        console.print(f"{mark} {finding.topic:10} {finding.text}", highlight=False)
    if any(finding.wrong for finding in findings):
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """All findings, in an order in which the first wrong one explains the next."""
    yield from _disk(settings)
    engine = make_engine(settings.database)
    try:
        database = list(_database(engine))
        yield from database
        if not any(finding.wrong for finding in database):
            yield from _secrets(engine, settings)
            yield from _outbox(engine)
            yield from _index(settings)
    finally:
        engine.dispose()


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    if not folder.exists():
        yield Finding("disk", f"{folder.absolute()} does not exist yet; kms migrate makes it", wrong=True)
        return
    if not os.access(folder, os.W_OK):
        yield Finding("disk", f"{folder.absolute()} cannot be written by this user", wrong=True)
    free = shutil.disk_usage(folder).free
    yield Finding("disk", f"{free / GIB:.1f} GiB free in {folder.absolute()}", wrong=free < FREE_AT_LEAST)


def _database(engine: Engine) -> Iterator[Finding]:
    newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        yield Finding("database", f"cannot be reached: {error}", wrong=True)
        return
    if current != newest:
        yield Finding(
            "database", f"has schema {current}, this version needs {newest}: run kms migrate", wrong=True
        )
    else:
        yield Finding("database", f"{engine.dialect.name}, schema {current}")


def _secrets(engine: Engine, settings: Settings) -> Iterator[Finding]:
    with reading(engine) as session:
        try:
            refuse_default_secrets(session, settings)
        except KmsError as error:
            yield Finding("secrets", error.message, wrong=True)


def _outbox(engine: Engine) -> Iterator[Finding]:
    with reading(engine) as session:
        rows = session.exec(select(OutboxRow).where(col(OutboxRow.attempts) > 0)).all()
        due = session.exec(select(OutboxRow).where(col(OutboxRow.due_at) <= clock.now())).all()
    for row in rows[:5]:
        told = f"{row.consumer} of {row.key} failed {row.attempts} times: {row.last_error}"
        yield Finding("work", told, wrong=row.attempts >= 3)
    yield Finding("work", f"{len(due)} pieces due, {len(rows)} of all were tried in vain")


def _index(settings: Settings) -> Iterator[Finding]:
    try:
        with open_runtime(settings, worker=False) as runtime:
            problems = check(runtime)
    except DataDirectoryInUse:
        yield Finding("index", "a server is running and looks after it")
        return
    except (KmsError, OSError) as error:
        yield Finding("index", f"cannot be opened: {error}", wrong=True)
        return
    for problem in problems[:5]:
        yield Finding("index", problem, wrong=True)
    if not problems:
        yield Finding("index", "agrees with the database; the embedder answers")
