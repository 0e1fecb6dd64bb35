"""How a revision stands, as words and colours of the page."""

from dataclasses import dataclass

from kms import clock
from kms.articles.browsing import Listed
from kms.articles.models import Revision
from kms.articles.reading import Reading, Standing
from kms.articles.workflow import Approval, Route

STATE_KEYS = {
    Standing.IN_FORCE: "published",
    Standing.COMING: "scheduled",
    Standing.SUPERSEDED: "superseded",
    Standing.EXPIRED: "expired",
    Standing.RECALLED: "recalled",
    Standing.RETIRED: "retired",
}


@dataclass(frozen=True, slots=True)
class Banner:
    """The sentence above a text that is not simply the present rule."""

    title: str
    text: str
    tone: str = "warn"
    icon: str = ""


def state_key(reading: Reading) -> str:
    """A key of the macro `state`."""
    if reading.standing is Standing.UNPUBLISHED:
        return (
            reading.revision.approval.value
            if reading.revision.approval != Approval.NOT_REQUIRED
            else "approved"
        )
    if reading.standing is Standing.IN_FORCE:
        return live_key(reading.revision)
    return STATE_KEYS[reading.standing]


def live_key(revision: Revision) -> str:
    """Of a published revision: published, or published before its approval."""
    if revision.approval is not Approval.SUBMITTED:
        return "published"
    return "urgent" if revision.route is Route.URGENT else "provisional"


def confidence_key(revision: Revision) -> str:
    """A key of the macro `confidence_chip`."""
    key = live_key(revision)
    return "validated" if key == "published" else key


def is_off(row: Listed) -> bool:
    """Whether a listed answer must not be read out any more."""
    revision, now = row.revision, clock.now()
    # The end of a provisional one lies ahead while it may be used.
    ends = (revision.effective_to, revision.recalled_at, row.article.retired_at)
    return any(end is not None and end <= now for end in ends)
