"""Opens the indexes of the embedded form when they are first needed: the model takes a second to load."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from threading import RLock
from typing import Annotated

import numpy as np
from fastapi import Depends, Request

from indexer.analysis.views import Analyser
from indexer.embedders.e5.embedder import E5Embedder
from indexer.embedders.port import Embedder, Vectors
from indexer.engines.embedded.engine import EmbeddedEngine, open_store
from kms.search.documents import SCHEMA
from kms.search.indexes import HISTORY, LIVE, Indexes
from kms.search.pool import SearchPool
from kms.settings import Settings

_REMEMBERED = 256
"""Queries whose vectors are kept: the facets, pages and filters of one search embed it once."""


class RememberingEmbedder:
    """An embedder that knows the last queries' vectors."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._query = lru_cache(_REMEMBERED)(self._embed)

    @property
    def stamp(self) -> str:
        return self._embedder.stamp

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    @property
    def related(self) -> float:
        return self._embedder.related

    def queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._query(text) for text in texts])

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.passages(texts)

    def _embed(self, text: str) -> Vectors:
        # Alone: the int8 model's vectors depend a little on what else is in the batch.
        vector: Vectors = self._embedder.queries([text])[0]
        return vector


@lru_cache(maxsize=1)
def _models(folder: Path) -> tuple[Analyser, Embedder]:
    return Analyser(folder / "words"), RememberingEmbedder(E5Embedder(folder))


class SearchParts:
    """The process's indexes, opened once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = RLock()

    @cached_property
    def _opened(self) -> tuple[Indexes, SearchPool]:
        analyser, embedder = _models((self._settings.data_dir / "models").resolve())
        root = self._settings.index_dir
        store = open_store(root / "vectors", embedder)  # shared: what moves to history is not embedded again
        indexes = Indexes(
            EmbeddedEngine(root / LIVE, SCHEMA, analyser, embedder, store),
            EmbeddedEngine(root / HISTORY, SCHEMA, analyser, embedder, store),
        )
        return indexes, SearchPool(indexes)

    @property
    def indexes(self) -> Indexes:
        with self._lock:
            return self._opened[0]

    @property
    def searcher(self) -> SearchPool:
        with self._lock:
            return self._opened[1]

    def close(self) -> None:
        if "_opened" in vars(self):
            self.indexes.close()


def get_searcher(request: Request) -> SearchPool:
    """The application's indexes."""
    parts: SearchParts = request.app.state.search
    return parts.searcher


Searching = Annotated[SearchPool, Depends(get_searcher)]
