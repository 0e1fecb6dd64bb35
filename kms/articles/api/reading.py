"""Reading: lists, one article at any time, its revisions and their differences."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from sqlmodel import Session

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import bookmarks
from kms.articles.access import scope_of
from kms.articles.api.parameters import LAST_ID, AskedMoment, Code, Number
from kms.articles.api.schemas import ArticleOut, ListedOut, PageOut, RevisionOut
from kms.articles.browsing import Filters, Listed, Sort, Validity, browse, popular
from kms.articles.categories import category_path_names
from kms.articles.comparing import differing
from kms.articles.content import Kind
from kms.articles.difference import Op
from kms.articles.links import cited_by, targets
from kms.articles.reading import Reading, read_article, read_history, read_revision
from kms.db.dependencies import ReadSession, WriteSession

router = APIRouter(tags=["阅读知识"])
Reader = Annotated[Actor, Depends(allow(Permission.ARTICLE_READ))]


class SegmentOut(BaseModel):
    op: Op
    text: str


class PartOut(BaseModel):
    """A field that differs, as runs of text that stayed, went or came."""

    field: str
    label: str
    segments: list[SegmentOut]


class DifferenceOut(BaseModel):
    code: str
    old: int
    new: int
    parts: list[PartOut]


class Shelf(StrEnum):
    """收藏, 最近浏览, 热门, 新变更."""

    BOOKMARKS = "bookmarks"
    RECENT = "recent"
    POPULAR = "popular"
    CHANGED = "changed"


SHELVES: dict[Shelf, Callable[[Session, Actor], Sequence[Listed]]] = {
    Shelf.BOOKMARKS: bookmarks.bookmarked,
    Shelf.RECENT: bookmarks.recent,
    Shelf.POPULAR: popular,
    Shelf.CHANGED: bookmarks.changed,
}


def _filters(
    category_id: Annotated[int | None, Query(ge=1, le=LAST_ID, description="含下级分类")] = None,
    q: Annotated[str, Query(max_length=200, description="标题中的文字，或知识编号")] = "",
    kind: Kind | None = None,
    product: Annotated[str, Query(max_length=64)] = "",
    region: Annotated[str, Query(max_length=64)] = "",
    owner_id: Annotated[int | None, Query(ge=1, le=LAST_ID)] = None,
    validity: Validity = Validity.IN_FORCE,
    unverified: Annotated[bool, Query(description="只看已发布但尚未审批的")] = False,
) -> Filters:
    return Filters(category_id, q, kind, product, region, owner_id, validity, unverified)


@router.get("/articles", summary="浏览知识")
def browse_articles(
    session: ReadSession,
    actor: Reader,
    filters: Annotated[Filters, Depends(_filters)],
    sort: Sort = Sort.UPDATED,
    after: Annotated[str, Query(max_length=500)] = "",
    before: Annotated[str, Query(max_length=500)] = "",
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> PageOut:
    """按分类、类型、产品、地区和有效性筛选，只含调用者可见的知识；翻页用返回的 `after` 或 `before`。"""
    page = browse(session, actor, filters, sort, after=after, before=before, size=size)
    items = [ListedOut.of(row) for row in page.rows]
    return PageOut(items=items, total=page.total, after=page.after, before=page.before)


@router.get("/shelves/{shelf}", summary="收藏、最近浏览、热门、新变更")
def read_shelf(session: ReadSession, actor: Reader, shelf: Shelf) -> list[ListedOut]:
    """调用者自己的收藏和最近浏览；近 30 天热门；近 14 天变更。"""
    return [ListedOut.of(row) for row in SHELVES[shelf](session, actor)]


@router.get("/articles/{code}", summary="读一条知识")
def get_article(session: ReadSession, actor: Reader, code: Code, at: AskedMoment) -> ArticleOut:
    """当前生效的版本，或 `as_of` / `known_at` 所问时刻的版本。

    没有生效版本时返回最后一版并说明原因（`standing`），此时 `summary` 为 null，不得再对客户宣读。
    """
    return _full(session, actor, read_article(session, actor, code, at))


@router.get("/articles/{code}/revisions", summary="历史版本")
def list_revisions(session: ReadSession, actor: Reader, code: Code) -> list[RevisionOut]:
    """从新到旧；待生效和未发布的版本只对有权限的人列出。"""
    return [RevisionOut.of(reading) for reading in read_history(session, actor, code)]


@router.get("/articles/{code}/revisions/{number}", summary="读某一版本")
def get_revision(session: ReadSession, actor: Reader, code: Code, number: Number) -> ArticleOut:
    """任一可见版本的全文。"""
    return _full(session, actor, read_revision(session, actor, code, number))


@router.get("/articles/{code}/difference", summary="比较两个版本")
def get_difference(
    session: ReadSession,
    actor: Reader,
    code: Code,
    old: Annotated[int, Query(alias="from", ge=1, le=LAST_ID)],
    new: Annotated[int, Query(alias="to", ge=1, le=LAST_ID)],
) -> DifferenceOut:
    """逐字段、逐字比较；没有变化的字段不返回。"""
    before = read_revision(session, actor, code, old)
    after = read_revision(session, actor, code, new)
    parts = [
        PartOut(
            field=part.field,
            label=part.label,
            segments=[SegmentOut(op=segment.op, text=segment.text) for segment in part.segments],
        )
        for part in differing(session, before.content, after.content)
    ]
    return DifferenceOut(code=before.article.code, old=old, new=new, parts=parts)


@router.put("/articles/{code}/bookmark", status_code=204, summary="收藏")
def put_bookmark(session: WriteSession, actor: Reader, code: Code) -> None:
    """重复收藏不报错。"""
    bookmarks.set_bookmark(session, actor, code, on=True)


@router.delete("/articles/{code}/bookmark", status_code=204, summary="取消收藏")
def delete_bookmark(session: WriteSession, actor: Reader, code: Code) -> None:
    """没有收藏过也不报错。"""
    bookmarks.set_bookmark(session, actor, code, on=False)


def _full(session: Session, actor: Actor, reading: Reading) -> ArticleOut:
    scope, article = scope_of(session, actor), reading.article
    return ArticleOut.with_links(
        reading,
        category_path_names(session, article.category_id),
        targets(session, scope, article.line_id, reading.content),
        cited_by(session, scope, article),
    )
