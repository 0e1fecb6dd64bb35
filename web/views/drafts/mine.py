"""我的草稿."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles.categories import paths_of
from kms.articles.content import KIND_LABELS, Kind
from kms.articles.drafts import my_drafts
from kms.articles.models import Article, Draft, Revision
from kms.articles.submissions import sent_back, under_review
from kms.db.dependencies import ReadSession
from web.templating import render

router = APIRouter(prefix="/drafts")
Writer = Annotated[Actor, Depends(allow(Permission.ARTICLE_WRITE))]
View = Literal["drafts", "submitted"]


@dataclass
class DraftsPage:
    view: View
    tabs: Sequence[tuple[str, str, bool, int]]
    drafts: Sequence[tuple[Article, Draft]]
    submissions: Sequence[tuple[Article, Revision]]
    returned: dict[int, Revision]
    paths: dict[int, tuple[str, ...]]
    kinds: dict[Kind, str]


@router.get("")
def my_drafts_page(request: Request, session: ReadSession, actor: Writer, view: View = "drafts") -> Response:
    drafts, submissions = my_drafts(session, actor), under_review(session, actor)
    shown = [draft.value().category_id or 0 for _, draft in drafts]
    page = DraftsPage(
        view,
        [
            ("草稿", "/drafts", view == "drafts", len(drafts)),
            ("审批中", "/drafts?view=submitted", view == "submitted", len(submissions)),
        ],
        drafts,
        submissions,
        sent_back(session, [article for article, _ in drafts]),
        paths_of(session, [*shown, *(revision.category_id for _, revision in submissions)]),
        KIND_LABELS,
    )
    return render(request, "drafts/mine.html", page)
