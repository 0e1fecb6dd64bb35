"""群组: list, members."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms.accounts import groups
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.directory import groups_with_sizes
from kms.accounts.models import Group
from kms.accounts.permissions import Permission
from kms.db.dependencies import ReadSession, RowId, WriteSession
from kms.errors import Conflict, Invalid, KmsError
from web.flash import flash
from web.templating import render

router = APIRouter(prefix="/groups")
Admin = Annotated[Actor, Depends(allow(Permission.USER_MANAGE))]


@dataclass
class GroupsPage:
    groups: Sequence[tuple[Group, int]]
    name: str = ""
    description: str = ""
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass
class GroupPage:
    group: Group
    description: str
    members: str
    names: Sequence[str]
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@router.get("")
def groups_page(request: Request, session: ReadSession, _actor: Admin) -> Response:
    return render(request, "accounts/groups.html", GroupsPage(groups_with_sizes(session)))


@router.post("")
def create_group(
    request: Request,
    session: WriteSession,
    actor: Admin,
    name: Annotated[str, Form()] = "",
    description: Annotated[str, Form()] = "",
) -> Response:
    try:
        group = groups.create_group(session, actor, name, description)
    except (Invalid, Conflict) as error:
        errors = dict(error.extra["errors"])
        page = GroupsPage(groups_with_sizes(session), name, description, error.message, errors)
        return render(request, "accounts/groups.html", page, status=error.status)
    return RedirectResponse(f"/groups/{group.id}", 303)


@router.get("/{group_id}")
def group_page(request: Request, session: ReadSession, _actor: Admin, group_id: RowId) -> Response:
    return _show(request, session, groups.get_group(session, group_id))


@router.post("/{group_id}")
def update_group(
    request: Request,
    session: WriteSession,
    actor: Admin,
    group_id: RowId,
    description: Annotated[str, Form()] = "",
    members: Annotated[str, Form()] = "",
) -> Response:
    try:
        groups.update_group(session, actor, group_id, description, members.split())
    except Invalid as error:
        session.rollback()
        return _show(request, session, groups.get_group(session, group_id), (description, members), error)
    response = RedirectResponse("/groups", 303)
    flash(response, "群组已保存")
    return response


def _show(
    request: Request,
    session: Session,
    group: Group,
    typed: tuple[str, str] | None = None,
    error: KmsError | None = None,
) -> Response:
    members = groups.members_of(session, group.id or 0)
    description, logins = typed or (group.description, "\n".join(user.login for user in members))
    names = [f"{user.name}（{user.login}）" for user in members]
    errors = dict(error.extra["errors"]) if error else {}
    page = GroupPage(group, description, logins, names, error.message if error else "", errors)
    return render(request, "accounts/group.html", page, status=error.status if error else 200)
