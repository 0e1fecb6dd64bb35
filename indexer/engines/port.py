"""What every engine does. The domain knows this file and nothing below it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from indexer.models import ArticleDocuments, Completion, Filter, Likeness, Query, Result, Versions


class Feed(Protocol):
    """Both calls are idempotent and durable on return, may be repeated and may come in any order."""

    def apply(self, batch: Sequence[ArticleDocuments]) -> None:
        """Make the articles findable by their words (and by meaning, as far as vectors are known)."""

    def embed(self, batch: Sequence[ArticleDocuments]) -> None:
        """Make the articles findable by meaning."""


class Engine(Feed, Protocol):
    @property
    def stamp(self) -> str:
        """Schema, analysis and embedder; an index under another stamp must be rebuilt."""

    @property
    def stale(self) -> bool:
        """The stored index has another stamp or none: rebuild it. Searching meanwhile is safe."""

    def search(self, query: Query) -> Result: ...

    def similar(self, text: str, filter: Filter, k: int) -> tuple[Likeness, ...]:  # noqa: A002 - as in Query
        """Near-duplicates of a text, best first."""

    def complete(self, prefix: str, filter: Filter, k: int) -> tuple[Completion, ...]:  # noqa: A002 - as in Query
        """Titles and similar questions that begin with the prefix, one an article and text."""

    def versions(self) -> Mapping[str, Versions]:
        """Of every article, deleted ones too, to be compared with the database."""

    def rebuild(self) -> AbstractContextManager[Feed]:
        """Feed a new index beside this one; leaving the block swaps, an exception deletes it.

        Writes to the engine itself during the rebuild reach both.
        """

    def close(self) -> None: ...
