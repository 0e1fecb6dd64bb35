"""The article page's context: everything a reader sees, gathered once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from markupsafe import Markup
from sqlmodel import Session

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles import markup
from kms.articles.access import scope_of
from kms.articles.bookmarks import is_bookmarked
from kms.articles.browsing import Filters, Sort, browse
from kms.articles.categories import category_for_read, category_path_names, ids_of
from kms.articles.content import KIND_LABELS, AttachmentRef, Content
from kms.articles.drafts import draft_of
from kms.articles.facts import approver_names, names
from kms.articles.file_types import IMAGES
from kms.articles.links import Target, broken_codes, cited_by, targets
from kms.articles.markup import Section
from kms.articles.reading import Moment, Reading, Standing, read_history
from kms.articles.workflow import Approval, Route
from web.views.articles.chips import Banner, confidence_key, live_key, state_key

RELATED = 4
RELATED_MAX = 10
HISTORY = 5


@dataclass
class ArticlePage:
    """Of one revision; `banner` says why it is not simply the present rule."""

    reading: Reading
    content: Content
    kind: str
    html: Markup
    sections: Sequence[Section]
    crumbs: Sequence[tuple[str, str]]
    files: Sequence[tuple[AttachmentRef, str]]
    related: Sequence[tuple[str, str, str]]
    """Code, title and how it is related."""
    history: Sequence[Reading]
    people: dict[int, str]
    approvers: Sequence[str]
    state: str
    confidence: str
    provisional: bool
    speakable: bool
    bookmarked: bool
    may_write: bool
    has_draft: bool
    banner: Banner | None
    previous: int | None
    back: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def article_page(session: Session, actor: Actor, reading: Reading, at: Moment | None = None) -> ArticlePage:
    """Gather what the page of this revision shows to this reader."""
    article, revision, content = reading.article, reading.revision, reading.content
    scope = scope_of(session, actor)
    links = targets(session, scope, article.line_id, content)
    history = read_history(session, actor, article.code)
    return ArticlePage(
        reading=reading,
        content=content,
        kind=KIND_LABELS[content.kind],
        html=body_html(content, f"/articles/{article.code}/revisions/{revision.number}", links),
        sections=[each for each in markup.sections(content.body) if each.heading],
        crumbs=crumbs(session, actor, article.category_id),
        files=_files(content, f"/articles/{article.code}/revisions/{revision.number}"),
        related=_related(session, actor, reading, links),
        history=history[:HISTORY],
        people=names(session, [article.owner_id, *(each.revision.submitted_by for each in history)]),
        approvers=approver_names(session, revision),
        state=state_key(reading),
        confidence=confidence_key(revision) if reading.standing is Standing.IN_FORCE else "",
        provisional=live_key(revision) == "provisional",
        speakable=_speakable(reading),
        bookmarked=is_bookmarked(session, actor, article),
        may_write=actor.may(Permission.ARTICLE_WRITE) and article.retired_at is None,
        has_draft=actor.may(Permission.ARTICLE_WRITE) and draft_of(session, article) is not None,
        banner=_banner(reading, at),
        previous=_previous(history, revision.number),
    )


def _speakable(reading: Reading) -> bool:
    """What was in force at the asked time may have been recalled since: shown, but not to be read out."""
    recalled = reading.revision.recalled_at is not None and reading.revision.recalled_at <= clock.now()
    return reading.standing is Standing.IN_FORCE and bool(reading.content.summary) and not recalled


def body_html(content: Content, base: str, links: Sequence[Target]) -> Markup:
    """The body as HTML; pictures come from below `base`."""
    html = markup.render(content.body, image_urls(content, base), broken_codes(links))
    return Markup(html)  # noqa: S704 - sanitised by render


def image_urls(content: Content, base: str) -> markup.ImageUrl:
    """Addresses of the attached pictures, below `base`."""
    known = {ref.name for ref in content.attachments if ref.media_type in IMAGES}

    def image_url(name: str) -> str | None:
        return f"{base}/attachments/{quote(name)}" if name in known else None

    return image_url


def crumbs(session: Session, actor: Actor, category_id: int) -> list[tuple[str, str]]:
    """Names and addresses of the categories above an article."""
    category = category_for_read(session, scope_of(session, actor), category_id)
    path = zip(category_path_names(session, category_id), ids_of(category.path), strict=True)
    return [(name, f"/articles?category_id={ident}") for name, ident in path]


def _files(content: Content, base: str) -> list[tuple[AttachmentRef, str]]:
    """Attachments that the text does not show as pictures, with their addresses."""
    shown = set(markup.images(content.body))
    return [
        (ref, f"{base}/attachments/{quote(ref.name)}") for ref in content.attachments if ref.name not in shown
    ]


def _related(
    session: Session, actor: Actor, reading: Reading, links: Sequence[Target]
) -> list[tuple[str, str, str]]:
    """What it refers to, what refers to it, and what is much used in the same category; each once."""
    article = reading.article
    found = {target.code: (target.title, "引用") for target in links if not target.broken}
    for target in cited_by(session, scope_of(session, actor), article):
        found.setdefault(target.code, (target.title, "被引用"))
    same = browse(session, actor, Filters(category_id=article.category_id), Sort.POPULAR, size=RELATED + 1)
    for row in same.rows:
        found.setdefault(row.article.code, (row.revision.title, "同类"))
    found.pop(article.code, None)
    return [(code, title, kind) for code, (title, kind) in found.items()][:RELATED_MAX]


def _previous(history: Sequence[Reading], number: int) -> int | None:
    published = [each.revision.number for each in history if each.revision.published_at]
    return next((each for each in published if each < number), None)


def _banner(reading: Reading, at: Moment | None) -> Banner | None:
    silent = _silent(reading)
    if silent is not None:
        return silent
    if at is not None and at.asked:
        day = clock.local(at.as_of)
        return Banner(
            f"{day:%Y-%m-%d %H:%M} 的口径", "这是所查时刻的内容，不一定是现在的规定。", "info", "history"
        )
    revision = reading.revision
    if reading.standing is Standing.SUPERSEDED:
        return Banner("历史版本", "已被后来的版本取代，只供查阅，不要对客户宣读。")
    if reading.standing is Standing.COMING:
        begins = clock.local(revision.effective_from or clock.now())
        return Banner(
            "待生效版本", f"{begins:%Y-%m-%d %H:%M} 起生效，此前请按当前版本答复。", "info", "calendar-clock"
        )
    if reading.standing is Standing.UNPUBLISHED:
        return Banner(f"未发布：{reading.confidence_label}", "坐席还看不到这个版本。", "info")
    if revision.approval is Approval.SUBMITTED:
        return _unapproved(reading)
    return None


def _silent(reading: Reading) -> Banner | None:
    article, revision = reading.article, reading.revision
    if reading.standing is Standing.RETIRED:
        reason = f"原因：{article.retired_reason}。" if article.retired_reason else ""
        return Banner("这条知识已停用", f"{reason}标准口径不再提供，不要对客户宣读。", "bad")
    if reading.standing is Standing.RECALLED:
        reason = f"原因：{revision.recall_reason}。" if revision.recall_reason else ""
        return Banner("这个版本已撤回", f"{reason}标准口径不再提供，不要对客户宣读。", "bad")
    if reading.standing is Standing.EXPIRED:
        end = clock.local(revision.effective_to or clock.now())
        return Banner("已失效", f"{end:%Y-%m-%d} 起失效，标准口径不再提供，不要对客户宣读。", "bad")
    return None


def _unapproved(reading: Reading) -> Banner:
    revision = reading.revision
    if revision.route is Route.URGENT:
        return Banner("紧急发布·待审批", f"原因：{revision.urgent_reason}", "warn", "zap")
    until = revision.provisional_until
    end = f"，{clock.local(until):%m-%d %H:%M} 前有效" if until else ""
    return Banner("待核实", f"尚未审批{end}，仅供内部参考，不要发送给客户。", "warn", "hourglass")
