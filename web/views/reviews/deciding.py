"""Decisions: each brings the next one of the queue, without leaving the page where there is script."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import remarks, reviews, substitutes
from kms.articles.api.parameters import Code, Id, Number
from kms.articles.stages import Verdict
from kms.articles.workflow import Approval
from kms.db.dependencies import WriteSession
from kms.errors import Conflict, Invalid
from web.flash import flash, toast_header
from web.templating import is_htmx, render
from web.views.reviews.document import View
from web.views.reviews.page import review_page
from web.views.reviews.queue import AskedQueue, queue_for

router = APIRouter(prefix="/reviews")
Viewer = Annotated[Actor, Depends(allow(Permission.ARTICLE_READ_COMING))]
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]
Approver = Annotated[Actor, Depends(allow(Permission.ARTICLE_APPROVE))]
Supervisor = Annotated[Actor, Depends(allow(Permission.APPROVER_REPLACE))]
Text = Annotated[str, Form(max_length=reviews.COMMENT_MAX)]
Login = Annotated[str, Form(max_length=64)]


class Acting:
    """What every act needs: the place in the queue that it was taken from."""

    def __init__(
        self, request: Request, session: WriteSession, asked: AskedQueue, code: Code, number: Number
    ) -> None:
        self.request, self.session, self.asked = request, session, asked
        self.code, self.number = code.strip().upper(), number

    def decide(self, actor: Actor, act: Callable[[], str], typed: dict[str, str]) -> Response:
        """Act, say what `act` returns, go on to the neighbour in the queue."""
        queue = queue_for(self.session, actor, self.asked, (self.code, self.number))
        return self._act(actor, act, typed, queue.next or queue.before or f"/reviews?{self.asked.query}")

    def stay(self, actor: Actor, act: Callable[[], str], typed: dict[str, str]) -> Response:
        """Act and show the same revision again."""
        here = f"/reviews/{self.code}/{self.number}?{self.asked.query}"
        return self._act(actor, act, typed, here)

    def _act(self, actor: Actor, act: Callable[[], str], typed: dict[str, str], target: str) -> Response:
        try:
            # What a refused act has written already must not stay.
            with self.session.begin_nested():
                said = act()
        except (Conflict, Invalid) as error:
            return self._refused(actor, error, typed)
        if is_htmx(self.request):
            return self._shown(actor, target, said)
        response = RedirectResponse(target, 303)
        flash(response, said)
        return response

    def _shown(self, actor: Actor, target: str, said: str) -> Response:
        page = review_page(self.session, actor, self.asked, View.CHANGES, _chosen(target))
        headers = {**toast_header(said), "HX-Push-Url": target}
        return render(self.request, "reviews/review.html", page, block="main", headers=headers)

    def _refused(self, actor: Actor, error: Conflict | Invalid, typed: dict[str, str]) -> Response:
        page = review_page(self.session, actor, self.asked, View.CHANGES, (self.code, self.number))
        page.message, page.typed = error.message, typed
        page.errors = dict(error.errors) if isinstance(error, Invalid) else {}
        return render(self.request, "reviews/review.html", page, block="main", status=error.status)


Here = Annotated[Acting, Depends()]


@router.post("/{code}/{number}/approve")
def approve(here: Here, actor: Approver, comment: Text = "") -> Response:
    def act() -> str:
        revision = reviews.approve(here.session, actor, here.code, here.number, comment)
        over = revision.approval is Approval.APPROVED
        return f"已通过 {here.code} r{here.number}" + ("" if over else "，交下一位审批")

    return here.decide(actor, act, {"comment": comment})


@router.post("/{code}/{number}/return")
def send_back(
    here: Here,
    actor: Approver,
    comment: Text = "",
    field: Annotated[str, Form(max_length=32)] = "body",
    quote: Annotated[str, Form(max_length=remarks.QUOTE_MAX)] = "",
) -> Response:
    def act() -> str:
        found = [remarks.Remark(comment, field, quote)] if quote.strip() else []
        reviews.send_back(here.session, actor, here.code, here.number, comment, found)
        return f"已退回 {here.code} r{here.number}，编辑会收到原因"

    return here.decide(actor, act, {"comment": comment, "quote": quote, "dialog": "return"})


@router.post("/{code}/{number}/delegate")
def delegate(here: Here, actor: Approver, to: Login = "") -> Response:
    def act() -> str:
        substitutes.delegate(here.session, actor, here.code, here.number, to)
        return f"已转交 {here.code} r{here.number}"

    return here.decide(actor, act, {"to": to})


@router.post("/{code}/{number}/replace")
def replace_approver(here: Here, actor: Supervisor, absent: Login = "", to: Login = "") -> Response:
    def act() -> str:
        substitutes.replace_approver(here.session, actor, here.code, here.number, absent, to)
        return "已更换审批人"

    return here.stay(actor, act, {"absent": absent, "to": to})


@router.post("/{code}/{number}/withdraw")
def withdraw(here: Here, actor: Writer) -> Response:
    def act() -> str:
        reviews.withdraw(here.session, actor, here.code, here.number)
        return f"已撤销提交 {here.code} r{here.number}，文字回到草稿"

    return here.stay(actor, act, {})


@router.post("/{code}/{number}/comments")
def comment(
    here: Here,
    actor: Viewer,
    text: Annotated[str, Form(max_length=remarks.TEXT_MAX)] = "",
    field: Annotated[str, Form(max_length=32)] = "body",
    quote: Annotated[str, Form(max_length=remarks.QUOTE_MAX)] = "",
) -> Response:
    def act() -> str:
        remark = remarks.Remark(text, field, quote)
        remarks.add_comment(here.session, actor, here.code, here.number, remark)
        return "批注已添加"

    return here.stay(actor, act, {"text": text, "field": field, "quote": quote})


@router.post("/{code}/{number}/comments/{comment_id}/resolve")
def resolve(here: Here, actor: Viewer, comment_id: Id) -> Response:
    def act() -> str:
        remarks.resolve_comment(here.session, actor, here.code, here.number, comment_id)
        return "批注已解决"

    return here.stay(actor, act, {})


@router.post("/decide")
def decide_together(
    request: Request,
    session: WriteSession,
    actor: Approver,
    asked: AskedQueue,
    verdict: Annotated[Verdict, Form()],
    item: Annotated[list[str] | None, Form()] = None,
    comment: Text = "",
) -> Response:
    """All chosen ones of a bundle, or none."""
    try:
        with session.begin_nested():
            made = reviews.decide_together(session, actor, _items(item or []), verdict, comment)
    except (Conflict, Invalid) as error:
        page = review_page(session, actor, asked, View.CHANGES)
        page.message, page.typed = error.message, {"comment": comment}
        return render(request, "reviews/review.html", page, status=error.status)
    rest = replace(asked, wanted=replace(asked.wanted, bundle=""))
    response = RedirectResponse(f"/reviews?{rest.query}", 303)
    flash(response, f"已{'通过' if verdict is Verdict.APPROVE else '退回'} {len(made)} 条")
    return response


def _items(values: list[str]) -> list[tuple[str, int]]:
    """`KB-000123/2` as sent by the checkboxes."""
    pairs = [value.partition("/") for value in values]
    if not pairs or not all(number.isdecimal() and len(number) < 10 for _, _, number in pairs):
        raise Invalid("请选择要一起处理的版本", {"items": "请至少选择一条"})
    return [(code, int(number)) for code, _, number in pairs]


def _chosen(target: str) -> tuple[str, int] | None:
    """The revision that an address of ours names."""
    parts = target.partition("?")[0].strip("/").split("/")
    return (parts[1], int(parts[2])) if len(parts) > 2 else None
