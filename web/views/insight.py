"""知识需求."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles.access import scope_of
from kms.articles.api.parameters import LAST_ID, Id
from kms.articles.categories import options, paths_of
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Invalid
from kms.insight import requests
from kms.insight.steps import DECLINED, DONE, OPEN, STATES, TAKEN
from web.flash import flash
from web.templating import render

router = APIRouter(prefix="/requests")
Asker = Annotated[Actor, Depends(allow(Permission.REQUEST_CREATE))]
Handler = Annotated[Actor, Depends(allow(Permission.REQUEST_HANDLE))]
View = Literal["all", "open", "taken", "done", "declined", "mine"]
PAGE = 50
TONES = {OPEN: "review", TAKEN: "scheduled", DONE: "published", DECLINED: "archived"}


@dataclass
class RequestsPage:
    view: View
    tabs: Sequence[tuple[str, str, bool, int]]
    q: str
    found: Sequence[requests.Request]
    after: str
    states: dict[str, str]
    tones: dict[str, str]


@dataclass
class NewPage:
    text: str
    detail: str
    lookup: str
    category: str
    categories: Sequence[tuple[str, str]]
    errors: dict[str, str] = field(default_factory=dict)
    message: str = ""


@dataclass
class RequestPage:
    found: requests.Request
    path: str
    state: str
    tone: str
    may_handle: bool
    closed: bool
    code: str = ""
    answer: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    message: str = ""


@router.get("")
def list_page(
    request: Request,
    session: ReadSession,
    actor: Asker,
    view: View | None = None,
    q: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[int | None, Query(ge=1, le=LAST_ID)] = None,
) -> Response:
    handles = actor.may(Permission.REQUEST_HANDLE)
    view = view or ("open" if handles else "mine")
    state = view if view in STATES else ""
    rows = requests.listed(
        session, actor, mine=view == "mine", state=state, q=q, before=after, limit=PAGE + 1
    )
    last = str(rows[PAGE - 1].request.id) if len(rows) > PAGE else ""
    page = RequestsPage(view, _tabs(view, handles=handles), q, rows[:PAGE], last, STATES, TONES)
    return render(request, "insight/requests.html", page, block="list")


@router.get("/new")
def new_page(
    request: Request,
    session: ReadSession,
    actor: Asker,
    text: Annotated[str, Query(max_length=2000)] = "",
    lookup: Annotated[str, Query(max_length=36)] = "",
) -> Response:
    page = NewPage(text[: requests.TEXT_MAX], "", lookup, "", _categories(session, actor))
    return render(request, "insight/new.html", page)


@router.post("")
def ask(
    request: Request,
    session: WriteSession,
    actor: Asker,
    text: Annotated[str, Form()] = "",
    detail: Annotated[str, Form()] = "",
    category_id: Annotated[str, Form()] = "",
    lookup: Annotated[str, Form(max_length=36)] = "",
) -> Response:
    category = int(category_id) if category_id.isdecimal() and int(category_id) <= LAST_ID else None
    try:
        made = requests.ask(session, actor, category, text, detail, lookup)
    except Invalid as error:
        page = NewPage(
            text, detail, lookup, category_id, _categories(session, actor), dict(error.errors), error.message
        )
        return render(request, "insight/new.html", page, status=422)
    response = RedirectResponse(f"/requests/{made.id}", 303)
    flash(response, "已提交，有进展会通知您")
    return response


@router.get("/{request_id}")
def request_page(request: Request, session: ReadSession, actor: Asker, request_id: Id) -> Response:
    return render(request, "insight/request.html", _page(session, actor, request_id))


@router.post("/{request_id}/take")
def take(session: WriteSession, actor: Handler, request_id: Id) -> Response:
    requests.take(session, actor, request_id)
    return _told(request_id, "已领取，提出人会收到通知")


@router.post("/{request_id}/decline")
def decline(
    request: Request,
    session: WriteSession,
    actor: Handler,
    request_id: Id,
    answer: Annotated[str, Form()] = "",
) -> Response:
    return _closing(
        request,
        session,
        actor,
        request_id,
        lambda: requests.decline(session, actor, request_id, answer),
        {"answer": answer},
    )


@router.post("/{request_id}/done")
def complete(
    request: Request,
    session: WriteSession,
    actor: Handler,
    request_id: Id,
    code: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    return _closing(
        request,
        session,
        actor,
        request_id,
        lambda: requests.complete(session, actor, request_id, code),
        {"code": code},
    )


def _closing(
    request: Request,
    session: Session,
    actor: Actor,
    request_id: int,
    act: Callable[[], object],
    typed: dict[str, str],
) -> Response:
    try:
        act()
    except Invalid as error:
        page = _page(session, actor, request_id)
        page.errors, page.message = dict(error.errors), error.message
        page.code, page.answer = typed.get("code", ""), typed.get("answer", "")
        return render(request, "insight/request.html", page, status=422)
    return _told(request_id, "已答复，提出人会收到通知")


def _told(request_id: int, text: str) -> Response:
    response = RedirectResponse(f"/requests/{request_id}", 303)
    flash(response, text)
    return response


def _page(session: Session, actor: Actor, request_id: int) -> RequestPage:
    found = requests.request_for_read(session, actor, request_id)
    state = found.request.state
    path = " / ".join(paths_of(session, [found.category.id or 0])[found.category.id or 0])
    return RequestPage(
        found=found,
        path=path,
        state=STATES[state],
        tone=TONES[state],
        may_handle=actor.may(Permission.REQUEST_HANDLE),
        closed=state in (DONE, DECLINED),
    )


def _tabs(view: View, *, handles: bool) -> list[tuple[str, str, bool, int]]:
    shown: list[tuple[View, str]] = [("mine", "我提的")]
    if handles:
        shown = [("open", "待处理"), ("taken", "处理中"), ("done", "已解决"), ("declined", "已答复"), *shown]
    return [(label, f"/requests?view={key}", key == view, 0) for key, label in shown]


def _categories(session: Session, actor: Actor) -> list[tuple[str, str]]:
    return options(session, scope_of(session, actor))
