"""`kms backup` and `kms restore`: database and attachments in one file. Indexes are rebuilt, not kept."""

import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Annotated

import typer
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Connection, Engine

from kms import clock
from kms.api.locking import data_lock
from kms.api.tables import METADATA
from kms.cli.console import console, fail, progress, using_database
from kms.cli.migrate import migrate
from kms.db.dump import dump_table, is_empty, load_table
from kms.db.engine import WRITES
from kms.settings import Settings, get_settings

FORMAT = 1


def backup(
    target: Annotated[Path, typer.Argument(help="File to write, for example kms-2026-11-25.tar.gz.")],
) -> None:
    """Write database and attachments to one file. Safe while the server runs."""
    settings = get_settings()
    with using_database(settings) as engine:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Written beside and renamed, so that a file with the wished name is always a whole backup.
        unfinished = target.with_name(f".{target.name}.part")
        with tarfile.open(unfinished, "w:gz", compresslevel=6) as archive, engine.connect() as connection:
            _write(archive, connection, settings)
        unfinished.replace(target)
    console.print(f"Backup written: {target} ({target.stat().st_size / 1e6:.1f} MB)")


def restore(
    source: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file made by kms backup.")],
) -> None:
    """Load a backup into an empty installation; the index is built at the next start."""
    settings = get_settings()
    with data_lock(settings), using_database(settings, migrated=False) as engine:
        migrate(engine)
        try:
            _load(source, engine, settings)
        except (tarfile.TarError, EOFError):
            fail("This file is not a kms backup, or it is damaged.")
    console.print(f"Restored from {source}. Start with: kms serve")


def _write(archive: tarfile.TarFile, connection: Connection, settings: Settings) -> None:
    if connection.dialect.name == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ")
    head = {"format": FORMAT, "schema": _schema(connection), "made_at": clock.now().isoformat()}
    _add(archive, "backup.json", json.dumps(head).encode())
    tables = METADATA.sorted_tables
    with progress() as bar:
        for table in bar.track(tables, description="Database"):
            with tempfile.TemporaryFile() as file:
                dump_table(connection, table, file)
                _add_file(archive, f"tables/{table.name}.jsonl", file)
        files = sorted(path for path in settings.attachments_dir.rglob("*") if path.is_file())
        for path in bar.track(files, description="Attachments"):
            archive.add(path, f"attachments/{path.relative_to(settings.attachments_dir)}", recursive=False)


def _load(source: Path, engine: Engine, settings: Settings) -> None:
    with (
        tarfile.open(source, "r:gz") as archive,
        engine.connect().execution_options(**{WRITES: True}) as connection,
        connection.begin(),
    ):
        _check(archive, connection)
        with progress() as bar:
            for table in bar.track(METADATA.sorted_tables, description="Database"):
                load_table(connection, table, _lines(archive, f"tables/{table.name}.jsonl"))
            members = [entry for entry in archive.getmembers() if entry.name.startswith("attachments/")]
            for member in bar.track(members, description="Attachments"):
                _restore_file(archive, member, settings.data_dir)


def _restore_file(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    # Debian 12's Python has no extraction filters yet, so the path is checked here.
    target = (folder / member.name).resolve()
    file = archive.extractfile(member)
    if file is None or not target.is_relative_to((folder / "attachments").resolve()):
        fail(f"The backup holds a file in a strange place: {member.name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        shutil.copyfileobj(file, out)


def _check(archive: tarfile.TarFile, connection: Connection) -> None:
    try:
        head = json.load(archive.extractfile("backup.json") or BytesIO())
    except (KeyError, ValueError):
        fail("This file is not a kms backup, or it is damaged.")
    if head["format"] != FORMAT or head["schema"] != _schema(connection):
        fail(
            f"The backup was made with schema {head['schema']}, this version has {_schema(connection)}. "
            "Restore it with the version that made it, then upgrade with: kms migrate"
        )
    if not all(is_empty(connection, table) for table in METADATA.sorted_tables):
        fail("The database is not empty. Restore into a new KMS_DATA_DIR or an empty KMS_DATABASE_URL.")


def _schema(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _lines(archive: tarfile.TarFile, name: str) -> Iterator[bytes]:
    file = archive.extractfile(name)
    return iter(file) if file else iter(())


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    _add_file(archive, name, BytesIO(data))


def _add_file(archive: tarfile.TarFile, name: str, file: IO[bytes]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = file.seek(0, os.SEEK_END)
    entry.mtime = int(clock.now().timestamp())
    file.seek(0)
    archive.addfile(entry, file)
