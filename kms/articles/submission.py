"""Submission: a draft becomes an immutable revision and sets out on its route."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles import completeness
from kms.articles.access import article_for_edit, scope_of
from kms.articles.approvers import candidates
from kms.articles.base_check import refuse_outdated_base
from kms.articles.categories import effective_rule, usable_category
from kms.articles.content import AudienceKind, Content, Kind
from kms.articles.drafts import draft_for_edit
from kms.articles.licences import is_licensed
from kms.articles.links import store_links
from kms.articles.models import Article, Revision
from kms.articles.publication import provisional_until, put_live, revision_of
from kms.articles.stages import unsatisfiable
from kms.articles.telling import ask_deciders
from kms.articles.transitions import move
from kms.articles.workflow import Action, Route, State, step
from kms.audit.service import record
from kms.errors import Conflict, Forbidden, Invalid
from kms.outbox.service import wanted
from kms.settings import Settings

APPROVAL_OVERDUE = "approval_overdue"
_AT_ONCE = frozenset({Route.URGENT, Route.PROVISIONAL})
_EXEMPT = frozenset({Route.LICENSED, Route.IMPORTED})


@dataclass(frozen=True, slots=True)
class Submission:
    """How a text is to be published. `hours` is the life of a provisional one; None: the longest allowed."""

    route: Route = Route.ORDINARY
    publish_at: datetime | None = None
    reason: str = ""
    hours: int | None = None
    bundle: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """What is to be frozen: the content, the revision it started from, everyone who edited it."""

    content: Content
    base_number: int
    editors: tuple[int, ...]
    copy_of: int | None = None


def submit(session: Session, actor: Actor, code: str, wish: Submission, settings: Settings) -> Revision:
    """Freeze the article's draft and start its route; the draft is gone afterwards.

    Raises Invalid (a message a field), Conflict (outdated base, with three texts), Forbidden.
    """
    article, draft = draft_for_edit(session, actor, code)
    text = Text(draft.value(), draft.base_number, tuple({draft.author_id, *draft.editors, actor.id}))
    revision = submit_text(session, actor, article, text, wish, settings)
    session.delete(draft)
    return revision


def republish(
    session: Session, actor: Actor, code: str, number: int, wish: Submission, settings: Settings
) -> Revision:
    """Publish revision `number` again, as a copy with a new number and through the whole route."""
    actor.must(Permission.ARTICLE_WRITE)
    article = article_for_edit(session, actor, code)
    old = revision_of(session, article, number)
    content = old.value()
    note = content.change_note if number == article.last_number else f"恢复第 {number} 版内容"
    content = content.model_copy(update={"change_note": note, "effective_from": None})
    if content.effective_to is not None and content.effective_to <= clock.now():
        raise Conflict(f"第 {number} 版的失效时间已过，请另起草稿修改后提交")
    text = Text(content, article.last_number, tuple({*old.editors, actor.id}), copy_of=number)
    return submit_text(session, actor, article, text, wish, settings, check_base=False)


def submit_text(
    session: Session,
    actor: Actor,
    article: Article,
    text: Text,
    wish: Submission,
    settings: Settings,
    *,
    check_base: bool = True,
) -> Revision:
    """The common way of all routes but the import's."""
    number = article.last_number + 1
    if errors := completeness.missing(text.content, number):
        raise Invalid("还不能提交：" + "；".join(errors.values()), errors)
    _check_route(session, actor, article, text.content, wish, settings)
    if check_base:
        refuse_outdated_base(session, article, text.base_number, text.content)
    revision = freeze(session, actor, article, text, wish)
    if wish.route not in _EXEMPT:
        _start_review(session, actor, article, revision, settings)
    if wish.route in _AT_ONCE or wish.route in _EXEMPT:
        _publish_at_once(session, actor, article, revision, wish, settings)
    return revision


def freeze(session: Session, actor: Actor, article: Article, text: Text, wish: Submission) -> Revision:
    """The immutable snapshot with the next number, the rule and the editors of this moment."""
    content = text.content
    category = usable_category(session, scope_of(session, actor), content.category_id)
    if category.line_id != article.line_id or category.id is None:
        raise Invalid("分类不在本业务线", {"category_id": "请选择本业务线的分类"})
    content = content.model_copy(update={"owner_id": content.owner_id or article.owner_id})
    article.last_number += 1
    state: State = step(None, Action.SUBMIT, wish.route)
    revision = Revision(
        article_id=article.id or 0,
        number=article.last_number,
        content=content.model_dump(mode="json"),
        title=content.title,
        category_id=category.id,
        audience=list(content.audience.tokens()),
        base_number=text.base_number,
        copy_of=text.copy_of,
        route=wish.route,
        approval=state.approval,
        publication=state.publication,
        rule=effective_rule(session, category.id).model_dump(mode="json"),
        editors=sorted(text.editors),
        bundle=wish.bundle,
        submitted_at=clock.now(),
        submitted_by=actor.id,
        publish_at=wish.publish_at,
        urgent_reason=wish.reason.strip()[:300],
        effective_from=content.effective_from,
        effective_to=content.effective_to,
    )
    session.add_all((article, revision))
    session.flush()
    store_links(session, revision)
    after = {
        "revision": revision.number,
        "route": wish.route.value,
        "title": revision.title,
        "reason": wish.reason,
    }
    record(session, actor, "article.submit", "article", article.code, None, after)
    return revision


def _start_review(
    session: Session, actor: Actor, article: Article, revision: Revision, settings: Settings
) -> None:
    rule = effective_rule(session, revision.category_id)
    publisher = actor.user_id if revision.route is Route.URGENT else None
    stuck = unsatisfiable(rule, candidates(session, article.line_id), revision.editors, publisher)
    if stuck:
        names = "、".join(rule.stages[index].name for index in stuck)
        told = f"审批环节“{names}”没有足够的人可以审批（参与编辑的人不能审批），请班长调整审批规则或人员"
        raise Conflict(told)
    hours = settings.urgent_due_hours if revision.route is Route.URGENT else settings.approval_due_hours
    revision.due_at = clock.now() + timedelta(hours=hours)
    wanted(session, APPROVAL_OVERDUE, revision.id, revision.due_at)
    ask_deciders(session, article, revision)


def _publish_at_once(
    session: Session, actor: Actor, article: Article, revision: Revision, wish: Submission, settings: Settings
) -> None:
    later = wish.publish_at is not None and wish.publish_at > clock.now() and wish.route in _EXEMPT
    move(revision, Action.PUBLISH_LATER if later else Action.PUBLISH)
    put_live(session, actor, article, revision, wish.publish_at if later else None)
    if wish.route is Route.PROVISIONAL:
        provisional_until(session, revision, wish.hours or settings.provisional_max_hours)


def _check_route(
    session: Session, actor: Actor, article: Article, content: Content, wish: Submission, settings: Settings
) -> None:
    if wish.publish_at is not None and wish.publish_at <= clock.now():
        raise Invalid("发布时间已过", {"publish_at": "请选择将来的时间，或留空表示通过后立即发布"})
    if wish.route in _AT_ONCE and wish.publish_at is not None:
        raise Invalid("不能定时", {"publish_at": "紧急发布和待核实发布立即生效，不能定时"})
    checks = {
        Route.URGENT: _check_urgent,
        Route.PROVISIONAL: _check_provisional,
        Route.LICENSED: _check_licensed,
        Route.IMPORTED: _check_imported,
    }
    if check := checks.get(wish.route):
        check(session, actor, article, content, wish, settings)


def _check_urgent(
    _session: Session,
    actor: Actor,
    _article: Article,
    _content: Content,
    wish: Submission,
    _settings: Settings,
) -> None:
    actor.must(Permission.ARTICLE_PUBLISH_URGENT)
    if not wish.reason.strip():
        raise Invalid("请写明紧急发布的原因", {"reason": "请写明紧急发布的原因，审批人会看到"})


def _check_provisional(
    session: Session, actor: Actor, _article: Article, content: Content, wish: Submission, settings: Settings
) -> None:
    if not actor.may(Permission.ARTICLE_PUBLISH_PROVISIONAL) and not is_licensed(
        session, actor, content.category_id
    ):
        raise Forbidden("待核实发布只对专家和有免审资格的人开放")
    if content.audience.kind is AudienceKind.PUBLIC:
        raise Invalid("待核实内容不能对外", {"audience": "待核实内容只能内部可见，请把可见范围改为内部"})
    if wish.hours is not None and not 1 <= wish.hours <= settings.provisional_max_hours:
        told = f"待核实时长应为 1 到 {settings.provisional_max_hours} 小时"
        raise Invalid(told, {"hours": told})


def _check_licensed(
    session: Session,
    actor: Actor,
    _article: Article,
    content: Content,
    _wish: Submission,
    _settings: Settings,
) -> None:
    if not is_licensed(session, actor, content.category_id):
        raise Forbidden("您在这个分类没有免审资格，请走普通审批")
    if content.kind is not Kind.QA or content.audience.kind is AudienceKind.PUBLIC:
        raise Invalid("不能免审", {"kind": "只有内部可见的问答可以免审"})


def _check_imported(
    _session: Session,
    actor: Actor,
    _article: Article,
    _content: Content,
    _wish: Submission,
    _settings: Settings,
) -> None:
    actor.must(Permission.ARTICLE_IMPORT_PUBLISH)
