"""Conditions that keep a query inside what an actor may see, and the revision in force as a query."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kms.articles.access import Scope
from kms.articles.models import Article, Revision

Condition = sa.ColumnElement[bool]


def any_of(session: Session, items: Any, words: frozenset[str] | set[str]) -> Condition:
    """Whether the JSON list in column `items` holds one of `words`, on SQLite and PostgreSQL."""
    postgres = session.get_bind().dialect.name == "postgresql"
    each = (sa.func.jsonb_array_elements_text if postgres else sa.func.json_each)(items).table_valued("value")
    return sa.exists(sa.select(sa.literal(1)).select_from(each).where(each.c.value.in_(sorted(words))))


def readable(session: Session, scope: Scope, revision: Any = Revision) -> tuple[Condition, ...]:
    """As `Scope.admits`, for a query over Article joined with `revision`."""
    return (
        *readable_article(session, scope),
        any_of(session, revision.audience, scope.tokens),
    )


def readable_article(session: Session, scope: Scope, article: Any = Article) -> tuple[Condition, ...]:
    """Today's line and audience of the article."""
    return (
        article.line_id.in_(scope.lines),
        any_of(session, article.audience, scope.tokens),
    )


def latest(moment: datetime) -> Any:
    """Of each article the visible revision that began last, as an alias of Revision.

    It is in force unless its `effective_to` has passed, see `holds`; no older one returns.
    """
    place = (
        sa.func.row_number()
        .over(
            partition_by=col(Revision.article_id),
            order_by=(col(Revision.effective_from).desc(), col(Revision.number).desc()),
        )
        .label("place")
    )
    ranked = (
        sa.select(Revision, place).where(visible(moment), col(Revision.effective_from) <= moment).subquery()
    )
    first = sa.select(ranked).where(ranked.c.place == 1).subquery()
    return aliased(Revision, first)


def visible(moment: datetime) -> Condition:
    """Published at `moment` and not recalled."""
    return sa.and_(
        col(Revision.published_at) <= moment,
        sa.or_(col(Revision.recalled_at).is_(None), col(Revision.recalled_at) > moment),
    )


def holds(revision: Any, moment: datetime) -> Condition:
    """Its effective interval has not ended."""
    return sa.or_(revision.effective_to.is_(None), revision.effective_to > moment)
