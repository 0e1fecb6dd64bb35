"""The worker: leases due rows consumer by consumer and hands them to handlers."""

import os
import socket
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.engine import Engine

from kms.db.session import reading, writing
from kms.outbox import service
from kms.outbox.models import OutboxRow
from kms.outbox.wake import announced, await_work, wake_worker

log = structlog.get_logger(__name__)

IDLE_SECONDS = 0.5
"""Another process (a command) writes to the database only; this is how soon its work is noticed."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """`handle` gets the keys of a batch and must be idempotent; it returns the keys that failed, with why.

    It opens its own sessions. `batch` bounds the keys of one call.
    """

    name: str
    handle: Callable[[Sequence[str]], Mapping[str, str]]
    batch: int = 50


class Worker:
    """Runs consumers until stopped. Consumers earlier in the list are served first."""

    def __init__(
        self,
        engine: Engine,
        consumers: Sequence[Consumer],
        lease_seconds: int,
        rest: Callable[[], None] = lambda: None,
    ) -> None:
        """`rest` is called each time there is nothing left to do."""
        self._engine = engine
        self._rest = rest
        self._consumers = consumers
        self._lease_seconds = lease_seconds
        self._name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"[-64:]
        self._stop = threading.Event()

    def run(self) -> None:
        """Work until `stop`; sleeps while nothing is due."""
        while not self._stop.is_set():
            seen = announced()
            try:
                idle = not self.run_once()
            except Exception:
                # A full disk or a locked database must not end the worker; the rows stay and are tried again.
                log.exception("outbox.round_failed")
                idle = True
            if idle:
                self._rest()
                await_work(seen, IDLE_SECONDS)

    def stop(self) -> None:
        """Finish the batch in hand, then return from `run`."""
        self._stop.set()
        wake_worker()

    def drain(self) -> int:
        """Work until nothing is due; returns how many rows were handled."""
        total = 0
        while done := self.run_once():
            total += done
        return total

    def run_once(self) -> int:
        """One batch of the first consumer that has due rows."""
        for consumer in self._consumers:
            rows = self._lease(consumer)
            if rows:
                self._settle(rows, self._handle(consumer, rows))
                return len(rows)
        return 0

    def _lease(self, consumer: Consumer) -> list[OutboxRow]:
        with reading(self._engine) as session:
            if not service.pending(session, consumer.name):
                return []
        with writing(self._engine) as session:
            return service.lease(session, consumer.name, self._name, consumer.batch, self._lease_seconds)

    def _handle(self, consumer: Consumer, rows: Sequence[OutboxRow]) -> Mapping[str, str]:
        keys = [row.key for row in rows]
        try:
            return consumer.handle(keys)
        except Exception as error:
            log.exception("outbox.consumer_failed", consumer=consumer.name, keys=len(keys))
            if len(rows) == 1:
                return {keys[0]: repr(error)}
            return self._one_by_one(consumer, keys)

    def _one_by_one(self, consumer: Consumer, keys: Sequence[str]) -> Mapping[str, str]:
        # One bad row must not hold back the rest of its batch.
        failed: dict[str, str] = {}
        for key in keys:
            try:
                failed.update(consumer.handle([key]))
            except Exception as error:
                failed[key] = repr(error)
        return failed

    def _settle(self, rows: Sequence[OutboxRow], failed: Mapping[str, str]) -> None:
        with writing(self._engine) as session:
            for row in rows:
                if row.key in failed:
                    service.fail(session, row, failed[row.key])
                else:
                    service.finish(session, row)
