"""纠错: report, list, answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import corrections
from kms.articles.api.parameters import LAST_ID, Id
from kms.articles.corrections import STATES, Report
from kms.articles.reading import read_revision
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Invalid
from web.flash import flash
from web.templating import render

router = APIRouter(prefix="/corrections")
Reader = Annotated[Actor, Depends(allow(Permission.CORRECTION_REPORT))]
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]
Revision = Annotated[int, Query(ge=1, le=LAST_ID)]
View = Literal["open", "closed", "mine"]
PAGE = 50


@dataclass
class CorrectionsPage:
    view: View
    tabs: Sequence[tuple[str, str, bool, int]]
    reports: Sequence[Report]
    states: dict[str, str]
    after: str


@dataclass
class ReportPage:
    code: str
    title: str
    number: int
    quote: str = ""
    message: str = ""
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass
class CorrectionPage:
    report: Report
    states: dict[str, str]
    may_handle: bool
    answer: str = ""
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@router.get("")
def corrections_page(
    request: Request,
    session: ReadSession,
    actor: Reader,
    view: View | None = None,
    after: Annotated[int | None, Query(ge=1, le=LAST_ID)] = None,
) -> Response:
    """Writers first see what waits for them, others what they reported."""
    handles = actor.may(Permission.ARTICLE_WRITE)
    view = view or ("open" if handles else "mine")
    found = corrections.reports(
        session,
        actor,
        closed={"open": False, "closed": True}.get(view),
        mine=view == "mine",
        before=after,
        limit=PAGE + 1,
    )
    tabs = (
        [("待我处理", "open"), ("已处理", "closed"), ("我报的", "mine")] if handles else [("我报的", "mine")]
    )
    page = CorrectionsPage(
        view,
        [(label, f"/corrections?view={key}", key == view, 0) for label, key in tabs],
        found[:PAGE],
        STATES,
        str(found[PAGE - 1].correction.id) if len(found) > PAGE else "",
    )
    return render(request, "corrections/list.html", page, block="list")


@router.get("/new")
def new_page(
    request: Request,
    session: ReadSession,
    actor: Reader,
    code: Annotated[str, Query(max_length=16)],
    number: Revision,
    quote: Annotated[str, Query(max_length=corrections.QUOTE_MAX)] = "",
) -> Response:
    reading = read_revision(session, actor, code, number)
    page = ReportPage(reading.article.code, reading.revision.title, number, quote)
    return render(request, "corrections/new.html", page)


@router.post("")
def report(
    request: Request,
    session: WriteSession,
    actor: Reader,
    code: Annotated[str, Form()],
    number: Annotated[int, Form(ge=1, le=LAST_ID)],
    quote: Annotated[str, Form()] = "",
    message: Annotated[str, Form()] = "",
) -> Response:
    try:
        corrections.report(session, actor, code, number, message, quote)
    except Invalid as error:
        reading = read_revision(session, actor, code, number)
        title = reading.revision.title
        page = ReportPage(reading.article.code, title, number, quote, message, error.message, error.errors)
        return render(request, "corrections/new.html", page, status=error.status)
    response = RedirectResponse(f"/articles/{code}", 303)
    flash(response, "已提交给知识负责人，处理后会在“待办与消息”里告诉您")
    return response


@router.get("/{correction_id}")
def correction_page(request: Request, session: ReadSession, actor: Reader, correction_id: Id) -> Response:
    found = corrections.report_for_read(session, actor, correction_id)
    may = corrections.may_handle(session, actor, found.article) and actor.may(Permission.ARTICLE_WRITE)
    return render(request, "corrections/correction.html", CorrectionPage(found, STATES, may))


@router.post("/{correction_id}")
def answer(
    request: Request,
    session: WriteSession,
    actor: Writer,
    correction_id: Id,
    verdict: Annotated[Literal["accept", "decline"], Form()],
    answer: Annotated[str, Form()] = "",
) -> Response:
    decide = corrections.accept if verdict == "accept" else corrections.decline
    try:
        # What a refused act has written already must not stay.
        with session.begin_nested():
            decide(session, actor, correction_id, answer)
    except Invalid as error:
        found = corrections.report_for_read(session, actor, correction_id)
        page = CorrectionPage(found, STATES, True, answer, error.message, error.errors)
        return render(request, "corrections/correction.html", page, status=error.status)
    found = corrections.report_for_read(session, actor, correction_id)
    accepted = verdict == "accept"
    response = RedirectResponse(f"/drafts/{found.article.code}" if accepted else "/corrections", 303)
    flash(response, f"已答复 {found.reporter.name}" + ("，请在草稿里改正" if accepted else ""))
    return response
