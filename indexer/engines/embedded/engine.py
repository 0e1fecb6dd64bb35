"""The engine for one machine: tantivy for words, an exact scan for meaning, all in one directory.

root/current              names the generation in use
root/generations/<name>/  words/, whitening.npz, stamp
root/vectors/             shared by generations, so that a rebuild embeds nothing twice
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from uuid import uuid4

from indexer.analysis.views import Analyser
from indexer.embedders.port import Embedder
from indexer.engines.embedded import search as searching
from indexer.engines.embedded.generation import Generation
from indexer.engines.embedded.vectors import VectorStore
from indexer.engines.port import Feed
from indexer.models import ArticleDocuments, Completion, Filter, Likeness, Query, Result, Schema, Versions

_LAYOUT = 2
"""Raise it whenever what is written to disk, or how a text becomes a unit, changes."""
_STAMP = "stamp"
_SEARCHES_AT_ONCE = 2  # more threads fight for the interpreter and lengthen the tail


class EmbeddedEngine:
    """One process owns `root`. Safe to call from many threads.

    Engines that share a `store` embed a text once for all of them.
    """

    def __init__(
        self,
        root: Path,
        schema: Schema,
        analyser: Analyser,
        embedder: Embedder,
        store: VectorStore | None = None,
    ) -> None:
        self._root = root
        self._schema = schema
        self._analyser = analyser
        self._embedder = embedder
        self._store = store or open_store(root / "vectors", embedder)
        self._swapping = Lock()
        self._beside: Generation | None = None
        self._form = " ".join([f"layout-{_LAYOUT}", *schema.keywords, *schema.numbers])
        self.stamp = "\n".join([self._form, analyser.stamp, embedder.stamp])
        self._current, self.stale = self._open_current()
        self._pool = ThreadPoolExecutor(_SEARCHES_AT_ONCE, thread_name_prefix="search")

    def apply(self, batch: Sequence[ArticleDocuments]) -> None:
        with self._swapping:
            generations = self._generations()
            for generation in generations:
                generation.apply(batch)

    def embed(self, batch: Sequence[ArticleDocuments]) -> None:
        for generation in self._generations():
            generation.embed(batch)

    def search(self, query: Query) -> Result:
        return self._pool.submit(self._search, query).result()

    def similar(self, text: str, filter: Filter, k: int) -> tuple[Likeness, ...]:  # noqa: A002 - as in Query
        view = self._current.view()
        return self._pool.submit(
            searching.similar, view, self._analyser, self._embedder, text, filter, k
        ).result()

    def complete(self, prefix: str, filter: Filter, k: int) -> tuple[Completion, ...]:  # noqa: A002 - as in Query
        view = self._current.view()
        return view.lines.complete(prefix, view.catalogue, view.catalogue.allowed(filter), k)

    def versions(self) -> Mapping[str, Versions]:
        return self._current.versions()

    @contextmanager
    def rebuild(self) -> Iterator[Feed]:
        if self._beside is not None:
            raise RuntimeError("a rebuild is running already")
        beside = self._generation(self._new_path())
        self._beside = beside
        try:
            yield beside
            beside.settle()
            self._swap(beside)
        except BaseException:
            self._beside = None
            beside.close()
            shutil.rmtree(beside.path)
            raise

    def close(self) -> None:
        self._pool.shutdown()
        self._current.close()

    def _search(self, query: Query) -> Result:
        return searching.search(self._current.view(), self._analyser, self._embedder, query)

    def _generations(self) -> list[Generation]:
        return [self._current, *([self._beside] if self._beside else [])]

    def _generation(self, path: Path) -> Generation:
        return Generation(path, self._schema, self._analyser, self._embedder, self._store)

    def _new_path(self) -> Path:
        return self._root / "generations" / uuid4().hex

    @property
    def _pointer(self) -> Path:
        return self._root / "current"

    def _open_current(self) -> tuple[Generation, bool]:
        """A generation of another analysis or embedder still serves until it is replaced; of another form not."""
        name = self._pointer.read_text().strip() if self._pointer.exists() else ""
        path = self._root / "generations" / name
        for other in (self._root / "generations").glob("*"):
            if other != path:
                shutil.rmtree(other)  # half-built, or replaced just before a crash
        stamp = (path / _STAMP).read_text() if name and (path / _STAMP).exists() else ""
        readable = stamp.split("\n")[0] == self._form
        return self._generation(path if readable else self._new_path()), stamp != self.stamp

    def _swap(self, beside: Generation) -> None:
        (beside.path / _STAMP).write_text(self.stamp)
        partial = self._pointer.with_suffix(".partial")
        partial.write_text(beside.path.name)
        with self._swapping:
            partial.replace(self._pointer)
            old, self._current, self._beside, self.stale = self._current, beside, None, False
        old.close()
        shutil.rmtree(old.path)


def open_store(folder: Path, embedder: Embedder) -> VectorStore:
    return VectorStore(folder / f"{embedder.stamp}.bin", embedder.dimension)
