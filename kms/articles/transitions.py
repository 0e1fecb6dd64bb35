"""Move a stored revision along the table of `workflow`."""

from kms.articles.models import Revision
from kms.articles.workflow import Action, ForbiddenStep, State, step
from kms.errors import Conflict


def state_of(revision: Revision) -> State:
    return State(revision.approval, revision.publication)


def move(revision: Revision, action: Action) -> None:
    """Raises Conflict when the state does not allow it: someone was quicker, or the page is old."""
    try:
        state = step(state_of(revision), action, revision.route)
    except ForbiddenStep as error:
        raise Conflict(f"{error}，请刷新后再看", state=state_of(revision)) from error
    revision.approval, revision.publication = state
