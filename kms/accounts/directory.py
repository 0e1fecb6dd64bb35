"""Find people: search, filter, sort, page by key."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from kms.accounts.models import Group, GroupMember, LoginSession, User, UserRole
from kms.accounts.permissions import Role

SORTS = ("login", "name", "team")
PAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search: `q` looks into login and name; empty values do not filter. `sort` may begin with `-`."""

    q: str = ""
    role: str = ""
    group: str = ""
    team: str = ""
    state: str = "active"
    """active, inactive, service or all."""
    sort: str = "login"
    after: int | None = None
    """The id of the last person of the page before."""


@dataclass(frozen=True, slots=True)
class Row:
    user: User
    roles: Sequence[Role]
    groups: Sequence[str]


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Row]
    total: int
    after: int | None
    """What the next page starts after; None: this is the last one."""


def find_people(session: Session, wanted: Wanted, limit: int = PAGE) -> Page:
    """One page of people."""
    matching = sa.and_(True, *_conditions(wanted))
    total = session.scalar(sa.select(sa.func.count()).select_from(User).where(matching)) or 0
    query = select(User).where(matching, *_beyond(session, wanted)).order_by(*_order(wanted)).limit(limit + 1)
    users = list(session.exec(query))
    more = len(users) > limit
    return Page(with_roles(session, users[:limit]), total, users[limit - 1].id if more else None)


def with_roles(session: Session, users: Sequence[User]) -> list[Row]:
    """People with their roles and groups, in two queries."""
    ids = [user.id for user in users]
    roles: dict[int | None, list[Role]] = defaultdict(list)
    groups: dict[int | None, list[str]] = defaultdict(list)
    for held in session.exec(select(UserRole).where(col(UserRole.user_id).in_(ids))):
        roles[held.user_id].append(held.role)
    member = select(GroupMember.user_id, Group.name).join(Group, col(Group.id) == col(GroupMember.group_id))
    for user_id, name in session.exec(member.where(col(GroupMember.user_id).in_(ids)).order_by(Group.name)):
        groups[user_id].append(name)
    order = list(Role)
    return [Row(u, sorted(roles[u.id], key=order.index), groups[u.id]) for u in users]


def teams(session: Session) -> list[str]:
    """The teams that people are in."""
    return list(session.exec(select(User.team).where(User.team != "").distinct().order_by(User.team)))


def groups_with_sizes(session: Session) -> list[tuple[Group, int]]:
    """All groups by name with how many active members each has."""
    size = sa.func.count(sa.case((col(User.active), User.id)))
    query = (
        select(Group, size)
        .outerjoin(GroupMember, col(GroupMember.group_id) == col(Group.id))
        .outerjoin(User, col(User.id) == col(GroupMember.user_id))
        .group_by(col(Group.id))
        .order_by(col(Group.name))
    )
    return [(group, number) for group, number in session.exec(query)]


def colleagues(session: Session) -> list[tuple[str, str]]:
    """Login and name of everyone who works here, for choices."""
    query = select(User.login, User.name).where(col(User.active), ~col(User.is_service))
    return [(login, f"{name}（{login}）") for login, name in session.exec(query.order_by(User.login))]


def people_by_id(session: Session, ids: Iterable[int | None]) -> list[User]:
    """Those of these ids, by login."""
    return list(session.exec(select(User).where(col(User.id).in_(set(ids))).order_by(User.login)))


def sessions_of(session: Session, user_id: int) -> list[LoginSession]:
    """Where a person is signed in, the latest use first."""
    query = select(LoginSession).where(LoginSession.user_id == user_id)
    return list(session.exec(query.order_by(col(LoginSession.seen_at).desc())))


def _conditions(wanted: Wanted) -> list[Any]:
    states: dict[str, list[Any]] = {
        "active": [col(User.active), ~col(User.is_service)],
        "inactive": [~col(User.active)],
        "service": [col(User.is_service)],
    }
    conditions = states.get(wanted.state, [])
    if wanted.q.strip():
        word = wanted.q.strip()[:64]
        conditions.append(
            sa.or_(
                col(User.login).icontains(word, autoescape=True),
                col(User.name).icontains(word, autoescape=True),
            )
        )
    if wanted.role:
        held = sa.select(col(UserRole.user_id)).where(sa.cast(col(UserRole.role), sa.String) == wanted.role)
        conditions.append(col(User.id).in_(held))
    if wanted.group:
        member = sa.select(col(GroupMember.user_id)).join(Group, col(Group.id) == col(GroupMember.group_id))
        conditions.append(col(User.id).in_(member.where(col(Group.name) == wanted.group)))
    if wanted.team:
        conditions.append(col(User.team) == wanted.team)
    return conditions


def _sorted_by(wanted: Wanted) -> tuple[Any, bool]:
    key = wanted.sort.lstrip("-")
    return col(getattr(User, key if key in SORTS else "login")), wanted.sort.startswith("-")


def _order(wanted: Wanted) -> list[Any]:
    column, down = _sorted_by(wanted)
    return [column.desc(), col(User.id).desc()] if down else [column, col(User.id)]


def _beyond(session: Session, wanted: Wanted) -> list[Any]:
    last = session.get(User, wanted.after) if wanted.after is not None else None
    if last is None:
        return []
    column, down = _sorted_by(wanted)
    here, there = sa.tuple_(column, col(User.id)), sa.tuple_(getattr(last, column.key), last.id)
    return [here < there if down else here > there]
