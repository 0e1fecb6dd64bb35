"""The indexes as a search asks them, with a limit on how many may wait."""

from threading import BoundedSemaphore

from indexer.models import Completion, Filter, Query, Result
from kms.errors import Unavailable
from kms.search.indexes import HISTORY, LIVE, Indexes

WAITING = 64
"""Searches under way or waiting for one of the engine's threads; the callers of more would have given up."""


class SearchPool:
    def __init__(self, indexes: Indexes) -> None:
        self._indexes = indexes
        self._engines = {LIVE: indexes.live, HISTORY: indexes.history}
        self._room = BoundedSemaphore(WAITING)

    def search(self, index: str, query: Query) -> Result:
        """Raises Unavailable when too many searches wait already."""
        if not self._room.acquire(blocking=False):
            raise Unavailable("检索人数过多，请几秒后重试")
        try:
            return self._engines[index].search(query)
        finally:
            self._room.release()

    def complete(self, prefix: str, where: Filter, k: int) -> tuple[Completion, ...]:
        """A look into a sorted list: too short to wait behind searches."""
        return self._indexes.live.complete(prefix, where, k)
