"""What a person keeps and opens: 收藏, 最近浏览, and what is new."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Engine
from sqlmodel import Session, col

from kms import clock
from kms.accounts.actor import Actor
from kms.articles.access import article_for_read
from kms.articles.browsing import Filters, Listed, Sort, browse, listed
from kms.articles.models import Article, ArticleDay, ArticleView, Bookmark
from kms.articles.paging import SIZE
from kms.db.session import writing

NEW_DAYS = 14
SHELF_MAX = 200


def set_bookmark(session: Session, actor: Actor, code: str, *, on: bool) -> None:
    """Keep or let go; both may be said twice."""
    article = article_for_read(session, actor, code)
    found = session.get(Bookmark, (actor.id, article.id))
    if on and found is None:
        session.add(Bookmark(user_id=actor.id, article_id=article.id or 0, at=clock.now()))
    elif not on and found is not None:
        session.delete(found)


def is_bookmarked(session: Session, actor: Actor, article: Article) -> bool:
    return actor.user_id is not None and session.get(Bookmark, (actor.id, article.id)) is not None


def bookmarked(session: Session, actor: Actor) -> list[Listed]:
    """收藏, the newest first."""
    query = (
        sa.select(col(Bookmark.article_id))
        .where(col(Bookmark.user_id) == actor.id)
        .order_by(col(Bookmark.at).desc())
    )
    return listed(session, actor, list(session.scalars(query.limit(SHELF_MAX))))


def recent(session: Session, actor: Actor, limit: int = SIZE) -> list[Listed]:
    """最近浏览, the latest first."""
    query = (
        sa.select(col(ArticleView.article_id))
        .where(col(ArticleView.user_id) == actor.id)
        .order_by(col(ArticleView.at).desc())
    )
    return listed(session, actor, list(session.scalars(query.limit(SHELF_MAX))))[:limit]


def changed(session: Session, actor: Actor, limit: int = SIZE) -> Sequence[Listed]:
    """新变更: what was published in the last two weeks, the newest first."""
    since = clock.now() - timedelta(days=NEW_DAYS)
    rows = browse(session, actor, Filters(), Sort.UPDATED, size=limit).rows
    return [row for row in rows if row.revision.published_at and row.revision.published_at >= since]


def record_view(engine: Engine, user_id: int, article_id: int) -> None:
    """Note that a person opened an article; runs after the response, in a transaction of its own."""
    with writing(engine) as session:
        _count_up(
            session,
            ArticleView,
            {"user_id": user_id, "article_id": article_id},
            {"at": clock.now(), "times": 1},
            "times",
        )
        day = clock.today().isoformat()
        _count_up(
            session, ArticleDay, {"day": day, "article_id": article_id}, {"opened": 1, "used": 0}, "opened"
        )


def count_use(session: Session, article_id: int) -> None:
    """Note that an answer was used on a call."""
    key: dict[str, object] = {"day": clock.today().isoformat(), "article_id": article_id}
    _count_up(session, ArticleDay, key, {"opened": 0, "used": 1}, "used")


def _count_up(
    session: Session,
    table: type[ArticleView] | type[ArticleDay],
    key: dict[str, object],
    values: dict[str, object],
    counter: str,
) -> None:
    insert = postgres_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    statement = insert(table).values(**key, **values)
    later = {name: statement.excluded[name] for name in values if name == "at"}
    session.execute(
        statement.on_conflict_do_update(
            index_elements=list(key), set_={**later, counter: getattr(table, counter) + 1}
        )
    )
