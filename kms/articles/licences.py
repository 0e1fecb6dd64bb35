"""KCS licences: who may publish internal questions and answers of a category without stages."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.models import User
from kms.accounts.permissions import Permission
from kms.accounts.service import get_user
from kms.articles.access import scope_of
from kms.articles.categories import category_for_read, ids_of, paths_of
from kms.articles.models import Category, Licence
from kms.articles.references import line_people, within_line
from kms.audit.service import record
from kms.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Held:
    """A licence with its holder, who granted it, and the path of its category."""

    licence: Licence
    user: User
    granter: User
    path: tuple[str, ...]


def grant(session: Session, actor: Actor, login: str, category_id: int, until: datetime) -> Licence:
    """Let a person of the line skip the stages in this category and all below it, until then.

    Granting again moves the end of the one that holds. Raises Invalid, NotFound.
    """
    actor.must(Permission.LICENCE_GRANT)
    category = category_for_read(session, scope_of(session, actor), category_id)
    user = _person(session, category.line_id or 0, login)
    if user.id not in {member.id for member in line_people(session, category.line_id or 0, writers=True)}:
        raise Invalid("不能授予", {"login": "只能授予本业务线中能编写知识的在岗人员"})
    if user.id == actor.user_id:
        raise Invalid("不能授予自己", {"login": "免审资格须由另一位班长授予"})
    if until <= clock.now():
        raise Invalid("期限已过", {"until": "请选择将来的日期"})
    licence = _held(session, user.id, category_id) or Licence(
        user_id=user.id or 0,
        category_id=category_id,
        until=until,
        granted_by=actor.id,
        granted_at=clock.now(),
    )
    before = {"until": licence.until.isoformat()} if licence.id else None
    licence.until, licence.granted_by, licence.granted_at = until, actor.id, clock.now()
    session.add(licence)
    session.flush()
    after = {"login": user.login, "category_id": category_id, "until": until.isoformat()}
    record(session, actor, "licence.grant", "licence", licence.id, before, after)
    return licence


def revoke(session: Session, actor: Actor, licence_id: int) -> Licence:
    """End a licence now; revoking again changes nothing."""
    actor.must(Permission.LICENCE_GRANT)
    licence = session.get(Licence, licence_id)
    if licence is None:
        raise NotFound("没有这项免审资格")
    category_for_read(session, scope_of(session, actor), licence.category_id)
    if licence.revoked_at is None:
        licence.revoked_at = clock.now()
        session.add(licence)
        record(session, actor, "licence.revoke", "licence", licence.id)
    return licence


def licences(session: Session, actor: Actor) -> list[Held]:
    """Those that hold now, in the actor's business lines, soonest to end first."""
    actor.must(Permission.LICENCE_GRANT)
    giver = aliased(User)
    query = (
        select(Licence, User, giver)
        .join(Category, col(Category.id) == col(Licence.category_id))
        .join(User, col(User.id) == col(Licence.user_id))
        .join(giver, col(giver.id) == col(Licence.granted_by))
        .where(col(Category.line_id).in_(scope_of(session, actor).lines), *_holding())
        .order_by(col(Licence.until), col(Licence.id))
    )
    rows = session.exec(query).all()
    paths = paths_of(session, [licence.category_id for licence, _, _ in rows])
    return [Held(licence, user, by, paths[licence.category_id]) for licence, user, by in rows]


def is_licensed(session: Session, actor: Actor, category_id: int | None) -> bool:
    """Whether the actor holds a licence for this category or one above it."""
    category = session.get(Category, category_id) if category_id else None
    if category is None:
        return False
    query = select(Licence.id).where(
        Licence.user_id == actor.user_id, col(Licence.category_id).in_(ids_of(category.path)), *_holding()
    )
    return session.exec(query.limit(1)).first() is not None


def _held(session: Session, user_id: int | None, category_id: int) -> Licence | None:
    mine = (Licence.user_id == user_id, Licence.category_id == category_id)
    return session.exec(select(Licence).where(*mine, *_holding())).first()


def _person(session: Session, line_id: int, login: str) -> User:
    """Someone of the line; of others nobody learns whether they exist."""
    try:
        user = get_user(session, login.strip())
    except NotFound:
        user = None
    if user is None or not within_line(session, line_id, [user.id or 0]):
        raise Invalid("没有这个人", {"login": f"本业务线没有工号“{login.strip()[:64]}”，请核对"})
    return user


def _holding() -> tuple[sa.ColumnElement[bool], ...]:
    return col(Licence.revoked_at).is_(None), col(Licence.until) > clock.now()
