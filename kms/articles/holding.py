"""Revisions that wait for their time while another one is published: their texts must not undo each other."""

from collections.abc import Sequence

from sqlmodel import Session

from kms import clock
from kms.accounts.actor import Actor
from kms.articles.models import Article, Revision
from kms.articles.telling import tell
from kms.articles.transitions import move
from kms.articles.workflow import Action, Publication
from kms.audit.service import record


def settle_with_others(
    session: Session, actor: Actor, article: Article, revisions: Sequence[Revision], published: Revision
) -> None:
    """`published` is out now. What was scheduled on an older text is put on hold; what readers can see coming
    already cannot be, so its author is asked to carry the change over."""
    for other in revisions:
        if other.number == published.number or descends(revisions, other, published.number):
            continue
        if other.publication is Publication.SCHEDULED:
            why = f"第 {published.number} 版先发布了，第 {other.number} 版不含那处改动。"
            why += "补上后重新提交，或在历史里恢复发布"
            hold(session, actor, article, other, why)
        elif _coming(other) and not descends(revisions, published, other.number):
            title = f"请把改动带到待生效版本：{other.title}"
            why = f"第 {published.number} 版刚发布，待生效的第 {other.number} 版不含那处改动，到时会把它盖掉"
            tell(session, [other.submitted_by], "carry_over", article, other, title, why)


def hold_descendants(
    session: Session, actor: Actor, article: Article, revisions: Sequence[Revision], recalled: Revision
) -> None:
    """`recalled` was wrong, so what is scheduled on top of it must be looked at again."""
    for other in revisions:
        if other.publication is Publication.SCHEDULED and descends(revisions, other, recalled.number):
            why = f"它所依据的第 {recalled.number} 版已撤回。核对后重新提交，或在历史里恢复发布"
            hold(session, actor, article, other, why)


def hold(session: Session, actor: Actor, article: Article, revision: Revision, why: str) -> None:
    """Stop a scheduled revision until somebody has looked at it."""
    move(revision, Action.HOLD)
    revision.on_hold, revision.published_at = True, None
    session.add(revision)
    title = f"暂缓发布，请核对：{revision.title}"
    tell(session, [revision.submitted_by], "on_hold", article, revision, title, why)
    after = {"revision": revision.number, "reason": why}
    record(session, actor, "revision.hold", "article", article.code, None, after)


def descends(revisions: Sequence[Revision], revision: Revision, number: int) -> bool:
    """Whether the text of `revision` was written on top of revision `number`, directly or by others between."""
    bases = {each.number: each.base_number for each in revisions}
    at = revision.base_number
    while at > number:
        at = bases.get(at, 0)
    return at == number


def _coming(revision: Revision) -> bool:
    starts = revision.effective_from
    return revision.publication is Publication.PUBLISHED and starts is not None and starts > clock.now()
