"""审计日志: search and export."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.accounts.tabular import write_csv
from kms.audit.labels import FIELDS, label, shown
from kms.audit.models import AuditRecord
from kms.audit.search import EXPORT, Wanted, actions, find_records
from kms.audit.service import record
from kms.db.dependencies import PageKey, ReadSession, WriteSession
from kms.errors import Invalid
from web.templating import render

router = APIRouter(prefix="/audit")
Auditor = Annotated[Actor, Depends(allow(Permission.AUDIT_READ))]


def wanted_records(
    actor: str = "",
    action: str = "",
    target: str = "",
    start: str = "",
    end: str = "",
    after: PageKey = None,
) -> Wanted:
    """The search in the address."""
    return Wanted(actor, action, target, start, end, after)


Asked = Annotated[Wanted, Depends(wanted_records)]


@dataclass(frozen=True)
class Line:
    record: AuditRecord
    words: str
    changes: Sequence[tuple[str, str, str]]


@dataclass
class AuditPage:
    wanted: Wanted
    lines: Sequence[Line]
    after: str
    actions: Sequence[tuple[str, str]]
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@router.get("")
def audit_page(request: Request, session: ReadSession, _actor: Auditor, wanted: Asked) -> Response:
    choices = [(name, label(name)) for name in actions(session)]
    try:
        records, more = find_records(session, wanted)
    except Invalid as error:
        page = AuditPage(wanted, [], "", choices, error.message, error.errors)
        return render(request, "audit/audit.html", page, block="list", status=error.status)
    lines = [Line(found, label(found.action), _changes(found)) for found in records]
    return render(
        request, "audit/audit.html", AuditPage(wanted, lines, str(more or ""), choices), block="list"
    )


@router.get("/export.csv")
def export_audit(session: WriteSession, actor: Auditor, wanted: Asked) -> Response:
    """The whole search result as a file; that it was taken out is itself recorded."""
    records, more = find_records(session, wanted, EXPORT)
    asked = {key: value for key, value in _asked(wanted).items() if value}
    record(session, actor, "audit.export", after={"rows": len(records), "complete": more is None, **asked})
    heads = ("编号", "时间", "人员", "程序", "操作", "对象类型", "对象", "变更前", "变更后", "地址")
    data = write_csv([heads, *(_row(found) for found in records)])
    name = f"audit-{clock.today():%Y%m%d}.csv"
    return Response(
        data, media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _asked(wanted: Wanted) -> dict[str, str]:
    return {name: getattr(wanted, name) for name in ("actor", "action", "target", "start", "end")}


def _row(found: AuditRecord) -> tuple[object, ...]:
    at = clock.local(found.at).isoformat(sep=" ", timespec="seconds")
    what = (found.action, found.target_type, found.target_id, _json(found.before), _json(found.after))
    return (found.id, at, found.actor_login, found.service_login, *what, found.address)


def _json(values: dict[str, Any] | None) -> str:
    return "" if values is None else json.dumps(values, ensure_ascii=False)


def _changes(found: AuditRecord) -> list[tuple[str, str, str]]:
    before, after = found.before or {}, found.after or {}
    pairs = [
        (FIELDS.get(key, key), shown(before.get(key)), shown(after.get(key))) for key in {**before, **after}
    ]
    return [pair for pair in pairs if pair[1] or pair[2]]
