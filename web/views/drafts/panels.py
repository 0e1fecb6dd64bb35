"""What stands beside the form: preview, difference from the base, checks. The form is sent, nothing is stored."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from markupsafe import Markup
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles.access import scope_of
from kms.articles.api.parameters import Code
from kms.articles.checks import Level, Remark, check
from kms.articles.comparing import differing
from kms.articles.completeness import missing
from kms.articles.content import KIND_LABELS, Content
from kms.articles.drafts import draft_for_edit, parse_content
from kms.articles.field_errors import LABELS
from kms.articles.links import targets
from kms.articles.models import Article, Draft
from kms.articles.reading import read_revision
from kms.db.dependencies import ReadSession
from kms.errors import Invalid, NotFound
from web.templating import render
from web.views.articles.presenting import body_html
from web.views.drafts.form import Typed, values_of

router = APIRouter(prefix="/drafts")
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]


@dataclass
class Panels:
    """`blocking` keeps the draft from being submitted; `remarks` only coach."""

    code: str
    content: Content | None
    kind: str
    html: Markup
    base: int
    number: int
    parts: list[tuple[str, Any]]
    blocking: dict[str, str]
    remarks: list[Remark]
    labels: dict[str, str]
    warnings: int
    errors: dict[str, str]


@router.post("/{code}/preview")
def preview(request: Request, session: ReadSession, actor: Writer, code: Code, form: Typed) -> Response:
    article, draft = draft_for_edit(session, actor, code)
    errors: dict[str, str] = {}
    content: Content | None = None
    try:
        content = parse_content(values_of(form, draft.value().attachments))
    except Invalid as error:
        errors = error.errors
    found = _panels(session, actor, article, draft, content, errors)
    return render(request, "drafts/panels.html", {"panels": found})


def panels(session: Session, actor: Actor, article: Article, draft: Draft) -> Panels:
    """For the stored text."""
    return _panels(session, actor, article, draft, draft.value(), {})


def _panels(
    session: Session,
    actor: Actor,
    article: Article,
    draft: Draft,
    content: Content | None,
    errors: dict[str, str],
) -> Panels:
    known = content or draft.value()
    links = targets(session, scope_of(session, actor), article.line_id, known)
    broken = [
        Remark(Level.WARNING, "body", f"链接 {target.code} 打不开：不存在、已停用，或不在本业务线")
        for target in links
        if target.broken
    ]
    remarks = [*broken, *check(known)]
    blocking = missing(known, article.last_number + 1)
    return Panels(
        code=article.code,
        content=content,
        kind=KIND_LABELS[known.kind],
        html=body_html(known, f"/drafts/{article.code}", links),
        base=draft.base_number,
        number=article.last_number + 1,
        parts=_parts(session, actor, article, draft, known),
        blocking=blocking,
        remarks=[remark for remark in remarks if remark.field not in blocking],
        labels=LABELS,
        warnings=len(blocking) + sum(remark.level is Level.WARNING for remark in remarks),
        errors=errors,
    )


def _parts(
    session: Session, actor: Actor, article: Article, draft: Draft, content: Content
) -> list[tuple[str, Any]]:
    if not draft.base_number:
        return []
    try:
        base = read_revision(session, actor, article.code, draft.base_number)
    except NotFound:
        return []
    return [(part.label, part.rows) for part in differing(session, base.content, content)]
