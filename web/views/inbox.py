"""待办与消息."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.db.dependencies import PageKey, ReadSession, RowId, WriteSession
from kms.inbox import service
from kms.inbox.models import InboxItem
from web.flash import flash
from web.templating import render

router = APIRouter(prefix="/inbox")
Mine = Annotated[Actor, Depends(allow(Permission.SIGNED_IN))]
View = Literal["tasks", "messages", "done"]
PAGE = 50

KINDS = {
    "approval": ("审批", "clipboard-check"),
    "returned": ("退回", "undo-2"),
    "published": ("发布", "circle-check"),
    "recalled": ("撤回", "circle-x"),
    "on_hold": ("暂缓", "pause"),
    "carry_over": ("合并", "merge"),
    "provisional_end": ("待核实", "hourglass"),
    "overdue": ("超时", "timer"),
    "review_due": ("复核", "calendar"),
    "correction": ("纠错", "flag"),
    "request": ("知识需求", "message-circle-question"),
    "handover": ("交接", "users"),
    "conflict": ("冲突", "git-compare"),
}
"""Kind → word and icon; others are shown as 消息."""


@dataclass
class InboxPage:
    view: View
    tabs: Sequence[tuple[str, str, bool, int]]
    items: Sequence[InboxItem]
    after: str
    unread: bool
    kinds: dict[str, tuple[str, str]]


@router.get("")
def inbox_page(
    request: Request,
    session: ReadSession,
    actor: Mine,
    view: View = "tasks",
    after: PageKey = None,
) -> Response:
    if view == "tasks":
        rows = service.open_tasks(session, actor.id)
    else:
        only = None if view == "done" else False
        rows = service.items(session, actor.id, done=view == "done", tasks=only, before=after, limit=PAGE + 1)
    open_tasks, unread = service.counts(session, actor.id)
    page = InboxPage(
        view,
        [
            ("待办", "/inbox", view == "tasks", open_tasks),
            ("消息", "/inbox?view=messages", view == "messages", unread),
            ("已完成", "/inbox?view=done", view == "done", 0),
        ],
        rows if view == "tasks" else rows[:PAGE],
        str(rows[PAGE - 1].id) if view != "tasks" and len(rows) > PAGE else "",
        bool(unread),
        KINDS,
    )
    return render(request, "inbox/inbox.html", page, block="inbox")


@router.get("/{item_id}")
def open_item(session: WriteSession, actor: Mine, item_id: RowId) -> Response:
    """Go where the line leads. That the person has seen it is noted on the way, which harms nobody if repeated."""
    item = service.mark_read(session, actor.id, item_id)
    return RedirectResponse(item.href or "/inbox", 303)


@router.post("/{item_id}/read")
def read_item(session: WriteSession, actor: Mine, item_id: RowId) -> Response:
    service.mark_read(session, actor.id, item_id)
    return RedirectResponse("/inbox?view=messages", 303)


@router.post("/read-all")
def read_all(session: WriteSession, actor: Mine) -> Response:
    service.mark_all_read(session, actor.id)
    response = RedirectResponse("/inbox?view=messages", 303)
    flash(response, "消息已全部标为已读，待办仍保留")
    return response
