"""The agent's search page: results while typing, the article beside them, lists before anything is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import bookmarks
from kms.articles.browsing import Filters, Listed, browse, popular
from kms.articles.browsing import Sort as Order
from kms.db.dependencies import ReadSession
from kms.errors import Forbidden
from kms.search import service, tokens
from kms.search.lookups import lookup_of
from kms.search.models import Lookup
from kms.search.opening import Searching
from kms.search.pool import SearchPool
from kms.search.request import SORT_LABELS, Sort, cleaned
from kms.search.service import SearchAnswer
from web.templating import is_htmx, render
from web.views.search.asked import PAGE_SIZE, PAGES, Asked, read
from web.views.search.rows import Row, rows_of

router = APIRouter()
Searcher = Annotated[Actor, Depends(allow(Permission.SEARCH))]
SHELF = 6


@dataclass
class SearchPage:
    """Without `answer` the shelves are shown; `refused` is why nothing was searched."""

    asked: Asked
    sorts: Sequence[tuple[Sort, str]]
    answer: SearchAnswer | None = None
    rows: Sequence[Row] = ()
    nearest: Sequence[Row] = ()
    lookup: Lookup | None = None
    token: str = ""
    shelves: Sequence[tuple[str, str, Sequence[Listed]]] = ()
    refused: str = ""
    pages: int = 1
    today: date = field(default_factory=clock.today)
    wish: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@router.get("/")
def home(_actor: Searcher) -> Response:
    return RedirectResponse("/search", 303)


@router.get("/search")
def search_page(request: Request, session: ReadSession, actor: Searcher, searcher: Searching) -> Response:
    asked = read(request.query_params)
    page = SearchPage(asked, tuple(SORT_LABELS.items()), errors=dict(asked.errors))
    status = 200
    if asked.errors:
        page.refused, status = "查询日期看不懂，请改正后再搜", 422
    elif cleaned(asked.text):
        status = _fill(request, session, actor, searcher, page)
    else:
        page.shelves = _shelves(session, actor)
    return render(request, "search/search.html", page, block="live", status=status)


@router.get("/search/blank")
def blank(request: Request, _actor: Searcher) -> Response:
    """The column of the article without one."""
    page = SearchPage(Asked(), tuple(SORT_LABELS.items()))
    return render(request, "search/search.html", page, block="blank")


def _fill(request: Request, session: Session, actor: Actor, searcher: SearchPool, page: SearchPage) -> int:
    asked = page.asked
    try:
        answer = service.search(session, searcher, actor, asked.request())
    except Forbidden as error:
        page.refused = error.message
        return error.status
    page.answer = answer
    page.lookup = lookup_of(actor, asked.request(), answer, "enter")
    page.token = tokens.sign(request.app.state.settings, page.lookup)
    first = (asked.page - 1) * PAGE_SIZE
    page.rows = rows_of(answer.hits[first : first + PAGE_SIZE], asked.as_of, first + 1)
    page.nearest = rows_of(answer.nearest, asked.as_of)
    page.pages = min(-(-len(answer.hits) // PAGE_SIZE), PAGES) or 1
    page.wish = f"/requests/new?{urlencode({'text': page.lookup.text, 'lookup': page.lookup.id})}"
    # A whole page was asked for by Enter; parts are asked for while typing and settle later.
    if asked.page == 1 and asked.sort is Sort.MATCH and not is_htmx(request):
        request.app.state.recorder.record(page.lookup)
    return 200


def _shelves(session: Session, actor: Actor) -> list[tuple[str, str, Sequence[Listed]]]:
    changed = bookmarks.changed(session, actor, SHELF)
    newest = changed or browse(session, actor, Filters(), Order.UPDATED, size=SHELF).rows
    shelves: tuple[tuple[str, str, Sequence[Listed]], ...] = (
        ("changed", "新变更", newest) if changed else ("all", "最近更新", newest),
        ("popular", "热门", popular(session, actor, SHELF)),
        ("recent", "最近浏览", bookmarks.recent(session, actor, SHELF)),
        ("bookmarks", "收藏", bookmarks.bookmarked(session, actor)[:SHELF]),
    )
    return [shelf for shelf in shelves if shelf[2]]
