"""Remarks on passages of a revision under review."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.models import User
from kms.accounts.permissions import Permission
from kms.articles.field_errors import LABELS
from kms.articles.models import ReviewComment, Revision
from kms.articles.reviewing import revision_for_change, revision_for_review
from kms.audit.service import record
from kms.errors import Invalid, NotFound

TEXT_MAX = 2000
QUOTE_MAX = 500


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on a passage: the field, the words it is about, what is to be said."""

    text: str
    field: str = "body"
    quote: str = ""


def add_comment(session: Session, actor: Actor, code: str, number: int, remark: Remark) -> ReviewComment:
    """Remark on a passage without deciding; editors of the text and approvers may."""
    article, revision = revision_for_change(session, actor, code, number)
    _editor_or_approver(actor, revision)
    comment = add_remark(session, actor, revision, remark)
    after = {"revision": number, "comment": comment.id}
    record(session, actor, "revision.comment", "article", article.code, None, after)
    return comment


def resolve_comment(session: Session, actor: Actor, code: str, number: int, comment_id: int) -> ReviewComment:
    """Mark a remark as dealt with; its author, an editor or an approver may."""
    _, revision = revision_for_review(session, actor, code, number)
    comment = session.get(ReviewComment, comment_id)
    if comment is None or comment.revision_id != revision.id:
        raise NotFound("没有这条批注")
    if actor.user_id != comment.user_id:
        _editor_or_approver(actor, revision)
    comment.resolved_at = comment.resolved_at or clock.now()
    session.add(comment)
    return comment


def comments_of(session: Session, revision: Revision) -> list[tuple[ReviewComment, User]]:
    """Remarks with their authors, in order."""
    query = (
        select(ReviewComment, User)
        .join(User, col(User.id) == col(ReviewComment.user_id))
        .where(ReviewComment.revision_id == revision.id)
        .order_by(col(ReviewComment.id))
    )
    return list(session.exec(query))


def add_remark(session: Session, actor: Actor, revision: Revision, remark: Remark) -> ReviewComment:
    """Store a remark; the caller has checked who makes it. Raises Invalid."""
    errors = {}
    if not remark.text.strip() or len(remark.text) > TEXT_MAX:
        errors["text"] = f"请填写批注内容，最多 {TEXT_MAX} 个字"
    if remark.field not in LABELS:
        errors["field"] = "请选择批注的是哪一项"
    if errors:
        raise Invalid("批注有误：" + "；".join(errors.values()), errors)
    comment = ReviewComment(
        revision_id=revision.id or 0,
        user_id=actor.id,
        field=remark.field,
        quote=remark.quote.strip()[:QUOTE_MAX],
        text=remark.text.strip(),
        at=clock.now(),
    )
    session.add(comment)
    session.flush()
    return comment


def _editor_or_approver(actor: Actor, revision: Revision) -> None:
    if actor.user_id not in revision.editors:
        actor.must(Permission.ARTICLE_APPROVE)
