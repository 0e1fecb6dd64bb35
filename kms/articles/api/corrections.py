"""纠错."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import corrections
from kms.articles.api.parameters import LAST_ID, Code, Id
from kms.db.dependencies import ReadSession, WriteSession

router = APIRouter(tags=["纠错"])
Reader = Annotated[Actor, Depends(allow(Permission.CORRECTION_REPORT))]
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]


class Reporting(BaseModel):
    """What is wrong in which revision; `quote` is the passage. Personal data is masked before it is stored."""

    number: int = Field(ge=1, le=LAST_ID)
    message: str = Field(min_length=1, max_length=corrections.MESSAGE_MAX, examples=["时限应为 24 小时"])
    quote: str = Field(default="", max_length=corrections.QUOTE_MAX, examples=["城区 48 小时内上门"])


class Answering(BaseModel):
    answer: str = Field(default="", max_length=corrections.MESSAGE_MAX)


class CorrectionOut(BaseModel):
    id: int
    code: str
    title: str
    number: int
    quote: str
    message: str
    state: str
    answer: str
    reporter: str
    created_at: datetime
    answered_at: datetime | None

    @classmethod
    def of(cls, found: corrections.Report) -> Self:
        correction = found.correction
        return cls(
            id=correction.id or 0,
            code=found.article.code,
            title=found.article.title,
            number=correction.revision_number,
            quote=correction.quote,
            message=correction.message,
            state=correction.state,
            answer=correction.answer,
            reporter=found.reporter.name,
            created_at=correction.created_at,
            answered_at=correction.answered_at,
        )


@router.post("/articles/{code}/corrections", status_code=201, summary="报错")
def report(session: WriteSession, actor: Reader, code: Code, reporting: Reporting) -> CorrectionOut:
    """任何读者都可以就某一版本的一段文字报错；知识负责人会收到待办。"""
    made = corrections.report(session, actor, code, reporting.number, reporting.message, reporting.quote)
    return _one(session, actor, made.id or 0)


@router.get("/corrections", summary="纠错列表")
def reports(
    session: ReadSession,
    actor: Reader,
    mine: Annotated[bool, Query(description="只看我报的")] = False,
    closed: Annotated[bool | None, Query(description="true：已处理；false：待处理；不填：全部")] = None,
    before: Annotated[int | None, Query(ge=1, le=LAST_ID)] = None,
) -> list[CorrectionOut]:
    """默认是我负责的知识收到的纠错，从新到旧；下一页把最后一条的 id 作为 `before`。"""
    found = corrections.reports(session, actor, closed=closed, mine=mine, before=before)
    return [CorrectionOut.of(each) for each in found]


@router.get("/corrections/{correction_id}", summary="读一条纠错")
def get(session: ReadSession, actor: Reader, correction_id: Id) -> CorrectionOut:
    """报告人和处理人可读。"""
    return _one(session, actor, correction_id)


@router.post("/corrections/{correction_id}/accept", summary="采纳纠错")
def accept(session: WriteSession, actor: Writer, correction_id: Id, answering: Answering) -> CorrectionOut:
    """打开这条知识的草稿，并告知报告人。"""
    corrections.accept(session, actor, correction_id, answering.answer)
    return _one(session, actor, correction_id)


@router.post("/corrections/{correction_id}/decline", summary="不采纳纠错")
def decline(session: WriteSession, actor: Writer, correction_id: Id, answering: Answering) -> CorrectionOut:
    """必须写明理由，并告知报告人。"""
    corrections.decline(session, actor, correction_id, answering.answer)
    return _one(session, actor, correction_id)


def _one(session: ReadSession, actor: Actor, correction_id: int) -> CorrectionOut:
    return CorrectionOut.of(corrections.report_for_read(session, actor, correction_id))
