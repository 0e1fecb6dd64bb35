"""Commands. Each one's text is its documentation: `kms --help`, `kms import --help`."""

import os

# One thread a numeric call: more of them fight over the cores (docs/adr/0004). Must stand before numpy's import.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import typer

from kms.cli import backup, doctor, eval, index, migrate, people, seed, serve, transfer  # noqa: A004 - the command's name

app = typer.Typer(
    help="Knowledge management for Chinese-language call centres.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.command("serve")(serve.serve)
app.command("worker")(index.worker)
app.command("migrate")(migrate.migrate_command)
app.command("seed")(seed.seed)
app.command("import")(transfer.import_articles)
app.command("export")(transfer.export_articles)
app.command("reindex")(index.reindex)
app.command("doctor")(doctor.doctor)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("eval")(eval.evaluate)
app.add_typer(people.users, name="user")
app.add_typer(people.api_keys, name="api-key")
