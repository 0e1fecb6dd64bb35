"""The revisions that a reader may be shown, from the database. The statements are built once: building costs more
than running them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kms.articles.access import Scope
from kms.articles.models import Article, Revision
from kms.articles.workflow import Approval, Publication, Route
from kms.db.types import UtcDateTime
from kms.search.sources import Moments


@dataclass(frozen=True, slots=True)
class Current:
    """One revision with what its article says today; `changes_at` is when a later one takes over."""

    article_id: int
    code: str
    retired_at: datetime | None
    number: int
    title: str
    content: dict[str, Any]
    route: Route
    approval: Approval
    publication: Publication
    submitted_at: datetime
    published_at: datetime | None
    recalled_at: datetime | None
    effective_from: datetime | None
    effective_to: datetime | None
    changes_at: datetime | None
    successor_code: str | None
    successor_title: str | None


def in_force(session: Session, scope: Scope, ids: Collection[int], at: Moments) -> dict[int, Current]:
    """By article: the revision that began last, ended or not; articles that may not be read are left out."""
    rows = _run(session, _in_force(_dialect(session)), scope, at, ids=sorted(ids))
    return {row.article_id: row for row in rows}


def coming(
    session: Session, scope: Scope, wanted: Iterable[tuple[int, int]], at: Moments
) -> dict[tuple[int, int], Current]:
    """By article and number: those of the revisions that are still to come."""
    rows = _run(session, _coming(_dialect(session)), scope, at, wanted=sorted(wanted), now=at.now)
    return {(row.article_id, row.number): row for row in rows}


def _run(
    session: Session, statement: sa.Select[Any], scope: Scope, at: Moments, **more: object
) -> Iterable[Current]:
    values = {
        "lines": sorted(scope.lines),
        "tokens": sorted(scope.tokens),
        "at": at.at,
        "known_at": at.known_at,
        **more,
    }
    return (Current(*row) for row in session.execute(statement, values))


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


_AT = sa.bindparam("at", type_=UtcDateTime())
_KNOWN_AT = sa.bindparam("known_at", type_=UtcDateTime())
_NOW = sa.bindparam("now", type_=UtcDateTime())


@lru_cache
def _in_force(dialect: str) -> sa.Select[Any]:
    begun = aliased(Revision)
    latest = (
        sa.select(col(begun.id))
        .where(col(begun.article_id) == col(Article.id), _visible(begun), col(begun.effective_from) <= _AT)
        .order_by(col(begun.effective_from).desc(), col(begun.number).desc())
        .limit(1)
        .correlate(Article)
        .scalar_subquery()
    )
    ids: sa.BindParameter[int] = sa.bindparam("ids", expanding=True)
    return _readable(dialect).where(col(Article.id).in_(ids), col(Revision.id) == latest)


@lru_cache
def _coming(dialect: str) -> sa.Select[Any]:
    revision = sa.tuple_(col(Revision.article_id), col(Revision.number))
    return _readable(dialect).where(
        revision.in_(sa.bindparam("wanted", expanding=True)),
        col(Revision.publication).in_((Publication.SCHEDULED, Publication.PUBLISHED)),
        sa.or_(col(Revision.published_at) > _NOW, col(Revision.effective_from) > _NOW),
    )


def _readable(dialect: str) -> sa.Select[Any]:
    following, later = aliased(Article), aliased(Revision)
    changes_at = (
        sa.select(sa.func.min(col(later.effective_from)))
        .where(col(later.article_id) == col(Article.id), _visible(later), col(later.effective_from) > _AT)
        .correlate(Article)
        .scalar_subquery()
    )
    return (
        sa.select(
            col(Article.id),
            col(Article.code),
            col(Article.retired_at),
            col(Revision.number),
            col(Revision.title),
            col(Revision.content),
            col(Revision.route),
            col(Revision.approval),
            col(Revision.publication),
            col(Revision.submitted_at),
            col(Revision.published_at),
            col(Revision.recalled_at),
            col(Revision.effective_from),
            col(Revision.effective_to),
            changes_at,
            col(following.code),
            col(following.title),
        )
        .join(Revision, col(Revision.article_id) == col(Article.id))
        .outerjoin(
            following, sa.and_(col(following.id) == col(Article.successor_id), _admits(following, dialect))
        )
        .where(_admits(Article, dialect), _holds_token(col(Revision.audience), dialect))
    )


def _admits(article: Any, dialect: str) -> sa.ColumnElement[bool]:
    lines: sa.BindParameter[int] = sa.bindparam("lines", expanding=True)
    return sa.and_(article.line_id.in_(lines), _holds_token(article.audience, dialect))


def _holds_token(words: Any, dialect: str) -> sa.ColumnElement[bool]:
    """Whether the JSON list has one of the reader's words."""
    each = sa.func.jsonb_array_elements_text if dialect == "postgresql" else sa.func.json_each
    table = each(words).table_valued("value")
    token = table.c.value.in_(sa.bindparam("tokens", expanding=True))
    return sa.exists(sa.select(sa.literal(1)).select_from(table).where(token))


def _visible(revision: Any) -> sa.ColumnElement[bool]:
    return sa.and_(
        revision.published_at <= _KNOWN_AT,
        sa.or_(revision.recalled_at.is_(None), revision.recalled_at > _KNOWN_AT),
    )
