"""Deciding: approve, return, withdraw, several at once, let a provisional one lapse."""

from collections.abc import Sequence

from sqlmodel import Session

from kms import clock
from kms.accounts.actor import SYSTEM, Actor
from kms.accounts.permissions import Permission
from kms.articles.approvers import case_of
from kms.articles.base_check import refuse_outdated_base
from kms.articles.drafts import draft_of
from kms.articles.models import Article, Decision, Draft, Revision
from kms.articles.publication import end_publication, forget_review, put_live, refresh
from kms.articles.remarks import Remark, add_remark
from kms.articles.reviewing import refusal, revision_for_change
from kms.articles.stages import REFUSALS, Outcome, Refusal, Rule, Verdict, current_stage, outcome
from kms.articles.telling import ask_deciders, tell
from kms.articles.transitions import move
from kms.articles.workflow import Action, Publication
from kms.audit.service import record
from kms.errors import Conflict, Forbidden, Invalid, KmsError

COMMENT_MAX = 2000
_LATE = frozenset({Refusal.OVER, Refusal.DECIDED, Refusal.HANDED_OVER})
"""Refusals that come from an old page, not from a lack of rights."""


def approve(session: Session, actor: Actor, code: str, number: int, comment: str = "") -> Revision:
    """Agree in the current stage; with the last needed agreement the revision is published or scheduled.

    Raises Forbidden for who may not decide, Conflict for an outdated base (with three texts) or state.
    """
    article, revision = _decide(session, actor, code, number, Verdict.APPROVE, comment)
    case = case_of(session, revision)
    if outcome(case.rule, case.decisions) is Outcome.APPROVED:
        _complete(session, actor, article, revision)
    else:
        revision.stage = current_stage(case.rule, case.decisions) or 0
        session.add(revision)
        ask_deciders(session, article, revision)
    return revision


def send_back(
    session: Session, actor: Actor, code: str, number: int, comment: str, remarks: Sequence[Remark] = ()
) -> Revision:
    """Return the revision to its author, whose draft gets the text back; a visible one is recalled at once."""
    if not comment.strip() and not remarks:
        raise Invalid("请写明退回原因", {"comment": "请写明退回原因，编辑会照着修改"})
    article, revision = _decide(session, actor, code, number, Verdict.RETURN, comment)
    for remark in remarks:
        add_remark(session, actor, revision, remark)
    _end_review(session, actor, article, revision, Action.RETURN, comment)
    told = {revision.submitted_by, *revision.editors} - {actor.user_id}
    tell(session, told, "returned", article, revision, f"已退回：{revision.title}", comment)
    return revision


def decide_together(
    session: Session,
    actor: Actor,
    items: Sequence[tuple[str, int]],
    verdict: Verdict,
    comment: str = "",
) -> list[Revision]:
    """One decision on several revisions of one bundle: all of them or, on any refusal, none.

    The refusal names its article. Raises Invalid when they were not submitted together.
    """
    decided = []
    for code, number in dict.fromkeys((code.strip().upper(), number) for code, number in items):
        try:
            if verdict is Verdict.APPROVE:
                decided.append(approve(session, actor, code, number, comment))
            else:
                decided.append(send_back(session, actor, code, number, comment))
        except KmsError as error:
            error.message = f"{code} 第 {number} 版：{error.message}；本次没有处理任何一条"
            raise
    if len({revision.bundle for revision in decided}) != 1 or decided[0].bundle is None:
        raise Invalid("只能一起处理同一批提交的版本", {"items": "请选择同一批提交的版本"})
    return decided


def withdraw(session: Session, actor: Actor, code: str, number: int) -> Revision:
    """The author takes the submission back; the text becomes the draft again."""
    article, revision = revision_for_change(session, actor, code, number)
    if actor.user_id not in (revision.submitted_by, article.owner_id):
        raise Forbidden("只有提交人或知识负责人可以撤销提交")
    _end_review(session, actor, article, revision, Action.WITHDRAW, "作者撤销提交")
    record(session, actor, "revision.withdraw", "article", article.code, None, {"revision": number})
    return revision


def lapse(session: Session, article: Article, revision: Revision) -> None:
    """The time of a provisional publication is over; whoever wrote it gets the text back."""
    _end_review(session, SYSTEM, article, revision, Action.EXPIRE_PROVISIONAL, "待核实到期，未获审批")
    told = {revision.submitted_by, article.owner_id}
    title = f"待核实已到期，坐席看不到了：{revision.title}"
    tell(session, told, "provisional_end", article, revision, title, "文字已回到草稿，核实后请走普通审批")


def give_back(session: Session, article: Article, revision: Revision) -> None:
    """Make the revision's text the draft again, unless someone has begun another one meanwhile."""
    if draft_of(session, article) is not None or article.retired_at is not None:
        return
    session.add(
        Draft(
            article_id=article.id or 0,
            base_number=revision.base_number,
            content=revision.content,
            editors=revision.editors,
            author_id=revision.submitted_by,
            created_at=clock.now(),
            updated_at=clock.now(),
            updated_by=revision.submitted_by,
        )
    )
    session.flush()


def _decide(
    session: Session, actor: Actor, code: str, number: int, verdict: Verdict, comment: str
) -> tuple[Article, Revision]:
    actor.must(Permission.ARTICLE_APPROVE)
    article, revision = revision_for_change(session, actor, code, number)
    if why := refusal(session, actor, revision):
        raise (Conflict if why in _LATE else Forbidden)(REFUSALS[why])
    rule = Rule.model_validate(revision.rule)
    stage = current_stage(rule, case_of(session, revision).decisions) or 0
    session.add(
        Decision(
            revision_id=revision.id or 0,
            stage=stage,
            user_id=actor.id,
            verdict=verdict.value,
            comment=comment.strip()[:COMMENT_MAX],
            at=clock.now(),
        )
    )
    session.flush()
    after = {"revision": number, "stage": rule.stages[stage].name, "comment": comment.strip()[:COMMENT_MAX]}
    record(session, actor, f"revision.{verdict.value}", "article", article.code, None, after)
    return article, revision


def _complete(session: Session, actor: Actor, article: Article, revision: Revision) -> None:
    live = revision.publication is Publication.PUBLISHED
    if live and revision.provisional_until is not None and revision.provisional_until <= clock.now():
        raise Conflict("待核实已到期，坐席已看不到这一版；请编辑重新提交")
    later = not live and revision.publish_at is not None and revision.publish_at > clock.now()
    if not live:
        refuse_outdated_base(session, article, revision.base_number, revision.value(), revision.number)
    move(revision, Action.APPROVE_LAST_LATER if later else Action.APPROVE_LAST)
    revision.decided_at, revision.provisional_until, revision.recalled_at = clock.now(), None, None
    session.add(revision)
    forget_review(session, revision)
    if live:
        told = {revision.submitted_by, article.owner_id} - {actor.user_id}
        tell(session, told, "published", article, revision, f"已核实：{revision.title}")
        refresh(session, article)
    else:
        put_live(session, actor, article, revision, revision.publish_at if later else None)


def _end_review(
    session: Session, actor: Actor, article: Article, revision: Revision, action: Action, reason: str
) -> None:
    if revision.publication is Publication.PUBLISHED:
        end_publication(session, actor, article, revision, action, reason)
        refresh(session, article)
    else:
        move(revision, action)
    revision.decided_at = clock.now()
    session.add(revision)
    forget_review(session, revision)
    give_back(session, article, revision)
