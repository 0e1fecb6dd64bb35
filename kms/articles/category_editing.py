"""Changing the tree of categories. Whoever may manage it sees the lines he belongs to; user managers see all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.models import Group
from kms.accounts.permissions import Permission
from kms.articles.access import Scope, scope_of
from kms.articles.categories import SEPARATOR, category_for_read, ident, subtree_ids
from kms.articles.indexing import index_wanted
from kms.articles.models import Article, Category, CategoryGroup
from kms.articles.references import line_people
from kms.articles.stages import Rule
from kms.audit.service import record
from kms.errors import Conflict, Invalid

NAME_MAX = 64


@dataclass(frozen=True, slots=True)
class Members:
    """Who belongs to a business line: named groups, or everyone."""

    groups: Sequence[str] = ()
    open_to_all: bool = False


def managed_scope(session: Session, actor: Actor) -> Scope:
    """The lines whose categories the actor may manage; says nothing about reading their articles."""
    scope = scope_of(session, actor)
    if not actor.may(Permission.USER_MANAGE):
        return scope
    lines = session.exec(select(col(Category.id)).where(col(Category.parent_id).is_(None)))
    return Scope(frozenset(line for line in lines if line is not None), scope.tokens)


def create_line(session: Session, actor: Actor, name: str, members: Members) -> Category:
    """A new business line. Who may see knowledge is a matter of people, so it takes a user manager."""
    actor.must(Permission.USER_MANAGE)
    line = _insert(session, None, _name(session, None, name))
    line.line_id = line.id
    _put_members(session, line, members)
    _audit(session, actor, "category.create", line, None, {"name": line.name, **_members(members)})
    return line


def create_category(session: Session, actor: Actor, parent_id: int, name: str) -> Category:
    """A new category, last below its parent."""
    parent = _in_use(category_for_read(session, managed_scope(session, actor), parent_id))
    category = _insert(session, parent, _name(session, parent_id, name))
    _audit(session, actor, "category.create", category, None, {"name": category.name, "parent_id": parent_id})
    return category


def rename(session: Session, actor: Actor, category_id: int, version: int, name: str) -> Category:
    """Raises Conflict when it was changed since `version`, Invalid when a sibling has the name."""
    category = _for_change(session, actor, category_id, version)
    before = category.name
    category.name = _name(session, category.parent_id, name, category.id)
    _changed(session, actor, "category.rename", category, {"name": before}, {"name": category.name})
    _reindex(session, category)
    return category


def move(session: Session, actor: Actor, category_id: int, version: int, parent_id: int) -> Category:
    """Put the category and all below it under another one of the same business line."""
    category = _for_change(session, actor, category_id, version)
    parent = _in_use(category_for_read(session, managed_scope(session, actor), parent_id))
    if category.parent_id is None or parent.line_id != category.line_id:
        raise Conflict("知识不能移到另一条业务线；需要时请复制（不带历史）", category_id=category_id)
    if parent.path.startswith(category.path):
        raise Invalid("不能移到自己的下级", {"parent_id": "请选择其他上级分类"})
    _name(session, parent_id, category.name, category.id)
    before = category.parent_id
    category.parent_id, category.position = parent_id, _next_position(session, parent_id)
    _rewrite_paths(session, category, f"{parent.path}{category.id}{SEPARATOR}")
    _changed(session, actor, "category.move", category, {"parent_id": before}, {"parent_id": parent_id})
    _reindex(session, category)
    return category


def shift(session: Session, actor: Actor, category_id: int, version: int, steps: int) -> Category:
    """Move among its siblings: up for negative `steps`, down for positive ones."""
    category = _for_change(session, actor, category_id, version)
    siblings = list(
        session.exec(
            select(Category)
            .where(_below(category.parent_id), col(Category.retired_at).is_(None))
            .order_by(col(Category.position), col(Category.id))
        )
    )
    at = next(place for place, sibling in enumerate(siblings) if sibling.id == category.id)
    siblings.insert(max(0, min(at + steps, len(siblings) - 1)), siblings.pop(at))
    for place, sibling in enumerate(siblings):
        sibling.position = place
    _changed(session, actor, "category.shift", category, {"position": at}, {"position": category.position})
    return category


def set_owner(
    session: Session, actor: Actor, category_id: int, version: int, owner_id: int | None
) -> Category:
    """None: inherited."""
    category = _for_change(session, actor, category_id, version)
    if owner_id is not None and owner_id not in _people(session, category):
        raise Invalid("负责人有误", {"owner_id": "负责人须是本业务线的在岗人员"})
    before, category.owner_id = category.owner_id, owner_id
    _changed(session, actor, "category.owner", category, {"owner_id": before}, {"owner_id": owner_id})
    return category


def set_rule(session: Session, actor: Actor, category_id: int, version: int, rule: Rule | None) -> Category:
    """None: inherited. Revisions that are already submitted keep the rule of their submission."""
    category = _for_change(session, actor, category_id, version)
    people = _people(session, category)
    if rule is not None and any(set(stage.people) - people for stage in rule.stages):
        raise Invalid("审批人有误", {"rule": "审批人须是本业务线的在岗人员"})
    before = category.rule
    category.rule = rule.model_dump(mode="json") if rule is not None else None
    _changed(session, actor, "category.rule", category, {"rule": before}, {"rule": category.rule})
    return category


def set_members(session: Session, actor: Actor, category_id: int, version: int, members: Members) -> Category:
    """Who belongs to the business line; takes a user manager."""
    actor.must(Permission.USER_MANAGE)
    category = _for_change(session, actor, category_id, version)
    if category.parent_id is not None:
        raise Conflict("成员班组只在业务线（顶级分类）上设置，下级分类自动沿用")
    before = members_of(session, category)
    _put_members(session, category, members)
    _changed(session, actor, "category.members", category, _members(before), _members(members))
    return category


def members_of(session: Session, line: Category) -> Members:
    """The member groups of a business line, by name."""
    names = session.exec(
        select(Group.name)
        .join(CategoryGroup, col(CategoryGroup.group_id) == col(Group.id))
        .where(CategoryGroup.category_id == line.id)
        .order_by(Group.name)
    )
    return Members(tuple(names), line.open_to_all)


def retire(session: Session, actor: Actor, category_id: int, version: int) -> Category:
    """Take an empty category out of use. Raises Conflict while anything is in it."""
    category = _for_change(session, actor, category_id, version)
    below = subtree_ids(session, category_id)
    children = sa.select(sa.func.count()).where(
        col(Category.id).in_(below - {category_id}), col(Category.retired_at).is_(None)
    )
    articles = sa.select(sa.func.count()).where(
        col(Article.category_id).in_(below), col(Article.retired_at).is_(None)
    )
    if session.scalar(children) or session.scalar(articles):
        raise Conflict(f"“{category.name}”还有下级分类或知识，请先移走或停用它们")
    category.retired_at = clock.now()
    _changed(session, actor, "category.retire", category, None, None)
    return category


def _people(session: Session, category: Category) -> set[int | None]:
    return {user.id for user in line_people(session, category.line_id or 0)}


def _for_change(session: Session, actor: Actor, category_id: int, version: int) -> Category:
    category = category_for_read(session, managed_scope(session, actor), category_id)
    if category.version != version:
        raise Conflict("这个分类刚被别人改过，请刷新后再改", version=category.version)
    return _in_use(category)


def _in_use(category: Category) -> Category:
    if category.retired_at is not None:
        raise Conflict(f"“{category.name}”已停用")
    return category


def _name(session: Session, parent_id: int | None, name: str, own_id: int | None = None) -> str:
    name = name.strip()
    if not name or len(name) > NAME_MAX or SEPARATOR in name:
        raise Invalid("分类名称有误", {"name": f"请填写 1–{NAME_MAX} 个字，不能含“/”"})
    twin = session.exec(select(col(Category.id)).where(_below(parent_id), Category.name == name)).first()
    if twin is not None and twin != own_id:
        raise Invalid("分类名称重复", {"name": f"同级已有“{name}”（可能已停用），请换一个名称"})
    return name


def _below(parent_id: int | None) -> sa.ColumnElement[bool]:
    return col(Category.parent_id).is_(None) if parent_id is None else col(Category.parent_id) == parent_id


def _insert(session: Session, parent: Category | None, name: str) -> Category:
    parent_id = parent.id if parent else None
    category = Category(
        parent_id=parent_id,
        line_id=parent.line_id if parent else None,
        name=name,
        position=_next_position(session, parent_id),
    )
    session.add(category)
    session.flush()
    category.path = f"{parent.path if parent else SEPARATOR}{category.id}{SEPARATOR}"
    return category


def _next_position(session: Session, parent_id: int | None) -> int:
    last: int | None = session.scalar(sa.select(sa.func.max(Category.position)).where(_below(parent_id)))
    return 0 if last is None else last + 1


def _put_members(session: Session, line: Category, members: Members) -> None:
    groups = session.exec(select(Group).where(col(Group.name).in_(members.groups))).all()
    if unknown := set(members.groups) - {group.name for group in groups}:
        raise Invalid("没有这些班组", {"groups": "、".join(sorted(unknown)) + " 不存在"})
    session.execute(sa.delete(CategoryGroup).where(col(CategoryGroup.category_id) == line.id))
    line.open_to_all = members.open_to_all
    session.add_all(
        CategoryGroup(category_id=ident(line), group_id=group.id) for group in groups if group.id is not None
    )


def _rewrite_paths(session: Session, category: Category, path: str) -> None:
    below = col(Category.path).startswith(category.path, autoescape=True)
    rest = sa.func.substr(Category.path, len(category.path) + 1)
    session.execute(
        sa.update(Category)
        .where(below)
        .values(path=sa.literal(path) + rest)
        .execution_options(synchronize_session=False)
    )
    session.refresh(category, ["path"])


def _reindex(session: Session, category: Category) -> None:
    session.flush()
    below = col(Article.category_id).in_(subtree_ids(session, ident(category)))
    for article in session.exec(select(Article).where(below)):
        index_wanted(session, article.id or 0)


def _changed(
    session: Session,
    actor: Actor,
    action: str,
    category: Category,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    category.version += 1
    _audit(session, actor, action, category, before, after)


def _audit(
    session: Session,
    actor: Actor,
    action: str,
    category: Category,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    session.add(category)
    session.flush()
    record(session, actor, action, "category", category.id, before, after)


def _members(members: Members) -> dict[str, Any]:
    return {"groups": sorted(members.groups), "open_to_all": members.open_to_all}
