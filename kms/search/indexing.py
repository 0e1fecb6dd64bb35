"""The consumers that keep the indexes true to the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.engine import Engine

from kms.articles.indexing import TEXT_CONSUMER, VECTOR_CONSUMER, index_wanted
from kms.db.session import reading, writing
from kms.outbox.service import not_wanted, wanted
from kms.outbox.worker import Consumer
from kms.search.indexes import IndexedArticle, Indexes, load
from kms.settings import Settings

MOVE_CONSUMER = "search_move"
"""Timers: an interval's end moves a document from one index to the other. Readers do not depend on it."""

VECTOR_BATCH = 8
"""Small, so that an article published meanwhile does not wait for many embeddings."""

_DONE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Indexing:
    """Reads articles from the database and writes them to the indexes: commit there first, then here."""

    engine: Engine
    indexes: Indexes
    settings: Settings

    def text_consumers(self) -> tuple[Consumer, ...]:
        return (Consumer(TEXT_CONSUMER, self.apply, self.settings.outbox_batch),)

    def vector_consumers(self) -> tuple[Consumer, ...]:
        return (
            Consumer(VECTOR_CONSUMER, self.embed, VECTOR_BATCH),
            Consumer(MOVE_CONSUMER, self.move, self.settings.outbox_batch),
        )

    def apply(self, keys: Sequence[str]) -> Mapping[str, str]:
        """Make the articles findable by their words, and set the timers of their next change."""
        articles = self._load(keys)
        self.indexes.apply(articles)
        with writing(self.engine) as session:
            for article in articles:
                if article.next_change is None:
                    not_wanted(session, MOVE_CONSUMER, article.key)
                else:
                    wanted(session, MOVE_CONSUMER, article.key, article.next_change)
        return _DONE

    def embed(self, keys: Sequence[str]) -> Mapping[str, str]:
        """Make the articles findable by their meaning."""
        self.indexes.embed(self._load(keys))
        return _DONE

    def move(self, keys: Sequence[str]) -> Mapping[str, str]:
        """An interval of these articles has begun or ended."""
        with writing(self.engine) as session:
            for key in keys:
                index_wanted(session, int(key))
        return _DONE

    def _load(self, keys: Sequence[str]) -> list[IndexedArticle]:
        with reading(self.engine) as session:
            return load(session, keys, timedelta(days=self.settings.expired_grace_days))
