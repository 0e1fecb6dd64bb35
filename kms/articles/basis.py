"""What a draft may start from, and the revisions of an article as spans of time."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from kms import clock
from kms.articles.content import Content
from kms.articles.models import Article, Revision
from kms.articles.timeline import Span, in_force
from kms.articles.workflow import Approval, Publication
from kms.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Basis:
    """The text that a draft begins with and the number of the revision that it changes; 0: none."""

    number: int
    content: Content
    editors: tuple[int, ...] = ()
    """Who wrote the text."""


def revisions_of(session: Session, article_id: int) -> list[Revision]:
    """All revisions, the newest first."""
    query = select(Revision).where(Revision.article_id == article_id).order_by(col(Revision.number).desc())
    return list(session.exec(query))


def numbered(revisions: Iterable[Revision], number: int | None) -> Revision | None:
    """The one with that number."""
    return next((each for each in revisions if each.number == number), None)


def spans(revisions: Iterable[Revision]) -> list[Span]:
    """The intervals of those that were ever published."""
    return [
        Span(
            each.number,
            each.published_at,
            each.recalled_at,
            each.effective_from or each.published_at,
            each.effective_to,
        )
        for each in revisions
        if each.published_at is not None
    ]


def basis_of(session: Session, article: Article, number: int | None = None) -> Basis:
    """From revision `number`, else from the one in force, else from the newest.

    Raises Conflict for one that has been superseded: its text would silently undo later changes.
    """
    revisions = revisions_of(session, article.id or 0)
    if not revisions:
        raise NotFound(f"{article.code} 还没有版本")
    current = in_force(spans(revisions), clock.now(), clock.now())
    wanted = number or current or revisions[0].number
    revision = numbered(revisions, wanted)
    if revision is None:
        raise NotFound(f"{article.code} 没有第 {wanted} 版")
    if revision.approval in (Approval.RETURNED, Approval.WITHDRAWN):
        return Basis(revision.base_number, revision.value(), tuple(revision.editors))
    if number and number != current and not _coming(revision) and revision.number != revisions[0].number:
        raise Conflict(f"第 {number} 版已被取代，请从当前生效或待生效的版本修改", current=current)
    return Basis(revision.number, revision.value(), tuple(revision.editors))


def _coming(revision: Revision) -> bool:
    if revision.publication is Publication.SCHEDULED:
        return True
    live = revision.publication is Publication.PUBLISHED
    return live and revision.effective_from is not None and revision.effective_from > clock.now()
