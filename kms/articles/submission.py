"""Submission: a draft becomes an immutable revision and sets out on its route."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles import completeness
from kms.articles.access import article_for_edit, scope_of
from kms.articles.approvers import candidates
from kms.articles.base_check import refuse_outdated_base
from kms.articles.basis import revisions_of, spans
from kms.articles.categories import effective_rule, usable_category
from kms.articles.content import Content
from kms.articles.drafts import draft_for_edit, locked_draft
from kms.articles.links import store_links
from kms.articles.models import Article, Draft, Revision
from kms.articles.publication import limit, put_live
from kms.articles.reviewing import revision_for_review
from kms.articles.routes import AT_ONCE, EXEMPT, REASON_MAX, check_route
from kms.articles.routes import Submission as Submission
from kms.articles.stages import Rule, unsatisfiable
from kms.articles.telling import ask_deciders
from kms.articles.timeline import in_force
from kms.articles.timer_names import APPROVAL_OVERDUE
from kms.articles.transitions import lock, move
from kms.articles.workflow import Action, Route, State, step
from kms.audit.service import record
from kms.errors import Conflict, Invalid
from kms.outbox.service import wanted
from kms.settings import Settings


@dataclass(frozen=True, slots=True)
class Text:
    """What is to be frozen: the content, the revision it started from, everyone who edited it."""

    content: Content
    base_number: int
    editors: tuple[int, ...]
    copy_of: int | None = None


def submit(
    session: Session,
    actor: Actor,
    code: str,
    wish: Submission,
    settings: Settings,
    version: int | None = None,
) -> Revision:
    """Freeze the article's draft and start its route; the draft is gone afterwards.

    `version` is the draft as the actor saw it. Raises Invalid (a message a field), Forbidden,
    Conflict (someone saved meanwhile; outdated base, with three texts).
    """
    article, _ = draft_for_edit(session, actor, code)
    lock(session, article)
    draft = _still_there(session, article)
    if version not in (None, draft.version):
        raise Conflict("草稿刚被别人改过，请看过最新的内容再提交", version=draft.version)
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
    _, old = revision_for_review(session, actor, code, number)
    lock(session, article)
    current = in_force(spans(revisions_of(session, article.id or 0)), clock.now(), clock.now())
    if number == current:
        raise Conflict(f"第 {number} 版正在生效，不需要再次发布", current=current)
    content = old.value().model_copy(
        update={"change_note": f"再次发布第 {number} 版的内容", "effective_from": None}
    )
    if content.effective_to is not None and content.effective_to <= clock.now():
        raise Conflict(f"第 {number} 版的失效时间已过，请另起草稿修改后提交")
    text = Text(content, current or 0, tuple({*old.editors, actor.id}), copy_of=number)
    return submit_text(session, actor, article, text, wish, settings)


def submit_text(
    session: Session, actor: Actor, article: Article, text: Text, wish: Submission, settings: Settings
) -> Revision:
    """The common way of all routes but the import's."""
    if article.retired_at is not None:
        raise Conflict(f"{article.code} 已停用，请先恢复再提交")
    if errors := completeness.missing(text.content, article.last_number + 1):
        raise Invalid("还不能提交：" + "；".join(errors.values()), errors)
    check_route(session, actor, text.content, wish, settings)
    refuse_outdated_base(session, article, text.base_number, text.content)
    revision = freeze(session, actor, article, text, wish)
    if wish.route not in EXEMPT:
        _start_review(session, actor, article, revision, settings)
    if wish.route in AT_ONCE or wish.route in EXEMPT:
        _publish(session, actor, article, revision, wish, settings)
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
        urgent_reason=wish.reason.strip()[:REASON_MAX],
        effective_from=content.effective_from,
        effective_to=content.effective_to,
    )
    session.add_all((article, revision))
    session.flush()
    store_links(session, revision)
    after = {"revision": revision.number, "route": wish.route.value, "title": revision.title}
    record(session, actor, "article.submit", "article", article.code, None, after | {"reason": wish.reason})
    return revision


def _still_there(session: Session, article: Article) -> Draft:
    draft = locked_draft(session, article)
    if draft is None:
        raise Conflict(f"{article.code} 的草稿刚被提交或放弃，请刷新后再看")
    return draft


def stuck_stages(
    session: Session, article: Article, content: Content, rule: Rule, editors: tuple[int, ...]
) -> list[str]:
    """The names of the stages for which too few people are left who may decide."""
    people = candidates(session, article.line_id, article.audience, content.audience.tokens())
    return [rule.stages[index].name for index in unsatisfiable(rule, people, editors)]


def _start_review(
    session: Session, actor: Actor, article: Article, revision: Revision, settings: Settings
) -> None:
    rule = Rule.model_validate(revision.rule)
    # Who publishes urgently has submitted, and counts as an editor.
    editors = (*revision.editors, actor.id)
    if stuck := stuck_stages(session, article, revision.value(), rule, editors):
        names = "、".join(stuck)
        told = f"审批环节“{names}”没有足够的人可以审批（参与编辑的人不能审批），请班长调整审批规则或人员"
        raise Conflict(told)
    hours = settings.urgent_due_hours if revision.route is Route.URGENT else settings.approval_due_hours
    revision.due_at = clock.now() + timedelta(hours=hours)
    session.add(revision)
    wanted(session, APPROVAL_OVERDUE, revision.id, revision.due_at)
    ask_deciders(session, article, revision)


def _publish(
    session: Session, actor: Actor, article: Article, revision: Revision, wish: Submission, settings: Settings
) -> None:
    later = wish.publish_at if wish.publish_at and wish.publish_at > clock.now() else None
    move(revision, Action.PUBLISH_LATER if later else Action.PUBLISH)
    if wish.route is Route.PROVISIONAL:
        limit(session, revision, wish.hours or settings.provisional_max_hours)
    put_live(session, actor, article, revision, later)
