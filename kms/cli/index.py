"""`kms worker` and `kms reindex`."""

import signal
import threading

from kms.api.runtime import open_runtime
from kms.api.runtime import reindex as rebuild
from kms.cli.console import console, progress, telling_errors, using_database
from kms.settings import get_settings


def worker() -> None:
    """Do the outbox's work without pages and API (when the server runs with KMS_WORKER=false)."""
    settings = get_settings()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with using_database(settings), open_runtime(settings, worker=True):
        console.print("The worker runs (Ctrl+C stops it)")
        stop.wait()


def reindex() -> None:
    """Build the indexes anew from the database, beside the old ones. The server must be stopped."""
    settings = get_settings()
    with telling_errors(), open_runtime(settings, worker=False) as runtime, progress() as bar:
        task = bar.add_task("Articles", total=None)
        rebuild(runtime, lambda done, total: bar.update(task, completed=done, total=total))
    console.print("The indexes are built.")
