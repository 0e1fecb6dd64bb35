"""免审资格: who holds one, grant, revoke."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import licences
from kms.articles.access import scope_of
from kms.articles.api.parameters import Id
from kms.articles.categories import options
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Invalid
from web.flash import flash
from web.templating import render

router = APIRouter(prefix="/licences")
Supervisor = Annotated[Actor, Depends(allow(Permission.LICENCE_GRANT))]


@dataclass
class LicencesPage:
    held: Sequence[licences.Held]
    categories: Sequence[tuple[str, str]]
    values: dict[str, str] = field(default_factory=dict)
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@router.get("")
def list_page(request: Request, session: ReadSession, actor: Supervisor) -> Response:
    return render(request, "licences/licences.html", _page(session, actor))


@router.post("")
def grant(
    request: Request,
    session: WriteSession,
    actor: Supervisor,
    login: Annotated[str, Form(max_length=64)] = "",
    category_id: Annotated[str, Form(max_length=10)] = "",
    until: Annotated[str, Form(max_length=32)] = "",
) -> Response:
    try:
        with session.begin_nested():
            chosen = _category(category_id)
            licences.grant(session, actor, login, chosen, _day(until))
    except Invalid as error:
        page = _page(session, actor)
        page.values = {"login": login, "category_id": category_id, "until": until}
        page.message, page.errors = error.message, error.errors
        return render(request, "licences/licences.html", page, status=error.status)
    response = RedirectResponse("/licences", 303)
    flash(response, f"已授予，有效至 {until}")
    return response


@router.post("/{licence_id}/revoke")
def revoke(session: WriteSession, actor: Supervisor, licence_id: Id) -> Response:
    licences.revoke(session, actor, licence_id)
    response = RedirectResponse("/licences", 303)
    flash(response, "免审资格已收回，立即生效")
    return response


def _page(session: Session, actor: Actor) -> LicencesPage:
    return LicencesPage(licences.licences(session, actor), options(session, scope_of(session, actor)))


def _category(text: str) -> int:
    if not text.isdecimal():
        raise Invalid("请选择分类", {"category_id": "请选择分类"})
    return int(text)


def _day(text: str) -> datetime:
    """The end of that day."""
    try:
        return clock.start_of(clock.local(clock.parse(text)).date() + timedelta(days=1))
    except (ValueError, OverflowError):
        told = "请写成 2027-06-30 这样的日期"
        raise Invalid("期限有误", {"until": told}) from None
