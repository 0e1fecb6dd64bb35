"""发布与撤回: what may be done to the revisions of an article, and to the article as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import recalls, retirement, reviews, submission
from kms.articles.access import scope_of
from kms.articles.api.parameters import Code, Number
from kms.articles.api.reviews import InUse
from kms.articles.basis import spans
from kms.articles.facts import names
from kms.articles.links import Target, cited_by
from kms.articles.models import Article
from kms.articles.reading import Reading, read_history
from kms.articles.review_view import Act, acts_of
from kms.articles.reviewing import article_for_review
from kms.articles.routes import Submission, open_routes
from kms.articles.timeline import in_force
from kms.articles.workflow import ROUTES, Approval, Publication, Route
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Conflict, Invalid
from web.flash import flash
from web.templating import render
from web.views.articles.chips import state_key

router = APIRouter(prefix="/articles")
Viewer = Annotated[Actor, Depends(allow(Permission.ARTICLE_READ_COMING))]
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]
Recaller = Annotated[Actor, Depends(allow(Permission.ARTICLE_RECALL))]
Text = Annotated[str, Form(max_length=1000)]


@dataclass(frozen=True, slots=True)
class ActRow:
    """A revision with what may be done to it; `previous` would return when it is recalled."""

    reading: Reading
    state: str
    author: str
    acts: frozenset[Act]
    previous: int | None
    routes: Sequence[tuple[str, str]]


@dataclass
class ActsPage:
    article: Article
    rows: Sequence[ActRow]
    cited: Sequence[Target]
    may_retire: bool
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    failed: str = ""
    """The act that was refused, as `recall:3`; its form is shown open, with what was typed."""
    typed: dict[str, str] = field(default_factory=dict)


@router.get("/{code}/publishing")
def acts_page(request: Request, session: ReadSession, actor: Viewer, code: Code) -> Response:
    return render(request, "publishing/acts.html", _page(session, actor, code))


class Acting:
    """Do it and come back; a refusal shows the page with the form as it was typed."""

    def __init__(self, request: Request, session: WriteSession, code: Code) -> None:
        self.request, self.session, self.code = request, session, code.strip().upper()

    def act(self, actor: Actor, name: str, step: Callable[[], str], typed: dict[str, str]) -> Response:
        try:
            with self.session.begin_nested():
                said = step()
        except (Conflict, Invalid) as error:
            page = _page(self.session, actor, self.code)
            page.message, page.failed, page.typed = error.message, name, typed
            page.errors = dict(error.errors) if isinstance(error, Invalid) else {}
            return render(self.request, "publishing/acts.html", page, status=error.status)
        response = RedirectResponse(f"/articles/{self.code}/publishing", 303)
        flash(response, said)
        return response


Here = Annotated[Acting, Depends()]


@router.post("/{code}/revisions/{number}/withdraw")
def withdraw(here: Here, actor: Writer, number: Number) -> Response:
    def step() -> str:
        reviews.withdraw(here.session, actor, here.code, number)
        return f"已撤销提交 r{number}，文字回到草稿"

    return here.act(actor, f"withdraw:{number}", step, {})


@router.post("/{code}/revisions/{number}/recall")
def recall(here: Here, actor: Recaller, number: Number, reason: Text = "", then: Text = "") -> Response:
    def step() -> str:
        down = then == "take_down"
        recalls.recall(here.session, actor, here.code, number, reason, take_down=down)
        return "整条知识已撤下" if down else f"已撤回 r{number}"

    return here.act(actor, f"recall:{number}", step, {"reason": reason, "then": then})


@router.post("/{code}/revisions/{number}/republish")
def republish(
    here: Here,
    actor: Writer,
    settings: InUse,
    number: Number,
    way: Text = Route.ORDINARY.value,
    reason: Text = "",
) -> Response:
    def step() -> str:
        wish = Submission(_route(way), reason=reason)
        made = submission.republish(here.session, actor, here.code, number, wish, settings)
        out = made.publication is Publication.PUBLISHED
        return f"已发布为 r{made.number}" if out else f"已作为 r{made.number} 提交审批"

    return here.act(actor, f"republish:{number}", step, {"way": way, "reason": reason})


@router.post("/{code}/revisions/{number}/cancel")
def cancel(here: Here, actor: Viewer, number: Number) -> Response:
    def step() -> str:
        recalls.cancel(here.session, actor, here.code, number)
        return f"r{number} 不再发布"

    return here.act(actor, f"cancel:{number}", step, {})


@router.post("/{code}/revisions/{number}/resume")
def resume(here: Here, actor: Viewer, number: Number, publish_at: Text = "") -> Response:
    def step() -> str:
        made = recalls.resume(here.session, actor, here.code, number, _time(publish_at))
        return f"r{number} 已发布" if made.publication is Publication.PUBLISHED else f"r{number} 将按时发布"

    return here.act(actor, f"resume:{number}", step, {"publish_at": publish_at})


@router.post("/{code}/retire")
def retire(here: Here, actor: Recaller, reason: Text = "", successor: Text = "") -> Response:
    def step() -> str:
        retirement.retire(here.session, actor, here.code, reason, successor)
        return f"{here.code} 已停用"

    return here.act(actor, "retire", step, {"reason": reason, "successor": successor})


@router.post("/{code}/restore")
def restore(here: Here, actor: Recaller) -> Response:
    def step() -> str:
        retirement.restore(here.session, actor, here.code)
        return f"{here.code} 已恢复使用"

    return here.act(actor, "restore", step, {})


def _page(session: Session, actor: Actor, code: str) -> ActsPage:
    article = article_for_review(session, actor, code)
    readings = read_history(session, actor, article.code)
    acts = acts_of(session, actor, article, [each.revision for each in readings])
    people = names(session, [each.revision.submitted_by for each in readings])
    rows = [
        ActRow(
            each,
            state_key(each),
            people.get(each.revision.submitted_by, ""),
            acts[each.revision.number],
            _previous(readings, each.revision.number),
            [(route.value, ROUTES[route]) for route in open_routes(session, actor, each.content)],
        )
        for each in readings
        if each.revision.approval is Approval.SUBMITTED or acts[each.revision.number]
    ]
    cited = cited_by(session, scope_of(session, actor), article)
    return ActsPage(article, rows, cited, actor.may(Permission.ARTICLE_RECALL) and article.last_number > 0)


def _previous(readings: Sequence[Reading], number: int) -> int | None:
    """Which revision would be in force without this one."""
    rest = spans(each.revision for each in readings if each.revision.number != number)
    return in_force(rest, clock.now(), clock.now())


def _route(text: str) -> Route:
    if text not in {Route.ORDINARY, Route.URGENT, Route.PROVISIONAL, Route.LICENSED}:
        raise Invalid("请选择发布方式", {"way": "请选择发布方式"})
    return Route(text)


def _time(text: str) -> datetime | None:
    try:
        return clock.parse(text) if text.strip() else None
    except (ValueError, OverflowError):
        told = "请写成 2026-12-01 09:00"
        raise Invalid("发布时间有误", {"publish_at": told}) from None
