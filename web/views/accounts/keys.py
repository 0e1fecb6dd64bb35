"""接口密钥: list, create (shown once), revoke; and the table of who may do what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms import clock
from kms.accounts import keys
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.models import ApiKey, User
from kms.accounts.permissions import (
    NEVER_ON_BEHALF,
    PERMISSION_LABELS,
    ROLE_LABELS,
    ROLE_PERMISSIONS,
    Permission,
)
from kms.db.dependencies import ReadSession, RowId, WriteSession
from kms.errors import Conflict, Invalid, KmsError
from web.flash import flash
from web.templating import render
from web.views.accounts.forms import form_data

router = APIRouter()
KeyAdmin = Annotated[Actor, Depends(allow(Permission.KEY_MANAGE))]
SCOPES = [(str(p), label) for p, label in PERMISSION_LABELS.items() if p is not Permission.SIGNED_IN]


@dataclass
class KeysPage:
    keys: Sequence[tuple[ApiKey, User]]
    labels: dict[str, str]
    scopes: Sequence[tuple[str, str]]
    never: frozenset[str]
    values: dict[str, Any]
    plain: str = ""
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass
class PermissionsPage:
    heads: Sequence[tuple[str, str, str]]
    rows: Sequence[tuple[str, str, Sequence[bool], bool]]


@router.get("/keys")
def keys_page(request: Request, session: ReadSession, _actor: KeyAdmin) -> Response:
    return _show(request, session, {"scopes": ["search", "article.read"]})


@router.post("/keys")
def create_key(
    request: Request, session: WriteSession, actor: KeyAdmin, form: Annotated[FormData, Depends(form_data)]
) -> Response:
    """The key itself is in this one answer and nowhere else."""
    values = {name: str(form.get(name, "")) for name in ("service", "name", "expires_at")}
    scopes = [str(scope) for scope in form.getlist("scopes")]
    try:
        known = [Permission(scope) for scope in scopes if scope in PERMISSION_LABELS]
        key = keys.create_key(
            session, actor, values["service"], known, _end(values["expires_at"]), values["name"]
        )
    except (Invalid, Conflict) as error:
        session.rollback()
        return _show(request, session, {**values, "scopes": scopes}, error=error)
    return _show(request, session, {"scopes": ["search", "article.read"]}, plain=key[1])


@router.post("/keys/{key_id}/revoke")
def revoke_key(session: WriteSession, actor: KeyAdmin, key_id: RowId) -> Response:
    key = keys.revoke_key(session, actor, key_id)
    response = RedirectResponse("/keys", 303)
    flash(response, f"密钥 {key.prefix}… 已吊销，使用它的程序从现在起会被拒绝")
    return response


@router.get("/permissions")
def permissions_page(
    request: Request, _actor: Annotated[Actor, Depends(allow(Permission.USER_MANAGE))]
) -> Response:
    """谁能做什么, as the program decides it."""
    rows = [
        (label, str(p), [p in ROLE_PERMISSIONS[role] for role in ROLE_LABELS], p not in NEVER_ON_BEHALF)
        for p, label in PERMISSION_LABELS.items()
    ]
    heads = [(label, "", "") for label in ("权限", *ROLE_LABELS.values(), "程序可代人")]
    return render(request, "accounts/permissions.html", PermissionsPage(heads, rows))


def _end(text: str) -> datetime | None:
    try:
        return clock.parse(text) if text.strip() else None
    except (ValueError, OverflowError):
        told = "到期时间写法不对，例如 2027-03-31"
        raise Invalid(told, {"expires_at": told}) from None


def _show(
    request: Request,
    session: Session,
    values: dict[str, Any],
    plain: str = "",
    error: KmsError | None = None,
) -> Response:
    page = KeysPage(
        keys.list_keys(session),
        {str(p): label for p, label in PERMISSION_LABELS.items()},
        SCOPES,
        frozenset(map(str, NEVER_ON_BEHALF)),
        values,
        plain,
        error.message if error else "",
        dict(error.extra.get("errors", {})) if error else {},
    )
    return render(request, "accounts/keys.html", page, status=error.status if error else 200)
