"""The way from a code and a number to a revision that someone may look at or act on."""

from sqlmodel import Session

from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles.access import article_for_edit, article_for_read, scope_of
from kms.articles.approvers import case_of, roles_of
from kms.articles.models import Article, Revision
from kms.articles.stages import Refusal, may_decide
from kms.articles.transitions import lock, revision_of
from kms.articles.workflow import Approval
from kms.errors import NotFound


def revision_for_review(session: Session, actor: Actor, code: str, number: int) -> tuple[Article, Revision]:
    """A revision within the actor's business lines and audience, or one that he wrote. Raises NotFound."""
    article = article_for_review(session, actor, code)
    return article, _admitted(session, actor, article, number)


def revision_for_change(session: Session, actor: Actor, code: str, number: int) -> tuple[Article, Revision]:
    """As `revision_for_review`, locked against everybody else who decides or publishes."""
    article = article_for_review(session, actor, code)
    lock(session, article)
    return article, _admitted(session, actor, article, number)


def refusal(session: Session, actor: Actor, revision: Revision) -> Refusal | None:
    """Why the actor may not decide now; None: may."""
    if revision.approval is not Approval.SUBMITTED:
        return Refusal.OVER
    if not actor.may(Permission.ARTICLE_APPROVE) or actor.user_id is None:
        return Refusal.NOT_ASKED
    return may_decide(case_of(session, revision), actor.user_id, roles_of(session, actor.user_id))


def article_for_review(session: Session, actor: Actor, code: str) -> Article:
    """An article that the actor may read or edit. Raises NotFound."""
    try:
        return article_for_read(session, actor, code)
    except NotFound:
        # Its author may be outside the audience that he wrote it for.
        if not actor.may(Permission.ARTICLE_WRITE):
            raise
        return article_for_edit(session, actor, code)


def _admitted(session: Session, actor: Actor, article: Article, number: int) -> Revision:
    revision = revision_of(session, article, number)
    wrote = actor.user_id in (revision.submitted_by, *revision.editors)
    if not wrote and not scope_of(session, actor).tokens.intersection(revision.audience):
        raise NotFound(f"{article.code} 没有第 {number} 版，或您没有查看权限")
    return revision
