"""Publication: recall, publish again, cancel, resume, retire, restore."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlmodel import Session

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import recalls, retirement, submission
from kms.articles.api.parameters import Code, Number
from kms.articles.api.review_schemas import Recalling, Resuming, Retiring, ReviewOut, Wish
from kms.articles.api.reviews import InUse
from kms.articles.models import Article
from kms.articles.reviewing import revision_for_review
from kms.db.dependencies import WriteSession

router = APIRouter(tags=["发布与撤回"])
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]
Recaller = Annotated[Actor, Depends(allow(Permission.ARTICLE_RECALL))]
Viewer = Annotated[Actor, Depends(allow(Permission.ARTICLE_READ_COMING))]


class RetiredOut(BaseModel):
    code: str
    retired: bool
    reason: str

    @classmethod
    def of(cls, article: Article) -> "RetiredOut":
        return cls(code=article.code, retired=article.retired_at is not None, reason=article.retired_reason)


@router.post("/articles/{code}/revisions/{number}/recall", summary="撤回")
def recall(
    session: WriteSession, actor: Recaller, code: Code, number: Number, recalling: Recalling
) -> ReviewOut:
    """立即生效。默认恢复前一个仍然有效的版本；`take_down` 为 true 时整条撤下，待发布的版本一并暂缓。"""
    recalls.recall(session, actor, code, number, recalling.reason, take_down=recalling.take_down)
    return _seen(session, actor, code, number)


@router.post("/articles/{code}/revisions/{number}/republish", status_code=201, summary="再次发布")
def republish(
    session: WriteSession, actor: Writer, settings: InUse, code: Code, number: Number, wish: Wish
) -> ReviewOut:
    """把旧版本的内容作为新版本提交，走完整的流程；返回新版本。"""
    made = submission.republish(session, actor, code, number, wish.submission(), settings)
    return _seen(session, actor, code, made.number)


@router.post("/articles/{code}/revisions/{number}/cancel", summary="取消发布")
def cancel(session: WriteSession, actor: Viewer, code: Code, number: Number) -> ReviewOut:
    """放弃已通过、尚未发布的版本。提交人、知识负责人和有撤回权限的人可用。"""
    recalls.cancel(session, actor, code, number)
    return _seen(session, actor, code, number)


@router.post("/articles/{code}/revisions/{number}/resume", summary="恢复发布")
def resume(session: WriteSession, actor: Viewer, code: Code, number: Number, resuming: Resuming) -> ReviewOut:
    """暂缓的版本核对后照原样发布，立即或定时。它不含期间先发布的改动。"""
    recalls.resume(session, actor, code, number, resuming.publish_at)
    return _seen(session, actor, code, number)


@router.post("/articles/{code}/retire", summary="停用")
def retire(session: WriteSession, actor: Recaller, code: Code, retiring: Retiring) -> RetiredOut:
    """整条知识停用，可以指明由哪一条替代。"""
    return RetiredOut.of(retirement.retire(session, actor, code, retiring.reason, retiring.successor))


@router.post("/articles/{code}/restore", summary="恢复使用")
def restore(session: WriteSession, actor: Recaller, code: Code) -> RetiredOut:
    """停用前有效的版本按其有效期恢复。"""
    return RetiredOut.of(retirement.restore(session, actor, code))


def _seen(session: Session, actor: Actor, code: str, number: int) -> ReviewOut:
    return ReviewOut.seen(session, actor, *revision_for_review(session, actor, code, number))
