"""Lists of revisions under review: mine to decide, decided by me, submitted by me, all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kms.accounts.actor import Actor
from kms.accounts.models import User
from kms.accounts.permissions import Permission
from kms.articles.access import Scope, scope_of
from kms.articles.categories import subtree_ids
from kms.articles.models import Article, Decision, Revision, Substitute
from kms.articles.paging import SIZE, Cursor, Page, beyond, read_cursor
from kms.articles.permitted import any_of, readable
from kms.articles.workflow import Approval, Route

Condition = sa.ColumnElement[bool]


class Tab(StrEnum):
    MINE = "mine"
    DONE = "done"
    SUBMITTED = "submitted"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the queue is narrowed to; empty values do not narrow. `stage` is the name of the current stage."""

    tab: Tab = Tab.MINE
    category_id: int | None = None
    stage: str = ""
    urgent: bool = False
    bundle: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the queue. `stage` is the name of the current stage."""

    article: Article
    revision: Revision
    author: User
    stage: str


def queue(
    session: Session, actor: Actor, wanted: Wanted, *, after: str = "", size: int = SIZE
) -> Page[Waiting]:
    """One page: open ones by due time, finished ones and one's own the newest first."""
    query = _query(session, actor, wanted)
    total = session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    down = wanted.tab in (Tab.DONE, Tab.SUBMITTED)
    column = col(Revision.submitted_at) if down else col(Revision.due_at)
    if after:
        query = query.where(
            beyond(column, col(Revision.id), read_cursor(after, wanted.tab, datetime), down=down)
        )
    order = (column.desc(), col(Revision.id).desc()) if down else (column, col(Revision.id))
    rows = [Waiting(*row) for row in session.execute(query.order_by(*order).limit(size + 1))]
    more, rows = len(rows) > size, rows[:size]
    return Page(rows, total, after=_cursor(wanted.tab, rows[-1].revision, down) if more else "")


def count_mine(session: Session, actor: Actor) -> int:
    """How many wait for this person's decision."""
    if not actor.may(Permission.ARTICLE_APPROVE):
        return 0
    query = _query(session, actor, Wanted())
    return session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0


def stage_names(session: Session, actor: Actor) -> Sequence[str]:
    """Names of the stages that anything waits in."""
    inner = _query(session, actor, Wanted(Tab.ALL)).subquery()
    return session.scalars(sa.select(inner.c.stage_name).distinct().order_by(inner.c.stage_name)).all()


def _cursor(tab: Tab, revision: Revision, down: bool) -> str:
    value = revision.submitted_at if down else revision.due_at
    return str(Cursor(tab, value, revision.id or 0))


def _query(session: Session, actor: Actor, wanted: Wanted) -> Any:
    scope, author = scope_of(session, actor), aliased(User)
    return (
        sa.select(Article, Revision, author, _stage(session, "name").label("stage_name"))
        .join(Revision, col(Revision.article_id) == col(Article.id))
        .join(author, col(author.id) == col(Revision.submitted_by))
        .where(*_tab(session, scope, actor, wanted.tab), *_narrowed(session, wanted))
    )


def _tab(session: Session, scope: Scope, actor: Actor, tab: Tab) -> list[Condition]:
    within = list(readable(session, scope))
    pending = col(Revision.approval) == Approval.SUBMITTED
    if tab is Tab.SUBMITTED:
        return [col(Article.line_id).in_(scope.lines), col(Revision.submitted_by) == actor.user_id]
    if tab is Tab.DONE:
        decided = sa.select(col(Decision.revision_id)).where(col(Decision.user_id) == actor.user_id)
        return [*within, col(Revision.id).in_(decided)]
    return [*within, pending, *(_mine(session, actor) if tab is Tab.MINE else [])]


def _mine(session: Session, actor: Actor) -> list[Condition]:
    """As `stages.may_decide`, for many revisions at once; a test holds the two together."""
    if not actor.may(Permission.ARTICLE_APPROVE) or actor.user_id is None:
        return [sa.false()]
    me = actor.user_id
    here = (col(Substitute.revision_id) == col(Revision.id), col(Substitute.stage) == col(Revision.stage))
    stands_in = sa.exists().where(*here, col(Substitute.to_user_id) == me)
    given_away = sa.exists().where(*here, col(Substitute.from_user_id) == me)
    decided = sa.exists().where(
        col(Decision.revision_id) == col(Revision.id),
        col(Decision.stage) == col(Revision.stage),
        col(Decision.user_id) == me,
    )
    named = sa.or_(
        _stage(session, "role").in_([role.value for role in actor.roles]),
        _holds_number(session, _stage(session, "people", as_json=True), me),
    )
    published_it = sa.and_(
        col(Revision.route) == Route.URGENT, sa.func.coalesce(col(Revision.published_by), 0) == me
    )
    return [
        sa.or_(named, stands_in),
        ~given_away,
        ~decided,
        ~_holds_number(session, col(Revision.editors), me),
        ~published_it,
    ]


def _stage(session: Session, key: str, *, as_json: bool = False) -> Any:
    """A value of the current stage in the stored rule."""
    if session.get_bind().dialect.name == "postgresql":
        stage = sa.func.jsonb_array_element(col(Revision.rule)["stages"], col(Revision.stage))
        return (
            sa.func.jsonb_extract_path(stage, key) if as_json else sa.func.jsonb_extract_path_text(stage, key)
        )
    path = sa.literal("$.stages[") + sa.cast(col(Revision.stage), sa.String) + sa.literal(f"].{key}")
    return sa.func.json_extract(col(Revision.rule), path)


def _holds_number(session: Session, items: Any, number: int) -> Condition:
    if session.get_bind().dialect.name == "postgresql":
        return any_of(session, items, {str(number)})
    each = sa.func.json_each(items).table_valued("value")
    return sa.exists(sa.select(sa.literal(1)).select_from(each).where(each.c.value == number))


def _narrowed(session: Session, wanted: Wanted) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.category_id is not None:
        # The tab keeps to the actor's lines, so that a category of another one finds nothing.
        conditions.append(col(Revision.category_id).in_(subtree_ids(session, wanted.category_id)))
    if wanted.stage:
        conditions.append(_stage(session, "name") == wanted.stage)
    if wanted.urgent:
        conditions.append(col(Revision.route) == Route.URGENT)
    if wanted.bundle:
        conditions.append(col(Revision.bundle) == wanted.bundle)
    return conditions
