"""The review page: the queue on the left, one revision with its changes, remarks and stages beside it."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles.api.parameters import Code, Number
from kms.db.dependencies import ReadSession
from web.templating import render
from web.views.reviews.document import Document, View, document_for
from web.views.reviews.queue import Asked, AskedQueue, Queue, queue_for

router = APIRouter(prefix="/reviews")
Viewer = Annotated[Actor, Depends(allow(Permission.ARTICLE_READ_COMING))]


@dataclass
class ReviewPage:
    """`document` is None while nothing is chosen; `opened` says that the address names one."""

    queue: Queue
    document: Document | None
    view: View
    opened: bool
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


@router.get("")
def list_page(
    request: Request, session: ReadSession, actor: Viewer, asked: AskedQueue, view: View = View.CHANGES
) -> Response:
    """The queue; the first of it is shown beside it, so that the work can begin at once."""
    page = review_page(session, actor, asked, view)
    return render(request, "reviews/review.html", page, block=asked_block(request))


@router.get("/{code}/{number}")
def show(
    request: Request,
    session: ReadSession,
    actor: Viewer,
    code: Code,
    number: Number,
    asked: AskedQueue,
    view: View = View.CHANGES,
) -> Response:
    page = review_page(session, actor, asked, view, (code.strip().upper(), number))
    return render(request, "reviews/review.html", page, block=asked_block(request))


def review_page(
    session: Session, actor: Actor, asked: Asked, view: View, chosen: tuple[str, int] | None = None
) -> ReviewPage:
    """The page around `chosen`, or around the first of the queue."""
    queue = queue_for(session, actor, asked, chosen)
    shown = chosen
    if shown is None and queue.rows:
        first = queue.rows[0].waiting
        shown = (first.article.code, first.revision.number)
        queue = queue_for(session, actor, asked, shown)
    document = document_for(session, actor, *shown, view, asked.query) if shown else None
    return ReviewPage(queue, document, view, opened=chosen is not None)


def asked_block(request: Request) -> str:
    """The part that htmx replaces: the list alone when its filter changed, else the whole page."""
    return "queue" if request.headers.get("HX-Target") == "queue" else "main"
