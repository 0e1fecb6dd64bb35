"""People from a table: a dry run says what each row would do, then all rows are taken or none.

A column that is missing leaves what is known alone; an empty cell empties it. 口令 counts for new people only,
so that the same file changes nothing the second time.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from kms.accounts import service
from kms.accounts.actor import Actor
from kms.accounts.fields import UserFields, check_fields, extensions, words
from kms.accounts.models import Group, User
from kms.accounts.passwords import check_new, hash_password
from kms.accounts.permissions import ROLE_LABELS, Role
from kms.accounts.tabular import Table, TableError, records
from kms.audit.service import record
from kms.db.session import reading, writing
from kms.errors import Invalid
from kms.settings import Settings

COLUMNS = {
    "工号": "login",
    "姓名": "name",
    "班组": "team",
    "站点": "site",
    "地区": "region",
    "角色": "roles",
    "群组": "groups",
    "技能组": "skills",
    "分机": "extensions",
    "口令": "password",
}
LABELS = {name: heading for heading, name in COLUMNS.items()}
_ROLES = {**{label: role for role, label in ROLE_LABELS.items()}, **{str(role): role for role in Role}}

Act = Literal["create", "update", "same", "error"]


@dataclass
class Line:
    """What one row of the file does; `number` is its line as a spreadsheet shows it."""

    number: int
    login: str
    name: str
    act: Act = "error"
    changes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    fields: UserFields | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)
    version: int = 0


@dataclass(frozen=True)
class Report:
    lines: Sequence[Line]
    done: bool = False
    """False: a dry run, or refused."""

    @property
    def counts(self) -> Mapping[Act, int]:
        return Counter(line.act for line in self.lines)

    @property
    def ok(self) -> bool:
        return not any(line.errors for line in self.lines)


def import_people(engine: Engine, settings: Settings, actor: Actor, table: Table, *, dry_run: bool) -> Report:
    """Check every row, then take them all unless `dry_run` or a row has an error.

    Opens its own transactions, so that none waits while passwords are hashed. Raises Invalid for a file
    that cannot be understood at all.
    """
    with reading(engine) as session:
        report = plan(session, settings, table)
    if dry_run or not report.ok:
        return report
    hashes = {line.login: hash_password(line.password) for line in report.lines if line.password}
    with writing(engine) as session:
        report = plan(session, settings, table)
        if report.ok:
            _take(session, actor, report, hashes)
            return Report(report.lines, done=True)
    return report


def plan(session: Session, settings: Settings, table: Table) -> Report:
    """What the file would do now."""
    try:
        rows = list(records(table))
    except TableError as error:
        raise Invalid(str(error), {"file": str(error)}) from None
    _check_headings(rows)
    groups = set(session.exec(select(Group.name)))
    lines = [_line(session, settings, number, cells, groups) for number, cells in rows]
    seen: dict[str, int] = {}
    for line in lines:
        first = seen.setdefault(line.login, line.number)
        if line.login and first != line.number:
            line.act = "error"
            line.errors.append(f"工号与第 {first} 行重复")
    return Report(lines)


def _check_headings(rows: Sequence[tuple[int, dict[str, str]]]) -> None:
    headings = set(rows[0][1]) if rows else set()
    told = ""
    if not rows:
        told = "文件里没有人员，请从第二行起每行填一位"
    elif missing := {"工号", "姓名"} - headings:
        told = f"缺少表头：{'、'.join(sorted(missing))}"
    elif unknown := headings - set(COLUMNS):
        told = f"不认识的表头：{'、'.join(sorted(unknown))}；可用：{'、'.join(COLUMNS)}"
    if told:
        raise Invalid(told, {"file": told})


def _line(
    session: Session, settings: Settings, number: int, cells: Mapping[str, str], groups: set[str]
) -> Line:
    line = Line(number, cells["工号"], cells["姓名"])
    user = session.exec(select(User).where(User.login == line.login)).first()
    known = _known(session, user) if user else {}
    try:
        given = _given(cells)
        line.fields = check_fields({**known, **given, "login": line.login})
        line.password = "" if user else cells.get("口令", "")
        if line.password:
            check_new(line.password, line.login, settings.password_min_length, "password")
    except Invalid as error:
        line.errors += [f"{LABELS.get(name, name)}：{told}" for name, told in error.errors.items()]
        return line
    if user and user.is_service:
        line.errors.append("这个登录名属于服务账号")
    if missing := set(line.fields.groups) - groups:
        line.errors.append(f"没有这个群组：{'、'.join(sorted(missing))}")
    if not line.errors:
        line.changes = _changes(known, line.fields)
        line.act = "create" if user is None else "update" if line.changes else "same"
        line.version = user.version if user else 0
    return line


def _given(cells: Mapping[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {COLUMNS[heading]: text for heading, text in cells.items() if heading != "口令"}
    for name in ("groups", "skills", "roles"):
        if name in given:
            given[name] = words(given[name])
    if "extensions" in given:
        given["extensions"] = extensions(given["extensions"])
    if unknown := [word for word in given.get("roles", ()) if word not in _ROLES]:
        told = f"没有角色 {'、'.join(unknown)}，可用：{'、'.join(ROLE_LABELS.values())}"
        raise Invalid(told, {"roles": told})
    if "roles" in given:
        given["roles"] = [_ROLES[word] for word in given["roles"]]
    return given


def _known(session: Session, user: User) -> dict[str, Any]:
    values = service.snapshot(session, user)
    del values["active"]
    return values


def _changes(known: Mapping[str, Any], fields: UserFields) -> list[str]:
    after = fields.model_dump(exclude={"login"})
    after |= {"roles": sorted(map(str, fields.roles)), "groups": sorted(fields.groups)}
    return [LABELS[name] for name, value in after.items() if known and known[name] != value]


def _take(session: Session, actor: Actor, report: Report, hashes: Mapping[str, str]) -> None:
    for line in report.lines:
        assert line.fields is not None  # noqa: S101 - a line without errors has them
        if line.act == "create":
            service.create_user(session, actor, line.fields, password_hash=hashes.get(line.login, ""))
        elif line.act == "update":
            service.update_user(session, actor, line.login, line.fields, line.version)
    record(session, actor, "user.import", after={str(act): n for act, n in report.counts.items()})
