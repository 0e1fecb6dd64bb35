"""发布与撤回 of one article: its revisions, and what this reader may do to each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles.api.parameters import Code
from kms.articles.basis import spans
from kms.articles.facts import names
from kms.articles.models import Article
from kms.articles.reading import Reading, Standing, read_history
from kms.articles.review_view import Act, acts_of
from kms.articles.reviewing import article_for_review
from kms.articles.timeline import in_force
from kms.articles.transitions import state_of
from kms.articles.workflow import Approval, label
from kms.db.dependencies import ReadSession
from web.templating import render
from web.views.articles.chips import state_key

router = APIRouter(prefix="/articles")
Viewer = Annotated[Actor, Depends(allow(Permission.ARTICLE_READ_COMING))]


@dataclass(frozen=True, slots=True)
class RevisionRow:
    reading: Reading
    state: str
    words: str
    author: str
    acts: frozenset[Act]
    in_review: bool
    restores: int | None
    """The revision that would hold again after a recall; None: the article would have no rule."""


@dataclass
class PublishingPage:
    """`failed` is the dialog to open again after a refusal: `recall-3`."""

    article: Article
    rows: Sequence[RevisionRow]
    may_retire: bool
    successor: str
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


@router.get("/{code}/publishing")
def show(request: Request, session: ReadSession, actor: Viewer, code: Code) -> Response:
    return render(request, "publishing/publishing.html", publishing_page(session, actor, code))


def publishing_page(session: Session, actor: Actor, code: str) -> PublishingPage:
    """Raises NotFound for what the actor may not know."""
    article = article_for_review(session, actor, code)
    readings = read_history(session, actor, article.code)
    acts = acts_of(session, actor, article, [each.revision for each in readings])
    people = names(session, [each.revision.submitted_by for each in readings])
    successors = [each.successor for each in readings if each.successor]
    return PublishingPage(
        article=article,
        rows=[_row(each, readings, acts, people) for each in readings],
        may_retire=actor.may(Permission.ARTICLE_RECALL) and article.last_number > 0,
        successor=successors[0] if successors else "",
    )


def _row(
    reading: Reading,
    readings: Sequence[Reading],
    acts: Mapping[int, frozenset[Act]],
    people: Mapping[int, str],
) -> RevisionRow:
    revision = reading.revision
    unpublished = reading.standing is Standing.UNPUBLISHED
    words = label(state_of(revision), revision.route) if unpublished else ""
    return RevisionRow(
        reading=reading,
        state=state_key(reading),
        words=words,
        author=people.get(revision.submitted_by, ""),
        acts=acts[revision.number],
        in_review=revision.approval is Approval.SUBMITTED,
        restores=_restored(reading, readings),
    )


def _restored(reading: Reading, readings: Sequence[Reading]) -> int | None:
    """What holds once `reading` is out of sight, as the timeline says."""
    others = [each.revision for each in readings if each.revision.number != reading.revision.number]
    return in_force(spans(others), clock.now(), clock.now())
