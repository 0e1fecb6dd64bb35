"""`kms import` and `kms export`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.engine import Engine
from sqlmodel import Session

from kms.accounts.actor import SYSTEM, Actor
from kms.accounts.authentication import person_actor
from kms.accounts.service import get_user
from kms.api.runtime import drain_unless_served
from kms.articles.attachments import Store
from kms.articles.files.exporting import Exporter
from kms.articles.files.importing import Importer, Report
from kms.articles.files.jsonl import read_lines
from kms.articles.files.markdown import read_folder
from kms.articles.files.model import Reading
from kms.cli.console import console, errors, fail, progress, using_database
from kms.db.session import reading, writing
from kms.errors import Forbidden
from kms.settings import Settings, get_settings

SHOWN = 50


def store_of(settings: Settings) -> Store:
    return Store(settings.attachments_dir, settings.attachment_max_bytes)


def import_articles(
    source: Annotated[
        Path, typer.Argument(exists=True, help="A folder of Markdown files, or a .jsonl file.")
    ],
    as_login: Annotated[str, typer.Option("--as", help="工号 of the person who imports.")],
    publish: Annotated[
        bool, typer.Option("--publish", help="Publish without approval; needs its own permission.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report what would happen.")] = False,
    name: Annotated[
        str, typer.Option("--source", help="Name of the source system; default: the file's name.")
    ] = "",
    category: Annotated[str, typer.Option(help="Category of JSON lines that name none.")] = "",
    audience: Annotated[str, typer.Option(help="Audience of JSON lines that name none.")] = "internal",
) -> None:
    """Bring articles in: all or nothing, and running it twice changes nothing."""
    settings = get_settings()
    found = read_source(source, {"category": category, "audience": audience})
    with using_database(settings) as engine:
        report = run_import(engine, settings, found, as_login, name or source.stem, publish, dry_run)
    _print(report, dry_run)
    if not report.fine:
        raise typer.Exit(1)
    if report.changes and publish and not dry_run and not drain_unless_served(settings):
        console.print("The running server indexes what is new.")


def read_source(source: Path, defaults: dict[str, str]) -> Reading:
    """Markdown files below a folder, or one file of JSON lines."""
    return read_folder(source) if source.is_dir() else read_lines(source, defaults)


def run_import(
    engine: Engine,
    settings: Settings,
    found: Reading,
    login: str,
    source: str,
    publish: bool,
    dry_run: bool = False,
) -> Report:
    """Plan, and unless it is a dry run or something is wrong, write it in one transaction."""
    session_of = reading if dry_run else writing
    with session_of(engine) as session:
        actor = _person(session, login)
        importer = Importer(session, actor, settings, store_of(settings), source, publish)
        report = importer.plan(found)
        if dry_run or not report.fine:
            return report
        with progress() as bar:
            task = bar.add_task("Articles", total=len(report.changes))
            importer.run(report, lambda: bar.advance(task))
    return report


def export_articles(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    as_login: Annotated[str, typer.Option("--as", help="工号; default: everything.")] = "",
) -> None:
    """Write every article's revision in force, with references and attachments, as Markdown."""
    if folder.exists() and any(folder.iterdir()):
        fail(f"{folder} is not empty. Name a new folder.")
    settings = get_settings()
    with using_database(settings) as engine, writing(engine) as session:
        actor = _person(session, as_login) if as_login else SYSTEM
        exporter = Exporter(session, actor, folder, store_of(settings))
        articles = exporter.articles()
        with progress() as bar:
            task = bar.add_task("Articles", total=len(articles))
            written = 0
            for _path in exporter.export(articles):
                written += 1
                bar.advance(task)
    console.print(f"{written} articles written to {folder}", highlight=False)


def _person(session: Session, login: str) -> Actor:
    user = get_user(session, login)
    if not user.active:
        raise Forbidden(f"工号 {login} 已停用")
    return person_actor(session, user)


def _print(report: Report, dry_run: bool) -> None:
    if report.faults:
        table = Table("Where", "What is wrong", title=f"{len(report.faults)} faults, nothing was imported")
        for fault in report.faults[:SHOWN]:
            table.add_row(fault.where, fault.message)
        errors.print(table)
        if len(report.faults) > SHOWN:
            errors.print(f"… and {len(report.faults) - SHOWN} more")
        return
    verb = "Would import" if dry_run else "Imported"
    counts = f"{len(report.created)} new, {len(report.changed)} changed, {report.unchanged} unchanged"
    console.print(f"{verb}: {counts}", highlight=False)
