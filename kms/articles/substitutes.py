"""Someone decides in another's place: handed on by the approver, or put in by a supervisor."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.models import User
from kms.accounts.permissions import Permission
from kms.accounts.service import get_user
from kms.articles.approvers import candidates, case_of, roles_of
from kms.articles.models import Article, Revision, Substitute
from kms.articles.references import within_line
from kms.articles.reviewing import revision_for_change
from kms.articles.stages import REFUSALS, Case, Refusal, current_stage, may_hand_over
from kms.articles.telling import ask_deciders
from kms.articles.workflow import Approval
from kms.audit.service import record
from kms.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class _Swap:
    kind: str
    absent: User
    substitute: User


def delegate(session: Session, actor: Actor, code: str, number: int, to_login: str) -> Revision:
    """Hand the own decision on the current stage on to someone else of the line."""
    actor.must(Permission.ARTICLE_APPROVE)
    return _substitute(session, actor, code, number, ("delegate", actor.login, to_login))


def replace_approver(
    session: Session, actor: Actor, code: str, number: int, from_login: str, to_login: str
) -> Revision:
    """A supervisor puts someone in the place of an approver who is away."""
    actor.must(Permission.APPROVER_REPLACE)
    return _substitute(session, actor, code, number, ("replace", from_login, to_login))


def stand_ins(session: Session, article: Article, revision: Revision) -> list[User]:
    """Who could take over a decision: approvers of the line who did not edit and have not decided."""
    case = case_of(session, revision)
    stage = current_stage(case.rule, case.decisions)
    if revision.approval is not Approval.SUBMITTED or stage is None:
        return []
    out = {*case.editors, case.publisher, *(each.person for each in case.decisions if each.stage == stage)}
    out |= {each.absent for each in case.handovers if each.stage == stage}
    ids = candidates(session, article.line_id, article.audience, revision.audience).keys() - out
    return list(session.exec(select(User).where(col(User.id).in_(ids)).order_by(User.name)))


def _substitute(
    session: Session, actor: Actor, code: str, number: int, wish: tuple[str, str, str]
) -> Revision:
    article, revision = revision_for_change(session, actor, code, number)
    if revision.approval is not Approval.SUBMITTED:
        raise Conflict(REFUSALS[Refusal.OVER])
    kind, from_login, to_login = wish
    asked = _asked_by_name(case_of(session, revision))
    absent = _person(session, article.line_id, from_login, "from", asked)
    swap = _Swap(kind, absent, _person(session, article.line_id, to_login, "to"))
    _check(session, article, revision, swap)
    session.add(
        Substitute(
            revision_id=revision.id or 0,
            stage=revision.stage,
            from_user_id=swap.absent.id or 0,
            to_user_id=swap.substitute.id or 0,
            kind=kind,
            by_user_id=actor.id,
            at=clock.now(),
        )
    )
    session.flush()
    after = {"revision": number, "from": swap.absent.login, "to": swap.substitute.login}
    record(session, actor, f"revision.{kind}", "article", article.code, None, after)
    ask_deciders(session, article, revision)
    return revision


def _check(session: Session, article: Article, revision: Revision, swap: _Swap) -> None:
    absent, substitute = swap.absent, swap.substitute
    case = case_of(session, revision)
    absent_roles = roles_of(session, absent.id or 0)
    if found := may_hand_over(case, absent.id or 0, absent_roles, substitute.id or 0):
        who, why = found
        raise Conflict(f"{absent.name if who == absent.id else substitute.name}：{REFUSALS[why]}")
    if substitute.id not in candidates(session, article.line_id, article.audience, revision.audience):
        told = f"{substitute.name} 不在本业务线，或没有审批或查看这条知识的权限"
        raise Invalid(told, {"to": told})


def _asked_by_name(case: Case) -> frozenset[int]:
    """People whom the rule or a handover names; one of them may have left the line since."""
    named = {person for stage in case.rule.stages for person in stage.people}
    return frozenset({*named, *(each.substitute for each in case.handovers)})


def _person(
    session: Session, line_id: int, login: str, field: str, known: frozenset[int] = frozenset()
) -> User:
    """Someone of the line, or one of `known`; of others nobody learns whether they exist."""
    try:
        user = get_user(session, login.strip())
    except NotFound:
        user = None
    if user is None or not (user.id in known or within_line(session, line_id, [user.id or 0])):
        raise Invalid("没有这个人", {field: f"本业务线没有工号“{login[:64]}”，请核对"})
    return user
