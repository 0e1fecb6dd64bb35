"""Reviewing: approve, return, withdraw, hand on, comment."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.models import User
from kms.accounts.permissions import Permission
from kms.accounts.service import get_user
from kms.articles.access import article_for_read, scope_of
from kms.articles.approvers import candidates, case_of, roles_of
from kms.articles.base_check import refuse_outdated_base
from kms.articles.drafts import draft_of
from kms.articles.models import Article, Decision, Draft, ReviewComment, Revision, Substitute
from kms.articles.publication import PROVISIONAL_END, end_publication, put_live, refresh, revision_of
from kms.articles.stages import (
    REFUSALS,
    Outcome,
    Refusal,
    Rule,
    Verdict,
    current_stage,
    may_decide,
    may_hand_over,
    outcome,
)
from kms.articles.submission import APPROVAL_OVERDUE
from kms.articles.telling import ask_deciders, review_is_over, tell
from kms.articles.transitions import move
from kms.articles.workflow import Action, Approval, Publication
from kms.audit.service import record
from kms.errors import Conflict, Forbidden, Invalid, NotFound
from kms.outbox.service import not_wanted


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on a passage: the field, the words it is about, what is to be said."""

    text: str
    field: str = "body"
    quote: str = ""


def revision_for_review(session: Session, actor: Actor, code: str, number: int) -> tuple[Article, Revision]:
    """A revision within the actor's business lines and audience, whoever may decide on it. Raises NotFound."""
    article = article_for_read(session, actor, code)
    revision = revision_of(session, article, number)
    if not scope_of(session, actor).tokens.intersection(revision.audience):
        raise NotFound("没有这个版本，或您没有查看权限")
    return article, revision


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
        _add_remark(session, actor, revision, remark)
    _end_review(session, actor, article, revision, Action.RETURN, comment)
    told = {revision.submitted_by, *revision.editors} - {actor.user_id}
    tell(session, told, "returned", article, revision, f"已退回：{revision.title}", comment)
    return revision


def withdraw(session: Session, actor: Actor, code: str, number: int) -> Revision:
    """The author takes the submission back; the text becomes the draft again."""
    article, revision = revision_for_review(session, actor, code, number)
    if actor.user_id not in (revision.submitted_by, article.owner_id):
        raise Forbidden("只有提交人或知识负责人可以撤销提交")
    record(session, actor, "revision.withdraw", "article", article.code, None, {"revision": number})
    _end_review(session, actor, article, revision, Action.WITHDRAW, "撤销提交")
    return revision


def delegate(session: Session, actor: Actor, code: str, number: int, to_login: str) -> Revision:
    """Hand the own decision on the current stage on to someone else of the line."""
    return _substitute(session, actor, code, number, actor.login, to_login, "delegate")


def replace_approver(
    session: Session, actor: Actor, code: str, number: int, from_login: str, to_login: str
) -> Revision:
    """A supervisor puts someone in the place of an approver who is away."""
    actor.must(Permission.APPROVER_REPLACE)
    return _substitute(session, actor, code, number, from_login, to_login, "replace")


def add_comment(session: Session, actor: Actor, code: str, number: int, remark: Remark) -> ReviewComment:
    """Remark on a passage without deciding."""
    _, revision = revision_for_review(session, actor, code, number)
    if actor.user_id not in revision.editors:
        actor.must(Permission.ARTICLE_APPROVE)
    return _add_remark(session, actor, revision, remark)


def resolve_comment(session: Session, actor: Actor, code: str, number: int, comment_id: int) -> ReviewComment:
    """Mark a remark as dealt with; its author, an editor or an approver may."""
    _, revision = revision_for_review(session, actor, code, number)
    comment = session.get(ReviewComment, comment_id)
    if comment is None or comment.revision_id != revision.id:
        raise NotFound("没有这条批注")
    if actor.user_id not in (comment.user_id, *revision.editors):
        actor.must(Permission.ARTICLE_APPROVE)
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


def refusal(session: Session, actor: Actor, revision: Revision) -> Refusal | None:
    """Why the actor may not decide now; None: may."""
    if revision.approval is not Approval.SUBMITTED:
        return Refusal.OVER
    if not actor.may(Permission.ARTICLE_APPROVE) or actor.user_id is None:
        return Refusal.NOT_ASKED
    return may_decide(case_of(session, revision), actor.user_id, roles_of(session, actor.user_id))


def _decide(
    session: Session, actor: Actor, code: str, number: int, verdict: Verdict, comment: str
) -> tuple[Article, Revision]:
    actor.must(Permission.ARTICLE_APPROVE)
    article, revision = revision_for_review(session, actor, code, number)
    if why := refusal(session, actor, revision):
        kind = Conflict if why in (Refusal.OVER, Refusal.DECIDED) else Forbidden
        raise kind(REFUSALS[why])
    rule = Rule.model_validate(revision.rule)
    stage = current_stage(rule, case_of(session, revision).decisions) or 0
    session.add(
        Decision(
            revision_id=revision.id or 0,
            stage=stage,
            user_id=actor.id,
            verdict=verdict.value,
            comment=comment.strip()[:2000],
            at=clock.now(),
        )
    )
    session.flush()
    after = {"revision": number, "stage": rule.stages[stage].name, "comment": comment}
    record(session, actor, f"revision.{verdict.value}", "article", article.code, None, after)
    return article, revision


def _complete(session: Session, actor: Actor, article: Article, revision: Revision) -> None:
    live = revision.publication is Publication.PUBLISHED
    later = not live and revision.publish_at is not None and revision.publish_at > clock.now()
    if not live:
        refuse_outdated_base(session, article, revision.base_number, revision.value(), revision.number)
    move(revision, Action.APPROVE_LAST_LATER if later else Action.APPROVE_LAST)
    revision.decided_at, revision.provisional_until = clock.now(), None
    session.add(revision)
    _forget_timers(session, revision)
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
    _forget_timers(session, revision)
    give_back(session, article, revision)


def give_back(session: Session, article: Article, revision: Revision) -> None:
    """Make the revision's text the draft again, unless someone has begun another one meanwhile."""
    if draft_of(session, article) is not None:
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


def _forget_timers(session: Session, revision: Revision) -> None:
    review_is_over(session, revision)
    for consumer in (APPROVAL_OVERDUE, PROVISIONAL_END):
        not_wanted(session, consumer, revision.id)


def _substitute(
    session: Session, actor: Actor, code: str, number: int, from_login: str, to_login: str, kind: str
) -> Revision:
    article, revision = revision_for_review(session, actor, code, number)
    absent, substitute = get_user(session, from_login), get_user(session, to_login)
    people = candidates(session, article.line_id)
    if substitute.id not in people:
        raise Invalid("不能转交", {"to": f"{substitute.name} 不在本业务线或没有审批权限"})
    case = case_of(session, revision)
    absent_roles = roles_of(session, absent.id or 0)
    if found := may_hand_over(case, absent.id or 0, absent_roles, substitute.id or 0):
        who, why = found
        raise Conflict(f"{absent.name if who == absent.id else substitute.name}：{REFUSALS[why]}")
    session.add(
        Substitute(
            revision_id=revision.id or 0,
            stage=current_stage(case.rule, case.decisions) or 0,
            from_user_id=absent.id or 0,
            to_user_id=substitute.id or 0,
            kind=kind,
            by_user_id=actor.id,
            at=clock.now(),
        )
    )
    session.flush()
    after = {"revision": number, "from": from_login, "to": to_login}
    record(session, actor, f"revision.{kind}", "article", article.code, None, after)
    ask_deciders(session, article, revision)
    return revision


def _add_remark(session: Session, actor: Actor, revision: Revision, remark: Remark) -> ReviewComment:
    if not remark.text.strip():
        raise Invalid("请填写批注", {"text": "请填写批注内容"})
    comment = ReviewComment(
        revision_id=revision.id or 0,
        user_id=actor.id,
        field=remark.field[:32],
        quote=remark.quote.strip()[:500],
        text=remark.text.strip()[:2000],
        at=clock.now(),
    )
    session.add(comment)
    session.flush()
    return comment
