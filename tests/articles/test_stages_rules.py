from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from kms.accounts.permissions import Role
from kms.articles.stages import (
    REFUSALS,
    Case,
    Decision,
    Handover,
    Outcome,
    Refusal,
    Rule,
    Stage,
    Verdict,
    current_stage,
    may_decide,
    may_hand_over,
    outcome,
    unsatisfiable,
)

AUTHOR, ANN, BEN, CAT, DAN = 1, 2, 3, 4, 5
REVIEWER = {Role.REVIEWER}
RULE = Rule(
    stages=(
        Stage(name="业务审核", role=Role.REVIEWER, needed=2),
        Stage(name="法务会签", people=(CAT, DAN)),
    )
)
CASE = Case(RULE, frozenset({AUTHOR}))


def made(stage: int, person: int, verdict: Verdict = Verdict.APPROVE) -> Decision:
    return Decision(stage, person, verdict, datetime(2026, 11, 1, tzinfo=UTC))


def after(*decisions: Decision) -> Case:
    return replace(CASE, decisions=decisions)


@pytest.mark.parametrize(
    ("decisions", "stage", "result"),
    [
        ((), 0, Outcome.PENDING),
        ((made(0, ANN),), 0, Outcome.PENDING),
        ((made(0, ANN), made(0, ANN)), 0, Outcome.PENDING),
        ((made(0, ANN), made(0, BEN)), 1, Outcome.PENDING),
        ((made(0, ANN), made(0, BEN), made(1, CAT)), None, Outcome.APPROVED),
        ((made(0, ANN), made(0, BEN, Verdict.RETURN)), None, Outcome.RETURNED),
        ((made(0, ANN), made(0, BEN), made(1, CAT, Verdict.RETURN)), None, Outcome.RETURNED),
    ],
)
def test_decisions_lead_through_the_stages(
    decisions: tuple[Decision, ...], stage: int | None, result: Outcome
) -> None:
    assert current_stage(RULE, decisions) == stage
    assert outcome(RULE, decisions) is result


@pytest.mark.parametrize(
    ("case", "person", "roles", "refusal"),
    [
        (CASE, ANN, REVIEWER, None),
        (CASE, ANN, {"reviewer"}, None),
        (CASE, ANN, {Role.EXPERT}, Refusal.NOT_ASKED),
        (CASE, CAT, set(), Refusal.NOT_ASKED),
        (CASE, AUTHOR, REVIEWER, Refusal.EDITOR),
        (replace(CASE, publisher=ANN), ANN, REVIEWER, Refusal.PUBLISHER),
        (replace(CASE, publisher=ANN), BEN, REVIEWER, None),
        (after(made(0, ANN)), ANN, REVIEWER, Refusal.DECIDED),
        (after(made(0, ANN)), BEN, REVIEWER, None),
        (after(made(0, ANN), made(0, BEN)), CAT, set(), None),
        (after(made(0, ANN), made(0, BEN)), ANN, REVIEWER, Refusal.NOT_ASKED),
        (after(made(0, ANN, Verdict.RETURN)), BEN, REVIEWER, Refusal.OVER),
        (after(made(0, ANN), made(0, BEN), made(1, CAT)), DAN, set(), Refusal.OVER),
    ],
)
def test_who_may_decide(case: Case, person: int, roles: set[Role], refusal: Refusal | None) -> None:
    assert may_decide(case, person, roles) is refusal
    assert refusal is None or REFUSALS[refusal]


def test_one_person_may_decide_in_two_stages() -> None:
    rule = Rule(stages=(Stage(name="一审", role=Role.REVIEWER), Stage(name="二审", role=Role.REVIEWER)))
    assert may_decide(Case(rule, frozenset(), (made(0, ANN),)), ANN, REVIEWER) is None


def test_a_substitute_decides_in_the_place_of_the_absent() -> None:
    case = replace(CASE, handovers=(Handover(0, ANN, DAN),))
    assert may_decide(case, DAN, set()) is None
    assert may_decide(case, ANN, REVIEWER) is Refusal.HANDED_OVER
    assert may_decide(case, BEN, REVIEWER) is None
    later = replace(case, decisions=(made(0, DAN), made(0, BEN)), handovers=(Handover(1, DAN, ANN),))
    assert may_decide(later, ANN, REVIEWER) is None
    assert may_decide(later, DAN, set()) is Refusal.HANDED_OVER


def test_a_handover_may_be_handed_on_but_not_back() -> None:
    case = replace(CASE, handovers=(Handover(0, ANN, DAN), Handover(0, DAN, CAT)))
    assert may_decide(case, CAT, set()) is None
    assert may_decide(case, DAN, set()) is Refusal.HANDED_OVER
    assert may_hand_over(case, CAT, set(), ANN) == (ANN, Refusal.HANDED_OVER)


@pytest.mark.parametrize(
    ("case", "absent", "roles", "substitute", "expected"),
    [
        (CASE, ANN, REVIEWER, DAN, None),
        (CASE, ANN, REVIEWER, AUTHOR, (AUTHOR, Refusal.EDITOR)),
        (replace(CASE, publisher=DAN), ANN, REVIEWER, DAN, (DAN, Refusal.PUBLISHER)),
        (after(made(0, BEN)), ANN, REVIEWER, BEN, (BEN, Refusal.DECIDED)),
        (after(made(0, ANN)), ANN, REVIEWER, BEN, (ANN, Refusal.DECIDED)),
        (CASE, DAN, set(), CAT, (DAN, Refusal.NOT_ASKED)),
        (after(made(0, ANN), made(0, BEN)), CAT, set(), DAN, (DAN, Refusal.ALREADY_ASKED)),
        (after(made(0, ANN), made(0, BEN)), CAT, set(), ANN, None),
        (replace(CASE, handovers=(Handover(0, ANN, DAN),)), BEN, REVIEWER, DAN, (DAN, Refusal.ALREADY_ASKED)),
        (CASE, ANN, REVIEWER, ANN, (ANN, Refusal.HANDED_OVER)),
        (after(made(0, ANN, Verdict.RETURN)), BEN, REVIEWER, DAN, (BEN, Refusal.OVER)),
    ],
)
def test_who_may_take_over(
    case: Case, absent: int, roles: set[Role], substitute: int, expected: tuple[int, Refusal] | None
) -> None:
    assert may_hand_over(case, absent, roles, substitute) == expected


def test_a_rule_that_nobody_else_can_satisfy_is_reported() -> None:
    people = {AUTHOR: REVIEWER, ANN: REVIEWER, BEN: REVIEWER, CAT: set[Role]()}
    assert unsatisfiable(RULE, people, {AUTHOR}) == ()
    assert unsatisfiable(RULE, people, {AUTHOR, ANN}) == (0,)
    assert unsatisfiable(RULE, people, {AUTHOR}, publisher=BEN) == (0,)
    assert unsatisfiable(RULE, people, {AUTHOR, CAT}) == (1,)
    assert unsatisfiable(RULE, {}, set()) == (0, 1)


@pytest.mark.parametrize(
    "rule",
    [
        {"stages": []},
        {"stages": [{"name": "空", "needed": 1}]},
        {"stages": [{"name": "少", "people": [1, 1], "needed": 2}]},
        {"stages": [{"name": "零", "role": "reviewer", "needed": 0}]},
        {"stages": [{"name": "", "role": "reviewer"}]},
        {"stages": [{"name": "错", "role": "king"}]},
    ],
)
def test_rules_that_cannot_hold_are_refused(rule: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Rule.model_validate(rule)


def test_a_rule_survives_storage() -> None:
    assert Rule.model_validate(RULE.model_dump(mode="json")) == RULE
