"""`kms user …` and `kms api-key …`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlmodel import col, select

from kms import clock
from kms.accounts import keys
from kms.accounts.actor import SYSTEM
from kms.accounts.directory import with_roles
from kms.accounts.fields import check_fields
from kms.accounts.models import User
from kms.accounts.passwords import hash_password, random_password
from kms.accounts.people_import import import_people
from kms.accounts.permissions import ROLE_LABELS, Permission, Role
from kms.accounts.service import create_user, deactivate_user, get_user, reset_password
from kms.accounts.tabular import read_table
from kms.api.handover import register_all
from kms.cli.console import console, errors, using_database
from kms.db.session import reading, writing
from kms.settings import get_settings

users = typer.Typer(help="People: list, add, reset a password, deactivate.", no_args_is_help=True)
api_keys = typer.Typer(help="Keys of programs.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="工号")]


@users.command("list")
def list_users() -> None:
    """Everyone, with roles."""
    with using_database(get_settings()) as engine, reading(engine) as session:
        table = Table("工号", "姓名", "班组", "站点", "角色", "状态")
        people = session.exec(select(User).where(~col(User.is_service)).order_by(User.login)).all()
        for row in with_roles(session, people):
            roles = "、".join(ROLE_LABELS[role] for role in Role if role in row.roles)
            user = row.user
            table.add_row(
                user.login, user.name, user.team, user.site, roles, "在岗" if user.active else "已停用"
            )
    console.print(table)


@users.command("add")
def add_user(
    login: Login,
    name: Annotated[str, typer.Option(help="姓名")],
    role: Annotated[list[Role], typer.Option(help="May be given several times.")],
    group: Annotated[list[str] | None, typer.Option(help="May be given several times.")] = None,
    team: Annotated[str, typer.Option(help="班组")] = "",
    site: Annotated[str, typer.Option(help="站点")] = "",
    region: Annotated[str, typer.Option(help="地区, for example 广东/广州")] = "",
) -> None:
    """Add a person and print a first password."""
    values = {"login": login, "name": name, "roles": role, "groups": group or []}
    password = random_password()
    with using_database(get_settings()) as engine, writing(engine) as session:
        fields = check_fields({**values, "team": team, "site": site, "region": region})
        create_user(session, SYSTEM, fields, password_hash=hash_password(password))
    errors.print(f"Added {login}. First password:")
    console.print(password, highlight=False)


@users.command("import")
def import_users(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="CSV or XLSX, headings as on the page 人员导入."),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report what would happen.")] = False,
) -> None:
    """Add and change people from a table: all or nothing."""
    settings = get_settings()
    with using_database(settings) as engine:
        report = import_people(
            engine, settings, SYSTEM, read_table(file.read_bytes(), file.name), dry_run=dry_run
        )
    table = Table("行", "工号", "姓名", "结果", "说明")
    for line in report.lines:
        table.add_row(
            str(line.number), line.login, line.name, line.act, "；".join(line.errors or line.changes)
        )
        if line.password and report.done:
            table.add_row("", "", "", "口令", line.password)
    console.print(table)
    if any(line.errors for line in report.lines):
        raise typer.Exit(1)


@users.command("reset-password")
def reset_user_password(login: Login) -> None:
    """Give a new password and sign the person out everywhere."""
    with using_database(get_settings()) as engine, writing(engine) as session:
        password = reset_password(session, SYSTEM, login)
    errors.print(f"New password of {login}:")
    console.print(password, highlight=False)


@users.command("deactivate")
def deactivate(
    login: Login,
    to: Annotated[
        str, typer.Option(help="工号 of the person who takes over drafts, approvals, ownership.")
    ] = "",
) -> None:
    """Someone leaves: sign out, refuse log-in, hand over what the person holds."""
    register_all()
    with using_database(get_settings()) as engine, writing(engine) as session:
        moved = deactivate_user(session, SYSTEM, login, get_user(session, login).version, to or None)
    for part in moved:
        console.print(f"{part.label}: {part.count}", highlight=False)


@api_keys.command("create")
def create(
    service: Annotated[str, typer.Option(help="Name of the program; its service user is made when missing.")],
    scope: Annotated[list[Permission], typer.Option(help="May be given several times.")],
    expires: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Shanghai time; default: never."),
    ] = None,
) -> None:
    """Print a new key, and nothing else. It is shown this once."""
    end = expires.replace(tzinfo=clock.SHANGHAI) if expires else None
    with using_database(get_settings()) as engine, writing(engine) as session:
        _, plain = keys.create_key(session, SYSTEM, service, scope, end)
    console.print(plain, highlight=False, soft_wrap=True)


@api_keys.command("list")
def list_api_keys() -> None:
    """All keys, without their secret."""
    with using_database(get_settings()) as engine, reading(engine) as session:
        table = Table("id", "service", "begins with", "scopes", "expires", "revoked")
        for key, user in keys.list_keys(session):
            ends = [
                clock.local(at).isoformat(" ", "minutes") if at else ""
                for at in (key.expires_at, key.revoked_at)
            ]
            table.add_row(str(key.id), user.login, key.prefix, ", ".join(key.scopes), *ends)
    console.print(table)


@api_keys.command("revoke")
def revoke(key_id: Annotated[int, typer.Argument(help="The id that `kms api-key list` shows.")]) -> None:
    """End a key at once."""
    with using_database(get_settings()) as engine, writing(engine) as session:
        keys.revoke_key(session, SYSTEM, key_id)
    console.print("Revoked.")
