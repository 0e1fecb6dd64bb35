"""Compare the indexes with the database, repair what differs, build them anew."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from indexer.models import Versions
from kms.articles.indexing import TEXT_CONSUMER, VECTOR_CONSUMER, index_wanted
from kms.articles.models import Article
from kms.db.session import reading, writing
from kms.outbox.models import OutboxRow
from kms.search.indexes import Indexes, load
from kms.settings import Settings

CHUNK = 64
Progress = Callable[[int, int], None]
"""Told how many articles are done, of how many."""

NOTHING = Versions(-1, -1)


@dataclass(frozen=True, slots=True)
class Difference:
    """`stored` is what index `index` holds of article `key`, `wanted` the database's version; None: no such article."""

    index: str
    key: str
    stored: Versions
    wanted: int | None

    def __str__(self) -> str:
        if self.wanted is None:
            return f"索引 {self.index} 里有数据库中不存在的知识 {self.key}"
        if max(self.stored.text, self.stored.vectors) > self.wanted:
            return f"索引 {self.index} 比数据库新：知识 {self.key}（数据库恢复过？）"
        part = "文字" if self.stored.text < self.wanted else "语义"
        return f"索引 {self.index} 缺少知识 {self.key} 的最新{part}"


def differences(session: Session, indexes: Indexes) -> list[Difference]:
    """Where an index and the database disagree, pending work left out."""
    articles = _versions(session)
    pending = set(
        session.exec(
            select(OutboxRow.key).where(col(OutboxRow.consumer).in_((TEXT_CONSUMER, VECTOR_CONSUMER)))
        )
    )
    found = []
    for name, engine in indexes.by_name:
        stored = engine.versions()
        for key in sorted(articles.keys() | stored.keys(), key=int):
            versions, version = stored.get(key, NOTHING), articles.get(key)
            if key not in pending and not _agree(versions, version):
                found.append(Difference(name, key, versions, version))
    return found


def repair(engine: Engine, indexes: Indexes) -> list[Difference]:
    """Ask for the indexing of what differs; returns what did. What the database never had needs `rebuild`."""
    with writing(engine) as session:
        found = differences(session, indexes)
        for key, version in _newest(found).items():
            # After a restore the index can be ahead; it would ignore a lower version.
            session.execute(
                sa.update(Article).where(col(Article.id) == int(key)).values(index_version=version)
            )
            index_wanted(session, int(key))
    return found


def rebuild(engine: Engine, indexes: Indexes, settings: Settings, progress: Progress | None = None) -> None:
    """Build both indexes anew beside the old ones, then swap. What changes meanwhile reaches both."""
    with reading(engine) as session:
        keys = list(_versions(session))
    with indexes.rebuild() as feeds:
        for done, chunk in _chunks(keys):
            with reading(engine) as session:
                articles = load(session, chunk, timedelta(days=settings.expired_grace_days))
            feeds.apply(articles)
            feeds.embed(articles)
            if progress:
                progress(done, len(keys))


def _versions(session: Session) -> dict[str, int]:
    query = sa.select(col(Article.id), col(Article.index_version)).where(col(Article.index_version) > 0)
    return {str(article_id): version for article_id, version in session.execute(query)}


def _agree(stored: Versions, wanted: int | None) -> bool:
    if wanted is None:
        return stored.text < 0 and stored.vectors < 0
    return stored.text == stored.vectors == wanted


def _newest(found: list[Difference]) -> dict[str, int]:
    newest: dict[str, int] = {}
    for difference in found:
        if difference.wanted is not None:
            versions = (difference.wanted, difference.stored.text, difference.stored.vectors)
            newest[difference.key] = max(*versions, newest.get(difference.key, 0))
    return newest


def _chunks(keys: list[str]) -> Iterator[tuple[int, list[str]]]:
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        yield start + len(chunk), chunk
