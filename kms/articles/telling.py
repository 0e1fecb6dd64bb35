"""Messages about revisions: who gets a task, who is told what became of it."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session, col

from kms.accounts.models import User
from kms.articles.approvers import deciders, supervisors
from kms.articles.categories import owner_of
from kms.articles.models import Article, Revision
from kms.articles.references import within_line
from kms.articles.workflow import Route
from kms.inbox.models import InboxItem
from kms.inbox.service import Message, send, settle

_TO_DRAFT = frozenset({"returned", "provisional_end"})
"""Kinds of messages whose reader goes on with the draft."""


def review_page(article: Article, revision: Revision) -> str:
    return f"/reviews/{article.code}/{revision.number}"


def history_page(article: Article) -> str:
    return f"/articles/{article.code}/history"


def ask_deciders(session: Session, article: Article, revision: Revision) -> None:
    """A task for each who may decide now; those who no longer may, lose theirs."""
    urgent = "紧急发布，" if revision.route is Route.URGENT else ""
    message = Message(
        _approval(revision),
        "approval",
        f"{urgent}请审批：{revision.title}",
        f"{article.code} 第 {revision.number} 版",
        review_page(article, revision),
        is_task=True,
        due_at=revision.due_at,
    )
    assign(session, message, deciders(session, article, revision))


def assign(session: Session, message: Message, people: Iterable[int]) -> None:
    """The task is these people's and nobody else's; who has it already is not disturbed again."""
    open_task = (col(InboxItem.key) == message.key, col(InboxItem.done_at).is_(None))
    holding = set(session.scalars(sa.select(col(InboxItem.user_id)).where(*open_task)))
    wanted = set(people)
    if gone := sorted(holding - wanted):
        settle(session, message.key, gone)
    send(session, wanted - holding, message)


def review_is_over(session: Session, revision: Revision) -> None:
    settle(session, _approval(revision))
    settle(session, _overdue(revision))


def tell_overdue(session: Session, article: Article, revision: Revision) -> None:
    """Nobody has decided in time: a task for whoever answers for the category, reminders for the others."""
    urgent = revision.route is Route.URGENT
    title = f"{'紧急发布' if urgent else '审批'}超时未决：{revision.title}"
    detail = f"{article.code} 第 {revision.number} 版，请催办或更换审批人"
    page = review_page(article, revision)
    task = Message(_overdue(revision), "overdue", title, detail, page, is_task=True, due_at=revision.due_at)
    assign(session, task, responsible(session, revision.category_id, article.line_id))
    reminder = Message(f"{_overdue(revision)}:reminder", "overdue", title, "请尽快审批", page)
    send(session, deciders(session, article, revision), reminder)


def responsible(session: Session, category_id: int, line_id: int) -> list[int]:
    """The owner of the category; where there is none in service, the supervisors of the line."""
    owner = session.get(User, owner_of(session, category_id) or 0)
    return [owner.id] if owner is not None and owner.id and owner.active else supervisors(session, line_id)


def tell(
    session: Session,
    people: Iterable[int | None],
    kind: str,
    article: Article,
    revision: Revision,
    title: str,
    detail: str = "",
) -> None:
    """A message about a revision; `kind` and revision together make it one message, however often it is sent."""
    message = Message(
        f"{kind}:{revision.id}",
        kind,
        title,
        detail or f"{article.code} 第 {revision.number} 版",
        _page(kind, article, revision),
    )
    known = (person for person in people if person is not None)
    send(session, within_line(session, article.line_id, known), message)


def _page(kind: str, article: Article, revision: Revision) -> str:
    if kind in _TO_DRAFT:
        return review_page(article, revision)
    return history_page(article) if kind in ("on_hold", "carry_over") else f"/articles/{article.code}"


def _approval(revision: Revision) -> str:
    return f"approval:{revision.id}"


def _overdue(revision: Revision) -> str:
    return f"overdue:{revision.id}"
