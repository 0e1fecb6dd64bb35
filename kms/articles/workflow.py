"""The life of a revision: which pairs of approval and publication exist, and which steps lead where."""

from enum import StrEnum
from typing import NamedTuple


class Approval(StrEnum):
    """Where the reviewers' decision on a revision stands."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    NOT_REQUIRED = "not_required"


class Publication(StrEnum):
    """Whether readers may see a revision."""

    NONE = "none"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    RECALLED = "recalled"
    CANCELLED = "cancelled"


class Route(StrEnum):
    """The way on which a revision was submitted; fixed at submission."""

    ORDINARY = "ordinary"
    URGENT = "urgent"
    PROVISIONAL = "provisional"
    LICENSED = "licensed"
    IMPORTED = "imported"


class Action(StrEnum):
    """What people and timers do to a revision. The `_LATER` ones carry a publication time to come."""

    SUBMIT = "submit"
    APPROVE_LAST = "approve_last"  # the approval that completes the last stage; publishes in the same step
    APPROVE_LAST_LATER = "approve_last_later"
    RETURN = "return"
    WITHDRAW = "withdraw"
    PUBLISH = "publish"
    PUBLISH_LATER = "publish_later"
    SCHEDULE_DUE = "schedule_due"
    HOLD = "hold"  # a fix went live in between; the scheduled revision has to carry it over
    CANCEL = "cancel"
    RECALL = "recall"
    EXPIRE_PROVISIONAL = "expire_provisional"


class Confidence(StrEnum):
    """How far a reader may rely on a revision; derived, never typed."""

    WORK_IN_PROGRESS = "work_in_progress"
    NOT_VALIDATED = "not_validated"
    VALIDATED = "validated"
    ARCHIVED = "archived"


class State(NamedTuple):
    """The two states of a revision, side by side."""

    approval: Approval
    publication: Publication


class ForbiddenStep(ValueError):
    """The state and the route of the revision do not allow the action."""

    def __init__(self, state: State | None, action: Action, route: Route) -> None:
        where = "还没有提交的版本" if state is None else f"“{LABELS.get(state, '状态有误')}”的版本"
        super().__init__(f"{where}不能{ACTIONS[action]}")
        self.state, self.action, self.route = state, action, route


SUBMITTED = State(Approval.SUBMITTED, Publication.NONE)
LIVE_UNAPPROVED = State(Approval.SUBMITTED, Publication.PUBLISHED)
RETURNED = State(Approval.RETURNED, Publication.NONE)
RETURNED_RECALLED = State(Approval.RETURNED, Publication.RECALLED)
WITHDRAWN = State(Approval.WITHDRAWN, Publication.NONE)
WITHDRAWN_RECALLED = State(Approval.WITHDRAWN, Publication.RECALLED)
APPROVED_HELD = State(Approval.APPROVED, Publication.NONE)
APPROVED_SCHEDULED = State(Approval.APPROVED, Publication.SCHEDULED)
APPROVED_PUBLISHED = State(Approval.APPROVED, Publication.PUBLISHED)
APPROVED_RECALLED = State(Approval.APPROVED, Publication.RECALLED)
APPROVED_CANCELLED = State(Approval.APPROVED, Publication.CANCELLED)
EXEMPT = State(Approval.NOT_REQUIRED, Publication.NONE)
EXEMPT_SCHEDULED = State(Approval.NOT_REQUIRED, Publication.SCHEDULED)
EXEMPT_PUBLISHED = State(Approval.NOT_REQUIRED, Publication.PUBLISHED)
EXEMPT_RECALLED = State(Approval.NOT_REQUIRED, Publication.RECALLED)
EXEMPT_CANCELLED = State(Approval.NOT_REQUIRED, Publication.CANCELLED)

Steps = dict[tuple[State | None, Action], State]

_REVIEW: Steps = {
    (None, Action.SUBMIT): SUBMITTED,
    (SUBMITTED, Action.RETURN): RETURNED,
    (SUBMITTED, Action.WITHDRAW): WITHDRAWN,
    (SUBMITTED, Action.APPROVE_LAST): APPROVED_PUBLISHED,
    (APPROVED_PUBLISHED, Action.RECALL): APPROVED_RECALLED,
}
_ORDINARY: Steps = {
    **_REVIEW,
    (SUBMITTED, Action.APPROVE_LAST_LATER): APPROVED_SCHEDULED,
    (APPROVED_SCHEDULED, Action.SCHEDULE_DUE): APPROVED_PUBLISHED,
    (APPROVED_SCHEDULED, Action.HOLD): APPROVED_HELD,
    (APPROVED_SCHEDULED, Action.CANCEL): APPROVED_CANCELLED,
    (APPROVED_HELD, Action.PUBLISH): APPROVED_PUBLISHED,
    (APPROVED_HELD, Action.PUBLISH_LATER): APPROVED_SCHEDULED,
    (APPROVED_HELD, Action.CANCEL): APPROVED_CANCELLED,
}
# Live before the decision. What ends the publication also ends the review: a revision is visible once only,
# "publish again" is a copy with a new number.
_LIVE_FIRST: Steps = {
    **_REVIEW,
    (SUBMITTED, Action.PUBLISH): LIVE_UNAPPROVED,
    (LIVE_UNAPPROVED, Action.APPROVE_LAST): APPROVED_PUBLISHED,
    (LIVE_UNAPPROVED, Action.RETURN): RETURNED_RECALLED,
    (LIVE_UNAPPROVED, Action.WITHDRAW): WITHDRAWN_RECALLED,
    (LIVE_UNAPPROVED, Action.RECALL): WITHDRAWN_RECALLED,
}
_EXEMPT: Steps = {
    (None, Action.SUBMIT): EXEMPT,
    (EXEMPT, Action.PUBLISH): EXEMPT_PUBLISHED,
    (EXEMPT, Action.PUBLISH_LATER): EXEMPT_SCHEDULED,
    (EXEMPT, Action.CANCEL): EXEMPT_CANCELLED,
    (EXEMPT_SCHEDULED, Action.SCHEDULE_DUE): EXEMPT_PUBLISHED,
    (EXEMPT_SCHEDULED, Action.HOLD): EXEMPT,
    (EXEMPT_SCHEDULED, Action.CANCEL): EXEMPT_CANCELLED,
    (EXEMPT_PUBLISHED, Action.RECALL): EXEMPT_RECALLED,
}

STEPS: dict[Route, Steps] = {
    Route.ORDINARY: _ORDINARY,
    Route.URGENT: _LIVE_FIRST,
    Route.PROVISIONAL: {**_LIVE_FIRST, (LIVE_UNAPPROVED, Action.EXPIRE_PROVISIONAL): WITHDRAWN_RECALLED},
    Route.LICENSED: _EXEMPT,
    Route.IMPORTED: _EXEMPT,
}
STATES: dict[Route, frozenset[State]] = {route: frozenset(steps.values()) for route, steps in STEPS.items()}

ACTIONS: dict[Action, str] = {
    Action.SUBMIT: "提交",
    Action.APPROVE_LAST: "通过并发布",
    Action.APPROVE_LAST_LATER: "通过并定时发布",
    Action.RETURN: "退回",
    Action.WITHDRAW: "撤销提交",
    Action.PUBLISH: "发布",
    Action.PUBLISH_LATER: "定时发布",
    Action.SCHEDULE_DUE: "按时发布",
    Action.HOLD: "暂缓发布",
    Action.CANCEL: "取消发布",
    Action.RECALL: "撤回",
    Action.EXPIRE_PROVISIONAL: "到期撤下",
}
ROUTES: dict[Route, str] = {
    Route.ORDINARY: "普通审批",
    Route.URGENT: "紧急发布",
    Route.PROVISIONAL: "待核实发布",
    Route.LICENSED: "授权免审",
    Route.IMPORTED: "导入，未经审批",
}
LABELS: dict[State, str] = {
    SUBMITTED: "审核中",
    LIVE_UNAPPROVED: "已发布·待审批",
    RETURNED: "已退回",
    RETURNED_RECALLED: "已退回并撤回",
    WITHDRAWN: "已撤销提交",
    WITHDRAWN_RECALLED: "已撤回",
    APPROVED_HELD: "已通过·暂缓发布",
    APPROVED_SCHEDULED: "待发布",
    APPROVED_PUBLISHED: "已发布",
    APPROVED_RECALLED: "已撤回",
    APPROVED_CANCELLED: "已取消",
    EXEMPT: "未发布",
    EXEMPT_SCHEDULED: "待发布",
    EXEMPT_PUBLISHED: "已发布",
    EXEMPT_RECALLED: "已撤回",
    EXEMPT_CANCELLED: "已取消",
}
_LIVE_LABELS = {Route.URGENT: "紧急发布·待审批", Route.PROVISIONAL: "待核实"}
CONFIDENCES: dict[Confidence, str] = {
    Confidence.WORK_IN_PROGRESS: "未发布",
    Confidence.NOT_VALIDATED: "待核实",
    Confidence.VALIDATED: "已核实",
    Confidence.ARCHIVED: "已归档",
}
_CONFIDENCE: dict[Publication, Confidence] = {
    Publication.NONE: Confidence.WORK_IN_PROGRESS,
    Publication.SCHEDULED: Confidence.WORK_IN_PROGRESS,
    Publication.PUBLISHED: Confidence.VALIDATED,
    Publication.RECALLED: Confidence.ARCHIVED,
    Publication.CANCELLED: Confidence.ARCHIVED,
}


def step(state: State | None, action: Action, route: Route) -> State:
    """The state after `action`; `None` is the draft before its submission. Raises `ForbiddenStep`."""
    try:
        return STEPS[route][state, action]
    except KeyError:
        raise ForbiddenStep(state, action, route) from None


def actions(state: State | None, route: Route) -> frozenset[Action]:
    """The actions that the table allows here; who may take them is decided elsewhere."""
    return frozenset(action for origin, action in STEPS[route] if origin == state)


def label(state: State, route: Route) -> str:
    """The words for a revision's state in lists and headers."""
    words = LABELS[state]
    return _LIVE_LABELS.get(route, words) if state == LIVE_UNAPPROVED else words


def confidence(state: State | None) -> Confidence:
    """How far a reader may rely on it; `None` is a draft."""
    if state is None:
        return Confidence.WORK_IN_PROGRESS
    if state.approval in (Approval.RETURNED, Approval.WITHDRAWN):
        return Confidence.ARCHIVED
    if state == LIVE_UNAPPROVED:
        return Confidence.NOT_VALIDATED
    return _CONFIDENCE[state.publication]


def confidence_label(state: State | None, route: Route) -> str:
    """The words for the confidence: 草稿, 审核中, 待核实, 紧急发布·待审批, 已核实 or 已归档."""
    if state is None:
        return "草稿"
    derived = confidence(state)
    if derived in (Confidence.WORK_IN_PROGRESS, Confidence.NOT_VALIDATED):
        return label(state, route)
    return CONFIDENCES[derived]
