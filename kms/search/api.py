"""Search, completion and what came of a search, for programs."""

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlmodel import Session

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Forbidden, Invalid
from kms.search import service, sums, tokens
from kms.search.lookups import lookup_of, lookups_of, outcome
from kms.search.opening import Searching
from kms.search.pool import SearchPool
from kms.search.request import SearchRequest
from kms.search.schemas import (
    CompletionOut,
    LookupOut,
    OutcomeIn,
    OutcomeOut,
    SearchIn,
    SearchOut,
    SearchQuery,
    SumOut,
)

router = APIRouter(tags=["检索"])
Searcher = Annotated[Actor, Depends(allow(Permission.SEARCH))]
LookupId = Annotated[str, Path(max_length=36)]


@router.get("/search", summary="检索知识", response_model=SearchOut)
def search_by_address(
    request: Request,
    session: ReadSession,
    actor: Searcher,
    searcher: Searching,
    asked: Annotated[SearchQuery, Query()],
) -> Response:
    """按字面和语义检索调用者可见的知识，客户的原话也能查到。

    已失效的排在有效的之后且没有 `summary`；一条也没有时 `nearest` 给出最接近的。检索内容不进入访问日志；
    不带 `live` 的检索留下检索记录（个人信息已打码）。
    """
    return _searched(request, session, actor, searcher, asked.value(), live=asked.live)


@router.post("/search", summary="检索知识（条件放在请求体里）", response_model=SearchOut)
def search_by_body(
    request: Request, session: ReadSession, actor: Searcher, searcher: Searching, asked: SearchIn
) -> Response:
    """与 GET 相同；条件较长或不宜出现在地址里时使用。"""
    return _searched(request, session, actor, searcher, asked.value(), live=asked.live)


def _searched(
    request: Request,
    session: Session,
    actor: Actor,
    searcher: SearchPool,
    asked: SearchRequest,
    *,
    live: bool,
) -> Response:
    answer = service.search(session, searcher, actor, asked)
    lookup = lookup_of(actor, asked, answer, "api")
    if not live:
        request.app.state.recorder.record(lookup)
    found = SearchOut.of(answer, lookup, tokens.sign(request.app.state.settings, lookup))
    # Written here, since the framework would check and convert each hit a second time.
    return Response(found.model_dump_json(), media_type="application/json")


@router.get("/complete", summary="补全标题和相似问法")
def complete(
    session: ReadSession,
    actor: Searcher,
    searcher: Searching,
    q: Annotated[str, Query(max_length=200, description="已输入的开头", examples=["光猫"])],
    k: Annotated[int, Query(ge=1, le=20)] = 8,
) -> list[CompletionOut]:
    """以所输文字开头的标题和相似问法，只含当前有效且调用者可见的。"""
    found = service.complete(session, searcher, actor, q, k)
    return [CompletionOut(text=each.text, kind=each.kind, code=each.code) for each in found]


@router.post("/lookups/{lookup_id}/outcome", summary="检索之后怎么样了")
def tell_outcome(
    request: Request, session: WriteSession, actor: Searcher, lookup_id: LookupId, told: OutcomeIn
) -> OutcomeOut:
    """某条结果被打开、复制、使用、解决了问题或没有帮助。可以重复提交；检索记录还没有写入时一并写入。"""
    lookup = tokens.read(request.app.state.settings, told.token)
    if lookup.id != lookup_id:
        raise Invalid("检索凭证与检索记录不符", {"token": "与地址中的检索记录不符"})
    if lookup.user_id != actor.user_id:
        raise Forbidden("只能填写自己的检索结果")
    return OutcomeOut.of(outcome(session, lookup, told.event, told.code, told.why))


@router.get("/lookups", summary="检索记录")
def list_lookups(
    session: WriteSession,
    actor: Searcher,
    login: Annotated[str, Query(max_length=64, description="他人的工号；需要权限，并记入审计")] = "",
    before: Annotated[str, Query(max_length=36, description="上一页最后一条的 id")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> list[LookupOut]:
    """自己的检索记录，新的在前。看他人的逐条记录需要“查看他人检索记录”权限。"""
    user_id = actor.id
    if login and login != actor.login:
        actor.must(Permission.LOOKUP_READ_OTHERS)
        user_id = sums.colleague(session, actor, login).id or 0
    return [
        LookupOut.model_validate(lookup).model_copy(update={"outcomes": [OutcomeOut.of(row) for row in rows]})
        for lookup, rows in lookups_of(session, user_id, before or None, limit)
    ]


@router.get("/lookups/sums", summary="检索汇总")
def sum_lookups(
    session: ReadSession,
    actor: Annotated[Actor, Depends(allow(Permission.LOOKUP_READ_SUMS))],
    day: Annotated[date | None, Query(description="哪一天，上海时间；不填为今天")] = None,
) -> list[SumOut]:
    """与调用者同组的人一天的检索次数和结果，只有合计，没有内容。"""
    return [SumOut(**asdict(row)) for row in sums.sums(session, actor, day or clock.today())]
