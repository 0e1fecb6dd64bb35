"""Publication: make visible, bring up to date, end. Every change of what readers may find ends here."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from kms import clock
from kms.accounts.actor import SYSTEM, Actor
from kms.accounts.models import User
from kms.articles.basis import numbered, revisions_of, spans
from kms.articles.content import Content
from kms.articles.holding import hold_descendants, settle_with_others
from kms.articles.indexing import index_wanted
from kms.articles.models import Article, Revision
from kms.articles.telling import review_is_over, tell
from kms.articles.timeline import in_force
from kms.articles.timer_names import APPROVAL_OVERDUE, ARTICLE_DUE, PROVISIONAL_END, REVIEW_DUE
from kms.articles.transitions import move
from kms.articles.workflow import Action, Publication
from kms.audit.service import record
from kms.errors import Conflict
from kms.inbox.service import settle
from kms.outbox.service import not_wanted, wanted


def put_live(
    session: Session, actor: Actor, article: Article, revision: Revision, at: datetime | None = None
) -> None:
    """Give the revision its place in time: visible from `at` (default now), effective as written, else from then.

    The caller has moved the state. Others that were scheduled on an older text are put on hold.
    Raises Conflict for a retired article.
    """
    if article.retired_at is not None:
        raise Conflict(f"{article.code} 已停用，请先恢复再发布")
    revision.published_at = at or clock.now()
    revision.published_by = actor.user_id
    content = revision.value()
    revision.effective_from = content.effective_from or revision.published_at
    revision.effective_to = content.effective_to
    session.add(revision)
    session.flush()
    if revision.publication is Publication.PUBLISHED:
        settle_with_others(session, actor, article, revisions_of(session, article.id or 0), revision)
        people = {revision.submitted_by, article.owner_id} - {actor.user_id}
        tell(session, people, "published", article, revision, f"已发布：{revision.title}")
    record(session, actor, "article.publish", "article", article.code, None, _placed(revision))
    refresh(session, article)


def limit(session: Session, revision: Revision, hours: int) -> None:
    """Let a publication end by itself, even when no worker runs: its end is part of its interval."""
    revision.provisional_until = clock.now() + timedelta(hours=hours)
    revision.recalled_at = revision.provisional_until
    session.add(revision)
    wanted(session, PROVISIONAL_END, revision.id, revision.provisional_until)


def refresh(session: Session, article: Article) -> None:
    """Bring the article's own facts up to now: due publications, today's title, audience, owner; then index it.

    Asks to be called again when the next revision begins or ceases to be visible or effective.
    """
    now = clock.now()
    revisions = revisions_of(session, article.id or 0)
    _publish_due(session, article, revisions, now)
    number = in_force(spans(revisions), now, now)
    current = numbered(revisions, number)
    if current is not None:
        _take_over(session, article, current)
    session.add(article)
    session.flush()
    index_wanted(session, article.id or 0)
    _come_again(session, article, revisions, now)
    _look_again(session, article, current, now)


def end_publication(
    session: Session, actor: Actor, article: Article, revision: Revision, action: Action, reason: str
) -> None:
    """Move a visible revision out of sight by `action`; the caller refreshes the article."""
    move(revision, action)
    now = clock.now()
    revision.recalled_at = min(revision.recalled_at or now, now)
    revision.recalled_by, revision.recall_reason = actor.user_id, reason.strip()[:300]
    revision.decided_at = revision.decided_at or now
    session.add(revision)
    forget_review(session, revision)
    hold_descendants(session, actor, article, revisions_of(session, article.id or 0), revision)
    if action is Action.RECALL:
        told = {revision.submitted_by, article.owner_id} - {actor.user_id}
        tell(session, told, "recalled", article, revision, f"已撤回：{revision.title}", reason)
    after = {"revision": revision.number, "action": action.value, "reason": reason}
    record(session, actor, "article.recall", "article", article.code, None, after)


def forget_review(session: Session, revision: Revision) -> None:
    """Nobody has to decide any more: tasks and timers of the review go."""
    review_is_over(session, revision)
    for consumer in (APPROVAL_OVERDUE, PROVISIONAL_END):
        not_wanted(session, consumer, revision.id)


def review_key(article: Article) -> str:
    """The key of the owner's task to look the article through."""
    return f"{REVIEW_DUE}:{article.id}"


def _placed(revision: Revision) -> dict[str, object]:
    times = ("published_at", "effective_from", "effective_to", "provisional_until")
    values = {name: getattr(revision, name) for name in times}
    return {
        "revision": revision.number,
        "route": revision.route.value,
        "publication": revision.publication.value,
        **{name: value.isoformat() if value else None for name, value in values.items()},
    }


def _publish_due(session: Session, article: Article, revisions: Sequence[Revision], now: datetime) -> None:
    due = [each for each in revisions if each.publication is Publication.SCHEDULED]
    for revision in sorted(due, key=lambda each: (each.published_at or now, each.number)):
        # One that came due before it may have put it on hold.
        if revision.publication is Publication.SCHEDULED and (revision.published_at or now) <= now:
            move(revision, Action.SCHEDULE_DUE)
            session.add(revision)
            settle_with_others(session, SYSTEM, article, revisions, revision)
            people = {revision.submitted_by, article.owner_id}
            tell(session, people, "published", article, revision, f"已按时发布：{revision.title}")
            record(session, SYSTEM, "article.publish", "article", article.code, None, _placed(revision))


def _take_over(session: Session, article: Article, revision: Revision) -> None:
    content = revision.value()
    article.title, article.kind = revision.title, content.kind
    article.category_id = revision.category_id
    article.audience = list(revision.audience)
    article.owner_id = _owner(session, content) or article.owner_id


def _owner(session: Session, content: Content) -> int | None:
    """The owner as written; who has left has handed the article over since."""
    user = session.get(User, content.owner_id) if content.owner_id else None
    return user.id if user is not None and user.active else None


def _come_again(session: Session, article: Article, revisions: Sequence[Revision], now: datetime) -> None:
    moments = [
        moment
        for each in revisions
        if each.published_at is not None
        for moment in (each.published_at, each.recalled_at, each.effective_from, each.effective_to)
    ]
    ahead = [moment for moment in moments if moment is not None and moment > now]
    if ahead:
        wanted(session, ARTICLE_DUE, article.id, min(ahead))
    else:
        not_wanted(session, ARTICLE_DUE, article.id)


def _look_again(session: Session, article: Article, current: Revision | None, now: datetime) -> None:
    review_by = current.value().review_by if current and article.retired_at is None else None
    due = clock.start_of(review_by) if review_by else None
    if due is None or due > now:
        settle(session, review_key(article))
    if due is None:
        not_wanted(session, REVIEW_DUE, article.id)
    else:
        wanted(session, REVIEW_DUE, article.id, due)
