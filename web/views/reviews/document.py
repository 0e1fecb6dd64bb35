"""One revision under review, gathered for the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session

from kms.accounts.actor import Actor
from kms.accounts.directory import people_by_id
from kms.accounts.models import User
from kms.accounts.permissions import Permission
from kms.articles.access import scope_of
from kms.articles.annotating import Passage
from kms.articles.approvers import deciders
from kms.articles.checks import Level, check
from kms.articles.comparing import differing
from kms.articles.content import Content
from kms.articles.field_errors import LABELS
from kms.articles.links import Target, targets
from kms.articles.models import Article, ReviewComment, Revision
from kms.articles.remarks import comments_of
from kms.articles.review_view import (
    Act,
    Made,
    Progress,
    StageView,
    acts_of,
    decisions_of,
    names_of,
    outdated,
    stages_of,
)
from kms.articles.reviewing import refusal, revision_for_review
from kms.articles.side_by_side import Fold, Row
from kms.articles.stages import REFUSALS
from kms.articles.substitutes import stand_ins
from kms.articles.transitions import state_of
from kms.articles.workflow import Approval, Publication, Route, label
from kms.errors import Conflict, NotFound
from web.views.reviews.text import ShownText, shown_text

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


class View(StrEnum):
    """改动, 成稿, 并排."""

    CHANGES = "changes"
    TEXT = "text"
    SIDE = "side"


VIEWS = {View.CHANGES: "改动", View.TEXT: "成稿", View.SIDE: "并排"}


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on a passage; `sign` is its number in the text."""

    comment: ReviewComment
    author: str
    label: str
    sign: str
    gone: bool
    may_resolve: bool


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that is shown of it. `why_not` is why the actor may not decide; empty: may."""

    article: Article
    revision: Revision
    content: Content
    author: str
    state: str
    state_label: str
    text: ShownText
    parts: Sequence[tuple[str, Sequence[Row | Fold]]]
    views: Sequence[tuple[str, str, bool]]
    base: Revision | None
    stages: Sequence[dict[str, str]]
    decisions: Sequence[Made]
    notes: Sequence[Note]
    checks: Sequence[tuple[str, str, str]]
    conflict: Conflict | None
    theirs: Sequence[tuple[str, Sequence[Row | Fold]]]
    """What was published meanwhile, against the base of this one."""
    why_not: str
    open: bool
    acts: frozenset[Act]
    stand_ins: Sequence[tuple[str, str]]
    waiting: Sequence[tuple[str, str]]
    may_comment: bool
    fields: Sequence[tuple[str, str]]

    @property
    def open_notes(self) -> int:
        return sum(note.comment.resolved_at is None for note in self.notes)

    @property
    def address(self) -> str:
        return f"/reviews/{self.article.code}/{self.revision.number}"


def document_for(
    session: Session, actor: Actor, code: str, number: int, view: View, query: str = ""
) -> Document:
    """`query` is what the links keep. Raises NotFound for what the actor may not see."""
    article, revision = revision_for_review(session, actor, code, number)
    content, base = revision.value(), _base(session, actor, article, revision)
    links = targets(session, scope_of(session, actor), article.line_id, content)
    comments = comments_of(session, revision)
    before = base.value() if base and view is View.CHANGES else None
    files = f"/articles/{article.code}/revisions/{number}"
    text = shown_text(session, files, before, content, links, _passages(comments))
    conflict, why = outdated(session, article, revision), refusal(session, actor, revision)
    comments_allowed = actor.user_id in revision.editors or actor.may(Permission.ARTICLE_APPROVE)
    return Document(
        article=article,
        revision=revision,
        content=content,
        author=names_of(session, [revision.submitted_by])[revision.submitted_by],
        state=_state(revision),
        state_label=label(state_of(revision), revision.route),
        text=text,
        parts=_parts(session, base, content) if view is View.SIDE else [],
        views=_views(f"/reviews/{article.code}/{number}", view, query),
        base=base,
        stages=_stages(stages_of(session, article, revision), revision),
        decisions=decisions_of(session, revision),
        notes=[_note(at, actor, revision, *row, text.missing) for at, row in enumerate(comments, 1)],
        checks=_checks(content, links, conflict),
        conflict=conflict,
        theirs=_theirs(session, conflict),
        why_not=REFUSALS[why] if why else "",
        open=revision.approval is Approval.SUBMITTED,
        acts=acts_of(session, actor, article, [revision])[number],
        stand_ins=_people(stand_ins(session, article, revision)),
        waiting=_people(people_by_id(session, deciders(session, article, revision))),
        may_comment=comments_allowed,
        fields=[(name, words) for name, words in LABELS.items() if name not in ("change_note", "major")],
    )


def _views(address: str, shown: View, query: str) -> list[tuple[str, str, bool]]:
    more = f"&{query}" if query else ""
    return [(words, f"{address}?view={each}{more}", each is shown) for each, words in VIEWS.items()]


def _parts(
    session: Session, base: Revision | None, content: Content
) -> list[tuple[str, Sequence[Row | Fold]]]:
    found = differing(session, base.value(), content) if base else []
    return [(part.label, part.rows) for part in found]


def _theirs(session: Session, conflict: Conflict | None) -> list[tuple[str, Sequence[Row | Fold]]]:
    if conflict is None:
        return []
    base, theirs = (Content.model_validate(conflict.extra[name] or {}) for name in ("base", "theirs"))
    return [(part.label, part.rows) for part in differing(session, base, theirs)]


def _base(session: Session, actor: Actor, article: Article, revision: Revision) -> Revision | None:
    """What it changes; None for a first one, or where the base is not for this reader."""
    if not revision.base_number:
        return None
    try:
        return revision_for_review(session, actor, article.code, revision.base_number)[1]
    except NotFound:
        return None


def _passages(comments: Sequence[tuple[ReviewComment, User]]) -> dict[str, list[Passage]]:
    found: dict[str, list[Passage]] = {}
    for at, (comment, _) in enumerate(comments, 1):
        if comment.quote and comment.resolved_at is None:
            found.setdefault(comment.field, []).append(Passage(at, comment.quote))
    return found


def _note(
    at: int, actor: Actor, revision: Revision, comment: ReviewComment, author: User, missing: frozenset[int]
) -> Note:
    mine = actor.user_id in (comment.user_id, *revision.editors) or actor.may(Permission.ARTICLE_APPROVE)
    return Note(
        comment=comment,
        author="我" if comment.user_id == actor.user_id else author.name,
        label=LABELS.get(comment.field, comment.field),
        sign=CIRCLED[at - 1] if at <= len(CIRCLED) else f"({at})",
        gone=at in missing,
        may_resolve=mine and comment.resolved_at is None,
    )


def _state(revision: Revision) -> str:
    """A key of the macro `state`."""
    if revision.publication is Publication.PUBLISHED:
        if revision.approval is not Approval.SUBMITTED:
            return "published"
        return "urgent" if revision.route is Route.URGENT else "provisional"
    if revision.publication is not Publication.NONE:
        return revision.publication.value
    return "approved" if revision.approval is Approval.NOT_REQUIRED else revision.approval.value


def _stages(stages: Sequence[StageView], revision: Revision) -> list[dict[str, str]]:
    ended = revision.approval in (Approval.RETURNED, Approval.WITHDRAWN)
    shown = []
    for stage in stages:
        progress = Progress.TODO if ended and stage.progress is Progress.CURRENT else stage.progress
        shown.append({"label": stage.name, "state": progress.value, "note": "" if ended else stage.note})
    out = revision.publication in (Publication.PUBLISHED, Publication.RECALLED)
    when = "" if out or revision.publish_at is None else "定时"
    return [*shown, {"label": "发布", "state": "done" if out else "todo", "note": when}]


def _checks(
    content: Content, links: Sequence[Target], conflict: Conflict | None
) -> list[tuple[str, str, str]]:
    """Tone, icon and words; what is wrong comes first."""
    found = [("bad", "circle-x", conflict.message)] if conflict else []
    found += [
        ("warn", "triangle-alert", f"引用的 {target.code} 打不开：不存在、已停用、未生效，或不在本业务线")
        for target in links
        if target.broken
    ]
    tones = {Level.WARNING: ("warn", "triangle-alert"), Level.HINT: ("info", "info")}
    remarks = check(content)
    found += [(*tones[remark.level], f"{LABELS[remark.field]}：{remark.message}") for remark in remarks]
    if content.summary and not any(remark.field == "summary" for remark in remarks):
        found.append(
            ("good", "circle-check", f"标准口径 {len(content.summary)} 字，没有个人信息和过长的句子")
        )
    if links and not any(target.broken for target in links):
        found.append(("good", "circle-check", f"引用的 {len(links)} 条知识都能打开"))
    return found


def _people(users: Sequence[User]) -> list[tuple[str, str]]:
    return [(user.login, f"{user.name} {user.login}") for user in users]
