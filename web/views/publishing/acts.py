"""Recall, publish again, cancel, resume; retire and restore the article as a whole."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import recalls, retirement, submission
from kms.articles.api.parameters import Code, Number
from kms.articles.api.reviews import InUse
from kms.articles.routes import Submission
from kms.db.dependencies import WriteSession
from kms.errors import Conflict, Forbidden, Invalid
from web.flash import flash
from web.templating import render
from web.views.publishing.page import publishing_page

router = APIRouter(prefix="/articles")
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]
Recaller = Annotated[Actor, Depends(allow(Permission.ARTICLE_RECALL))]
Viewer = Annotated[Actor, Depends(allow(Permission.ARTICLE_READ_COMING))]
Reason = Annotated[str, Form(max_length=2000)]


class Acting:
    """An article's page and the transaction in which it is acted upon."""

    def __init__(self, request: Request, session: WriteSession, code: Code) -> None:
        self.request, self.session, self.code = request, session, code.strip().upper()

    def do(self, actor: Actor, act: Callable[[], object], said: str, typed: dict[str, str]) -> Response:
        """Act and show the page again; a refusal leaves nothing behind but its reason."""
        try:
            with self.session.begin_nested():
                act()
        except (Conflict, Invalid, Forbidden) as error:
            page = publishing_page(self.session, actor, self.code)
            page.message, page.typed = error.message, typed
            page.errors = dict(error.errors) if isinstance(error, Invalid) else {}
            return render(self.request, "publishing/publishing.html", page, status=error.status)
        response = RedirectResponse(f"/articles/{self.code}/publishing", 303)
        flash(response, said)
        return response


Here = Annotated[Acting, Depends()]


@router.post("/{code}/revisions/{number}/recall")
def recall(
    here: Here, actor: Recaller, number: Number, reason: Reason = "", then: Annotated[str, Form()] = "restore"
) -> Response:
    down = then == "take_down"

    def act() -> None:
        recalls.recall(here.session, actor, here.code, number, reason, take_down=down)

    said = f"已撤下 {here.code}" if down else f"已撤回 r{number}"
    return here.do(actor, act, said, {"reason": reason, "then": then})


@router.post("/{code}/revisions/{number}/republish")
def republish(here: Here, actor: Writer, settings: InUse, number: Number) -> Response:
    def act() -> None:
        submission.republish(here.session, actor, here.code, number, Submission(), settings)

    return here.do(actor, act, f"已按 r{number} 的内容提交新版本，审批人已收到待办", {})


@router.post("/{code}/revisions/{number}/cancel")
def cancel(here: Here, actor: Viewer, number: Number) -> Response:
    def act() -> None:
        recalls.cancel(here.session, actor, here.code, number)

    return here.do(actor, act, f"已取消发布 r{number}", {})


@router.post("/{code}/revisions/{number}/resume")
def resume(
    here: Here, actor: Viewer, number: Number, publish_at: Annotated[str, Form(max_length=32)] = ""
) -> Response:
    def act() -> None:
        recalls.resume(here.session, actor, here.code, number, _instant(publish_at))

    return here.do(actor, act, f"已恢复发布 r{number}", {"publish_at": publish_at})


@router.post("/{code}/retire")
def retire(
    here: Here, actor: Recaller, reason: Reason = "", successor: Annotated[str, Form(max_length=16)] = ""
) -> Response:
    def act() -> None:
        retirement.retire(here.session, actor, here.code, reason, successor)

    return here.do(actor, act, f"已停用 {here.code}", {"reason": reason, "successor": successor})


@router.post("/{code}/restore")
def restore(here: Here, actor: Recaller) -> Response:
    def act() -> None:
        retirement.restore(here.session, actor, here.code)

    return here.do(actor, act, f"已恢复 {here.code}", {})


def _instant(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        return clock.parse(text)
    except (ValueError, OverflowError):
        raise Invalid("发布时间有误", {"publish_at": "请选择发布时间，或留空表示立即"}) from None
