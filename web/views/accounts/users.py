"""人员: list, form, activation, password."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms.accounts import directory, service
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.fields import UserFields, check_fields, extensions, words
from kms.accounts.handover import Moved, holdings
from kms.accounts.models import User
from kms.accounts.people_import import COLUMNS
from kms.accounts.permissions import ROLE_LABELS, Permission
from kms.accounts.tabular import MAX_ROWS, write_csv
from kms.audit.service import record
from kms.db.dependencies import PageKey, ReadSession, WriteSession
from kms.errors import Conflict, Forbidden, Invalid, KmsError
from web.flash import flash
from web.templating import render
from web.views.accounts.forms import form_data

router = APIRouter(prefix="/users")
Admin = Annotated[Actor, Depends(allow(Permission.USER_MANAGE))]
Form = Annotated[FormData, Depends(form_data)]
ROLES = [(str(role), label) for role, label in ROLE_LABELS.items()]


def wanted_people(
    q: str = "",
    role: str = "",
    group: str = "",
    team: str = "",
    state: str = "active",
    sort: str = "login",
    after: PageKey = None,
) -> directory.Wanted:
    """The search in the address."""
    return directory.Wanted(q, role, group, team, state, sort, after)


@dataclass
class UsersPage:
    wanted: directory.Wanted
    page: directory.Page
    roles: Sequence[tuple[str, str]]
    labels: dict[Any, str]
    groups: Sequence[tuple[str, str]]
    teams: Sequence[tuple[str, str]]


@dataclass
class UserPage:
    user: User | None
    values: dict[str, Any]
    roles: Sequence[tuple[str, str]]
    groups: Sequence[str]
    held: Sequence[Moved] = ()
    colleagues: Sequence[tuple[str, str]] = ()
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    password: str = ""


@router.get("")
def users_page(
    request: Request,
    session: ReadSession,
    _actor: Admin,
    wanted: Annotated[directory.Wanted, Depends(wanted_people)],
) -> Response:
    page = UsersPage(
        wanted,
        directory.find_people(session, wanted),
        ROLES,
        dict(ROLE_LABELS),
        [(found.name, found.name) for found, _ in directory.groups_with_sizes(session)],
        [(team, team) for team in directory.teams(session)],
    )
    return render(request, "accounts/users.html", page, block="list")


@router.get("/export.csv")
def export_users(
    session: WriteSession, actor: Admin, wanted: Annotated[directory.Wanted, Depends(wanted_people)]
) -> Response:
    """The search result in the form that the import takes; recorded, as it leaves the house."""
    rows = directory.find_people(session, wanted, limit=MAX_ROWS).rows
    record(session, actor, "user.export", after={"rows": len(rows)})
    data = write_csv([tuple(COLUMNS)[:-1], *(_exported(row) for row in rows)])
    headers = {"Content-Disposition": 'attachment; filename="people.csv"'}
    return Response(data, media_type="text/csv", headers=headers)


@router.get("/new")
def new_user_page(request: Request, session: ReadSession, _actor: Admin) -> Response:
    return _show(request, session, None, {"roles": ["agent"]})


@router.post("/new")
def create_user(request: Request, session: WriteSession, actor: Admin, form: Form) -> Response:
    """The password is random and shown once, on the page that follows."""
    try:
        user = service.create_user(session, actor, _fields(form))
    except (Invalid, Conflict) as error:
        session.rollback()
        return _show(request, session, None, _typed(form), error)
    return _show(request, session, user, password=service.reset_password(session, actor, user.login))


@router.get("/{login}")
def user_page(request: Request, session: ReadSession, _actor: Admin, login: str) -> Response:
    return _show(request, session, service.get_user(session, login))


@router.post("/{login}")
def update_user(request: Request, session: WriteSession, actor: Admin, login: str, form: Form) -> Response:
    try:
        service.update_user(session, actor, login, _fields(form, login), _version(form))
    except (Invalid, Conflict) as error:
        session.rollback()
        return _show(request, session, service.get_user(session, login), _typed(form), error)
    response = RedirectResponse("/users", 303)
    flash(response, f"{login} 的资料已保存")
    return response


@router.post("/{login}/deactivate")
def deactivate_user(
    request: Request, session: WriteSession, actor: Admin, login: str, form: Form
) -> Response:
    to_login = str(form.get("to", "")).strip() or None
    try:
        moved = service.deactivate_user(session, actor, login, _version(form), to_login)
    except (Invalid, Conflict, Forbidden) as error:
        session.rollback()
        return _show(request, session, service.get_user(session, login), error=error)
    told = "、".join(f"{item.label} {item.count}" for item in moved)
    response = RedirectResponse(f"/users/{login}", 303)
    flash(response, f"{login} 已停用" + (f"，已交接{told}" if told else ""))
    return response


@router.post("/{login}/activate")
def activate_user(session: WriteSession, actor: Admin, login: str, form: Form) -> Response:
    service.activate_user(session, actor, login, _version(form))
    response = RedirectResponse(f"/users/{login}", 303)
    flash(response, f"{login} 已启用")
    return response


@router.post("/{login}/password")
def reset_password(request: Request, session: WriteSession, actor: Admin, login: str) -> Response:
    """A new random password, shown once; signs the person out everywhere."""
    password = service.reset_password(session, actor, login)
    return _show(request, session, service.get_user(session, login), password=password)


def _show(
    request: Request,
    session: Session,
    user: User | None,
    values: dict[str, Any] | None = None,
    error: KmsError | None = None,
    password: str = "",
) -> Response:
    page = UserPage(
        user,
        values if values is not None else _stored(session, user),
        ROLES,
        [found.name for found, _ in directory.groups_with_sizes(session)],
        holdings(session, user.id) if user and user.id else (),
        [choice for choice in directory.colleagues(session) if not user or choice[0] != user.login],
        error.message if error else "",
        dict(error.extra.get("errors", {})) if error else {},
        password,
    )
    return render(request, "accounts/user.html", page, status=error.status if error else 200)


def _stored(session: Session, user: User | None) -> dict[str, Any]:
    if user is None:
        return {}
    values = service.snapshot(session, user)
    values["skills"] = "、".join(values["skills"])
    values["extensions"] = "\n".join(f"{name}:{number}" for name, number in values["extensions"].items())
    return values


def _typed(form: FormData) -> dict[str, Any]:
    plain = {name: str(form.get(name, "")) for name in ("login", "name", "team", "site", "region")}
    lists = {name: [str(value) for value in form.getlist(name)] for name in ("roles", "groups")}
    texts = {name: str(form.get(name, "")) for name in ("skills", "extensions")}
    return {**plain, **lists, **texts}


def _fields(form: FormData, login: str | None = None) -> UserFields:
    raw = _typed(form)
    raw["login"] = login if login is not None else raw["login"]
    return check_fields({**raw, "skills": words(raw["skills"]), "extensions": extensions(raw["extensions"])})


def _exported(row: directory.Row) -> tuple[str, ...]:
    user = row.user
    lists = ([ROLE_LABELS[role] for role in row.roles], row.groups, user.skills)
    extension = "；".join(f"{name}:{number}" for name, number in user.extensions.items())
    plain = (user.login, user.name, user.team, user.site, user.region)
    return (*plain, *("、".join(words) for words in lists), extension)


def _version(form: FormData) -> int:
    text = str(form.get("version", ""))
    return int(text) if text.isdecimal() and len(text) < 10 else 0
