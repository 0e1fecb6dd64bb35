"""免审资格: who may publish internal questions and answers without stages, where and until when."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles.access import scope_of
from kms.articles.api.parameters import LAST_ID, Id
from kms.articles.categories import options
from kms.articles.licences import Held, grant, licences, revoke
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Invalid, NotFound
from web.flash import flash
from web.templating import render

router = APIRouter(prefix="/licences")
Granter = Annotated[Actor, Depends(allow(Permission.LICENCE_GRANT))]
USUAL = timedelta(days=180)


@dataclass
class LicencesPage:
    held: Sequence[Held]
    categories: Sequence[tuple[str, str]]
    values: dict[str, str]
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@router.get("")
def list_page(request: Request, session: ReadSession, actor: Granter) -> Response:
    return render(request, "licences/licences.html", _page(session, actor))


@router.post("")
def give(
    request: Request,
    session: WriteSession,
    actor: Granter,
    login: Annotated[str, Form(max_length=64)] = "",
    category_id: Annotated[str, Form(max_length=10)] = "",
    until: Annotated[str, Form(max_length=32)] = "",
) -> Response:
    try:
        _grant(session, actor, login, category_id, until)
    except Invalid as error:
        page = _page(session, actor)
        page.values = {"login": login, "category_id": category_id, "until": until}
        page.message, page.errors = error.message, dict(error.errors)
        return render(request, "licences/licences.html", page, status=422)
    response = RedirectResponse("/licences", 303)
    flash(response, f"已授予 {login} 免审资格")
    return response


@router.post("/{licence_id}/revoke")
def take_back(session: WriteSession, actor: Granter, licence_id: Id) -> Response:
    revoke(session, actor, licence_id)
    response = RedirectResponse("/licences", 303)
    flash(response, "已收回，今后提交须经审批")
    return response


def _grant(session: Session, actor: Actor, login: str, category_id: str, until: str) -> None:
    chosen = int(category_id) if category_id.isdecimal() else 0
    try:
        # The day is given whole.
        end = clock.parse(until) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise Invalid("请核对期限", {"until": "请选择日期"}) from None
    try:
        grant(session, actor, login, min(chosen, LAST_ID), end)
    except NotFound:
        raise Invalid("请核对分类", {"category_id": "请选择分类"}) from None


def _page(session: Session, actor: Actor) -> LicencesPage:
    until = clock.local(clock.now() + USUAL).date()
    return LicencesPage(
        held=licences(session, actor),
        categories=options(session, scope_of(session, actor)),
        values={"until": str(until)},
    )
