"""地区与产品."""

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
from kms.articles import vocabulary
from kms.articles.models import Product, Region
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Conflict, Invalid
from web.flash import flash
from web.templating import render

router = APIRouter(prefix="/categories")
Manager = Annotated[Actor, Depends(allow(Permission.CATEGORY_MANAGE))]
TEMPLATE = "categories/vocabulary.html"


@dataclass
class VocabularyPage:
    regions: Sequence[Region]
    products: Sequence[Product]
    path: str = ""
    name: str = ""
    aliases: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@router.get("/vocabulary")
def vocabulary_page(request: Request, session: ReadSession, _actor: Manager) -> Response:
    return render(request, TEMPLATE, _page(session))


@router.post("/regions")
def add_region(
    request: Request, session: WriteSession, actor: Manager, path: Annotated[str, Form()] = ""
) -> Response:
    try:
        vocabulary.add_region(session, actor, path)
    except (Invalid, Conflict) as error:
        page = _page(session)
        page.path, page.errors = path, _errors(error, "path")
        return render(request, TEMPLATE, page, status=error.status)
    return _added(f"已添加地区 {path}")


@router.post("/products")
def add_product(
    request: Request,
    session: WriteSession,
    actor: Manager,
    name: Annotated[str, Form()] = "",
    aliases: Annotated[str, Form()] = "",
) -> Response:
    try:
        vocabulary.add_product(session, actor, name, tuple(aliases.replace("，", ",").split(",")))
    except (Invalid, Conflict) as error:
        page = _page(session)
        page.name, page.aliases, page.errors = name, aliases, _errors(error, "name")
        return render(request, TEMPLATE, page, status=error.status)
    return _added(f"已添加产品 {name}")


def _page(session: Session) -> VocabularyPage:
    return VocabularyPage(vocabulary.regions(session), vocabulary.products(session))


def _errors(error: Invalid | Conflict, name: str) -> dict[str, str]:
    return error.errors if isinstance(error, Invalid) else {name: error.message}


def _added(text: str) -> Response:
    response = RedirectResponse("/categories/vocabulary", 303)
    flash(response, text)
    return response
