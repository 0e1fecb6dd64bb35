"""Approval: submit, decide, hand on, remark."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query
from starlette.requests import Request

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import remarks, reviews, submission, substitutes
from kms.articles.api import review_schemas as s
from kms.articles.api.parameters import LAST_ID, Code, Id, Number
from kms.articles.api.schemas import DraftOut
from kms.articles.drafts import draft_for_edit
from kms.articles.rebasing import rebase
from kms.articles.review_queue import Tab, Wanted, queue, stage_names
from kms.articles.reviewing import revision_for_review
from kms.db.dependencies import ReadSession, WriteSession
from kms.settings import Settings

router = APIRouter(tags=["审批"])
Viewer = Annotated[Actor, Depends(allow(Permission.ARTICLE_READ_COMING))]
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]
Approver = Annotated[Actor, Depends(allow(Permission.ARTICLE_APPROVE))]
Supervisor = Annotated[Actor, Depends(allow(Permission.APPROVER_REPLACE))]


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


InUse = Annotated[Settings, Depends(_settings)]
_SUBMIT = {
    "普通审批": {"value": {"route": "ordinary", "version": 7}},
    "定时发布": {"value": {"route": "ordinary", "publish_at": "2026-12-01T00:00:00+08:00"}},
    "紧急发布": {"value": {"route": "urgent", "reason": "片区大面积断网"}},
    "待核实": {"value": {"route": "provisional", "hours": 24}},
    "授权免审": {"value": {"route": "licensed"}},
}


@router.post("/articles/{code}/draft/submit", status_code=201, summary="提交草稿")
def submit(
    session: WriteSession,
    actor: Writer,
    settings: InUse,
    code: Code,
    wish: Annotated[s.Submitting, Body(openapi_examples=_SUBMIT)],
) -> s.ReviewOut:
    """草稿变成不可再改的版本，进入审批；紧急、待核实和免审的立即发布。

    草稿依据的版本已不是当前生效或待生效的版本时返回 409，带 `base`、`mine`、`theirs` 三份文字。
    """
    revision = submission.submit(session, actor, code, wish.submission(), settings, wish.version)
    return _seen(session, actor, code, revision.number)


@router.post("/articles/{code}/draft/rebase", summary="改从新的版本出发")
def rebase_draft(session: WriteSession, actor: Writer, code: Code, onto: s.Rebasing) -> DraftOut:
    """提交因依据过时被拒（409）、合并好文字之后调用：草稿改以该版本为依据，文字不变。只能是当前生效或待生效的版本。"""
    rebase(session, actor, code, onto.number)
    return DraftOut.of(*draft_for_edit(session, actor, code))


@router.get("/reviews", summary="审批列表")
def list_reviews(
    session: ReadSession,
    actor: Viewer,
    tab: Annotated[
        Tab, Query(description="mine 待我审批，done 我已处理，submitted 我提交的，all 全部在审")
    ] = Tab.MINE,
    category_id: Annotated[int | None, Query(ge=1, le=LAST_ID, description="含下级分类")] = None,
    stage: Annotated[str, Query(max_length=32, description="当前审批环节的名称")] = "",
    urgent: Annotated[bool, Query(description="只看紧急发布")] = False,
    bundle: Annotated[str, Query(max_length=36, description="只看同一批提交的")] = "",
    after: Annotated[str, Query(max_length=500)] = "",
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> s.QueueOut:
    """待审的按到期时间排列，已处理的和我提交的从新到旧；翻页用返回的 `after`。"""
    page = queue(session, actor, Wanted(tab, category_id, stage, urgent, bundle), after=after, size=size)
    return s.QueueOut(items=[s.WaitingOut.of(row) for row in page.rows], total=page.total, after=page.after)


@router.get("/reviews/stages", summary="有待审内容的审批环节")
def list_stages(session: ReadSession, actor: Viewer) -> list[str]:
    """可用作审批列表的 `stage` 条件。"""
    return list(stage_names(session, actor))


@router.post("/reviews/decide", summary="一起审批")
def decide(session: WriteSession, actor: Approver, deciding: s.Deciding) -> list[s.ReviewOut]:
    """对同一批提交的多个版本做同一个决定。要么全部成功，要么一条也不处理；拒绝时说明是哪一条。"""
    items = [(item.code, item.number) for item in deciding.items]
    reviews.decide_together(session, actor, items, deciding.verdict, deciding.comment)
    return [_seen(session, actor, code, number) for code, number in dict.fromkeys(items)]


@router.get("/articles/{code}/revisions/{number}/review", summary="一个版本的审批情况")
def get_review(session: ReadSession, actor: Viewer, code: Code, number: Number) -> s.ReviewOut:
    """各环节谁已同意、谁可审批、还差几人，以及调用者能做什么。"""
    return _seen(session, actor, code, number)


@router.post("/articles/{code}/revisions/{number}/withdraw", summary="撤销提交")
def withdraw(session: WriteSession, actor: Writer, code: Code, number: Number) -> s.ReviewOut:
    """提交人或知识负责人收回提交，文字回到草稿；紧急和待核实的同时撤回。"""
    reviews.withdraw(session, actor, code, number)
    return _seen(session, actor, code, number)


@router.post("/articles/{code}/revisions/{number}/approve", summary="通过")
def approve(
    session: WriteSession, actor: Approver, code: Code, number: Number, approving: s.Approving
) -> s.ReviewOut:
    """最后一个环节的最后一人通过后立即发布或定时发布。所依据的版本已过时则返回 409，带三份文字。"""
    reviews.approve(session, actor, code, number, approving.comment)
    return _seen(session, actor, code, number)


@router.post("/articles/{code}/revisions/{number}/return", summary="退回修改")
def send_back(
    session: WriteSession, actor: Approver, code: Code, number: Number, returning: s.Returning
) -> s.ReviewOut:
    """写明原因，或就具体的文字批注；文字回到草稿。已发布的（紧急、待核实）立即撤回，前一版恢复。"""
    found = [each.remark() for each in returning.remarks]
    reviews.send_back(session, actor, code, number, returning.comment, found)
    return _seen(session, actor, code, number)


@router.post("/articles/{code}/revisions/{number}/delegate", summary="转交")
def delegate(
    session: WriteSession, actor: Approver, code: Code, number: Number, delegating: s.Delegating
) -> s.ReviewOut:
    """把自己在当前环节的审批交给本业务线另一位有审批权限的人。"""
    substitutes.delegate(session, actor, code, number, delegating.to)
    return _seen(session, actor, code, number)


@router.post("/articles/{code}/revisions/{number}/replace", summary="更换审批人")
def replace(
    session: WriteSession, actor: Supervisor, code: Code, number: Number, replacing: s.Replacing
) -> s.ReviewOut:
    """审批人不在时由班长换人。"""
    substitutes.replace_approver(session, actor, code, number, replacing.absent, replacing.to)
    return _seen(session, actor, code, number)


@router.get("/articles/{code}/revisions/{number}/comments", summary="批注")
def list_comments(session: ReadSession, actor: Viewer, code: Code, number: Number) -> list[s.CommentOut]:
    """按先后排列。"""
    _, revision = revision_for_review(session, actor, code, number)
    return [s.CommentOut.of(*row) for row in remarks.comments_of(session, revision)]


@router.post("/articles/{code}/revisions/{number}/comments", status_code=201, summary="添加批注")
def add_comment(
    session: WriteSession, actor: Viewer, code: Code, number: Number, remark: s.RemarkIn
) -> list[s.CommentOut]:
    """就一段文字批注，不做决定；参与编辑的人和审批人可用。返回全部批注。"""
    remarks.add_comment(session, actor, code, number, remark.remark())
    return list_comments(session, actor, code, number)


@router.post("/articles/{code}/revisions/{number}/comments/{comment_id}/resolve", summary="解决批注")
def resolve_comment(
    session: WriteSession, actor: Viewer, code: Code, number: Number, comment_id: Id
) -> list[s.CommentOut]:
    """重复解决不报错。返回全部批注。"""
    remarks.resolve_comment(session, actor, code, number, comment_id)
    return list_comments(session, actor, code, number)


def _seen(session: ReadSession, actor: Actor, code: str, number: int) -> s.ReviewOut:
    return s.ReviewOut.seen(session, actor, *revision_for_review(session, actor, code, number))
