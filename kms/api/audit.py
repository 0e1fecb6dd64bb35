"""The audit record for admins. Assembled here, since audit stands right of accounts and knows no permissions."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.audit.search import Wanted, find_records
from kms.db.dependencies import PageKey, ReadSession

router = APIRouter(prefix="/audit", tags=["audit"])


class AuditLine(BaseModel):
    """One act. `service_login` names the program that acted, alone or in the person's name."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": 1024,
                    "at": "2026-11-25T02:00:00Z",
                    "actor_login": "1001",
                    "service_login": None,
                    "action": "user.update",
                    "target_type": "user",
                    "target_id": "3127",
                    "before": {"team": "宽带一班"},
                    "after": {"team": "宽带二班"},
                    "address": "10.0.0.8",
                }
            ]
        },
    )

    id: int
    at: datetime
    actor_login: str
    service_login: str | None
    action: str
    target_type: str
    target_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str


class AuditPage(BaseModel):
    """Newest first. `before` opens the next page; null: this is the last one."""

    items: list[AuditLine]
    before: int | None


@router.get("", summary="Search the audit record")
def list_audit(
    session: ReadSession,
    _actor: Annotated[Actor, Depends(allow(Permission.AUDIT_READ))],
    actor: Annotated[str, Query(description="Login of the person or the program")] = "",
    action: Annotated[str, Query(description="`user.update`, or `user` for all of its acts")] = "",
    target: Annotated[str, Query(description="`user:3127`, `article:KB-000231` or just the id")] = "",
    start: Annotated[str, Query(description="Day or instant, `2026-11-25`")] = "",
    end: Annotated[str, Query(description="Day (included) or instant")] = "",
    before: PageKey = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AuditPage:
    """Who did what to what, with the values before and after."""
    records, more = find_records(session, Wanted(actor, action, target, start, end, before), limit)
    return AuditPage(items=[AuditLine.model_validate(record) for record in records], before=more)
