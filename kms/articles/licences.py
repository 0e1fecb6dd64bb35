"""KCS licences: who may publish internal questions and answers of a category without stages."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.accounts.service import get_user
from kms.articles.access import scope_of
from kms.articles.categories import category_for_read, ids_of
from kms.articles.models import Category, Licence
from kms.articles.references import line_people
from kms.audit.service import record
from kms.errors import Invalid, NotFound


def grant(session: Session, actor: Actor, login: str, category_id: int, until: datetime) -> Licence:
    """Let a person of the line skip the stages in this category and all below it, until then."""
    actor.must(Permission.LICENCE_GRANT)
    category = category_for_read(session, scope_of(session, actor), category_id)
    user = get_user(session, login)
    if user.id not in {member.id for member in line_people(session, category.line_id or 0, writers=True)}:
        raise Invalid("不能授予", {"login": "只能授予本业务线中能编写知识的在岗人员"})
    if user.id == actor.user_id:
        raise Invalid("不能授予自己", {"login": "免审资格须由另一位班长授予"})
    if until <= clock.now():
        raise Invalid("期限已过", {"until": "请选择将来的日期"})
    licence = Licence(
        user_id=user.id or 0,
        category_id=category_id,
        until=until,
        granted_by=actor.id,
        granted_at=clock.now(),
    )
    session.add(licence)
    session.flush()
    after = {"login": login, "category_id": category_id, "until": until.isoformat()}
    record(session, actor, "licence.grant", "licence", licence.id, None, after)
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


def licences(session: Session, actor: Actor) -> Sequence[Licence]:
    """Those that hold now, in the actor's business lines, soonest to end first."""
    actor.must(Permission.LICENCE_GRANT)
    query = (
        select(Licence)
        .join(Category, col(Category.id) == col(Licence.category_id))
        .where(col(Category.line_id).in_(scope_of(session, actor).lines), *_holding())
        .order_by(col(Licence.until))
    )
    return session.exec(query).all()


def is_licensed(session: Session, actor: Actor, category_id: int | None) -> bool:
    """Whether the actor holds a licence for this category or one above it."""
    category = session.get(Category, category_id) if category_id else None
    if category is None:
        return False
    query = select(Licence.id).where(
        Licence.user_id == actor.user_id, col(Licence.category_id).in_(ids_of(category.path)), *_holding()
    )
    return session.exec(query.limit(1)).first() is not None


def _holding() -> tuple[sa.ColumnElement[bool], ...]:
    return col(Licence.revoked_at).is_(None), col(Licence.until) > clock.now()
