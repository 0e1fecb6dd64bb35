"""Publication: make visible, schedule, hold, recall, retire. Every change of what readers may find ends here."""

from datetime import datetime, timedelta

from sqlmodel import Session, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.handover import successor
from kms.accounts.permissions import Permission
from kms.articles.access import article_for_read
from kms.articles.basis import revisions_of, spans
from kms.articles.indexing import index_wanted
from kms.articles.models import Article, Revision
from kms.articles.telling import review_is_over, tell
from kms.articles.timeline import in_force
from kms.articles.transitions import move
from kms.articles.workflow import Action, Publication
from kms.audit.service import record
from kms.errors import Conflict, Invalid
from kms.outbox.service import not_wanted, wanted

ARTICLE_DUE = "article_due"
PROVISIONAL_END = "provisional_end"


def put_live(
    session: Session, actor: Actor, article: Article, revision: Revision, at: datetime | None = None
) -> None:
    """Give the revision its place in time: visible from `at` (default now), effective as written, else from then.

    The caller has moved the state. Other revisions that were scheduled on the old text are put on hold.
    """
    now = clock.now()
    revision.published_at = at or now
    revision.published_by = actor.user_id
    content = revision.value()
    revision.effective_from = content.effective_from or revision.published_at
    revision.effective_to = content.effective_to
    session.add(revision)
    if revision.publication is Publication.PUBLISHED:
        _hold_scheduled(session, actor, article, revision)
        tell(
            session,
            {revision.submitted_by, article.owner_id} - {actor.user_id},
            "published",
            article,
            revision,
            f"已发布：{revision.title}",
        )
    record(session, actor, "article.publish", "article", article.code, None, _placed(revision))
    refresh(session, article)


def _placed(revision: Revision) -> dict[str, object]:
    times = ("published_at", "effective_from", "effective_to")
    values = {name: getattr(revision, name) for name in times}
    return {
        "revision": revision.number,
        "route": revision.route.value,
        "publication": revision.publication.value,
        **{name: value.isoformat() if value else None for name, value in values.items()},
    }


def refresh(session: Session, article: Article) -> None:
    """Bring the article's own facts up to now: due publications, today's title, audience, owner; then index it.

    Asks to be called again when the next revision begins to be visible or effective.
    """
    now = clock.now()
    revisions = revisions_of(session, article.id or 0)
    for revision in revisions:
        if revision.publication is Publication.SCHEDULED and (revision.published_at or now) <= now:
            move(revision, Action.SCHEDULE_DUE)
            session.add(revision)
            tell(
                session,
                {revision.submitted_by, article.owner_id},
                "published",
                article,
                revision,
                f"已按时发布：{revision.title}",
            )
    number = in_force(spans(revisions), now, now)
    for revision in revisions:
        if revision.number == number:
            _take_over(session, article, revision)
    session.add(article)
    session.flush()
    index_wanted(session, article.id or 0)
    _come_again(session, article, revisions, now)


def _take_over(session: Session, article: Article, revision: Revision) -> None:
    content = revision.value()
    article.title, article.kind = revision.title, content.kind
    article.category_id = revision.category_id
    article.audience = list(revision.audience)
    article.owner_id = successor(session, content.owner_id or article.owner_id)


def _come_again(session: Session, article: Article, revisions: list[Revision], now: datetime) -> None:
    live = [revision for revision in revisions if revision.published_at and revision.recalled_at is None]
    moments = [
        moment for each in live for moment in (each.published_at, each.effective_from, each.effective_to)
    ]
    ahead = [moment for moment in moments if moment is not None and moment > now]
    if ahead:
        wanted(session, ARTICLE_DUE, article.id, min(ahead))
    else:
        not_wanted(session, ARTICLE_DUE, article.id)


def _hold_scheduled(session: Session, actor: Actor, article: Article, published: Revision) -> None:
    for other in revisions_of(session, article.id or 0):
        if other.id == published.id or other.base_number == published.number:
            continue
        if other.publication is not Publication.SCHEDULED:
            continue
        move(other, Action.HOLD)
        other.on_hold, other.published_at = True, None
        session.add(other)
        tell(
            session,
            [other.submitted_by],
            "on_hold",
            article,
            other,
            f"暂缓发布，请把改动带过来：{other.title}",
            f"第 {published.number} 版先发布了，第 {other.number} 版不含那处改动。补上后重新提交，或在历史里恢复发布",
        )
        record(session, actor, "revision.hold", "article", article.code, None, {"revision": other.number})


def recall(
    session: Session, actor: Actor, code: str, number: int, reason: str, *, take_down: bool = False
) -> Revision:
    """Take a visible revision out of use at this instant; the previous one that still holds returns by itself.

    With `take_down` every visible revision goes, and the article has no rule. Raises Conflict, Invalid.
    """
    actor.must(Permission.ARTICLE_RECALL)
    article = article_for_read(session, actor, code)
    if not reason.strip():
        raise Invalid("请写明撤回原因", {"reason": "请写明撤回原因，坐席会看到"})
    revision = revision_of(session, article, number)
    affected = [revision]
    if take_down:
        affected += [
            each
            for each in revisions_of(session, article.id or 0)
            if each.publication is Publication.PUBLISHED and each.id != revision.id
        ]
    for each in affected:
        end_publication(session, actor, article, each, Action.RECALL, reason)
    refresh(session, article)
    return revision


def end_publication(
    session: Session, actor: Actor, article: Article, revision: Revision, action: Action, reason: str
) -> None:
    """Move a visible revision out of sight by `action`; the caller refreshes the article."""
    move(revision, action)
    revision.recalled_at, revision.recalled_by = clock.now(), actor.user_id
    revision.recall_reason = reason.strip()[:300]
    revision.decided_at = revision.decided_at or clock.now()
    session.add(revision)
    review_is_over(session, revision)
    not_wanted(session, PROVISIONAL_END, revision.id)
    told = {revision.submitted_by, article.owner_id} - {actor.user_id}
    tell(session, told, "recalled", article, revision, f"已撤回：{revision.title}", reason)
    after = {"revision": revision.number, "action": action.value, "reason": reason}
    record(session, actor, "article.recall", "article", article.code, None, after)


def cancel(session: Session, actor: Actor, code: str, number: int) -> Revision:
    """Give up a revision that is approved and not visible yet. Its author, the owner or a recaller may."""
    article = article_for_read(session, actor, code)
    revision = revision_of(session, article, number)
    _own_or_recall(actor, article, revision)
    move(revision, Action.CANCEL)
    revision.on_hold, revision.published_at = False, None
    session.add(revision)
    record(session, actor, "revision.cancel", "article", article.code, None, {"revision": number})
    refresh(session, article)
    return revision


def resume(session: Session, actor: Actor, code: str, number: int, at: datetime | None = None) -> Revision:
    """Publish a held revision after all, now or at `at`. Whoever does has seen that it lacks the other change."""
    article = article_for_read(session, actor, code)
    revision = revision_of(session, article, number)
    _own_or_recall(actor, article, revision)
    later = at is not None and at > clock.now()
    move(revision, Action.PUBLISH_LATER if later else Action.PUBLISH)
    revision.on_hold = False
    put_live(session, actor, article, revision, at if later else None)
    return revision


def retire(session: Session, actor: Actor, code: str, reason: str, successor: str = "") -> Article:
    """The article goes out of use as a whole; `successor` is the code of the one that takes its place."""
    actor.must(Permission.ARTICLE_RECALL)
    article = article_for_read(session, actor, code)
    if article.retired_at is not None:
        raise Conflict(f"{article.code} 已经停用")
    if not reason.strip():
        raise Invalid("请写明停用原因", {"reason": "请写明停用原因"})
    if successor.strip():
        next_one = article_for_read(session, actor, successor)
        if next_one.line_id != article.line_id or next_one.id == article.id or next_one.retired_at:
            raise Invalid("替代条目有误", {"successor": "替代条目须是同一业务线中在用的另一条"})
        article.successor_id = next_one.id
    article.retired_at, article.retired_reason = clock.now(), reason.strip()[:300]
    after = {"reason": reason, "successor": successor}
    record(session, actor, "article.retire", "article", article.code, None, after)
    refresh(session, article)
    return article


def restore(session: Session, actor: Actor, code: str) -> Article:
    """Bring a retired article back; what is in force by its intervals is found again."""
    actor.must(Permission.ARTICLE_RECALL)
    article = article_for_read(session, actor, code)
    if article.retired_at is None:
        raise Conflict(f"{article.code} 没有停用")
    article.retired_at, article.retired_reason, article.successor_id = None, "", None
    record(session, actor, "article.restore", "article", article.code)
    refresh(session, article)
    return article


def provisional_until(session: Session, revision: Revision, hours: int) -> None:
    """Let a provisional publication end by itself."""
    revision.provisional_until = clock.now() + timedelta(hours=hours)
    session.add(revision)
    wanted(session, PROVISIONAL_END, revision.id, revision.provisional_until)


def revision_of(session: Session, article: Article, number: int) -> Revision:
    """Revision `number`, locked against a second decision where the database locks rows. Raises Conflict."""
    query = select(Revision).where(Revision.article_id == article.id, Revision.number == number)
    revision = session.exec(query.with_for_update().execution_options(populate_existing=True)).first()
    if revision is None:
        raise Conflict(f"{article.code} 没有第 {number} 版")
    return revision


def _own_or_recall(actor: Actor, article: Article, revision: Revision) -> None:
    if actor.user_id not in (revision.submitted_by, article.owner_id):
        actor.must(Permission.ARTICLE_RECALL)
