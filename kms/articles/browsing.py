"""Browsing by category: lists with filter, sort and paging, and counts, over what the actor may see."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles.access import Scope, scope_of
from kms.articles.categories import ids_of, subtree_ids
from kms.articles.content import Kind
from kms.articles.models import Article, ArticleDay, Category, Revision
from kms.articles.paging import SIZE, Cursor, Page, beyond, read_cursor
from kms.articles.permitted import any_of, holds, latest, readable, visible
from kms.articles.workflow import Approval, Publication
from kms.errors import NotFound

POPULAR_DAYS = 30
USED_WEIGHT = 3
"""One use on a call says as much as three views."""


class Validity(StrEnum):
    """有效性."""

    IN_FORCE = "in_force"
    COMING = "coming"
    LAPSED = "lapsed"


VALIDITIES = {Validity.IN_FORCE: "当前有效", Validity.COMING: "待生效", Validity.LAPSED: "已失效"}


class Sort(StrEnum):
    """By the name a list's address carries; `-` is downwards."""

    UPDATED = "-updated"
    UPDATED_UP = "updated"
    TITLE = "title"
    TITLE_DOWN = "-title"
    CODE = "code"
    CODE_DOWN = "-code"
    POPULAR = "-popular"
    POPULAR_UP = "popular"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty values do not narrow."""

    category_id: int | None = None
    q: str = ""
    kind: Kind | None = None
    product: str = ""
    region: str = ""
    owner_id: int | None = None
    validity: Validity = Validity.IN_FORCE
    unverified: bool = False
    """Only those that are published but not approved yet."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a list."""

    article: Article
    revision: Revision
    popularity: int


def browse(
    session: Session,
    actor: Actor,
    filters: Filters,
    sort: Sort = Sort.UPDATED,
    *,
    after: str = "",
    before: str = "",
    size: int = SIZE,
) -> Page[Listed]:
    """One page. Coming revisions need their permission; without it there are none."""
    query, revision, popularity = _query(session, actor, filters)
    total = session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    column = _column(sort, revision, popularity)
    down = sort.startswith("-") != bool(before)
    if before or after:
        query = query.where(beyond(column, revision.id, _cursor(before or after, sort), down=down))
    order = (column.desc(), revision.id.desc()) if down else (column.asc(), revision.id.asc())
    found = [Listed(*row) for row in session.execute(query.order_by(*order).limit(size + 1))]
    more, found = len(found) > size, found[:size]
    if before:
        found.reverse()
    return _page(
        found, sort, total, has_next=more or bool(before), has_before=bool(after) or (bool(before) and more)
    )


def all_listed(session: Session, actor: Actor, filters: Filters, sort: Sort, limit: int) -> list[Listed]:
    """The whole list for a file, `limit` rows at most."""
    return list(browse(session, actor, filters, sort, size=limit).rows)


def counts(session: Session, actor: Actor, filters: Filters) -> dict[int, int]:
    """Articles by category id, each counted in all categories above it too; the category filter does not narrow."""
    query, _, _ = _query(session, actor, replace(filters, category_id=None))
    inner = query.subquery()
    direct = session.execute(
        sa.select(col(Category.path), sa.func.count())
        .join(inner, inner.c.category_id == col(Category.id))
        .group_by(Category.path)
    )
    total: Counter[int] = Counter()
    for path, number in direct:
        total.update(dict.fromkeys(ids_of(path), number))
    return dict(total)


def popular(session: Session, actor: Actor, limit: int = SIZE) -> list[Listed]:
    """热门 of the last 30 days, those that were opened or used at all."""
    page = browse(session, actor, Filters(), Sort.POPULAR, size=limit)
    return [row for row in page.rows if row.popularity]


def listed(session: Session, actor: Actor, article_ids: Sequence[int]) -> list[Listed]:
    """Those of these articles that have a rule now, in the order given."""
    query, _, _ = _query(session, actor, Filters())
    rows = session.execute(query.where(col(Article.id).in_(article_ids)))
    found = {row[0].id: Listed(*row) for row in rows}
    return [found[each] for each in article_ids if each in found]


def _query(session: Session, actor: Actor, filters: Filters) -> tuple[Any, Any, Any]:
    scope = scope_of(session, actor)
    revision, condition = _shown(actor, filters)
    days = _popularity()
    popularity = sa.func.coalesce(days.c.popularity, 0)
    query = (
        sa.select(Article, revision, popularity.label("popularity"))
        .join(revision, revision.article_id == col(Article.id))
        .outerjoin(days, days.c.article_id == col(Article.id))
        .where(condition, *readable(session, scope, revision))
        .where(*_narrowed(session, scope, filters, revision))
    )
    return query, revision, popularity


def _shown(actor: Actor, filters: Filters) -> tuple[Any, sa.ColumnElement[bool]]:
    """Which revision stands for an article, and the condition of its validity."""
    now = clock.now()
    current = latest(now)
    in_force = sa.and_(holds(current, now), col(Article.retired_at).is_(None))
    if filters.validity is Validity.IN_FORCE:
        return current, in_force
    if filters.validity is Validity.COMING:
        later: Any = aliased(Revision)
        if not actor.may(Permission.ARTICLE_READ_COMING):
            return later, sa.false()
        live = later.id.in_(sa.select(col(Revision.id)).where(visible(now)))
        coming = sa.and_(live, later.effective_from > now)
        scheduled = later.publication == Publication.SCHEDULED
        return later, sa.and_(sa.or_(coming, scheduled), col(Article.retired_at).is_(None))
    last: Any = aliased(Revision)
    newest = (
        sa.select(sa.func.max(Revision.id))
        .where(col(Revision.published_at) <= now)
        .group_by(col(Revision.article_id))
    )
    valid = sa.select(current.article_id).where(holds(current, now))
    lapsed = sa.or_(last.article_id.not_in(valid), col(Article.retired_at).is_not(None))
    return last, sa.and_(last.id.in_(newest), last.effective_from <= now, lapsed)


def _popularity() -> Any:
    since = (clock.today() - timedelta(days=POPULAR_DAYS)).isoformat()
    score = sa.func.sum(ArticleDay.opened + ArticleDay.used * USED_WEIGHT).label("popularity")
    return (
        sa.select(col(ArticleDay.article_id), score)
        .where(col(ArticleDay.day) > since)
        .group_by(col(ArticleDay.article_id))
        .subquery()
    )


def _narrowed(
    session: Session, scope: Scope, filters: Filters, revision: Any
) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if filters.category_id is not None:
        category = session.get(Category, filters.category_id)
        if category is None or category.line_id not in scope.lines:
            raise NotFound("没有这个分类，或您不在它的业务线")
        conditions.append(col(Article.category_id).in_(subtree_ids(session, filters.category_id)))
    if filters.q.strip():
        words = filters.q.strip()
        found = revision.title.icontains(words, autoescape=True)
        conditions.append(sa.or_(found, col(Article.code) == words.upper()))
    if filters.kind is not None:
        conditions.append(col(Article.kind) == filters.kind)
    if filters.owner_id is not None:
        conditions.append(col(Article.owner_id) == filters.owner_id)
    if filters.product:
        conditions.append(any_of(session, revision.content["products"], {filters.product}))
    if filters.region:
        conditions.append(any_of(session, revision.content["regions"], {filters.region}))
    if filters.unverified:
        conditions.append(revision.approval == Approval.SUBMITTED)
    return conditions


def _column(sort: Sort, revision: Any, popularity: Any) -> Any:
    updated = sa.func.coalesce(revision.published_at, revision.publish_at, revision.submitted_at)
    by_name = {"updated": updated, "title": revision.title, "code": col(Article.code), "popular": popularity}
    return by_name[sort.lstrip("-")]


def _value(sort: Sort, row: Listed) -> Any:
    revision = row.revision
    updated = revision.published_at or revision.publish_at or revision.submitted_at
    by_name = {
        "updated": updated,
        "title": revision.title,
        "code": row.article.code,
        "popular": row.popularity,
    }
    return by_name[sort.lstrip("-")]


_VALUE_KINDS: dict[str, type] = {"updated": datetime, "popular": int}


def _cursor(text: str, sort: Sort) -> Cursor:
    return read_cursor(text, sort, _VALUE_KINDS.get(sort.lstrip("-"), str))


def _page(rows: list[Listed], sort: Sort, total: int, *, has_next: bool, has_before: bool) -> Page[Listed]:
    def key(row: Listed) -> str:
        return str(Cursor(sort, _value(sort, row), row.revision.id or 0))

    return Page(
        rows,
        total,
        after=key(rows[-1]) if rows and has_next else "",
        before=key(rows[0]) if rows and has_before else "",
    )
