"""One index directory: words on disk, the catalogue in memory, vectors from the shared store."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from indexer.analysis.views import Analyser
from indexer.embedders.port import Embedder
from indexer.engines.embedded import measure, records, whitening
from indexer.engines.embedded.catalogue import Catalogue, Codes, Entry, Rows, quantise
from indexer.engines.embedded.completion import Lines
from indexer.engines.embedded.vectors import VectorStore
from indexer.engines.embedded.view import View
from indexer.engines.embedded.words import WordIndex
from indexer.models import ArticleDocuments, Schema, Versions
from indexer.passages import units

_CHUNK = 256
_ROWS_AT_ONCE = 4096  # as floats they take four times the room that they do as bytes


class Generation:
    """`apply` and `embed` may run at the same time as each other and as searches."""

    def __init__(
        self, path: Path, schema: Schema, analyser: Analyser, embedder: Embedder, store: VectorStore
    ) -> None:
        self.path = path
        self._schema = schema
        self._analyser = analyser
        self._embedder = embedder
        self._store = store
        self._words = WordIndex(path / "words", schema)
        self._writing = Lock()
        self._embedding = Lock()
        self._codes = {name: Codes() for name in schema.keywords}
        self._versions: dict[str, int] = {}
        self._waiting: set[str] = set()  # articles whose vectors are not all known
        self._whitening = path / f"whitening-{embedder.stamp}.npz"
        self._transform = whitening.load(self._whitening)
        self._closed = False
        self._catalogue = self._catalogue_of([])
        self._lines = Lines()
        self._load()

    def view(self) -> View:
        return self._view

    def versions(self) -> dict[str, Versions]:
        with self._writing:
            return {
                article: Versions(version, -1 if article in self._waiting else version)
                for article, version in self._versions.items()
            }

    def apply(self, batch: Sequence[ArticleDocuments]) -> None:
        for article in batch:
            records.check(self._schema, article)
        with self._writing:
            accepted = self._accepted(batch)
            if accepted:
                self._write(accepted)
                self._publish(accepted)

    def embed(self, batch: Sequence[ArticleDocuments]) -> None:
        with self._embedding:
            if self._closed:
                return  # another generation took its place meanwhile
            self._embed_missing([article for article in batch if not self._outdated(article)])
            with self._writing:
                self._attach({article.article for article in batch} & self._waiting)
            if measure.due(self._transform, len(self._catalogue.rows.values)):
                self._fit()

    def settle(self) -> None:
        """Measure the base's own directions on all it holds now."""
        with self._embedding:
            if len(self._catalogue.rows.values) >= measure.ENOUGH:
                self._fit()

    def close(self) -> None:
        """Searches that have begun go on."""
        with self._embedding, self._writing:
            if not self._closed:
                self._closed = True
                self._words.close()

    def _outdated(self, article: ArticleDocuments) -> bool:
        return article.version < self._versions.get(article.article, -1)

    def _accepted(self, batch: Sequence[ArticleDocuments]) -> dict[str, ArticleDocuments]:
        accepted: dict[str, ArticleDocuments] = {}
        for article in batch:
            known = accepted.get(article.article)
            if not self._outdated(article) and (known is None or known.version <= article.version):
                accepted[article.article] = article
        return accepted

    def _write(self, accepted: dict[str, ArticleDocuments]) -> None:
        try:
            for article in accepted.values():
                fields = [records.written(self._analyser, article, d) for d in article.documents]
                self._words.replace(article.article, fields or [records.tombstone(article)])
            self._words.commit()
        except BaseException:
            self._words.rollback()
            raise

    def _publish(self, accepted: dict[str, ArticleDocuments]) -> None:
        entries = [records.fresh(a.article, document) for a in accepted.values() for document in a.documents]
        old = [entry for entry in self._catalogue.entries if entry.article in accepted]
        self._versions |= {article.article: article.version for article in accepted.values()}
        self._waiting -= set(accepted)
        self._catalogue = self._catalogue.replaced(accepted.keys(), self._catalogue_of(entries))
        self._lines = self._lines.replaced(old, entries)
        self._show()

    def _show(self) -> None:
        self._view = View(self._words.reader(), self._catalogue, self._lines, self._transform, self._store)

    def _catalogue_of(self, entries: Sequence[Entry]) -> Catalogue:
        return Catalogue.of(self._schema, self._codes, entries, self._rows(entries))

    def _rows(self, entries: Sequence[Entry]) -> Rows:
        """Vectors of the documents that have all of theirs; the articles of the others wait."""
        keys: list[bytes] = []
        counts = []
        for entry in entries:
            complete = all(key in self._store for key in entry.keys)
            if not complete:
                self._waiting.add(entry.article)
            keys += entry.keys if complete else ()
            counts.append(len(entry.keys) if complete else 0)
        chunks = (keys[start : start + _ROWS_AT_ONCE] for start in range(0, len(keys), _ROWS_AT_ONCE))
        vectors = (self._transform.passages(self._store.read(chunk)) for chunk in chunks)
        return quantise(vectors, self._embedder.dimension, counts)

    def _attach(self, articles: set[str]) -> None:
        entries = [entry for entry in self._catalogue.entries if entry.article in articles]
        if entries:
            self._waiting -= articles
            self._catalogue = self._catalogue.replaced(articles, self._catalogue_of(entries))
            self._show()

    def _embed_missing(self, articles: Sequence[ArticleDocuments]) -> None:
        missing = {
            key: records.embedded_text(unit)
            for article in articles
            for document in article.documents
            for unit in units(document)
            if (key := records.key_of(unit)) not in self._store
        }
        pending = sorted(missing.items(), key=lambda item: len(item[1]))
        for start in range(0, len(pending), _CHUNK):
            chunk = pending[start : start + _CHUNK]
            self._store.add([key for key, _ in chunk], self._embedder.passages([text for _, text in chunk]))

    def _fit(self) -> None:
        view = self._view
        transform = measure.measure(view.catalogue.entries, view.words, self._store, self._embedder)
        transform.save(self._whitening)
        with self._writing:
            self._transform = transform
            self._catalogue = self._catalogue.with_rows(self._rows)
            self._show()

    def _load(self) -> None:
        entries = []
        for number, article, content in self._words.stored():
            self._versions[article] = content["version"]
            if "id" in content:
                entries.append(records.entry(number, article, content))
        self._catalogue = self._catalogue_of(entries)
        self._lines = Lines().replaced((), entries)
        self._show()
