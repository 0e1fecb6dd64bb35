"""Browsing: the tree of categories, lists, and what a person keeps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.accounts.tabular import write_csv
from kms.articles import bookmarks
from kms.articles.access import scope_of
from kms.articles.api.parameters import LAST_ID
from kms.articles.browsing import (
    VALIDITIES,
    Filters,
    Listed,
    Sort,
    Validity,
    all_listed,
    browse,
    counts,
    popular,
)
from kms.articles.categories import SEPARATOR, Node, paths_of, tree
from kms.articles.content import KIND_LABELS, Kind
from kms.articles.facts import names
from kms.articles.paging import Page
from kms.articles.vocabulary import products, regions
from kms.audit.service import record
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Invalid
from web.templating import render
from web.views.articles.chips import confidence_key, is_off

router = APIRouter(prefix="/articles")
Reader = Annotated[Actor, Depends(allow(Permission.ARTICLE_READ))]
View = Literal["all", "bookmarks", "recent", "popular", "changed"]
VIEWS: dict[View, str] = {
    "all": "全部",
    "changed": "新变更",
    "popular": "热门",
    "bookmarks": "收藏",
    "recent": "最近浏览",
}
CSV_MAX = 10_000


@dataclass
class BrowsePage:
    view: View
    tabs: Sequence[tuple[str, str, bool, int]]
    page: Page[Listed]
    filters: Filters
    sort: str
    lines: Sequence[Node]
    counts: dict[int, int]
    open_ids: Sequence[int]
    heading: str
    kinds: Sequence[tuple[str, str]]
    kind_names: dict[Kind, str]
    products: Sequence[tuple[str, str]]
    regions: Sequence[tuple[str, str]]
    validities: Sequence[tuple[str, str]]
    csv: str
    off: Sequence[bool]
    confidences: Sequence[str]
    may_write: bool


def _filters(
    category_id: str = "",
    q: Annotated[str, Query(max_length=200)] = "",
    kind: str = "",
    product: Annotated[str, Query(max_length=64)] = "",
    region: Annotated[str, Query(max_length=64)] = "",
    validity: Validity = Validity.IN_FORCE,
    unverified: bool = False,
) -> Filters:
    """From a form, in which nothing chosen is an empty field."""
    try:
        category = int(category_id) if category_id else None
        chosen = Kind(kind) if kind else None
    except ValueError:
        raise Invalid("筛选条件有误，请重新选择") from None
    if category is not None and not 0 < category <= LAST_ID:
        raise Invalid("筛选条件有误，请重新选择")
    return Filters(category, q, chosen, product, region, None, validity, unverified)


Asked = Annotated[Filters, Depends(_filters)]


@router.get("")
def browse_page(
    request: Request,
    session: ReadSession,
    actor: Reader,
    filters: Asked,
    view: View = "all",
    sort: Sort = Sort.UPDATED,
    after: Annotated[str, Query(max_length=500)] = "",
    before: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    page = _shelf(session, actor, view) or browse(session, actor, filters, sort, after=after, before=before)
    context = _context(request, session, actor, view, filters, sort, page)
    return render(request, "articles/browse.html", context, block="list")


@router.get("/list.csv")
def browse_csv(session: WriteSession, actor: Reader, filters: Asked, sort: Sort = Sort.UPDATED) -> Response:
    """The whole list, 10,000 rows at most; recorded, as it leaves the house."""
    rows = all_listed(session, actor, filters, sort, CSV_MAX)
    record(session, actor, "article.export", after={"rows": len(rows)})
    paths = paths_of(session, [row.article.category_id for row in rows])
    owners = names(session, [row.article.owner_id for row in rows])
    heads = (
        "编号",
        "版本",
        "标题",
        "类型",
        "分类",
        "产品",
        "地区",
        "负责人",
        "发布时间",
        "生效",
        "失效",
        "近30天热度",
    )
    body = [_csv_row(row, SEPARATOR.join(paths[row.article.category_id]), owners) for row in rows]
    return Response(
        write_csv([heads, *body]),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="articles.csv"'},
    )


def _csv_row(row: Listed, path: str, owners: dict[int, str]) -> tuple[object, ...]:
    revision, content = row.revision, row.revision.value()
    times = [
        f"{clock.local(each):%Y-%m-%d %H:%M}" if each else ""
        for each in (revision.published_at, revision.effective_from, revision.effective_to)
    ]
    return (
        row.article.code,
        revision.number,
        revision.title,
        KIND_LABELS[content.kind],
        path,
        "、".join(content.products),
        "、".join(content.regions) or "全国",
        owners.get(row.article.owner_id, ""),
        *times,
        row.popularity,
    )


def _shelf(session: Session, actor: Actor, view: View) -> Page[Listed] | None:
    shelves: dict[str, Callable[[Session, Actor], Sequence[Listed]]] = {
        "bookmarks": bookmarks.bookmarked,
        "recent": bookmarks.recent,
        "popular": popular,
        "changed": bookmarks.changed,
    }
    if view not in shelves:
        return None
    rows = shelves[view](session, actor)
    return Page(rows, len(rows))


def _context(
    request: Request,
    session: Session,
    actor: Actor,
    view: View,
    filters: Filters,
    sort: Sort,
    page: Page[Listed],
) -> BrowsePage:
    lines = tree(session, scope_of(session, actor))
    chosen = next((node for line in lines for node in line.walk() if node.id == filters.category_id), None)
    query = request.url.query
    return BrowsePage(
        view=view,
        tabs=[
            (label, f"/articles?view={key}" if key != "all" else "/articles", key == view, 0)
            for key, label in VIEWS.items()
        ],
        page=page,
        filters=filters,
        sort=sort.value,
        lines=lines,
        counts=counts(session, actor, replace(filters, q="")),
        open_ids=_open_ids(lines, chosen),
        heading=SEPARATOR.join(chosen.names) if chosen else VIEWS[view],
        kinds=[(kind.value, label) for kind, label in KIND_LABELS.items()],
        kind_names=KIND_LABELS,
        products=[(each.name, each.name) for each in products(session)],
        regions=[(each.path, each.path) for each in regions(session)],
        validities=_validities(actor),
        csv="/articles/list.csv" + (f"?{query}" if query else "") if view == "all" and page.rows else "",
        off=[is_off(row) for row in page.rows],
        confidences=[confidence_key(row.revision) for row in page.rows],
        may_write=actor.may(Permission.ARTICLE_WRITE),
    )


def _validities(actor: Actor) -> list[tuple[str, str]]:
    shown = [
        each for each in Validity if each is not Validity.COMING or actor.may(Permission.ARTICLE_READ_COMING)
    ]
    return [(each.value, VALIDITIES[each]) for each in shown]


def _open_ids(lines: Sequence[Node], chosen: Node | None) -> list[int]:
    """The branches of the tree that stand open: those above the chosen category, else all business lines."""
    if chosen is None:
        return [line.id for line in lines]
    return [int(part) for part in chosen.category.path.split(SEPARATOR) if part]
