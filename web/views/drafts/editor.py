"""The editor: a form that works by itself, and saves itself where there is script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles.access import scope_of
from kms.articles.api.parameters import Code
from kms.articles.categories import effective_rule, options
from kms.articles.content import KIND_LABELS, SUMMARY_MAX, TITLE_MAX, AttachmentRef, Content
from kms.articles.drafts import discard_draft, draft_for_edit, parse_content, save_draft
from kms.articles.field_errors import LABELS
from kms.articles.file_types import ACCEPT
from kms.articles.models import Article, Draft
from kms.articles.references import line_groups, line_people
from kms.articles.vocabulary import products, regions
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Conflict, Invalid, NotFound
from web.flash import flash
from web.security import csp_nonce
from web.templating import render
from web.views.drafts.form import Typed, fields_of, shown, steps_shown, values_of
from web.views.drafts.panels import Panels, panels

router = APIRouter(prefix="/drafts")
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]


@dataclass
class Choices:
    """What the selects offer; only of the article's own business line."""

    kinds: Sequence[tuple[str, str]]
    categories: Sequence[tuple[str, str]]
    people: Sequence[tuple[str, str]]
    groups: Sequence[str]
    regions: Sequence[str]
    products: Sequence[str]


@dataclass
class EditorPage:
    article: Article
    draft: Draft
    number: int
    values: Mapping[str, Any]
    version: int
    choices: Choices
    stages: Sequence[Mapping[str, str]]
    panels: Panels
    attachments: Sequence[AttachmentRef]
    title_max: int = TITLE_MAX
    summary_max: int = SUMMARY_MAX
    accept: str = ACCEPT
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    theirs: Content | None = None
    saved_by: str = ""


@router.get("/{code}")
def edit(request: Request, session: ReadSession, actor: Writer, code: Code) -> Response:
    article, draft = draft_for_edit(session, actor, code)
    csp_nonce(request)
    return render(request, "drafts/editor.html", _page(session, actor, article, draft))


@router.post("/{code}")
def save(request: Request, session: WriteSession, actor: Writer, code: Code, form: Typed) -> Response:
    """Save, and go on to submission when that button was pressed."""
    try:
        draft = _save(session, actor, code, form)
    except (Invalid, Conflict) as error:
        return _again(request, session, actor, code, form, error)
    except NotFound as error:
        page = {"code": code, "message": error.message, "texts": _typed_texts(form)}
        return render(request, "drafts/gone.html", page, status=error.status)
    if form.get("then") == "submit":
        return RedirectResponse(f"/articles/{code}/submit", 303)
    response = RedirectResponse(f"/drafts/{code}", 303)
    flash(response, f"草稿已保存（第 {draft.version} 次）")
    return response


@router.post("/{code}/autosave")
def autosave(session: WriteSession, actor: Writer, code: Code, form: Typed) -> Response:
    """For the script: the new version, or both texts by the names of the form's fields."""
    try:
        draft = _save(session, actor, code, form)
    except Invalid as error:
        return JSONResponse({"detail": error.message, "errors": error.errors}, error.status)
    except Conflict as error:
        return JSONResponse(_conflict(error), error.status)
    return JSONResponse({"version": draft.version})


@router.post("/{code}/discard")
def discard(session: WriteSession, actor: Writer, code: Code) -> Response:
    article = discard_draft(session, actor, code)
    target = f"/articles/{article.code}" if article.last_number else "/drafts"
    response = RedirectResponse(target, 303)
    flash(response, f"已放弃 {article.code} 的草稿")
    return response


def _save(session: Session, actor: Actor, code: str, form: FormData) -> Draft:
    _, draft = draft_for_edit(session, actor, code)
    content = parse_content(values_of(form, draft.value().attachments))
    return save_draft(session, actor, code, _version(form), content)


def _typed_texts(form: FormData) -> list[tuple[str, str]]:
    """What was typed, to be copied by hand once there is no draft any more that could take it."""
    texts = [(label, "\n".join(str(each) for each in form.getlist(name))) for name, label in LABELS.items()]
    return [(label, text) for label, text in texts if text.strip()]


def _version(form: FormData) -> int:
    text = str(form.get("version", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _conflict(error: Conflict) -> dict[str, Any]:
    answer: dict[str, Any] = {"detail": error.message}
    if "theirs" in error.extra:
        theirs = Content.model_validate(error.extra["theirs"])
        answer |= {
            "version": error.extra["version"],
            "saved_by": error.extra["saved_by"],
            "theirs": fields_of(theirs),
        }
    return answer


def _again(
    request: Request, session: Session, actor: Actor, code: str, form: FormData, error: Invalid | Conflict
) -> Response:
    """The form with what was typed and what stands in the way; nothing is lost."""
    article, draft = draft_for_edit(session, actor, code)
    page = _page(session, actor, article, draft)
    page.values, page.message = shown(form), error.message
    if isinstance(error, Invalid):
        page.errors = error.errors
        page.version = _version(form)
    elif "theirs" in error.extra:
        page.theirs, page.saved_by = Content.model_validate(error.extra["theirs"]), error.extra["saved_by"]
    csp_nonce(request)
    return render(request, "drafts/editor.html", page, status=error.status)


def _page(session: Session, actor: Actor, article: Article, draft: Draft) -> EditorPage:
    content = draft.value()
    rule = effective_rule(session, content.category_id or article.category_id)
    stages = ["草稿", *(stage.name for stage in rule.stages), "发布"]
    return EditorPage(
        article=article,
        draft=draft,
        number=article.last_number + 1,
        values=fields_of(content) | {"steps": steps_shown(content), "major": content.major},
        version=draft.version,
        choices=_choices(session, actor, article, content),
        stages=[
            {"label": name, "state": "todo" if place else "current"} for place, name in enumerate(stages)
        ],
        attachments=content.attachments,
        panels=panels(session, actor, article, draft),
    )


def _choices(session: Session, actor: Actor, article: Article, content: Content) -> Choices:
    scope = scope_of(session, actor)
    own = type(scope)(scope.lines & {article.line_id}, scope.tokens)
    people = [
        (str(user.id), f"{user.name} {user.login}")
        for user in line_people(session, article.line_id, writers=True)
    ]
    if content.owner_id and str(content.owner_id) not in dict(people):
        people.insert(0, (str(content.owner_id), "原负责人（已不在本业务线）"))
    groups = line_groups(session, article.line_id, actor)
    return Choices(
        kinds=[(kind.value, label) for kind, label in KIND_LABELS.items()],
        categories=options(session, own),
        people=people,
        groups=[*groups, *(name for name in content.audience.groups if name not in groups)],
        regions=[region.path for region in regions(session)],
        products=[product.name for product in products(session)],
    )
