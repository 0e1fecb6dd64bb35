"""The two indexes: what readers are shown without asking for another day, and everything before it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from indexer.engines.port import Engine, Feed
from indexer.models import ArticleDocuments
from kms.articles.models import Article, Category, Revision
from kms.articles.workflow import Publication
from kms.search.documents import Split, documents_of

LIVE, HISTORY = "live", "history"
_SEEN = (Publication.SCHEDULED, Publication.PUBLISHED, Publication.RECALLED)


@dataclass(frozen=True, slots=True)
class IndexedArticle:
    """What the database says an index should hold of an article."""

    key: str
    version: int
    split: Split

    @property
    def live(self) -> ArticleDocuments:
        return ArticleDocuments(self.key, self.version, self.split.live)

    @property
    def history(self) -> ArticleDocuments:
        return ArticleDocuments(self.key, self.version, self.split.history)

    @property
    def next_change(self) -> datetime | None:
        return self.split.next_change


@dataclass(frozen=True, slots=True)
class Feeds:
    """Where articles are written to: the indexes themselves, or new ones beside them."""

    live: Feed
    history: Feed

    def apply(self, articles: Sequence[IndexedArticle]) -> None:
        self.live.apply([article.live for article in articles])
        self.history.apply([article.history for article in articles])

    def embed(self, articles: Sequence[IndexedArticle]) -> None:
        self.live.embed([article.live for article in articles])
        self.history.embed([article.history for article in articles])


@dataclass(frozen=True, slots=True)
class Indexes(Feeds):
    """Both engines of a process. Versions of an article are the same in both."""

    live: Engine
    history: Engine

    @property
    def by_name(self) -> tuple[tuple[str, Engine], ...]:
        return ((LIVE, self.live), (HISTORY, self.history))

    @property
    def stale(self) -> bool:
        return self.live.stale or self.history.stale

    @contextmanager
    def rebuild(self) -> Iterator[Feeds]:
        """New indexes beside these; leaving the block swaps both, an exception deletes them."""
        with ExitStack() as stack:
            yield Feeds(stack.enter_context(self.live.rebuild()), stack.enter_context(self.history.rebuild()))

    def close(self) -> None:
        self.live.close()
        self.history.close()


def load(session: Session, keys: Iterable[str], grace: timedelta) -> list[IndexedArticle]:
    """Articles by id as the indexes should hold them; unknown ids are left out."""
    ids = [int(key) for key in keys]
    articles = session.exec(select(Article).where(col(Article.id).in_(ids))).all()
    revisions: dict[int, list[Revision]] = {}
    for revision in session.exec(
        select(Revision).where(col(Revision.article_id).in_(ids), col(Revision.publication).in_(_SEEN))
    ):
        revisions.setdefault(revision.article_id, []).append(revision)
    paths = _paths(session, {article.category_id for article in articles})
    return [
        IndexedArticle(
            str(article.id),
            article.index_version,
            documents_of(article, revisions.get(article.id or 0, []), paths, grace),
        )
        for article in articles
    ]


def _paths(session: Session, category_ids: Iterable[int]) -> dict[int, str]:
    query = sa.select(col(Category.id), col(Category.path)).where(col(Category.id).in_(category_ids))
    return {category_id: path for category_id, path in session.execute(query) if category_id is not None}
