"""The parts of a running process, opened and closed together."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from sqlalchemy import inspect
from sqlalchemy.engine import Engine

from kms.api.locking import DataDirectoryInUse, data_lock
from kms.api.memory import Trimmer, be_frugal
from kms.articles import timers
from kms.db.engine import make_engine
from kms.db.session import reading, writing
from kms.outbox.service import release_all
from kms.outbox.worker import Worker
from kms.search import reconcile
from kms.search.housekeeping import Housekeeping
from kms.search.indexing import Indexing
from kms.search.opening import SearchParts
from kms.search.recorder import Recorder
from kms.search.restricted import RestrictedMatches
from kms.settings import Settings

__all__ = ["Runtime", "check", "data_lock", "drain_unless_served", "open_runtime", "reindex"]

log = structlog.get_logger(__name__)


class _Stopped(Exception):
    """The process ends in the middle of a rebuild; it begins again at the next start."""


@dataclass
class Runtime:
    """What a server process or a command that does the worker's job holds open."""

    settings: Settings
    engine: Engine
    search: SearchParts
    recorder: Recorder
    _stopping: threading.Event = field(default_factory=threading.Event)

    def workers(self) -> tuple[Worker, Worker]:
        """One for what must be quick, one for what may take its time."""
        indexing = Indexing(self.engine, self.search.indexes, self.settings)
        quick = [*indexing.text_consumers(), *timers.consumers(self.engine)]
        slow = [
            *indexing.vector_consumers(),
            RestrictedMatches(self.engine, self.search.searcher).consumer(),
            Housekeeping(self.engine, self.settings).consumer(),
        ]
        seconds = self.settings.outbox_lease_seconds
        return Worker(self.engine, quick, seconds), Worker(self.engine, slow, seconds, rest=Trimmer())

    def prepare(self) -> None:
        """Make the indexes agree with the database: build them anew, or ask for what is missing."""
        found = reconcile.repair(self.engine, self.search.indexes)
        if self.search.indexes.stale or any(difference.wanted is None for difference in found):
            log.info("index.rebuild")
            reconcile.rebuild(self.engine, self.search.indexes, self.settings, self._watch)
        elif found:
            log.warning("index.repaired", articles=len({difference.key for difference in found}))

    def drain(self) -> int:
        """Do all work that is due, in this thread; returns how many rows were handled."""
        workers = self.workers()
        total = 0
        while done := sum(worker.drain() for worker in workers):
            total += done
        return total

    @contextmanager
    def working(self) -> Iterator[None]:
        """The workers run in threads during the block."""
        quick, slow = self.workers()
        Housekeeping(self.engine, self.settings).schedule()
        threads = [
            threading.Thread(target=quick.run, name="worker-quick", daemon=True),
            threading.Thread(target=self._prepare_and_run, args=(slow,), name="worker-slow", daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            for worker in (quick, slow):
                worker.stop()
            for thread in threads:
                thread.join()

    def _prepare_and_run(self, worker: Worker) -> None:
        try:
            self.prepare()
        except _Stopped:
            return
        except Exception:
            # Without an index there is still knowledge to read and to write; `kms doctor` says what is wrong.
            log.exception("index.prepare_failed")
        worker.run()

    def _watch(self, _done: int, _all: int) -> None:
        if self._stopping.is_set():
            raise _Stopped


@contextmanager
def open_runtime(settings: Settings, *, worker: bool | None = None) -> Iterator[Runtime]:
    """Own the data directory and open database and indexes; everything is closed at the end of the block.

    `worker`: run the outbox workers; None: as the settings say. Raises DataDirectoryInUse.
    """
    be_frugal()
    with data_lock(settings), _database(settings) as engine:
        search, recorder = SearchParts(settings), Recorder(engine, settings.lookup_queue_size)
        runtime = Runtime(settings, engine, search, recorder)
        try:
            if settings.worker if worker is None else worker:
                with runtime.working():
                    yield runtime
            else:
                yield runtime
        finally:
            recorder.close()
            search.close()


@contextmanager
def _database(settings: Settings) -> Iterator[Engine]:
    engine = make_engine(settings.database)
    try:
        if engine.dialect.name == "sqlite" and inspect(engine).has_table("outbox"):
            with writing(engine) as session:
                # We own the data directory, so whoever held a lease is dead.
                release_all(session)
        yield engine
    finally:
        engine.dispose()


def drain_unless_served(settings: Settings) -> bool:
    """Do the work that a command has written, unless a running server does it; True when done here."""
    try:
        with open_runtime(settings, worker=False) as runtime:
            runtime.prepare()
            runtime.drain()
    except DataDirectoryInUse:
        return False
    return True


def reindex(runtime: Runtime, progress: reconcile.Progress | None = None) -> None:
    """Build the indexes anew from the database."""
    reconcile.rebuild(runtime.engine, runtime.search.indexes, runtime.settings, progress)


def check(runtime: Runtime) -> list[str]:
    """In words, where the indexes and the database disagree."""
    if runtime.search.indexes.stale:
        return ["索引由另一个版本建立或尚未建立，启动服务时会自动重建（或运行 kms reindex）"]
    with reading(runtime.engine) as session:
        return [str(difference) for difference in reconcile.differences(session, runtime.search.indexes)]
