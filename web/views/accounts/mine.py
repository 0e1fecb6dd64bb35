"""我的账户: my particulars, password and log-ins."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms.accounts import sessions
from kms.accounts.account import change_own_password
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.directory import sessions_of
from kms.accounts.models import LoginSession, User
from kms.accounts.permissions import PERMISSION_LABELS, ROLE_LABELS, Permission
from kms.db.dependencies import ReadSession, WriteSession
from kms.db.session import after_commit
from kms.errors import Invalid
from kms.events.bus import people
from web.flash import flash
from web.templating import render
from web.views.accounts.browsers import browser_words

router = APIRouter(prefix="/account")
Mine = Annotated[Actor, Depends(allow(Permission.SIGNED_IN))]


@dataclass
class AccountPage:
    user: User
    roles: Sequence[str]
    may: Sequence[str]
    sessions: Sequence[LoginSession]
    browsers: dict[str, str]
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@router.get("")
def account_page(request: Request, session: ReadSession, actor: Mine) -> Response:
    return render(request, "accounts/account.html", _page(session, actor))


@router.post("/password")
def change_password(
    request: Request,
    session: ReadSession,
    actor: Mine,
    current: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Also signs out this person's other browsers."""
    state = request.app.state
    try:
        _must_match(new, again)
        change_own_password(state.engine, state.settings, actor, current, new)
    except Invalid as error:
        page = _page(session, actor, error)
        return render(request, "accounts/account.html", page, status=error.status)
    people.close(actor.id)
    response = RedirectResponse("/account", 303)
    flash(response, "密码已修改，其他设备上的登录已全部退出")
    return response


@router.post("/sessions/close-others")
def close_others(session: WriteSession, actor: Mine) -> Response:
    sessions.close_all(session, actor.id, keep=actor.session_id)
    after_commit(session, lambda: people.close(actor.id))
    response = RedirectResponse("/account", 303)
    flash(response, "其他设备上的登录已全部退出")
    return response


@router.post("/sessions/close-all")
def close_everywhere(session: WriteSession, actor: Mine) -> Response:
    sessions.close_all(session, actor.id)
    after_commit(session, lambda: people.close(actor.id))
    return RedirectResponse("/login", 303)


def _must_match(new: str, again: str) -> None:
    if new != again:
        raise Invalid("两次输入的新密码不一致", {"again": "请再输入一遍同样的新密码"})


def _page(session: Session, actor: Actor, error: Invalid | None = None) -> AccountPage:
    here = sessions_of(session, actor.id)
    return AccountPage(
        session.get_one(User, actor.id),
        [label for role, label in ROLE_LABELS.items() if role in actor.roles],
        [label for permission, label in PERMISSION_LABELS.items() if permission in actor.permissions],
        here,
        {row.browser: browser_words(row.browser) for row in here},
        error.message if error else "",
        error.errors if error else {},
    )
