"""One article: the whole page, and the pane beside search results."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles.api.parameters import LAST_ID, AskedMoment, Code
from kms.articles.bookmarks import record_view, set_bookmark
from kms.articles.drafts import open_draft
from kms.articles.models import Article
from kms.articles.reading import read_article
from kms.db.dependencies import ReadSession, WriteSession
from web.flash import flash
from web.templating import is_htmx, render
from web.views.articles.presenting import article_page

router = APIRouter(prefix="/articles")
Reader = Annotated[Actor, Depends(allow(Permission.ARTICLE_READ))]
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]


@router.get("/{code}")
def show(request: Request, session: ReadSession, actor: Reader, code: Code, at: AskedMoment) -> Response:
    page = article_page(session, actor, read_article(session, actor, code, at), at)
    response = render(request, "articles/article.html", page)
    return _seen(request, response, actor, page.reading.article)


@router.get("/{code}/pane")
def pane(
    request: Request, session: ReadSession, actor: Reader, code: Code, at: AskedMoment, glance: bool = False
) -> Response:
    """The article for the column beside a list; as a page of its own without htmx.

    A `glance` is shown unasked beside its result and is no opening.
    """
    page = article_page(session, actor, read_article(session, actor, code, at), at)
    response = render(request, "articles/pane.html", page, block="pane")
    return response if glance else _seen(request, response, actor, page.reading.article)


@router.post("/{code}/bookmark")
def bookmark(request: Request, session: WriteSession, actor: Reader, code: Code, on: bool = True) -> Response:
    set_bookmark(session, actor, code, on=on)
    if is_htmx(request):
        return render(request, "articles/bookmark.html", {"code": code, "bookmarked": on})
    response = RedirectResponse(f"/articles/{code}", 303)
    flash(response, "已收藏" if on else "已取消收藏")
    return response


@router.post("/{code}/draft")
def edit(
    session: WriteSession,
    actor: Writer,
    code: Code,
    number: Annotated[int | None, Query(ge=1, le=LAST_ID)] = None,
) -> Response:
    article, _ = open_draft(session, actor, code, number)
    return RedirectResponse(f"/drafts/{article.code}", 303)


def _seen(request: Request, response: Response, actor: Actor, article: Article) -> Response:
    """Count the opening once the page is on its way."""
    if actor.user_id is not None:
        engine = request.app.state.engine
        response.background = BackgroundTask(record_view, engine, actor.user_id, article.id or 0)
    return response
