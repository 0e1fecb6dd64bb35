"""What a draft may point to: people, groups, regions, products of its business line."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from kms.accounts.actor import Actor
from kms.accounts.models import Group, GroupMember, User, UserRole
from kms.accounts.permissions import ROLE_PERMISSIONS, Permission
from kms.articles.content import AudienceKind, Content
from kms.articles.models import Category, CategoryGroup, Product, Region
from kms.errors import Invalid

_WRITERS = [role for role, granted in ROLE_PERMISSIONS.items() if Permission.ARTICLE_WRITE in granted]


def check_references(session: Session, actor: Actor, line_id: int, content: Content, before: Content) -> None:
    """Raise Invalid, a message a field, for what does not exist or lies outside the business line.

    What the draft already held may stay: an owner who has left must not block every save.
    """
    errors: dict[str, str] = {}
    if content.owner_id not in (None, before.owner_id) and content.owner_id not in {
        user.id for user in line_people(session, line_id)
    }:
        errors["owner_id"] = "负责人须是本业务线的在岗人员"
    for field, known in (("regions", col(Region.path)), ("products", col(Product.name))):
        if unknown := _unknown(session, known, set(getattr(content, field)) - set(getattr(before, field))):
            errors[field] = f"没有“{'、'.join(unknown)}”，请从列表中选择"
    if content.audience.kind is AudienceKind.GROUPS:
        allowed = {*line_groups(session, line_id, actor), *before.audience.groups}
        if outside := sorted(set(content.audience.groups) - allowed):
            errors["audience"] = f"班组“{'、'.join(outside)}”不存在或不在本业务线"
        elif not content.audience.groups:
            errors["audience"] = "请至少选择一个班组"
    if errors:
        raise Invalid("有内容需要修改：" + "；".join(errors.values()), errors)


def _unknown(session: Session, column: Any, names: set[str]) -> list[str]:
    if not names:
        return []
    return sorted(names - set(session.scalars(sa.select(column).where(column.in_(names)))))


def line_people(session: Session, line_id: int, *, writers: bool = False) -> list[User]:
    """Active people of a business line by name; with `writers` only those who may write articles."""
    query = select(User).where(col(User.active), ~col(User.is_service))
    line = session.get(Category, line_id)
    if line is None or not line.open_to_all:
        members = (
            sa.select(col(GroupMember.user_id))
            .join(CategoryGroup, col(CategoryGroup.group_id) == col(GroupMember.group_id))
            .where(col(CategoryGroup.category_id) == line_id)
        )
        query = query.where(col(User.id).in_(members))
    if writers:
        writing = sa.select(col(UserRole.user_id)).where(col(UserRole.role).in_(_WRITERS))
        query = query.where(col(User.id).in_(writing))
    return list(session.exec(query.order_by(User.name, User.login)))


def within_line(session: Session, line_id: int, people: Iterable[int]) -> list[int]:
    """Those of these people and programs who belong to the business line today.

    Who has left it is told nothing of its knowledge any more.
    """
    ids = set(people)
    line = session.get(Category, line_id)
    if line is None or not line.open_to_all:
        members = (
            sa.select(col(GroupMember.user_id))
            .join(CategoryGroup, col(CategoryGroup.group_id) == col(GroupMember.group_id))
            .where(col(CategoryGroup.category_id) == line_id, col(GroupMember.user_id).in_(ids))
        )
        ids &= set(session.scalars(members))
    return sorted(ids)


def line_groups(session: Session, line_id: int, actor: Actor) -> list[str]:
    """Groups that an article of the line may be limited to: members of the line, and the actor's own.

    Of a line that is open to all, every group but those of closed lines.
    """
    mine = sa.select(col(CategoryGroup.group_id)).where(col(CategoryGroup.category_id) == line_id)
    fits = sa.or_(col(Group.id).in_(mine), col(Group.name).in_(actor.groups))
    line = session.get(Category, line_id)
    if line is not None and line.open_to_all:
        fits = sa.or_(fits, ~col(Group.id).in_(sa.select(col(CategoryGroup.group_id))))
    return list(session.exec(select(Group.name).where(fits).order_by(Group.name)))


def all_groups(session: Session) -> list[str]:
    """Names of all groups, for those who manage people."""
    return list(session.exec(select(Group.name).order_by(Group.name)))
