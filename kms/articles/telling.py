"""Messages about revisions: who gets a task, who is told what became of it."""

from collections.abc import Iterable

from sqlmodel import Session

from kms.articles.approvers import deciders
from kms.articles.models import Article, Revision
from kms.articles.workflow import Route
from kms.inbox.service import Message, send, settle


def review_page(article: Article, revision: Revision) -> str:
    return f"/reviews/{article.code}/{revision.number}"


def ask_deciders(session: Session, article: Article, revision: Revision) -> None:
    """A task for each who may decide now; those who no longer may, lose theirs."""
    key = _approval(revision)
    settle(session, key)
    urgent = "紧急发布，" if revision.route is Route.URGENT else ""
    send(
        session,
        deciders(session, article, revision),
        Message(
            key,
            "approval",
            f"{urgent}请审批：{revision.title}",
            f"{article.code} 第 {revision.number} 版",
            review_page(article, revision),
            is_task=True,
            due_at=revision.due_at,
        ),
    )


def review_is_over(session: Session, revision: Revision) -> None:
    settle(session, _approval(revision))


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
        _page(kind, article),
    )
    send(session, {person for person in people if person is not None}, message)


def _page(kind: str, article: Article) -> str:
    draft = kind in ("returned", "withdrawn", "on_hold")
    return f"/drafts/{article.code}" if draft else f"/articles/{article.code}"


def _approval(revision: Revision) -> str:
    return f"approval:{revision.id}"
