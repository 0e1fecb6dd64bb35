"""知识需求 for programs."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles.api.parameters import LAST_ID, Id
from kms.db.dependencies import ReadSession, WriteSession
from kms.insight import requests

router = APIRouter(prefix="/requests", tags=["知识需求"])
Asker = Annotated[Actor, Depends(allow(Permission.REQUEST_CREATE))]
Handler = Annotated[Actor, Depends(allow(Permission.REQUEST_HANDLE))]


class RequestIn(BaseModel):
    """What is missing, in the words of the person who looked for it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"category_id": 3, "text": "老年机怎么开通 VoLTE", "detail": "客户问了三次"}]
        },
    )

    category_id: int = Field(ge=1, le=LAST_ID)
    text: str = Field(max_length=requests.TEXT_MAX)
    detail: str = Field(default="", max_length=requests.DETAIL_MAX)
    lookup_id: str = Field(default="", max_length=36)


class DeclineIn(BaseModel):
    answer: str = Field(max_length=requests.DETAIL_MAX, examples=["请看 KB-000123"])


class DoneIn(BaseModel):
    code: str = Field(max_length=16, examples=["KB-000123"])
    answer: str = Field(default="", max_length=requests.DETAIL_MAX)


class RequestOut(BaseModel):
    """`state` is open, taken, done or declined."""

    id: int
    category_id: int
    category: str
    text: str
    detail: str
    state: str
    requested_by: str
    handler: str | None
    answer: str
    code: str | None
    created_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, found: requests.Request) -> Self:
        request = found.request
        return cls(
            id=request.id or 0,
            category_id=request.category_id,
            category=found.category.name,
            text=request.text,
            detail=request.detail,
            state=request.state,
            requested_by=found.requester.name,
            handler=found.handler.name if found.handler else None,
            answer=request.answer,
            code=found.article.code if found.article else None,
            created_at=request.created_at,
            closed_at=request.closed_at,
        )


@router.post("", status_code=201, summary="提知识需求")
def ask(session: WriteSession, actor: Asker, asked: RequestIn) -> RequestOut:
    """检索没有结果时请人编写；进入该分类负责人的待办。个人信息打码后保存。"""
    made = requests.ask(session, actor, asked.category_id, asked.text, asked.detail, asked.lookup_id)
    return _one(session, actor, made.id or 0)


@router.get("", summary="知识需求列表")
def list_requests(
    session: ReadSession,
    actor: Asker,
    mine: Annotated[bool, Query(description="只看我提的")] = False,
    state: Literal["", "open", "taken", "done", "declined"] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    before: Annotated[int | None, Query(ge=1, le=LAST_ID, description="上一页最后一条的 id")] = None,
) -> list[RequestOut]:
    """有处理权限的人看到本业务线的全部，其他人看到自己提的；新的在前。"""
    found = requests.listed(session, actor, mine=mine, state=state, q=q, before=before)
    return [RequestOut.of(each) for each in found]


@router.get("/{request_id}", summary="一条知识需求")
def read(session: ReadSession, actor: Asker, request_id: Id) -> RequestOut:
    """提出人和处理人可以查看。"""
    return _one(session, actor, request_id)


@router.post("/{request_id}/take", summary="领取")
def take(session: WriteSession, actor: Handler, request_id: Id) -> RequestOut:
    """表示由自己编写；提出人会收到消息。"""
    requests.take(session, actor, request_id)
    return _one(session, actor, request_id)


@router.post("/{request_id}/decline", summary="答复而不编写")
def decline(session: WriteSession, actor: Handler, request_id: Id, told: DeclineIn) -> RequestOut:
    """必须写明答复，提出人会收到。"""
    requests.decline(session, actor, request_id, told.answer)
    return _one(session, actor, request_id)


@router.post("/{request_id}/done", summary="用一条知识解决")
def complete(session: WriteSession, actor: Handler, request_id: Id, told: DoneIn) -> RequestOut:
    """知识须属于同一业务线；提出人会收到它的编号。"""
    requests.complete(session, actor, request_id, told.code, told.answer)
    return _one(session, actor, request_id)


def _one(session: Session, actor: Actor, request_id: int) -> RequestOut:
    return RequestOut.of(requests.request_for_read(session, actor, request_id))
