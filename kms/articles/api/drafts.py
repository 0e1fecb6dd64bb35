"""Writing: new articles, drafts with autosave, copies."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query
from pydantic import BaseModel, Field

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import drafts
from kms.articles.api.parameters import LAST_ID, Code
from kms.articles.api.schemas import DraftOut
from kms.articles.content import Content
from kms.articles.copying import copy_article
from kms.db.dependencies import ReadSession, WriteSession

router = APIRouter(tags=["编写知识"])
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]

_EXAMPLE = {
    "kind": "qa",
    "title": "光猫 LOS 灯红色常亮的处理",
    "category_id": 3,
    "summary": "请您先检查光猫背后的光纤接头，轻轻拔下，等十秒再插紧，然后断电重启。",
    "questions": ["光猫亮红灯", "猫上面那个红灯一直闪"],
    "body": "## 先分清灯态\n同样是红灯，闪烁与常亮的原因不同。",
}


class Saving(BaseModel):
    """The whole text, and the version that it was written on."""

    version: int = Field(ge=1, le=LAST_ID)
    content: Content


class Copying(BaseModel):
    category_id: int = Field(ge=1, le=LAST_ID)


@router.post("/articles", status_code=201, summary="新建知识")
def create_article(
    session: WriteSession,
    actor: Writer,
    content: Annotated[Content, Body(examples=[_EXAMPLE])],
) -> DraftOut:
    """建立一条知识和它的草稿。草稿可以不完整，但分类必填：它决定业务线，之后不能更换业务线。"""
    return DraftOut.of(*drafts.create_article(session, actor, content))


@router.get("/drafts", summary="我的草稿")
def my_drafts(session: ReadSession, actor: Writer) -> list[DraftOut]:
    """调用者建立或最后保存的草稿，从新到旧。"""
    return [DraftOut.of(*row) for row in drafts.my_drafts(session, actor)]


@router.post("/articles/{code}/draft", summary="开始修改")
def open_draft(
    session: WriteSession,
    actor: Writer,
    code: Code,
    number: Annotated[int | None, Query(alias="from", ge=1, le=LAST_ID)] = None,
) -> DraftOut:
    """打开已有的草稿；没有时从生效版本（或 `from` 指定的生效、待生效、被退回的版本）建立。"""
    return DraftOut.of(*drafts.open_draft(session, actor, code, number))


@router.get("/articles/{code}/draft", summary="读草稿")
def get_draft(session: ReadSession, actor: Writer, code: Code) -> DraftOut:
    """草稿全文和版本号。"""
    return DraftOut.of(*drafts.draft_for_edit(session, actor, code))


@router.put("/articles/{code}/draft", summary="保存草稿")
def save_draft(session: WriteSession, actor: Writer, code: Code, saving: Saving) -> DraftOut:
    """自动保存。`version` 已过时则返回 409，其中 `mine` 是提交的文字，`theirs` 是库里的文字，两份都不丢。"""
    drafts.save_draft(session, actor, code, saving.version, saving.content)
    return DraftOut.of(*drafts.draft_for_edit(session, actor, code))


@router.delete("/articles/{code}/draft", status_code=204, summary="放弃草稿")
def discard_draft(session: WriteSession, actor: Writer, code: Code) -> None:
    """从未提交过的知识随草稿一起作废。"""
    drafts.discard_draft(session, actor, code)


@router.post("/articles/{code}/copy", status_code=201, summary="复制知识")
def copy(session: WriteSession, actor: Writer, code: Code, copying: Copying) -> DraftOut:
    """复制到任一业务线的分类，不带历史、负责人、可见范围和来源。"""
    return DraftOut.of(*copy_article(session, actor, code, copying.category_id))
