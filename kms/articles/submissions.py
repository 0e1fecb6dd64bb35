"""What a person has submitted and still has to follow."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from kms.accounts.actor import Actor
from kms.articles.access import scope_of
from kms.articles.models import Article, Revision
from kms.articles.workflow import Approval

SHOWN = 100


def under_review(session: Session, actor: Actor) -> list[tuple[Article, Revision]]:
    """Submitted by the actor and not decided yet, the newest first."""
    query = (
        select(Article, Revision)
        .join(Revision, col(Revision.article_id) == col(Article.id))
        .where(col(Article.line_id).in_(scope_of(session, actor).lines), Revision.submitted_by == actor.id)
        .where(Revision.approval == Approval.SUBMITTED)
        .order_by(col(Revision.submitted_at).desc(), col(Revision.id).desc())
    )
    return list(session.exec(query.limit(SHOWN)))


def sent_back(session: Session, articles: Collection[Article]) -> dict[int, Revision]:
    """Of these articles the newest revision, by article id, where it was returned."""
    query = (
        select(Revision)
        .join(Article, col(Article.id) == col(Revision.article_id))
        .where(col(Article.id).in_([article.id for article in articles]))
        .where(Revision.number == Article.last_number, Revision.approval == Approval.RETURNED)
    )
    return {revision.article_id: revision for revision in session.exec(query)}
