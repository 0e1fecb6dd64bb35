"""What a reader gets to see of an article: the revision in force, an earlier or a coming one, and how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles import timeline
from kms.articles.access import Scope, article_for_read, scope_of
from kms.articles.basis import numbered, revisions_of, spans
from kms.articles.content import Content
from kms.articles.models import Article, Revision
from kms.articles.timeline import Change
from kms.articles.workflow import Confidence, State, confidence, confidence_label
from kms.errors import Forbidden, Invalid, KmsError, NotFound


class Standing(StrEnum):
    """How the shown revision stands to the asked time."""

    IN_FORCE = "in_force"
    COMING = "coming"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    RECALLED = "recalled"
    RETIRED = "retired"
    UNPUBLISHED = "unpublished"


STANDINGS = {
    Standing.IN_FORCE: "当前有效",
    Standing.COMING: "待生效",
    Standing.SUPERSEDED: "历史版本",
    Standing.EXPIRED: "已失效",
    Standing.RECALLED: "已撤回",
    Standing.RETIRED: "已停用",
    Standing.UNPUBLISHED: "未发布",
}
_SILENT = frozenset({Standing.EXPIRED, Standing.RECALLED, Standing.RETIRED})


@dataclass(frozen=True, slots=True)
class Moment:
    """The rule at `as_of` as known at `known_at`; the present when nobody asks for another."""

    as_of: datetime
    known_at: datetime
    asked: bool = False
    """Whether somebody asked for a time, so that the answer is not simply the present."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One revision as a reader sees it."""

    article: Article
    revision: Revision
    content: Content
    standing: Standing
    change: Change | None = None
    successor: str = ""
    """Code of the article that takes the place of a retired one."""

    @property
    def summary(self) -> str | None:
        """The 标准口径; None where it must not be read out any more."""
        return None if self.standing in _SILENT else self.content.summary

    @property
    def state(self) -> State:
        return State(self.revision.approval, self.revision.publication)

    @property
    def confidence(self) -> Confidence:
        return confidence(self.state)

    @property
    def confidence_label(self) -> str:
        return confidence_label(self.state, self.revision.route)

    @property
    def chip(self) -> str:
        """`12-01 起变更`, or empty."""
        return timeline.chip(self.change, clock.now(), clock.SHANGHAI) if self.change else ""


def moment(as_of: datetime | None = None, known_at: datetime | None = None) -> Moment:
    """`known_at` alone asks what was shown then. Raises Invalid for a `known_at` that lies ahead."""
    now = clock.now()
    if known_at is not None and known_at > now:
        raise Invalid("known_at 不能晚于现在", {"known_at": "请填写已经过去的时间"})
    return Moment(as_of or known_at or now, known_at or now, asked=(as_of or known_at) is not None)


def read_article(session: Session, actor: Actor, code: str, at: Moment | None = None) -> Reading:
    """The revision in force at `at`; where there is none the one that was last, marked so and without 标准口径.

    Raises NotFound for what the actor may not know, Forbidden for a coming revision without its permission.
    """
    at = at or moment()
    article = article_for_read(session, actor, code)
    scope, revisions = scope_of(session, actor), revisions_of(session, article.id or 0)
    number = timeline.in_force(spans(revisions), at.as_of, at.known_at)
    revision = numbered(revisions, number) if number else _without_rule(revisions, at)
    if revision is None:
        raise NotFound(f"{article.code} 在所查时间还没有生效的版本")
    standing = _standing_at(article, revisions, revision, at)
    _must_read(actor, scope, article, revision, standing)
    return _reading(session, scope, article, revisions, revision, standing)


def read_revision(session: Session, actor: Actor, code: str, number: int) -> Reading:
    """Revision `number`, whatever its standing now."""
    article = article_for_read(session, actor, code)
    scope, revisions = scope_of(session, actor), revisions_of(session, article.id or 0)
    revision = numbered(revisions, number)
    if revision is None:
        raise NotFound(_hidden(article, number))
    standing = _standing_at(article, revisions, revision, moment())
    _must_read(actor, scope, article, revision, standing)
    return _reading(session, scope, article, revisions, revision, standing)


def read_history(session: Session, actor: Actor, code: str) -> list[Reading]:
    """All revisions that the actor may read, the newest first."""
    article = article_for_read(session, actor, code)
    scope, revisions = scope_of(session, actor), revisions_of(session, article.id or 0)
    found = []
    for revision in revisions:
        standing = _standing_at(article, revisions, revision, moment())
        try:
            _must_read(actor, scope, article, revision, standing)
        except KmsError:
            continue
        found.append(_reading(session, scope, article, revisions, revision, standing))
    return found


def _without_rule(revisions: Sequence[Revision], at: Moment) -> Revision | None:
    """The revision to show where none is in force: ended, recalled, to come, or not yet published."""
    known = [each for each in revisions if each.published_at is not None and each.published_at <= at.known_at]
    begun = [each for each in known if each.effective_from is None or each.effective_from <= at.as_of]
    still = [each for each in begun if each.recalled_at is None or each.recalled_at > at.known_at]
    for group in (still, begun, known):
        if group:
            return max(group, key=lambda each: (each.effective_from or each.published_at, each.number))
    return revisions[0] if revisions and not at.asked else None


def _standing_at(article: Article, revisions: Sequence[Revision], revision: Revision, at: Moment) -> Standing:
    published, recalled = revision.published_at, revision.recalled_at
    if published is None or published > at.known_at:
        return Standing.UNPUBLISHED
    retired = article.retired_at
    if retired is not None and retired <= at.known_at and retired <= at.as_of:
        return Standing.RETIRED
    if recalled is not None and recalled <= at.known_at:
        return Standing.RECALLED
    begins = revision.effective_from or published
    if begins > clock.now():
        return Standing.COMING
    if revision.number == timeline.in_force(spans(revisions), at.as_of, at.known_at):
        return Standing.IN_FORCE
    return Standing.EXPIRED if _is_last(revisions, revision, at) else Standing.SUPERSEDED


def _is_last(revisions: Sequence[Revision], revision: Revision, at: Moment) -> bool:
    last = _without_rule(revisions, at)
    return last is not None and last.number == revision.number


def _must_read(actor: Actor, scope: Scope, article: Article, revision: Revision, standing: Standing) -> None:
    coming = actor.may(Permission.ARTICLE_READ_COMING)
    if not scope.admits(article, revision) or (standing is Standing.UNPUBLISHED and not coming):
        raise NotFound(_hidden(article, revision.number))
    if standing is Standing.COMING and not coming:
        raise Forbidden("查看待生效版本需要权限，请联系班长")


def _hidden(article: Article, number: int) -> str:
    """The same words whether there is no such revision or it is not for this reader."""
    return f"{article.code} 没有第 {number} 版，或您没有查看权限"


def _reading(
    session: Session,
    scope: Scope,
    article: Article,
    revisions: Sequence[Revision],
    revision: Revision,
    standing: Standing,
) -> Reading:
    change = timeline.coming(spans(revisions), clock.now()) if standing is Standing.IN_FORCE else None
    return Reading(article, revision, revision.value(), standing, change, _successor(session, scope, article))


def _successor(session: Session, scope: Scope, article: Article) -> str:
    if article.successor_id is None:
        return ""
    found = session.exec(select(Article).where(col(Article.id) == article.successor_id)).first()
    return found.code if found is not None and scope.admits(found) else ""
