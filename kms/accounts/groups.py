"""Groups: made and described here; who is in one is kept with the person."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session, col, select

from kms.accounts.actor import Actor
from kms.accounts.models import Group, GroupMember, User
from kms.audit.service import record
from kms.errors import Conflict, Invalid, NotFound

NAME_LENGTH = 64
MEMBERS_MAX = 10_000


def create_group(session: Session, actor: Actor, name: str, description: str = "") -> Group:
    """A new group. Raises Conflict when the name is taken; it never changes, articles carry it."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        told = f"请填写群组名，最多 {NAME_LENGTH} 个字符"
        raise Invalid(told, {"name": told})
    if session.exec(select(Group).where(Group.name == name)).first() is not None:
        raise Conflict(f"群组 {name} 已存在", errors={"name": "这个群组已存在"})
    group = Group(name=name, description=description.strip()[:256])
    session.add(group)
    session.flush()
    record(session, actor, "group.create", "group", name, after={"description": group.description})
    return group


def get_group(session: Session, group_id: int) -> Group:
    group = session.get(Group, group_id)
    if group is None:
        raise NotFound("没有这个群组")
    return group


def members_of(session: Session, group_id: int) -> list[User]:
    """Everyone in the group, by login."""
    query = select(User).join(GroupMember, col(GroupMember.user_id) == col(User.id))
    return list(session.exec(query.where(GroupMember.group_id == group_id).order_by(User.login)))


def update_group(
    session: Session, actor: Actor, group_id: int, description: str, logins: Iterable[str]
) -> Group:
    """Describe the group and say who is in it. Raises Invalid for logins that do not exist."""
    group = get_group(session, group_id)
    before = {"description": group.description, "members": [u.login for u in members_of(session, group_id)]}
    group.description = description.strip()[:256]
    session.add(group)
    members = _users(session, logins)
    session.execute(sa.delete(GroupMember).where(col(GroupMember.group_id) == group_id))
    session.add_all(GroupMember(group_id=group_id, user_id=user.id or 0) for user in members)
    after = {"description": group.description, "members": sorted(user.login for user in members)}
    if after != before:
        record(session, actor, "group.update", "group", group.name, before=before, after=after)
    return group


def _users(session: Session, logins: Iterable[str]) -> list[User]:
    wanted = {login.strip() for login in logins if login.strip()}
    if len(wanted) > MEMBERS_MAX:
        told = f"一个群组最多 {MEMBERS_MAX} 人"
        raise Invalid(told, {"members": told})
    found = list(session.exec(select(User).where(col(User.login).in_(wanted))))
    if missing := wanted - {user.login for user in found}:
        told = f"没有这些工号：{'、'.join(sorted(missing)[:20])}"
        raise Invalid(told, {"members": told})
    return found
