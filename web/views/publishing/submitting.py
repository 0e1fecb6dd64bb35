"""提交: which way to publication, who will decide, what it will do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import submission
from kms.articles.access import scope_of
from kms.articles.api.parameters import LAST_ID, Code
from kms.articles.api.reviews import InUse
from kms.articles.base_check import refuse_outdated_base
from kms.articles.categories import category_path_names, effective_rule
from kms.articles.checks import Level, Remark, check
from kms.articles.comparing import differing
from kms.articles.completeness import missing
from kms.articles.content import Content
from kms.articles.drafts import draft_for_edit
from kms.articles.effects import Effects, effects_of
from kms.articles.field_errors import LABELS
from kms.articles.links import targets
from kms.articles.models import Article, Draft
from kms.articles.rebasing import rebase
from kms.articles.review_view import StageView, planned_stages
from kms.articles.routes import Submission, open_routes
from kms.articles.workflow import Publication, Route
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Conflict, Forbidden, Invalid
from kms.settings import Settings
from web.flash import flash
from web.templating import render

router = APIRouter(prefix="/articles")
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]
SCHEDULED = "scheduled"
"""The ordinary route with a time; a choice of its own on the page."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was sent."""

    way: str = Route.ORDINARY.value
    publish_at: str = ""
    reason: str = ""
    hours: str = ""
    version: int = 0

    def wish(self) -> Submission:
        """Raises Invalid."""
        if self.way == SCHEDULED:
            return Submission(Route.ORDINARY, _time(self.publish_at))
        if self.way not in {Route.ORDINARY, Route.URGENT, Route.PROVISIONAL, Route.LICENSED}:
            raise Invalid("请选择发布方式", {"way": "请选择发布方式"})
        hours = _hours(self.hours) if self.way == Route.PROVISIONAL else None
        return Submission(Route(self.way), reason=self.reason, hours=hours)


@dataclass
class SubmitPage:
    """`blocking` keeps it from being submitted; `conflict` holds what others published meanwhile."""

    article: Article
    draft: Draft
    content: Content
    path: tuple[str, ...]
    ways: Sequence[str]
    stages: Sequence[StageView]
    effects: Effects
    blocking: Mapping[str, str]
    remarks: Sequence[Remark]
    labels: Mapping[str, str]
    hours_max: int
    typed: Typed
    current: int = 0
    theirs: Sequence[tuple[str, Any]] = ()
    mine: Sequence[tuple[str, Any]] = ()
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def _typed(
    way: Annotated[str, Form(max_length=16)] = Route.ORDINARY.value,
    publish_at: Annotated[str, Form(max_length=32)] = "",
    reason: Annotated[str, Form(max_length=1000)] = "",
    hours: Annotated[str, Form(max_length=16)] = "",
    version: Annotated[int, Form(ge=0, le=LAST_ID)] = 0,
) -> Typed:
    return Typed(way, publish_at, reason, hours, version)


@router.get("/{code}/submit")
def submit_page(
    request: Request, session: ReadSession, actor: Writer, settings: InUse, code: Code
) -> Response:
    page = _page(session, actor, settings, code, Typed())
    return render(request, "publishing/submit.html", page)


@router.post("/{code}/submit")
def submit(
    request: Request,
    session: WriteSession,
    actor: Writer,
    settings: InUse,
    code: Code,
    typed: Annotated[Typed, Depends(_typed)],
) -> Response:
    try:
        with session.begin_nested():
            revision = submission.submit(session, actor, code, typed.wish(), settings, typed.version or None)
    except (Conflict, Invalid, Forbidden) as error:
        page = _page(session, actor, settings, code, typed)
        page.message = error.message
        page.errors = dict(error.errors) if isinstance(error, Invalid) else {}
        return render(request, "publishing/submit.html", page, status=error.status)
    out = revision.publication is Publication.PUBLISHED
    response = RedirectResponse(f"/articles/{code}" if out else f"/reviews/{code}/{revision.number}", 303)
    flash(response, "已发布，坐席马上就能搜到" if out else "已提交")
    return response


@router.post("/{code}/submit/rebase")
def take_over(
    session: WriteSession, actor: Writer, code: Code, number: Annotated[int, Form(ge=1, le=LAST_ID)]
) -> Response:
    draft = rebase(session, actor, code, number)
    response = RedirectResponse(f"/drafts/{code}", 303)
    flash(response, f"现在与 r{draft.base_number} 对比：请把缺少的改动补进来，再提交", "info")
    return response


def _page(session: Session, actor: Actor, settings: Settings, code: str, typed: Typed) -> SubmitPage:
    article, draft = draft_for_edit(session, actor, code)
    content = draft.value()
    blocking = missing(content, article.last_number + 1)
    page = SubmitPage(
        article=article,
        draft=draft,
        content=content,
        path=category_path_names(session, content.category_id or article.category_id),
        ways=_ways(session, actor, content),
        stages=_stages(session, actor, article, draft),
        effects=effects_of(session, scope_of(session, actor), article, draft.base_number, content),
        blocking=blocking,
        remarks=[
            remark for remark in _remarks(session, actor, article, content) if remark.field not in blocking
        ],
        labels=LABELS,
        hours_max=settings.provisional_max_hours,
        typed=typed,
    )
    _compare(session, page)
    return page


def _compare(session: Session, page: SubmitPage) -> None:
    """When something newer holds by now: what changed there, and what changes here."""
    try:
        refuse_outdated_base(session, page.article, page.draft.base_number, page.content)
    except Conflict as conflict:
        page.current = conflict.extra["current"]
        base = Content.model_validate(conflict.extra["base"] or {})
        theirs = Content.model_validate(conflict.extra["theirs"])
        page.theirs = [(part.label, part.rows) for part in differing(session, base, theirs)]
        page.mine = [(part.label, part.rows) for part in differing(session, base, page.content)]


def _remarks(session: Session, actor: Actor, article: Article, content: Content) -> list[Remark]:
    found = targets(session, scope_of(session, actor), article.line_id, content)
    broken = [
        Remark(Level.WARNING, "body", f"链接 {target.code} 打不开：不存在、已停用、未生效，或不在本业务线")
        for target in found
        if target.broken
    ]
    return [*broken, *check(content)]


def _stages(session: Session, actor: Actor, article: Article, draft: Draft) -> list[StageView]:
    content = draft.value()
    rule = effective_rule(session, content.category_id or article.category_id)
    editors = {draft.author_id, *draft.editors, actor.id}
    return planned_stages(session, article, rule, editors, content.audience.tokens())


def _ways(session: Session, actor: Actor, content: Content) -> list[str]:
    found = [route.value for route in open_routes(session, actor, content)]
    return [found[0], SCHEDULED, *found[1:]]


def _time(text: str) -> datetime:
    told = "请填写发布时间，例如 2026-12-01 09:00"
    try:
        return clock.parse(text)
    except (ValueError, OverflowError):
        raise Invalid("发布时间有误", {"publish_at": told}) from None


def _hours(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal() or len(text) > 6:
        raise Invalid("时长有误", {"hours": "请填写整数小时"})
    return int(text)
