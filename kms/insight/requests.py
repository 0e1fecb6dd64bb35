"""知识需求: someone found nothing and asks for an article; the category's owner takes it, answers, writes."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.authentication import person_actor
from kms.accounts.models import User
from kms.accounts.permissions import Permission
from kms.articles.access import article_for_read, scope_of, was_published
from kms.articles.categories import owner_of, usable_category
from kms.articles.models import Article, Category
from kms.articles.references import within_line
from kms.audit.service import record
from kms.errors import Conflict, Forbidden, Invalid, NotFound
from kms.inbox.service import Message, send, settle
from kms.insight.models import KnowledgeRequest
from kms.insight.steps import DECLINED, DONE, STATES, TAKEN, check_step
from kms.privacy import mask_text

TEXT_MAX = 200
DETAIL_MAX = 1000


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its category, its people and the article that answers it."""

    request: KnowledgeRequest
    category: Category
    requester: User
    handler: User | None
    article: Article | None


def ask(
    session: Session, actor: Actor, category_id: int | None, text: str, detail: str = "", lookup_id: str = ""
) -> KnowledgeRequest:
    """A task for the owner of the category; what is personal in the text is masked."""
    text, detail = text.strip(), detail.strip()
    errors = {}
    if not text:
        errors["text"] = "请写明缺少什么知识"
    if len(text) > TEXT_MAX:
        errors["text"] = f"最多 {TEXT_MAX} 个字，其余请写在补充说明里"
    if len(detail) > DETAIL_MAX:
        errors["detail"] = f"最多 {DETAIL_MAX} 个字"
    if errors:
        raise Invalid("；".join(errors.values()), errors)
    category = usable_category(session, scope_of(session, actor), category_id)
    request = KnowledgeRequest(
        line_id=category.line_id or 0,
        category_id=category.id or 0,
        text=mask_text(text),
        detail=mask_text(detail),
        lookup_id=lookup_id or None,
        requested_by=actor.id,
        created_at=clock.now(),
    )
    session.add(request)
    session.flush()
    owner = owner_of(session, category.id or 0)
    if owner is not None:
        title = f"知识需求：{request.text}"
        send(
            session,
            within_line(session, request.line_id, [owner]),
            Message(_key(request), "request", title, request.detail, _href(request), is_task=True),
        )
    return request


def listed(
    session: Session,
    actor: Actor,
    *,
    mine: bool = False,
    state: str = "",
    q: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[Request]:
    """Newest first: one's own, or with the permission to handle them all of one's business lines."""
    query = _query().where(col(KnowledgeRequest.line_id).in_(scope_of(session, actor).lines))
    if mine or not actor.may(Permission.REQUEST_HANDLE):
        query = query.where(col(KnowledgeRequest.requested_by) == actor.user_id)
    if state:
        query = query.where(col(KnowledgeRequest.state) == state)
    if q.strip():
        query = query.where(col(KnowledgeRequest.text).contains(q.strip(), autoescape=True))
    if before is not None:
        query = query.where(col(KnowledgeRequest.id) < before)
    rows = session.execute(query.order_by(col(KnowledgeRequest.id).desc()).limit(limit))
    return [Request(*row) for row in rows]


def request_for_read(session: Session, actor: Actor, request_id: int) -> Request:
    """For who asked and for those who may handle it; NotFound otherwise."""
    row = session.execute(_query().where(col(KnowledgeRequest.id) == request_id)).first()
    found = Request(*row) if row else None
    lines = scope_of(session, actor).lines
    if found is None or found.request.line_id not in lines or not _concerns(actor, found.request):
        raise NotFound("没有这条知识需求")
    return found


def take(session: Session, actor: Actor, request_id: int) -> KnowledgeRequest:
    """Say that one writes it."""
    request = _to_handle(session, actor, request_id, TAKEN)
    request.handler_id, request.state = actor.id, TAKEN
    session.add(request)
    settle(session, _key(request))
    send(
        session,
        [actor.id],
        Message(_key(request), "request", f"待编写：{request.text}", href=_href(request), is_task=True),
    )
    _tell(session, actor, request, f"{actor.name} 正在处理")
    return request


def decline(session: Session, actor: Actor, request_id: int, answer: str) -> KnowledgeRequest:
    """No article will be written; who asked gets the answer, which must not be empty."""
    if not answer.strip():
        raise Invalid("请写明答复", {"answer": "请告诉提出人为什么不编写，或应该查哪一条"})
    return _close(session, actor, request_id, DECLINED, answer)


def complete(
    session: Session, actor: Actor, request_id: int, code: str, answer: str = ""
) -> KnowledgeRequest:
    """An article of the same business line answers it."""
    request = _to_handle(session, actor, request_id, DONE)
    try:
        article = article_for_read(session, actor, code)
    except NotFound as error:
        raise Invalid("没有这条知识", {"code": error.message}) from None
    if article.line_id != request.line_id or not was_published(session, article):
        raise Invalid("知识不能用来答复", {"code": "请填写同一业务线、已发布的知识编号"})
    if not _may_read(session, request.requested_by, article):
        raise Invalid("提出人看不到这条知识", {"code": "提出人不在它的适用对象内，请改用文字答复"})
    request.article_id = article.id
    session.add(request)
    return _close(session, actor, request_id, DONE, answer or f"请看 {article.code}《{article.title}》")


def _close(session: Session, actor: Actor, request_id: int, state: str, answer: str) -> KnowledgeRequest:
    if len(answer) > DETAIL_MAX:
        raise Invalid("答复太长", {"answer": f"最多 {DETAIL_MAX} 个字"})
    request = _to_handle(session, actor, request_id, state)
    request.state, request.answer = state, mask_text(answer.strip())
    request.handler_id, request.closed_at = actor.id, clock.now()
    session.add(request)
    settle(session, _key(request))
    _tell(session, actor, request, request.answer)
    return request


def _to_handle(session: Session, actor: Actor, request_id: int, state: str) -> KnowledgeRequest:
    found = request_for_read(session, actor, request_id)
    actor.must(Permission.REQUEST_HANDLE)
    request = found.request
    session.refresh(request, with_for_update=True)
    if not check_step(request.state, state):
        raise Conflict(f"这条知识需求{STATES[request.state]}，不能再{STATES[state]}", state=request.state)
    if (
        request.state == TAKEN
        and request.handler_id != actor.id
        and not actor.may(Permission.CATEGORY_MANAGE)
    ):
        name = found.handler.name if found.handler else "他人"
        raise Forbidden(f"{name} 正在处理这条需求")
    return request


def _may_read(session: Session, user_id: int, article: Article) -> bool:
    requester = session.get_one(User, user_id)
    return scope_of(session, person_actor(session, requester)).admits(article)


def _tell(session: Session, actor: Actor, request: KnowledgeRequest, detail: str) -> None:
    record(
        session,
        actor,
        f"request.{request.state}",
        "request",
        request.id,
        after={"article": request.article_id},
    )
    if request.requested_by != actor.user_id:
        title = f"您提的知识需求{STATES[request.state]}：{request.text}"
        key = f"{_key(request)}:{request.state}"
        asker = within_line(session, request.line_id, [request.requested_by])
        send(session, asker, Message(key, "request", title, detail, _href(request)))


def _concerns(actor: Actor, request: KnowledgeRequest) -> bool:
    return request.requested_by == actor.user_id or actor.may(Permission.REQUEST_HANDLE)


def _query() -> sa.Select[KnowledgeRequest, Category, User, User, Article]:
    handler = aliased(User)
    return (
        sa.select(KnowledgeRequest, Category, User, handler, Article)
        .join(Category, col(Category.id) == col(KnowledgeRequest.category_id))
        .join(User, col(User.id) == col(KnowledgeRequest.requested_by))
        .outerjoin(handler, col(handler.id) == col(KnowledgeRequest.handler_id))
        .outerjoin(Article, col(Article.id) == col(KnowledgeRequest.article_id))
    )


def _key(request: KnowledgeRequest) -> str:
    return f"request:{request.id}"


def _href(request: KnowledgeRequest) -> str:
    return f"/requests/{request.id}"
