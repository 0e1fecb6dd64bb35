"""纠错: a reader reports a passage, the owner accepts or declines, the reporter is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.models import User
from kms.accounts.permissions import Permission
from kms.articles.access import article_for_edit, scope_of
from kms.articles.categories import owner_of
from kms.articles.drafts import open_draft
from kms.articles.models import Article, Correction
from kms.articles.reading import read_revision
from kms.articles.references import within_line
from kms.audit.service import record
from kms.errors import Conflict, Forbidden, Invalid, NotFound
from kms.inbox.service import Message, send, settle
from kms.privacy import mask_text

QUOTE_MAX = 500
MESSAGE_MAX = 500

OPEN, ACCEPTED, DECLINED = "open", "accepted", "declined"
STATES = {OPEN: "待处理", ACCEPTED: "已采纳", DECLINED: "未采纳"}


@dataclass(frozen=True, slots=True)
class Report:
    """A correction with its article and the reporter."""

    correction: Correction
    article: Article
    reporter: User


def report(
    session: Session, actor: Actor, code: str, number: int, message: str, quote: str = ""
) -> Correction:
    """What is wrong in revision `number`; `quote` is the passage. A task for the owner."""
    reading = read_revision(session, actor, code, number)
    errors = {
        name: f"最多 {limit} 个字"
        for name, text, limit in (("message", message, MESSAGE_MAX), ("quote", quote, QUOTE_MAX))
        if len(text) > limit
    }
    if not message.strip():
        errors["message"] = "请写明哪里有误、应该怎样"
    if errors:
        raise Invalid("纠错内容有误：" + "；".join(errors.values()), errors)
    correction = Correction(
        article_id=reading.article.id or 0,
        revision_number=number,
        reporter_id=actor.id,
        quote=mask_text(quote.strip()),
        message=mask_text(message.strip()),
        created_at=clock.now(),
    )
    session.add(correction)
    session.flush()
    handlers = within_line(session, reading.article.line_id, _handlers(session, reading.article))
    send(session, handlers, _task(reading.article, correction))
    return correction


def reports(
    session: Session,
    actor: Actor,
    *,
    closed: bool | None = None,
    mine: bool = False,
    before: int | None = None,
    limit: int = 50,
) -> list[Report]:
    """Those that the actor reported (`mine`), or those of articles that are his to handle; the newest first."""
    query = (
        select(Correction, Article, User)
        .join(Article, col(Article.id) == col(Correction.article_id))
        .join(User, col(User.id) == col(Correction.reporter_id))
        .where(col(Article.line_id).in_(scope_of(session, actor).lines))
        .order_by(col(Correction.id).desc())
    )
    if mine:
        query = query.where(Correction.reporter_id == actor.id)
    elif not actor.may(Permission.CATEGORY_MANAGE):
        query = query.where(Article.owner_id == actor.id)
    if closed is not None:
        query = query.where((Correction.state != OPEN) if closed else (Correction.state == OPEN))
    if before is not None:
        query = query.where(col(Correction.id) < before)
    return [Report(*row) for row in session.exec(query.limit(limit))]


def report_for_read(session: Session, actor: Actor, correction_id: int) -> Report:
    """For the reporter and for those who may handle it; NotFound otherwise."""
    correction = session.get(Correction, correction_id)
    article = session.get(Article, correction.article_id) if correction else None
    reporter = session.get(User, correction.reporter_id) if correction else None
    if correction is None or article is None or reporter is None:
        raise NotFound("没有这条纠错")
    allowed = correction.reporter_id == actor.user_id or may_handle(session, actor, article)
    if article.line_id not in scope_of(session, actor).lines or not allowed:
        raise NotFound("没有这条纠错")
    return Report(correction, article, reporter)


def may_handle(session: Session, actor: Actor, article: Article) -> bool:
    """The owner, whoever stands in for a missing one, and those who manage the categories."""
    return actor.may(Permission.CATEGORY_MANAGE) or actor.user_id in _handlers(session, article)


def accept(session: Session, actor: Actor, correction_id: int, answer: str = "") -> Correction:
    """Agree: a draft of the article is opened, or the one that exists is used."""
    found = _open_report(session, actor, correction_id)
    article_for_edit(session, actor, found.article.code)
    open_draft(session, actor, found.article.code)
    return _close(session, actor, found, ACCEPTED, answer.strip() or "已采纳，正在修改")


def decline(session: Session, actor: Actor, correction_id: int, answer: str) -> Correction:
    """Disagree; the reporter gets the answer, which must not be empty."""
    found = _open_report(session, actor, correction_id)
    if not answer.strip():
        raise Invalid("请写明理由", {"answer": "请告诉报告人为什么不改"})
    return _close(session, actor, found, DECLINED, answer.strip())


def _open_report(session: Session, actor: Actor, correction_id: int) -> Report:
    found = report_for_read(session, actor, correction_id)
    if not may_handle(session, actor, found.article):
        raise Forbidden("只有知识负责人可以处理这条纠错")
    # Two who answer at once do so one after the other; the second meets the answer of the first.
    session.refresh(found.correction, with_for_update=True)
    if found.correction.state != OPEN:
        raise Conflict(f"这条纠错{STATES[found.correction.state]}", state=found.correction.state)
    return found


def _close(session: Session, actor: Actor, found: Report, state: str, answer: str) -> Correction:
    if len(answer) > MESSAGE_MAX:
        raise Invalid("答复太长", {"answer": f"最多 {MESSAGE_MAX} 个字"})
    correction, article = found.correction, found.article
    correction.state, correction.answer = state, mask_text(answer)
    correction.answered_by, correction.answered_at = actor.id, clock.now()
    session.add(correction)
    settle(session, _key(correction))
    title = f"您报的错{STATES[state]}：{article.title}"
    told = Message(f"{_key(correction)}:answer", "correction", title, correction.answer, _href(correction))
    send(session, within_line(session, article.line_id, [correction.reporter_id]), told)
    record(
        session, actor, f"correction.{state}", "article", article.code, None, {"correction": correction.id}
    )
    return correction


def _task(article: Article, correction: Correction) -> Message:
    title = f"有人报错：{article.title}"
    return Message(_key(correction), "correction", title, correction.message, _href(correction), is_task=True)


def _handlers(session: Session, article: Article) -> Sequence[int]:
    """The owner; when he has left, the owner of the category."""
    owner = session.get(User, article.owner_id)
    if owner is not None and owner.active:
        return [article.owner_id]
    stand_in = owner_of(session, article.category_id)
    return [article.owner_id] if stand_in is None else [stand_in]


def _key(correction: Correction) -> str:
    return f"correction:{correction.id}"


def _href(correction: Correction) -> str:
    return f"/corrections/{correction.id}"
