"""Stores lookups without making the searcher wait: a bounded queue, flushed several times a second."""

import queue
import threading
from collections.abc import Callable, Iterator

import structlog
from sqlalchemy.engine import Engine

from kms.db.session import writing
from kms.search.lookups import store
from kms.search.models import Lookup

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 0.2


class Recorder:
    """Only lookups without a call, whose results nobody has touched, may wait in the queue.

    Anything else is stored in its request's transaction.
    """

    def __init__(self, engine: Engine, size: int) -> None:
        self._engine = engine
        self._waiting: queue.Queue[Lookup] = queue.Queue(size)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lookups", daemon=True)
        self._thread.start()

    def record(self, lookup: Lookup) -> None:
        """Stored within the flush time; at once when it belongs to a call or the queue is full."""
        if lookup.call_id is None:
            try:
                self._waiting.put_nowait(lookup)
            except queue.Full:
                log.warning("lookups.queue_full")
            else:
                return
        with writing(self._engine) as session:
            store(session, [lookup])

    def flush(self) -> None:
        """Store what waits, now."""
        lookups = list(_taken(self._waiting.get_nowait))
        if lookups:
            with writing(self._engine) as session:
                store(session, lookups)

    def close(self) -> None:
        self._closed.set()
        self._thread.join()
        self.flush()

    def _run(self) -> None:
        while not self._closed.wait(FLUSH_SECONDS):
            try:
                self.flush()
            except Exception:
                # One bad batch or a locked database must not end the thread that writes all later ones.
                log.exception("lookups.flush_failed")


def _taken(take: Callable[[], Lookup]) -> Iterator[Lookup]:
    while True:
        try:
            yield take()
        except queue.Empty:
            return
