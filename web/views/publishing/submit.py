"""Submit a draft: what still stands in the way, who will decide, on which route and when."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

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
from kms.articles.api.parameters import Code
from kms.articles.api.reviews import InUse
from kms.articles.categories import effective_rule
from kms.articles.checks import Level, check
from kms.articles.completeness import missing
from kms.articles.content import KIND_LABELS
from kms.articles.drafts import draft_for_edit
from kms.articles.field_errors import LABELS
from kms.articles.links import targets
from kms.articles.models import Article, Draft, Revision
from kms.articles.review_view import StageView, planned_stages
from kms.articles.routes import REASON_MAX, Submission, open_routes
from kms.articles.workflow import Publication, Route
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Conflict, Forbidden, Invalid
from kms.settings import Settings
from web.flash import flash
from web.templating import render

router = APIRouter(prefix="/articles")
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]

ROUTES = {
    Route.ORDINARY: ("普通审批", "审批通过后发布", "send"),
    Route.URGENT: ("紧急发布", "立即发布，坐席马上能查到；审批照常进行，退回会立即撤回并恢复前一版", "zap"),
    Route.PROVISIONAL: (
        "待核实发布",
        "立即发布，只给内部看，处处标明待核实；到时没有通过就自动撤下",
        "hourglass",
    ),
    Route.LICENSED: ("免审发布", "您在这个分类有免审资格，立即发布，不经审批", "badge-check"),
}


@dataclass
class SubmitPage:
    """`blocking` keeps the draft from being submitted at all; `errors` are those of this form."""

    article: Article
    draft: Draft
    title: str
    kind: str
    number: int
    routes: Sequence[tuple[str, str, str, str]]
    stages: Sequence[StageView]
    blocking: Sequence[tuple[str, str]]
    warnings: Sequence[str]
    max_hours: int
    reason_max: int
    values: dict[str, str]
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    current: int | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was sent."""

    route: Annotated[str, Form(max_length=16)] = Route.ORDINARY.value
    when: Annotated[str, Form(max_length=8)] = "now"
    publish_at: Annotated[str, Form(max_length=32)] = ""
    reason: Annotated[str, Form(max_length=2000)] = ""
    hours: Annotated[str, Form(max_length=4)] = ""
    version: Annotated[str, Form(max_length=10)] = ""

    def values(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__slots__}

    def wish(self) -> Submission:
        """Raises Invalid, a message a field."""
        errors: dict[str, str] = {}
        later = self.when == "later" and self.route in (Route.ORDINARY, Route.LICENSED)
        moment = None
        if later:
            try:
                moment = clock.parse(self.publish_at)
            except (ValueError, OverflowError):
                errors["publish_at"] = "请选择发布时间"
        if self.route not in ROUTES:
            errors["route"] = "请选择发布方式"
        if self.hours and not self.hours.isdecimal():
            errors["hours"] = "请填写小时数"
        if errors:
            raise Invalid("请核对：" + "；".join(errors.values()), errors)
        hours = int(self.hours) if self.hours and self.route == Route.PROVISIONAL else None
        reason = self.reason if self.route == Route.URGENT else ""
        return Submission(Route(self.route), moment, reason, hours)


@router.get("/{code}/submit")
def form(request: Request, session: ReadSession, actor: Writer, settings: InUse, code: Code) -> Response:
    return render(request, "publishing/submit.html", _page(session, actor, code, settings, Typed()))


@router.post("/{code}/submit")
def submit(
    request: Request,
    session: WriteSession,
    actor: Writer,
    settings: InUse,
    code: Code,
    typed: Annotated[Typed, Depends()],
) -> Response:
    version = int(typed.version) if typed.version.isdecimal() else None
    try:
        # What a refused submission has written already must not stay.
        with session.begin_nested():
            revision = submission.submit(session, actor, code, typed.wish(), settings, version)
    except (Invalid, Conflict, Forbidden) as error:
        page = _page(session, actor, code, settings, typed)
        page.message = error.message
        page.errors = dict(error.errors) if isinstance(error, Invalid) else {}
        page.current = error.extra.get("current")
        return render(request, "publishing/submit.html", page, status=error.status)
    return _told(code.strip().upper(), revision)


def _told(code: str, revision: Revision) -> Response:
    if revision.publication is Publication.PUBLISHED:
        response = RedirectResponse(f"/articles/{code}", 303)
        flash(response, f"已发布第 {revision.number} 版，坐席现在就能查到")
    else:
        response = RedirectResponse("/drafts?view=submitted", 303)
        flash(response, f"已提交第 {revision.number} 版，审批人已收到待办")
    return response


def _page(session: Session, actor: Actor, code: str, settings: Settings, typed: Typed) -> SubmitPage:
    article, draft = draft_for_edit(session, actor, code)
    content = draft.value()
    editors = {draft.author_id, *draft.editors, actor.id}
    rule = effective_rule(session, content.category_id or article.category_id)
    broken = [
        f"链接 {target.code} 打不开：不存在、已停用、未生效，或不在本业务线"
        for target in targets(session, scope_of(session, actor), article.line_id, content)
        if target.broken
    ]
    blocking = missing(content, article.last_number + 1)
    coaching = [
        f"{LABELS[remark.field]}：{remark.message}"
        for remark in check(content)
        if remark.level is Level.WARNING and remark.field not in blocking
    ]
    version = {"version": typed.version or str(draft.version)}
    return SubmitPage(
        article=article,
        draft=draft,
        title=content.title,
        kind=KIND_LABELS[content.kind],
        number=article.last_number + 1,
        routes=[(route.value, *ROUTES[route]) for route in open_routes(session, actor, content)],
        stages=planned_stages(session, article, rule, editors, content.audience.tokens()),
        blocking=[(LABELS[name], words) for name, words in blocking.items()],
        warnings=[*broken, *coaching],
        max_hours=settings.provisional_max_hours,
        reason_max=REASON_MAX,
        values=typed.values() | version,
    )
