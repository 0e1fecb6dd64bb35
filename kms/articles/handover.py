"""What someone who leaves holds in articles, and how it goes to the person who takes over."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.handover import Part
from kms.accounts.permissions import Permission
from kms.articles.access import scope_of
from kms.articles.approvers import candidates, case_of
from kms.articles.models import Article, Category, Draft, Revision, Substitute
from kms.articles.stages import Case, Rule, current_stage
from kms.articles.telling import ask_deciders
from kms.articles.workflow import Approval
from kms.audit.service import record
from kms.errors import Conflict


def _count(session: Session, query: Any) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0


def _drafts(user_id: int) -> Any:
    return select(Draft).where(Draft.author_id == user_id)


def _move_drafts(session: Session, _actor: Actor, giver_id: int, receiver: Actor) -> None:
    drafts = session.exec(_drafts(giver_id)).all()
    _must_write(session, receiver, (draft.article_id for draft in drafts))
    for draft in drafts:
        draft.author_id = receiver.id
        if draft.content.get("owner_id") == giver_id:
            draft.content = {**draft.content, "owner_id": receiver.id}
        session.add(draft)


def _articles(user_id: int) -> Any:
    return select(Article).where(Article.owner_id == user_id)


def _move_articles(session: Session, actor: Actor, giver_id: int, receiver: Actor) -> None:
    articles: Sequence[Article] = session.exec(_articles(giver_id)).all()
    _must_write(session, receiver, (article.id for article in articles))
    for article in articles:
        article.owner_id = receiver.id
        session.add(article)
        before, after = {"owner_id": giver_id}, {"owner_id": receiver.id}
        record(session, actor, "article.update", "article", article.code, before=before, after=after)


def _categories(session: Session, user_id: int) -> list[Category]:
    """Owned, or with this person named in the approval rule."""
    query = select(Category).where(col(Category.retired_at).is_(None))
    return [found for found in session.exec(query) if found.owner_id == user_id or _named_in(found, user_id)]


def _named_in(category: Category, user_id: int) -> bool:
    return any(user_id in stage.get("people", ()) for stage in (category.rule or {}).get("stages", ()))


def _move_categories(session: Session, actor: Actor, giver_id: int, receiver: Actor) -> None:
    for category in _categories(session, giver_id):
        if category.line_id not in scope_of(session, receiver).lines:
            raise Conflict(f"接手人不在分类“{category.name}”所属的业务线，请先把他加入相应群组")
        before = {"owner_id": category.owner_id, "rule": category.rule}
        if category.owner_id == giver_id:
            category.owner_id = receiver.id
        if _named_in(category, giver_id):
            category.rule = _replaced(category, giver_id, receiver.id)
        category.version += 1
        session.add(category)
        after = {"owner_id": category.owner_id, "rule": category.rule}
        record(session, actor, "category.update", "category", category.id, before=before, after=after)


def _replaced(category: Category, giver_id: int, receiver_id: int) -> dict[str, Any]:
    stages = []
    for stage in Rule.model_validate(category.rule).stages:
        people = dict.fromkeys(receiver_id if person == giver_id else person for person in stage.people)
        stages.append({**stage.model_dump(mode="json"), "people": list(people)})
    try:
        return Rule.model_validate({"stages": stages}).model_dump(mode="json")
    except ValidationError:
        told = f"分类“{category.name}”的审批环节里接手人已是审批人，换人后人数不够，请先修改审批规则"
        raise Conflict(told) from None


def _reviews(session: Session, user_id: int) -> list[tuple[Revision, list[int]]]:
    """Open reviews that wait for this very person, with the stages that do."""
    query = select(Revision).where(Revision.approval == Approval.SUBMITTED)
    found = ((revision, _waiting(case_of(session, revision), user_id)) for revision in session.exec(query))
    return [(revision, stages) for revision, stages in found if stages]


def _waiting(case: Case, user_id: int) -> list[int]:
    first = current_stage(case.rule, case.decisions)
    if first is None:
        return []
    done = {made.stage for made in case.decisions if made.person == user_id}
    done |= {made.stage for made in case.handovers if made.absent == user_id}
    stood_in = {made.stage for made in case.handovers if made.substitute == user_id}
    return [
        at
        for at, stage in enumerate(case.rule.stages)
        if at >= first and at not in done and (user_id in stage.people or at in stood_in)
    ]


def _move_reviews(session: Session, actor: Actor, giver_id: int, receiver: Actor) -> None:
    for revision, stages in _reviews(session, giver_id):
        article = session.get_one(Article, revision.article_id)
        case = case_of(session, revision)
        barred = receiver.id in case.editors or receiver.id == case.publisher
        if barred or receiver.id not in candidates(session, article.line_id):
            raise Conflict(f"接手人不能审批 {article.code}（没有审批权限，或参与过编辑），请先更换审批人")
        asked = {made.stage for made in case.handovers if made.substitute == receiver.id}
        for stage in stages:
            if stage not in asked and receiver.id not in case.rule.stages[stage].people:
                session.add(_substitute(actor, revision, stage, giver_id, receiver))
        session.flush()
        ask_deciders(session, article, revision)


def _substitute(actor: Actor, revision: Revision, stage: int, giver_id: int, receiver: Actor) -> Substitute:
    return Substitute(
        revision_id=revision.id or 0,
        stage=stage,
        from_user_id=giver_id,
        to_user_id=receiver.id,
        kind="replace",
        by_user_id=actor.user_id if actor.user_id is not None else receiver.id,
        at=clock.now(),
    )


def _must_write(session: Session, receiver: Actor, article_ids: Iterable[int | None]) -> None:
    """Two clients' knowledge never meets: nobody takes over what they could not have been given."""
    ids = list(article_ids)
    if ids and not receiver.may(Permission.ARTICLE_WRITE):
        raise Conflict("接手人没有编写知识的权限，请另选一位，或先给他编辑角色")
    lines = session.scalars(sa.select(col(Article.line_id)).where(col(Article.id).in_(ids)).distinct())
    if ids and not set(lines) <= scope_of(session, receiver).lines:
        raise Conflict("接手人不在这些知识所属的业务线，请另选一位，或先把他加入相应群组")


PARTS = (
    Part("草稿", lambda session, user_id: _count(session, _drafts(user_id)), _move_drafts),
    Part("知识条目", lambda session, user_id: _count(session, _articles(user_id)), _move_articles),
    Part("分类", lambda session, user_id: len(_categories(session, user_id)), _move_categories),
    Part("待审批", lambda session, user_id: len(_reviews(session, user_id)), _move_reviews),
)
