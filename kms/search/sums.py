"""Lookups of other people: sums only, and single ones by an audited permission."""

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.models import Group, GroupMember, User
from kms.audit.service import record
from kms.errors import NotFound
from kms.search.models import Lookup, LookupOutcome


@dataclass(frozen=True, slots=True)
class Sum:
    login: str
    name: str
    lookups: int
    nothing_found: int
    used: int
    solved: int


def colleague(session: Session, actor: Actor, login: str) -> User:
    """Someone who shares a group with the actor; reading their single lookups is put on record."""
    user = session.exec(select(User).where(User.login == login.strip(), _shares_a_group(actor))).first()
    if user is None:
        raise NotFound("没有这个工号，或他与您不在同一业务线")
    record(session, actor, "lookup.read", "user", user.login)
    return user


def sums(session: Session, actor: Actor, day: date) -> list[Sum]:
    """The lookups of one Shanghai day of each person who shares a group with the actor."""
    begins, ends = clock.start_of(day), clock.start_of(day + timedelta(days=1))
    used, solved = (
        _outcomes(col(LookupOutcome.used_at).is_not(None)),
        _outcomes(col(LookupOutcome.solved).is_(True)),
    )
    nothing = (
        sa.func.json_array_length
        if session.get_bind().dialect.name == "sqlite"
        else sa.func.jsonb_array_length
    )
    query = (
        sa.select(
            col(User.login),
            col(User.name),
            sa.func.count(),
            sa.func.sum(sa.case((nothing(col(Lookup.shown)) == 0, 1), else_=0)),
            sa.func.sum(sa.case((used, 1), else_=0)),
            sa.func.sum(sa.case((solved, 1), else_=0)),
        )
        .join(Lookup, col(Lookup.user_id) == col(User.id))
        .where(col(Lookup.at) >= begins, col(Lookup.at) < ends, _shares_a_group(actor))
        .group_by(col(User.login), col(User.name))
        .order_by(col(User.login))
    )
    return [Sum(*row) for row in session.execute(query)]


def _outcomes(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists(
        sa.select(sa.literal(1)).where(col(LookupOutcome.lookup_id) == col(Lookup.id), condition)
    )


def _shares_a_group(actor: Actor) -> sa.ColumnElement[bool]:
    members = (
        sa.select(col(GroupMember.user_id))
        .join(Group, col(Group.id) == col(GroupMember.group_id))
        .where(col(Group.name).in_(actor.groups))
    )
    return sa.or_(col(User.id) == actor.user_id, col(User.id).in_(members))
