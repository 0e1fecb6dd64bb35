"""Every allowed and every forbidden step, from a table written apart from the one under test."""

from itertools import product

import pytest

from kms.articles.workflow import (
    ACTIONS,
    ROUTES,
    STATES,
    Action,
    Approval,
    Confidence,
    ForbiddenStep,
    Publication,
    Route,
    State,
    actions,
    confidence,
    confidence_label,
    label,
    step,
)

REVIEWED = """
    -                      submit             submitted none
    submitted none         return             returned none
    submitted none         withdraw           withdrawn none
    submitted none         approve_last       approved published
    approved published     recall             approved recalled
"""
ORDINARY = (
    REVIEWED
    + """
    submitted none         approve_last_later approved scheduled
    approved scheduled     schedule_due       approved published
    approved scheduled     hold               approved none
    approved scheduled     cancel             approved cancelled
    approved none          publish            approved published
    approved none          publish_later      approved scheduled
    approved none          cancel             approved cancelled
"""
)
LIVE_FIRST = (
    REVIEWED
    + """
    submitted none         publish            submitted published
    submitted published    approve_last       approved published
    submitted published    return             returned recalled
    submitted published    withdraw           withdrawn recalled
    submitted published    recall             withdrawn recalled
"""
)
PROVISIONAL = (
    LIVE_FIRST
    + """
    submitted published    expire_provisional withdrawn recalled
"""
)
EXEMPT = """
    -                      submit             not_required none
    not_required none      publish            not_required published
    not_required none      publish_later      not_required scheduled
    not_required none      cancel             not_required cancelled
    not_required scheduled schedule_due       not_required published
    not_required scheduled hold               not_required none
    not_required scheduled cancel             not_required cancelled
    not_required published recall             not_required recalled
"""
EXPECTED = {
    Route.ORDINARY: ORDINARY,
    Route.URGENT: LIVE_FIRST,
    Route.PROVISIONAL: PROVISIONAL,
    Route.LICENSED: EXEMPT,
    Route.IMPORTED: EXEMPT,
}
EVERY_STATE: list[State | None] = [None, *(State(a, p) for a, p in product(Approval, Publication))]


def state_of(words: list[str]) -> State | None:
    return None if words == ["-"] else State(Approval(words[0]), Publication(words[1]))


def table_of(text: str) -> dict[tuple[State | None, Action], State | None]:
    rows = [line.split() for line in text.split("\n") if line.strip()]
    return {(state_of(row[:-3]), Action(row[-3])): state_of(row[-2:]) for row in rows}


@pytest.mark.parametrize("route", Route)
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("state", EVERY_STATE, ids=lambda state: "-".join(state) if state else "draft")
def test_every_step(state: State | None, action: Action, route: Route) -> None:
    expected = table_of(EXPECTED[route]).get((state, action))
    assert (action in actions(state, route)) is (expected is not None)
    if expected is not None:
        assert step(state, action, route) == expected
        return
    with pytest.raises(ForbiddenStep) as refusal:
        step(state, action, route)
    assert ACTIONS[action] in str(refusal.value)


def test_no_ordinary_revision_is_seen_before_its_approval() -> None:
    seen = {state.approval for state in STATES[Route.ORDINARY] if state.publication is Publication.PUBLISHED}
    assert seen == {Approval.APPROVED}


@pytest.mark.parametrize("route", Route)
def test_a_recalled_or_cancelled_revision_stays_so(route: Route) -> None:
    final = [s for s in STATES[route] if s.publication in (Publication.RECALLED, Publication.CANCELLED)]
    assert final
    assert all(not actions(state, route) for state in final)


@pytest.mark.parametrize("route", Route)
def test_every_reachable_state_has_words(route: Route) -> None:
    assert route in ROUTES
    assert all(label(state, route) and confidence_label(state, route) for state in STATES[route])


@pytest.mark.parametrize(
    ("state", "route", "derived", "words"),
    [
        (None, Route.ORDINARY, Confidence.WORK_IN_PROGRESS, "草稿"),
        ("submitted none", Route.ORDINARY, Confidence.WORK_IN_PROGRESS, "审核中"),
        ("approved scheduled", Route.ORDINARY, Confidence.WORK_IN_PROGRESS, "待发布"),
        ("approved published", Route.ORDINARY, Confidence.VALIDATED, "已核实"),
        ("submitted published", Route.URGENT, Confidence.NOT_VALIDATED, "紧急发布·待审批"),
        ("submitted published", Route.PROVISIONAL, Confidence.NOT_VALIDATED, "待核实"),
        ("approved published", Route.PROVISIONAL, Confidence.VALIDATED, "已核实"),
        ("not_required published", Route.LICENSED, Confidence.VALIDATED, "已核实"),
        ("returned recalled", Route.URGENT, Confidence.ARCHIVED, "已归档"),
        ("approved recalled", Route.ORDINARY, Confidence.ARCHIVED, "已归档"),
        ("returned none", Route.ORDINARY, Confidence.ARCHIVED, "已归档"),
    ],
)
def test_confidence_is_derived(state: str | None, route: Route, derived: Confidence, words: str) -> None:
    pair = state_of(state.split()) if state else None
    assert confidence(pair) is derived
    assert confidence_label(pair, route) == words
