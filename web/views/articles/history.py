"""Revisions of an article: the list, one of them, the difference of two."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles.api.parameters import LAST_ID, Code, Number
from kms.articles.comparing import differing
from kms.articles.facts import names
from kms.articles.reading import Reading, read_history, read_revision
from kms.articles.side_by_side import Fold, Row
from kms.db.dependencies import ReadSession
from kms.errors import NotFound
from web.templating import render
from web.views.articles.chips import state_key
from web.views.articles.presenting import article_page

router = APIRouter(prefix="/articles")
Reader = Annotated[Actor, Depends(allow(Permission.ARTICLE_READ))]
Wanted = Annotated[int | None, Query(ge=1, le=LAST_ID)]


@dataclass
class HistoryPage:
    code: str
    title: str
    rows: Sequence[tuple[Reading, str]]
    people: dict[int, str]


@dataclass
class DifferencePage:
    code: str
    title: str
    old: Reading
    new: Reading
    old_state: str
    new_state: str
    parts: Sequence[tuple[str, Sequence[Row | Fold]]]
    numbers: Sequence[tuple[str, str]]
    notes: tuple[str, str]


@router.get("/{code}/history")
def history(request: Request, session: ReadSession, actor: Reader, code: Code) -> Response:
    readings = _readings(session, actor, code)
    people = names(session, [each.revision.submitted_by for each in readings])
    rows = [(each, state_key(each)) for each in readings]
    page = HistoryPage(readings[0].article.code, readings[0].article.title, rows, people)
    return render(request, "articles/history.html", page)


@router.get("/{code}/revisions/{number}")
def revision(request: Request, session: ReadSession, actor: Reader, code: Code, number: Number) -> Response:
    page = article_page(session, actor, read_revision(session, actor, code, number))
    page.back = f"/articles/{page.reading.article.code}"
    return render(request, "articles/article.html", page)


@router.get("/{code}/difference")
def difference(
    request: Request,
    session: ReadSession,
    actor: Reader,
    code: Code,
    old: Annotated[Wanted, Query(alias="from")] = None,
    new: Annotated[Wanted, Query(alias="to")] = None,
) -> Response:
    """Any two revisions; without a choice the newest and the one before it."""
    readings = _readings(session, actor, code)
    newest = readings[0].revision.number
    after = read_revision(session, actor, code, new or newest)
    before = read_revision(session, actor, code, old or max(after.revision.number - 1, 1))
    page = DifferencePage(
        code=after.article.code,
        title=after.article.title,
        old=before,
        new=after,
        old_state=state_key(before),
        new_state=state_key(after),
        parts=[(part.label, part.rows) for part in differing(session, before.content, after.content)],
        numbers=[(str(each.revision.number), f"r{each.revision.number}") for each in readings],
        notes=(_note(session, before), _note(session, after)),
    )
    return render(request, "articles/difference.html", page)


def _readings(session: ReadSession, actor: Actor, code: str) -> list[Reading]:
    readings = read_history(session, actor, code)
    if not readings:
        raise NotFound("还没有可以查看的版本")
    return readings


def _note(session: Session, reading: Reading) -> str:
    """`11-21 林晓雯`."""
    revision = reading.revision
    when = clock.local(revision.published_at or revision.submitted_at)
    who = names(session, [revision.submitted_by]).get(revision.submitted_by, "")
    return f"{when:%Y-%m-%d} {who}"
