"""The tree: names, places, owners, members."""

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
from kms.articles import category_editing as editing
from kms.articles.api.parameters import LAST_ID, Id
from kms.articles.categories import SEPARATOR, Node, tree
from kms.articles.facts import names
from kms.articles.references import all_groups
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Invalid
from web.flash import flash
from web.templating import render

router = APIRouter(prefix="/categories")
Manager = Annotated[Actor, Depends(allow(Permission.CATEGORY_MANAGE))]
Version = Annotated[int, Form(ge=1, le=LAST_ID)]
Name = Annotated[str, Form()]


@dataclass
class TreePage:
    lines: Sequence[Node]
    owners: dict[int, str]
    may_add_lines: bool
    groups: Sequence[str]
    places: dict[int, Sequence[tuple[str, str]]]
    """By the id of a business line: what a category can be moved below."""
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    name: str = ""


@router.get("")
def tree_page(request: Request, session: ReadSession, actor: Manager) -> Response:
    return render(request, "categories/tree.html", _page(session, actor))


@router.post("")
def create(
    request: Request,
    session: WriteSession,
    actor: Manager,
    name: Name = "",
    parent_id: Annotated[str, Form()] = "",
    groups: Annotated[tuple[str, ...], Form()] = (),
    open_to_all: Annotated[bool, Form()] = False,
) -> Response:
    """Below a parent; without one a business line."""
    try:
        # What a refused act has written already must not stay.
        with session.begin_nested():
            if parent_id:
                editing.create_category(session, actor, _ident(parent_id), name)
            else:
                editing.create_line(session, actor, name, editing.Members(groups, open_to_all))
    except Invalid as error:
        return _refused(request, session, actor, error, name)
    return done(f"已新建“{name}”")


@router.post("/{category_id}/rename")
def rename(
    request: Request,
    session: WriteSession,
    actor: Manager,
    category_id: Id,
    version: Version,
    name: Name = "",
) -> Response:
    try:
        editing.rename(session, actor, category_id, version, name)
    except Invalid as error:
        return _refused(request, session, actor, error, name)
    return done("已改名")


@router.post("/{category_id}/move")
def move(
    request: Request,
    session: WriteSession,
    actor: Manager,
    category_id: Id,
    version: Version,
    parent_id: Annotated[str, Form()] = "",
) -> Response:
    try:
        editing.move(session, actor, category_id, version, _ident(parent_id))
    except Invalid as error:
        return _refused(request, session, actor, error)
    return done("已移动")


@router.post("/{category_id}/shift")
def shift(
    session: WriteSession,
    actor: Manager,
    category_id: Id,
    version: Version,
    steps: Annotated[int, Form(ge=-1, le=1)],
) -> Response:
    editing.shift(session, actor, category_id, version, steps)
    return done("")


@router.post("/{category_id}/retire")
def retire(session: WriteSession, actor: Manager, category_id: Id, version: Version) -> Response:
    category = editing.retire(session, actor, category_id, version)
    return done(f"已停用“{category.name}”")


def done(text: str, href: str = "/categories") -> Response:
    response = RedirectResponse(href, 303)
    if text:
        flash(response, text)
    return response


def _ident(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= LAST_ID):
        raise Invalid("请选择上级分类", {"parent_id": "请选择上级分类"})
    return int(text)


def _page(session: Session, actor: Actor) -> TreePage:
    lines = tree(session, editing.managed_scope(session, actor))
    nodes = [node for line in lines for node in line.walk()]
    may_add = actor.may(Permission.USER_MANAGE)
    return TreePage(
        lines=lines,
        owners=names(session, [node.category.owner_id for node in nodes]),
        may_add_lines=may_add,
        groups=all_groups(session) if may_add else [],
        places={
            line.id: [(str(node.id), SEPARATOR.join(node.names)) for node in line.walk()] for line in lines
        },
    )


def _refused(request: Request, session: Session, actor: Actor, error: Invalid, name: str = "") -> Response:
    page = _page(session, actor)
    page.message, page.errors, page.name = error.message, error.errors, name
    return render(request, "categories/tree.html", page, status=error.status)
