"""人员导入: upload, look at what each row would do, then take all of it."""

import json
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.people_import import COLUMNS, Report, import_people
from kms.accounts.permissions import ROLE_LABELS, Permission
from kms.accounts.tabular import Row, Table, TableError, read_table, write_csv
from kms.errors import Invalid
from web.flash import flash
from web.templating import render

router = APIRouter(prefix="/users/import")
Admin = Annotated[Actor, Depends(allow(Permission.USER_MANAGE))]


@dataclass
class ImportPage:
    report: Report | None = None
    content: str = ""
    charset: str = ""
    read_as: str = ""
    columns: tuple[str, ...] = tuple(COLUMNS)
    roles: tuple[str, ...] = tuple(ROLE_LABELS.values())
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@router.get("")
def import_page(request: Request, _actor: Admin) -> Response:
    return render(request, "accounts/import.html", ImportPage())


@router.get("/template.csv")
def template(_actor: Admin) -> Response:
    """An empty table with the headings and one person as an example."""
    example = (
        "3127",
        "林晓雯",
        "宽带一班",
        "南湾",
        "广东/深圳",
        "坐席、编辑",
        "",
        "宽带",
        "asterisk:8027",
        "",
    )
    headers = {"Content-Disposition": 'attachment; filename="people.csv"'}
    return Response(write_csv([tuple(COLUMNS), example]), media_type="text/csv", headers=headers)


@router.post("")
def check_file(
    request: Request,
    actor: Admin,
    file: Annotated[UploadFile, File()],
    charset: Annotated[str, Form()] = "",
) -> Response:
    """The dry run. The rows travel in the page that follows, so that nobody has to choose the file again."""
    try:
        table = read_table(file.file.read(), file.filename or "", charset or None)
        report = _run(request, actor, table, dry_run=True)
    except (TableError, Invalid) as error:
        page = ImportPage(message=str(error), charset=charset)
        return render(request, "accounts/import.html", page, status=422)
    page = ImportPage(report, _packed(table), charset, (table.charset or "").upper())
    return render(request, "accounts/import.html", page, status=200 if report.ok else 422)


@router.post("/take")
def take_rows(request: Request, actor: Admin, content: Annotated[str, Form()] = "") -> Response:
    try:
        report = _run(request, actor, _unpacked(content), dry_run=False)
    except Invalid as error:
        return render(request, "accounts/import.html", ImportPage(message=error.message), status=422)
    if not report.done:
        return render(request, "accounts/import.html", ImportPage(report), status=422)
    response = RedirectResponse("/users", 303)
    counts = report.counts
    flash(response, f"导入完成：新增 {counts.get('create', 0)} 人，修改 {counts.get('update', 0)} 人")
    return response


def _run(request: Request, actor: Actor, table: Table, *, dry_run: bool) -> Report:
    state = request.app.state
    return import_people(state.engine, state.settings, actor, table, dry_run=dry_run)


def _packed(table: Table) -> str:
    return json.dumps(table.rows, ensure_ascii=False, separators=(",", ":"))


def _unpacked(content: str) -> Table:
    try:
        rows = tuple(Row(int(number), tuple(map(str, cells))) for number, cells in json.loads(content))
    except (ValueError, TypeError, RecursionError):
        raise Invalid("请重新选择文件并先检查") from None
    return Table(rows, None)
