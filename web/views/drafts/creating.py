"""New knowledge: from nothing, or as a copy without history."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles.access import scope_of
from kms.articles.categories import options
from kms.articles.content import KIND_LABELS, TITLE_MAX
from kms.articles.copying import copy_article
from kms.articles.drafts import create_article, parse_content
from kms.articles.reading import read_article
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Invalid
from web.flash import flash
from web.templating import render

router = APIRouter(prefix="/drafts")
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]
KIND_NOTES = {
    "qa": "客户问一句，坐席答一句",
    "procedure": "一步一步办理，可以分支",
    "policy": "资费、时限、条件，有生效时间",
    "product": "产品参数和卖点",
    "script": "照着说的话",
}


@dataclass
class NewPage:
    kinds: Sequence[tuple[str, str, str]]
    categories: Sequence[tuple[str, str]]
    title_max: int
    kind: str = "qa"
    category_id: str = ""
    title: str = ""
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass
class CopyPage:
    code: str
    title: str
    categories: Sequence[tuple[str, str]]
    category_id: str = ""
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@router.get("/new")
def new_page(
    request: Request, session: ReadSession, actor: Writer, category_id: str = "", title: str = ""
) -> Response:
    page = _new(session, actor)
    page.category_id, page.title = category_id, title[:TITLE_MAX]
    return render(request, "drafts/new.html", page)


@router.post("/new")
def create(
    request: Request,
    session: WriteSession,
    actor: Writer,
    kind: Annotated[str, Form()] = "qa",
    category_id: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
) -> Response:
    try:
        content = parse_content({"kind": kind, "category_id": category_id or None, "title": title})
        article, _ = create_article(session, actor, content)
    except Invalid as error:
        page = _new(session, actor)
        page.kind, page.category_id, page.title = kind, category_id, title
        page.message, page.errors = error.message, error.errors
        return render(request, "drafts/new.html", page, status=error.status)
    return RedirectResponse(f"/drafts/{article.code}", 303)


@router.get("/copy")
def copy_page(request: Request, session: ReadSession, actor: Writer, code: str) -> Response:
    return render(request, "drafts/copy.html", _copy(session, actor, code))


@router.post("/copy")
def copy(
    request: Request,
    session: WriteSession,
    actor: Writer,
    code: Annotated[str, Form()],
    category_id: Annotated[str, Form()] = "",
) -> Response:
    try:
        wanted = parse_content({"category_id": category_id or None}).category_id
        article, _ = copy_article(session, actor, code, wanted or 0)
    except Invalid as error:
        page = _copy(session, actor, code)
        page.category_id, page.message, page.errors = category_id, error.message, error.errors
        return render(request, "drafts/copy.html", page, status=error.status)
    response = RedirectResponse(f"/drafts/{article.code}", 303)
    flash(response, f"已复制为 {article.code}，不带历史版本")
    return response


def _new(session: Session, actor: Actor) -> NewPage:
    kinds = [(kind.value, label, KIND_NOTES[kind.value]) for kind, label in KIND_LABELS.items()]
    return NewPage(kinds, options(session, scope_of(session, actor)), TITLE_MAX)


def _copy(session: Session, actor: Actor, code: str) -> CopyPage:
    reading = read_article(session, actor, code)
    return CopyPage(reading.article.code, reading.content.title, options(session, scope_of(session, actor)))
