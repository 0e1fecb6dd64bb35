"""待办与消息 for programs and scripts."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.db.dependencies import PageKey, ReadSession, RowId, WriteSession
from kms.inbox import service

router = APIRouter(prefix="/inbox", tags=["inbox"])
Mine = Annotated[Actor, Depends(allow(Permission.SIGNED_IN))]


class InboxLine(BaseModel):
    """A task that waits for an act, or a message."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": 42,
                    "kind": "approval",
                    "title": "待审批：光猫 LOS 灯红色常亮 r4",
                    "detail": "班组审核",
                    "href": "/reviews/KB-000231/4",
                    "is_task": True,
                    "created_at": "2026-11-25T02:00:00Z",
                    "due_at": "2026-11-27T02:00:00Z",
                    "read_at": None,
                    "done_at": None,
                }
            ]
        },
    )

    id: int
    kind: str
    title: str
    detail: str
    href: str
    is_task: bool
    created_at: datetime
    due_at: datetime | None
    read_at: datetime | None
    done_at: datetime | None


class InboxPage(BaseModel):
    """Newest first. `before` opens the next page; null: this is the last one."""

    count: int
    """Open tasks and unread messages."""
    items: list[InboxLine]
    before: int | None


class InboxCount(BaseModel):
    count: int


@router.get("", summary="List what waits for me")
def list_inbox(
    session: ReadSession,
    actor: Mine,
    state: Annotated[Literal["open", "done"], Query(description="open or done")] = "open",
    kind: Annotated[Literal["all", "task", "message"], Query(description="Tasks, messages or both")] = "all",
    before: PageKey = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> InboxPage:
    """Tasks stay open until their work is done elsewhere; messages until they are read."""
    tasks = {"all": None, "task": True, "message": False}[kind]
    rows = service.items(session, actor.id, done=state == "done", tasks=tasks, before=before, limit=limit + 1)
    shown = [InboxLine.model_validate(row) for row in rows[:limit]]
    more = shown[-1].id if len(rows) > limit else None
    return InboxPage(count=service.count(session, actor.id), items=shown, before=more)


@router.post("/{item_id}/read", summary="Mark one as read")
def read_item(session: WriteSession, actor: Mine, item_id: RowId) -> InboxLine:
    """A message is done thereby; a task stays open. Repeating changes nothing."""
    return InboxLine.model_validate(service.mark_read(session, actor.id, item_id))


@router.post("/read-all", summary="Mark all as read")
def read_all(session: WriteSession, actor: Mine) -> InboxCount:
    """Every message is done; open tasks stay and are what `count` counts afterwards."""
    service.mark_all_read(session, actor.id)
    session.flush()
    return InboxCount(count=service.count(session, actor.id))
