"""The column of what waits: whose, in which category and stage, by due time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query
from sqlmodel import Session

from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles.access import scope_of
from kms.articles.api.parameters import LAST_ID
from kms.articles.categories import options
from kms.articles.models import Revision
from kms.articles.paging import Page
from kms.articles.review_queue import Tab, Waiting, Wanted, count_mine, queue, stage_names
from kms.articles.transitions import state_of
from kms.articles.workflow import Approval, Route, label

SIZE = 30
TABS = {Tab.MINE: "待我审批", Tab.DONE: "我已处理", Tab.SUBMITTED: "我提交的", Tab.ALL: "全部"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the queue shows; travels with every link and form, so that a decision comes back to the same list."""

    wanted: Wanted
    after: str = ""

    @property
    def query(self) -> str:
        """Without the page, since a decision shifts what is on it."""
        wanted = self.wanted
        values = {
            "tab": wanted.tab.value,
            "category_id": wanted.category_id,
            "stage": wanted.stage,
            "urgent": "true" if wanted.urgent else "",
            "bundle": wanted.bundle,
        }
        return urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True, slots=True)
class QueueRow:
    waiting: Waiting
    href: str
    note: str
    current: bool

    @property
    def due(self) -> datetime | None:
        """Until when to decide; None once decided."""
        revision = self.waiting.revision
        return revision.due_at if revision.approval is Approval.SUBMITTED else None

    @property
    def urgent(self) -> bool:
        return self.due is not None and self.waiting.revision.route is Route.URGENT


@dataclass(frozen=True, slots=True)
class Queue:
    """The list beside the document; `before` and `next` are the neighbours of the chosen row."""

    asked: Asked
    tabs: Sequence[tuple[str, str, bool, int]]
    rows: Sequence[QueueRow]
    page: Page[Waiting]
    categories: Sequence[tuple[str, str]]
    stages: Sequence[tuple[str, str]]
    before: str = ""
    next: str = ""


def _asked(
    tab: Tab | None = None,
    category_id: Annotated[str, Query(max_length=10)] = "",
    stage: Annotated[str, Query(max_length=32)] = "",
    urgent: bool = False,
    bundle: Annotated[str, Query(max_length=36)] = "",
    after: Annotated[str, Query(max_length=500)] = "",
) -> Asked:
    """From a form, in which nothing chosen is an empty field."""
    category = int(category_id) if category_id.isdecimal() and 0 < int(category_id) <= LAST_ID else None
    return Asked(Wanted(tab or Tab.MINE, category, stage, urgent, bundle), after)


AskedQueue = Annotated[Asked, Depends(_asked)]


def queue_for(session: Session, actor: Actor, asked: Asked, chosen: tuple[str, int] | None = None) -> Queue:
    """The list, with `chosen` (code and number) marked in it."""
    page = queue(session, actor, asked.wanted, after=asked.after, size=SIZE)
    keys = [(row.article.code, row.revision.number) for row in page.rows]
    rows = [_row(row, asked, chosen) for row in page.rows]
    at = keys.index(chosen) if chosen in keys else -1
    return Queue(
        asked=asked,
        tabs=_tabs(session, actor, asked),
        rows=rows,
        page=page,
        categories=options(session, scope_of(session, actor)),
        stages=[(name, name) for name in stage_names(session, actor)],
        before=rows[at - 1].href if at > 0 else "",
        next=rows[at + 1].href if at + 1 < len(rows) else "",
    )


def _tabs(session: Session, actor: Actor, asked: Asked) -> list[tuple[str, str, bool, int]]:
    approves = actor.may(Permission.ARTICLE_APPROVE)
    writes = actor.may(Permission.ARTICLE_WRITE)
    shown = {Tab.MINE: approves, Tab.DONE: approves, Tab.SUBMITTED: writes, Tab.ALL: True}
    mine = count_mine(session, actor)
    return [
        (words, f"/reviews?tab={tab}", tab is asked.wanted.tab, mine if tab is Tab.MINE else 0)
        for tab, words in TABS.items()
        if shown[tab]
    ]


def _row(row: Waiting, asked: Asked, chosen: tuple[str, int] | None) -> QueueRow:
    code, number = row.article.code, row.revision.number
    href = f"/reviews/{code}/{number}?{asked.query}"
    return QueueRow(row, href, _note(row.revision, row.stage, asked.wanted.tab), (code, number) == chosen)


def _note(revision: Revision, stage: str, tab: Tab) -> str:
    """The stage while it runs, unless it is one's own; afterwards what became of it."""
    if revision.approval is not Approval.SUBMITTED:
        return label(state_of(revision), revision.route)
    if tab is Tab.MINE:
        return "" if revision.base_number else "新建"
    return stage
