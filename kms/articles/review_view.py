"""Everything that a page or an answer shows of a revision under review."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.models import User
from kms.accounts.permissions import Permission
from kms.articles.approvers import candidates, case_of
from kms.articles.base_check import refuse_outdated_base
from kms.articles.basis import revisions_of, spans
from kms.articles.models import Article, Decision, Revision
from kms.articles.reviewing import refusal
from kms.articles.stages import Case, Rule, Verdict, current_stage, may_decide
from kms.articles.timeline import in_force
from kms.articles.transitions import state_of
from kms.articles.workflow import Action, Approval, Publication, actions
from kms.errors import Conflict

SHOWN = 3
"""Names of a stage's people before the rest is only counted."""


class Progress(StrEnum):
    DONE = "done"
    CURRENT = "current"
    TODO = "todo"


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage: who agreed, and in the current one who may decide and how many still have to."""

    name: str
    progress: Progress
    agreed: tuple[str, ...]
    waiting: tuple[str, ...]
    missing: int

    @property
    def note(self) -> str:
        """`何俊`, `何俊、周志强 等 5 人可审批，还需 2 人`"""
        if self.progress is Progress.DONE:
            return "、".join(self.agreed)
        if self.progress is Progress.TODO:
            return f"{self.missing} 人" if self.missing > 1 else ""
        names = "、".join(self.waiting[:SHOWN])
        more = f" 等 {len(self.waiting)} 人" if len(self.waiting) > SHOWN else ""
        need = f"，还需 {self.missing} 人" if self.missing > 1 or self.agreed else ""
        done = f"{'、'.join(self.agreed)} 已同意；" if self.agreed else ""
        return f"{done}{names or '无人可审批'}{more}{need}"


@dataclass(frozen=True, slots=True)
class Made:
    """A decision with who made it and in which stage."""

    decision: Decision
    user: User
    stage: str


def stages_of(session: Session, article: Article, revision: Revision) -> list[StageView]:
    """The stages of the revision's own rule, in order; none for a route without stages."""
    if revision.approval is Approval.NOT_REQUIRED:
        return []
    case = case_of(session, revision)
    people = candidates(session, article.line_id, article.audience, revision.audience)
    free = {person for person, roles in people.items() if may_decide(case, person, roles) is None}
    if revision.approval is not Approval.SUBMITTED:
        free = set()
    names = names_of(session, {*free, *(made.person for made in case.decisions)})
    return [_stage(case, at, free, names) for at in range(len(case.rule.stages))]


def planned_stages(
    session: Session, article: Article, rule: Rule, editors: Collection[int], audience: Collection[str]
) -> list[StageView]:
    """The stages that a submission would have to pass, with who could decide."""
    people = candidates(session, article.line_id, article.audience, audience)
    names = names_of(session, people.keys())
    views = []
    for stage in rule.stages:
        case = Case(Rule(stages=(stage,)), frozenset(editors))
        free = [names[person] for person, roles in people.items() if may_decide(case, person, roles) is None]
        views.append(StageView(stage.name, Progress.CURRENT, (), tuple(sorted(free)), stage.needed))
    return views


def decisions_of(session: Session, revision: Revision) -> list[Made]:
    """What was decided, in order."""
    stages = Rule.model_validate(revision.rule).stages
    query = (
        select(Decision, User)
        .join(User, col(User.id) == col(Decision.user_id))
        .where(Decision.revision_id == revision.id)
        .order_by(col(Decision.id))
    )
    return [Made(made, user, stages[made.stage].name) for made, user in session.exec(query)]


def outdated(session: Session, article: Article, revision: Revision) -> Conflict | None:
    """The conflict that approving would meet, with three texts; None when the base still holds."""
    if revision.approval is not Approval.SUBMITTED or revision.publication is not Publication.NONE:
        return None
    try:
        refuse_outdated_base(session, article, revision.base_number, revision.value(), revision.number)
    except Conflict as conflict:
        return conflict
    return None


class Act(StrEnum):
    """What someone may do to a revision or its article, besides deciding."""

    WITHDRAW = "withdraw"
    RECALL = "recall"
    REPUBLISH = "republish"
    CANCEL = "cancel"
    RESUME = "resume"
    DELEGATE = "delegate"
    REPLACE = "replace"


def acts_of(
    session: Session, actor: Actor, article: Article, revisions: Sequence[Revision]
) -> Mapping[int, frozenset[Act]]:
    """By number of the revision, what this actor may do now."""
    now = clock.now()
    current = in_force(spans(revisions_of(session, article.id or 0)), now, now)
    return {each.number: _acts(session, actor, article, each, current) for each in revisions}


def names_of(session: Session, ids: Collection[int]) -> dict[int, str]:
    users = session.exec(select(User).where(col(User.id).in_(set(ids))))
    return {user.id or 0: user.name for user in users}


def _stage(case: Case, at: int, free: set[int], names: Mapping[int, str]) -> StageView:
    stage, current = case.rule.stages[at], current_stage(case.rule, case.decisions)
    agreed = [made.person for made in case.decisions if made.stage == at and made.verdict is Verdict.APPROVE]
    missing = max(0, stage.needed - len(agreed))
    unmet = Progress.CURRENT if at == current else Progress.TODO
    progress = unmet if missing else Progress.DONE
    waiting = sorted(names[person] for person in free) if progress is Progress.CURRENT else []
    return StageView(stage.name, progress, tuple(names[each] for each in agreed), tuple(waiting), missing)


def _acts(
    session: Session, actor: Actor, article: Article, revision: Revision, current: int | None
) -> frozenset[Act]:
    can = actions(state_of(revision), revision.route)
    own = actor.user_id in (revision.submitted_by, article.owner_id)
    recaller, writer = actor.may(Permission.ARTICLE_RECALL), actor.may(Permission.ARTICLE_WRITE)
    once_out = revision.published_at is not None and revision.published_at <= clock.now()
    submitted = revision.approval is Approval.SUBMITTED
    held = revision.on_hold and Action.PUBLISH in can
    found = {
        Act.WITHDRAW: Action.WITHDRAW in can and own and writer,
        Act.RECALL: Action.RECALL in can and recaller,
        Act.REPUBLISH: once_out and writer and revision.number != current and article.retired_at is None,
        Act.CANCEL: Action.CANCEL in can and ((own and writer) or recaller),
        Act.RESUME: held and ((own and writer) or recaller),
        Act.DELEGATE: submitted and refusal(session, actor, revision) is None,
        Act.REPLACE: submitted and actor.may(Permission.APPROVER_REPLACE),
    }
    return frozenset(act for act, possible in found.items() if possible)
