"""Administration of people as JSON."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from kms.accounts import directory, service
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.fields import UserFields
from kms.accounts.handover import holdings
from kms.accounts.models import User
from kms.accounts.people_import import Act, import_people
from kms.accounts.permissions import Permission
from kms.accounts.tabular import TableError, read_table
from kms.db.dependencies import PageKey, ReadSession, WriteSession
from kms.errors import Invalid

router = APIRouter(prefix="/users", tags=["people"])
Admin = Annotated[Actor, Depends(allow(Permission.USER_MANAGE))]


class UserOut(UserFields):
    """A person or a service user. Send `version` back with a change."""

    model_config = ConfigDict(extra="ignore", json_schema_extra=None)

    is_service: bool
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime


class UserPage(BaseModel):
    """`after` opens the next page; null: this is the last one."""

    items: list[UserOut]
    total: int
    after: int | None


class UserChange(UserFields):
    """All fields; those left out are emptied."""

    version: int = Field(description="As last read; 409 when somebody changed the person meanwhile.")


class Versioned(BaseModel):
    version: int


class Leaving(Versioned):
    hand_over_to: str | None = Field(
        None, description="Login of who takes over drafts, knowledge, approvals and tasks."
    )


class Holding(BaseModel):
    """So many things of one kind; `label` is Chinese."""

    label: str
    count: int


class Password(BaseModel):
    """Shown once; the person changes it after the first log-in."""

    password: str


class ImportLine(BaseModel):
    number: int
    login: str
    name: str
    act: Act
    changes: list[str]
    errors: list[str]


class ImportReport(BaseModel):
    """`done` is false for a dry run, and when a row has an error: then nothing was imported."""

    done: bool
    counts: dict[str, int]
    lines: list[ImportLine]


@router.get("", summary="List people")
def list_users(
    session: ReadSession,
    _actor: Admin,
    q: Annotated[str, Query(description="Part of login or name", max_length=64)] = "",
    role: Annotated[str, Query(description="Who has this role")] = "",
    group: Annotated[str, Query(description="Who is in this group")] = "",
    team: Annotated[str, Query(description="Who is in this team")] = "",
    state: Literal["active", "inactive", "service", "all"] = "active",
    sort: Literal["login", "-login", "name", "-name", "team", "-team"] = "login",
    after: PageKey = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> UserPage:
    """People by login, page by page."""
    page = directory.find_people(session, directory.Wanted(q, role, group, team, state, sort, after), limit)
    items = [_listed(row) for row in page.rows]
    return UserPage(items=items, total=page.total, after=page.after)


@router.post("", status_code=201, summary="Add a person")
def create_user(session: WriteSession, actor: Admin, body: UserFields) -> UserOut:
    """Without a password: give one by `POST /users/{login}/password`."""
    return _out(session, service.create_user(session, actor, body))


@router.get("/{login}", summary="Read a person")
def read_user(session: ReadSession, _actor: Admin, login: str) -> UserOut:
    """With the version that a change has to name."""
    return _out(session, service.get_user(session, login))


@router.put("/{login}", summary="Change a person")
def update_user(session: WriteSession, actor: Admin, login: str, body: UserChange) -> UserOut:
    """Replaces all fields. The login stays; the last administrator keeps that role."""
    fields = UserFields.model_validate(body.model_dump(exclude={"version"}))
    return _out(session, service.update_user(session, actor, login, fields, body.version))


@router.get("/{login}/holdings", summary="What a person would have to hand over")
def list_holdings(session: ReadSession, _actor: Admin, login: str) -> list[Holding]:
    """Drafts, knowledge, categories, approvals, wishes and tasks by number."""
    user = service.get_user(session, login)
    return [Holding(label=item.label, count=item.count) for item in holdings(session, user.id or 0)]


@router.post("/{login}/deactivate", summary="Shut a person out and hand over")
def deactivate_user(session: WriteSession, actor: Admin, login: str, body: Leaving) -> list[Holding]:
    """All log-ins end at once. Answers what was handed over; 409 when something is held and nobody takes it."""
    moved = service.deactivate_user(session, actor, login, body.version, body.hand_over_to)
    return [Holding(label=item.label, count=item.count) for item in moved]


@router.post("/{login}/activate", summary="Let a person in again")
def activate_user(session: WriteSession, actor: Admin, login: str, body: Versioned) -> UserOut:
    """With the password and the roles of before."""
    return _out(session, service.activate_user(session, actor, login, body.version))


@router.post("/{login}/password", summary="Give a person a new random password")
def reset_password(session: WriteSession, actor: Admin, login: str) -> Password:
    """Also ends all log-ins of the person and the lock after wrong passwords."""
    return Password(password=service.reset_password(session, actor, login))


@router.post("/import", summary="Import people from CSV or XLSX")
def import_users(
    request: Request,
    actor: Admin,
    file: Annotated[
        UploadFile, File(description="Headings 工号, 姓名 and more; the first sheet of a workbook")
    ],
    dry_run: Annotated[bool, Form(description="Only say what each row would do")] = True,
    charset: Annotated[Literal["", "utf-8", "gb18030", "big5"], Form()] = "",
) -> ImportReport:
    """All rows or none; the same file changes nothing the second time."""
    state = request.app.state
    try:
        table = read_table(file.file.read(), file.filename or "", charset or None)
    except TableError as error:
        raise Invalid(str(error), {"file": str(error)}) from None
    report = import_people(state.engine, state.settings, actor, table, dry_run=dry_run)
    lines = [
        ImportLine.model_validate({name: getattr(line, name) for name in ImportLine.model_fields})
        for line in report.lines
    ]
    return ImportReport(
        done=report.done, counts={str(act): n for act, n in report.counts.items()}, lines=lines
    )


def _out(session: Session, user: User) -> UserOut:
    return _listed(*directory.with_roles(session, [user]))


def _listed(row: directory.Row) -> UserOut:
    own = UserOut.model_fields.keys() - {"roles", "groups"}
    values = {name: getattr(row.user, name) for name in own}
    return UserOut.model_validate({**values, "roles": row.roles, "groups": row.groups})
