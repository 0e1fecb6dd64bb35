"""What people do to revisions that are published or about to be: recall, cancel, resume."""

from datetime import datetime

from sqlmodel import Session

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles.basis import revisions_of
from kms.articles.holding import hold
from kms.articles.models import Article, Revision
from kms.articles.publication import end_publication, put_live, refresh
from kms.articles.reviewing import revision_for_change
from kms.articles.transitions import move
from kms.articles.workflow import Action, Publication
from kms.audit.service import record
from kms.errors import Invalid


def recall(
    session: Session, actor: Actor, code: str, number: int, reason: str, *, take_down: bool = False
) -> Revision:
    """Take a visible revision out of use at this instant; the previous one that still holds returns by itself.

    With `take_down` every visible revision goes, scheduled ones are held, and the article has no rule.
    Raises Conflict, Invalid.
    """
    actor.must(Permission.ARTICLE_RECALL)
    article, revision = revision_for_change(session, actor, code, number)
    if not reason.strip():
        raise Invalid("请写明撤回原因", {"reason": "请写明撤回原因，坐席会看到"})
    end_publication(session, actor, article, revision, Action.RECALL, reason)
    if take_down:
        _take_down(session, actor, article, reason)
    refresh(session, article)
    return revision


def _take_down(session: Session, actor: Actor, article: Article, reason: str) -> None:
    for other in revisions_of(session, article.id or 0):
        if other.publication is Publication.PUBLISHED:
            end_publication(session, actor, article, other, Action.RECALL, reason)
        elif other.publication is Publication.SCHEDULED:
            hold(session, actor, article, other, f"整条知识已撤下：{reason}")


def cancel(session: Session, actor: Actor, code: str, number: int) -> Revision:
    """Give up a revision that is approved and not visible yet. Its author, the owner or a recaller may."""
    article, revision = revision_for_change(session, actor, code, number)
    _own_or_recall(actor, article, revision)
    move(revision, Action.CANCEL)
    revision.on_hold, revision.published_at = False, None
    session.add(revision)
    record(session, actor, "revision.cancel", "article", article.code, None, {"revision": number})
    refresh(session, article)
    return revision


def resume(session: Session, actor: Actor, code: str, number: int, at: datetime | None = None) -> Revision:
    """Publish a held revision after all, now or at `at`. Whoever does has seen that it lacks the other change."""
    article, revision = revision_for_change(session, actor, code, number)
    _own_or_recall(actor, article, revision)
    later = at is not None and at > clock.now()
    move(revision, Action.PUBLISH_LATER if later else Action.PUBLISH)
    revision.on_hold = False
    after = {"revision": number, "at": at.isoformat() if at else None}
    record(session, actor, "revision.resume", "article", article.code, None, after)
    put_live(session, actor, article, revision, at if later else None)
    return revision


def _own_or_recall(actor: Actor, article: Article, revision: Revision) -> None:
    if actor.user_id not in (revision.submitted_by, article.owner_id):
        actor.must(Permission.ARTICLE_RECALL)
