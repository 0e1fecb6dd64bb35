"""Approval in ordered stages: who may decide now, and what the decisions so far amount to.

People are user ids. The rule and the editors are those of the submission; the author counts as an editor.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kms.accounts.permissions import Role


class Verdict(StrEnum):
    APPROVE = "approve"
    RETURN = "return"


class Outcome(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    RETURNED = "returned"


class Stage(BaseModel):
    """One step: `needed` different people must agree, out of `people` and those who have `role`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=32)
    role: Role | None = None
    people: tuple[int, ...] = Field(default=(), max_length=50)
    needed: int = Field(default=1, ge=1, le=9)

    @model_validator(mode="after")
    def _someone(self) -> Self:
        if self.role is None and len(set(self.people)) < self.needed:
            raise ValueError(f"审批环节“{self.name}”需要 {self.needed} 人同意，指定的人不够")
        return self


class Rule(BaseModel):
    """The stages of a category's approval, in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stages: tuple[Stage, ...] = Field(min_length=1, max_length=9)


class Decision(NamedTuple):
    """`stage` counts from 0."""

    stage: int
    person: int
    verdict: Verdict
    at: datetime


class Handover(NamedTuple):
    """`substitute` decides in the place of `absent`: handed on by himself, or replaced by a supervisor."""

    stage: int
    absent: int
    substitute: int


@dataclass(frozen=True, slots=True)
class Case:
    """A revision under review. `publisher` is who published it urgently, before the decision."""

    rule: Rule
    editors: frozenset[int]
    decisions: tuple[Decision, ...] = ()
    publisher: int | None = None
    handovers: tuple[Handover, ...] = ()


class Refusal(StrEnum):
    """Why someone may not decide."""

    OVER = "over"
    EDITOR = "editor"
    PUBLISHER = "publisher"
    NOT_ASKED = "not_asked"
    HANDED_OVER = "handed_over"
    DECIDED = "decided"
    ALREADY_ASKED = "already_asked"


REFUSALS: dict[Refusal, str] = {
    Refusal.OVER: "审批已经结束",
    Refusal.EDITOR: "参与过编辑的人不能审批",
    Refusal.PUBLISHER: "紧急发布的人不能审批自己发布的版本",
    Refusal.NOT_ASKED: "当前环节不由您审批",
    Refusal.HANDED_OVER: "您已把这一环节交给他人审批",
    Refusal.DECIDED: "您在这一环节已经审批过",
    Refusal.ALREADY_ASKED: "对方本来就要审批这一环节，不能再代他人审批",
}


def outcome(rule: Rule, decisions: Iterable[Decision]) -> Outcome:
    """One return ends the review; approved when the last stage has its number of agreeing people."""
    decisions = tuple(decisions)
    if any(decision.verdict is Verdict.RETURN for decision in decisions):
        return Outcome.RETURNED
    return Outcome.APPROVED if _first_open(rule, decisions) is None else Outcome.PENDING


def current_stage(rule: Rule, decisions: Iterable[Decision]) -> int | None:
    """The index of the stage that is to decide next; `None` when the review is over."""
    decisions = tuple(decisions)
    return _first_open(rule, decisions) if outcome(rule, decisions) is Outcome.PENDING else None


def may_decide(case: Case, person: int, roles: Collection[str]) -> Refusal | None:
    """Why the person may not decide on the current stage; `None`: he may."""
    stage = current_stage(case.rule, case.decisions)
    if stage is None:
        return Refusal.OVER
    return _barred(case, person) or _unasked(case, stage, person, roles) or _again(case, stage, person)


def may_hand_over(
    case: Case, absent: int, absent_roles: Collection[str], substitute: int
) -> tuple[int, Refusal] | None:
    """Who of the two stands in the way of a handover in the current stage, and why; `None`: nobody.

    The substitute needs no role of his own, but must be as free to decide as any approver.
    """
    stage = current_stage(case.rule, case.decisions)
    if stage is None:
        return absent, Refusal.OVER
    if refusal := may_decide(case, absent, absent_roles):
        return absent, refusal
    if absent == substitute or _given_away(case, stage, substitute):
        return substitute, Refusal.HANDED_OVER
    refusal = _barred(case, substitute) or _again(case, stage, substitute) or _twice(case, stage, substitute)
    return (substitute, refusal) if refusal else None


def unsatisfiable(
    rule: Rule,
    candidates: Mapping[int, Collection[str]],
    editors: Collection[int],
    publisher: int | None = None,
) -> tuple[int, ...]:
    """The stages for which too few of the candidates (active people with their roles) are left to decide."""
    case = Case(rule, frozenset(editors), publisher=publisher)
    free = {person: roles for person, roles in candidates.items() if _barred(case, person) is None}
    return tuple(
        index
        for index, stage in enumerate(rule.stages)
        if sum(_named(stage, person, roles) for person, roles in free.items()) < stage.needed
    )


def _first_open(rule: Rule, decisions: tuple[Decision, ...]) -> int | None:
    unmet = (at for at, stage in enumerate(rule.stages) if len(_agreed(decisions, at)) < stage.needed)
    return next(unmet, None)


def _agreed(decisions: Iterable[Decision], stage: int) -> set[int]:
    return {made.person for made in decisions if made.stage == stage and made.verdict is Verdict.APPROVE}


def _barred(case: Case, person: int) -> Refusal | None:
    if person in case.editors:
        return Refusal.EDITOR
    return Refusal.PUBLISHER if person == case.publisher else None


def _unasked(case: Case, stage: int, person: int, roles: Collection[str]) -> Refusal | None:
    if _given_away(case, stage, person):
        return Refusal.HANDED_OVER
    asked = _stands_in(case, stage, person) or _named(case.rule.stages[stage], person, roles)
    return None if asked else Refusal.NOT_ASKED


def _again(case: Case, stage: int, person: int) -> Refusal | None:
    decided = any(made.stage == stage and made.person == person for made in case.decisions)
    return Refusal.DECIDED if decided else None


def _twice(case: Case, stage: int, person: int) -> Refusal | None:
    """Two places in one person would leave a stage that needs two people without an end."""
    asked = person in case.rule.stages[stage].people or _stands_in(case, stage, person)
    return Refusal.ALREADY_ASKED if asked else None


def _stands_in(case: Case, stage: int, person: int) -> bool:
    return any(made.stage == stage and made.substitute == person for made in case.handovers)


def _given_away(case: Case, stage: int, person: int) -> bool:
    return any(made.stage == stage and made.absent == person for made in case.handovers)


def _named(stage: Stage, person: int, roles: Collection[str]) -> bool:
    return person in stage.people or (stage.role is not None and stage.role in roles)
