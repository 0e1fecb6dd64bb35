"""People: make, change, deactivate. Every change is audited in its own transaction."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from kms import clock
from kms.accounts import throttle
from kms.accounts.actor import Actor
from kms.accounts.fields import UserFields
from kms.accounts.handover import Moved, handover, holdings
from kms.accounts.models import Group, GroupMember, User, UserRole
from kms.accounts.passwords import hash_password, random_password
from kms.accounts.permissions import Role
from kms.accounts.sessions import close_all
from kms.audit.service import record
from kms.errors import Conflict, Forbidden, Invalid, NotFound


def get_user(session: Session, login: str) -> User:
    """The person or service user with this login. Raises NotFound."""
    user = session.exec(select(User).where(User.login == login.strip())).first()
    if user is None:
        raise NotFound("没有这个工号")
    return user


def create_user(
    session: Session, actor: Actor, fields: UserFields, *, password_hash: str = "", demo: bool = False
) -> User:
    """A new person; without a hash they cannot log in yet. Raises Conflict when the login is taken."""
    if session.exec(select(User.id).where(User.login == fields.login)).first() is not None:
        raise Conflict(f"工号 {fields.login} 已存在", errors={"login": "这个工号已存在"})
    user = User(login=fields.login, name="", created_at=clock.now(), updated_at=clock.now(), demo=demo)
    user.password_hash = password_hash
    _fill(user, fields)
    session.add(user)
    session.flush()
    _set_roles(session, user, fields.roles)
    _set_groups(session, user, fields.groups)
    record(session, actor, "user.create", "user", fields.login, after=snapshot(session, user))
    return user


def update_user(session: Session, actor: Actor, login: str, fields: UserFields, version: int) -> User:
    """Change a person. Raises Conflict when somebody else changed them since `version`."""
    user = get_user(session, login)
    _at(user, version)
    if fields.login != user.login:
        raise Invalid("工号不能修改", {"login": "工号不能修改"})
    before = snapshot(session, user)
    _fill(user, fields)
    session.add(user)
    _set_roles(session, user, fields.roles)
    _set_groups(session, user, fields.groups)
    _keep_an_admin(session, before)
    _note(session, actor, "user.update", user, before)
    return user


def deactivate_user(
    session: Session, actor: Actor, login: str, version: int, to_login: str | None = None
) -> list[Moved]:
    """Shut a person out at once and hand over what they hold.

    Raises Conflict when something is held and nobody takes it over, or when the last admin would go.
    """
    user = get_user(session, login)
    _at(user, version)
    if user.id == actor.user_id:
        raise Forbidden("不能停用自己的账号，请由另一位管理员操作")
    held = [] if to_login else holdings(session, _id(user))
    if held:
        told = "、".join(f"{item.label} {item.count}" for item in held)
        raise Conflict(f"名下还有{told}，请选择接手人", errors={"to": "请选择接手人"})
    before = snapshot(session, user)
    user.active = False
    session.add(user)
    close_all(session, _id(user))
    _keep_an_admin(session, before)
    _note(session, actor, "user.deactivate", user, before)
    return handover(session, actor, _id(user), _id(get_user(session, to_login))) if to_login else []


def activate_user(session: Session, actor: Actor, login: str, version: int) -> User:
    """Let a person in again, with the password they had."""
    user = get_user(session, login)
    _at(user, version)
    before = snapshot(session, user)
    user.active = True
    session.add(user)
    _note(session, actor, "user.activate", user, before)
    return user


def set_password(session: Session, actor: Actor, user: User, password_hash: str) -> None:
    """Give a person a password from elsewhere; they are signed out everywhere and may try again at once."""
    if user.is_service:
        raise Conflict("服务账号没有密码，请使用接口密钥")
    user.password_hash, user.demo = password_hash, False
    user.updated_at = clock.now()
    session.add(user)
    close_all(session, _id(user))
    throttle.unlock(session, user.login)
    record(session, actor, "user.password_reset", "user", user.login)


def reset_password(session: Session, actor: Actor, login: str) -> str:
    """A random password, to be told to the person once."""
    password = random_password()
    set_password(session, actor, get_user(session, login), hash_password(password))
    return password


def snapshot(session: Session, user: User) -> dict[str, Any]:
    """What the audit record keeps of a person."""
    roles = session.exec(select(UserRole.role).where(UserRole.user_id == user.id))
    groups = session.exec(
        select(Group.name)
        .join(GroupMember, col(GroupMember.group_id) == col(Group.id))
        .where(GroupMember.user_id == user.id)
    )
    return {
        "name": user.name,
        "team": user.team,
        "site": user.site,
        "region": user.region,
        "skills": list(user.skills),
        "extensions": dict(user.extensions),
        "active": user.active,
        "roles": sorted(str(role) for role in roles),
        "groups": sorted(groups),
    }


def _fill(user: User, fields: UserFields) -> None:
    user.name, user.team, user.site, user.region = fields.name, fields.team, fields.site, fields.region
    user.skills, user.extensions = list(fields.skills), dict(fields.extensions)


def _set_roles(session: Session, user: User, roles: Iterable[Role]) -> None:
    session.execute(sa.delete(UserRole).where(col(UserRole.user_id) == user.id))
    session.add_all(UserRole(user_id=_id(user), role=role) for role in sorted(roles))
    session.flush()


def _set_groups(session: Session, user: User, names: Iterable[str]) -> None:
    wanted = set(names)
    found = session.exec(select(Group).where(col(Group.name).in_(wanted))).all()
    if missing := wanted - {group.name for group in found}:
        told = f"没有这个群组：{'、'.join(sorted(missing))}"
        raise Invalid(told, {"groups": told})
    session.execute(sa.delete(GroupMember).where(col(GroupMember.user_id) == user.id))
    session.add_all(GroupMember(group_id=group.id or 0, user_id=_id(user)) for group in found)
    session.flush()


def _keep_an_admin(session: Session, before: dict[str, Any]) -> None:
    if Role.ADMIN not in before["roles"]:
        return
    session.flush()
    admins = (
        sa.select(sa.func.count())
        .select_from(UserRole)
        .join(User, col(User.id) == col(UserRole.user_id))
        .where(col(UserRole.role) == Role.ADMIN, col(User.active))
    )
    if not session.scalar(admins):
        raise Conflict("至少要保留一位在用的管理员")


def _note(session: Session, actor: Actor, action: str, user: User, before: dict[str, Any]) -> None:
    session.flush()
    after = snapshot(session, user)
    changed = [key for key in after if after[key] != before[key]]
    if not changed:
        return
    user.version += 1
    user.updated_at = clock.now()
    session.add(user)
    old, new = ({key: values[key] for key in changed} for values in (before, after))
    record(session, actor, action, "user", user.login, before=old, after=new)


def _at(user: User, version: int) -> None:
    if user.version != version:
        raise Conflict("这位人员的资料刚被别人修改过，请刷新后再改", version=user.version)


def _id(user: User) -> int:
    assert user.id is not None  # noqa: S101 - a stored row has its key
    return user.id
