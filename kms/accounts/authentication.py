"""From a request's credentials to an `Actor`."""

from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select
from starlette.requests import Request

from kms.accounts.actor import Actor
from kms.accounts.models import Group, GroupMember, User, UserRole
from kms.accounts.permissions import permissions_of
from kms.accounts.sessions import COOKIE, find_session, needs_touch, touch
from kms.db.session import reading, writing
from kms.settings import Settings


def authenticate(engine: Engine, settings: Settings, request: Request) -> Actor | None:
    """Who sends this request; None without (valid) credentials. Opens and closes its own session."""
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    with reading(engine) as session:
        row = find_session(session, token, settings)
        user = session.get(User, row.user_id) if row else None
        if row is None or user is None or not user.active:
            return None
        actor = person_actor(session, user, address=client_address(request), session_id=row.id)
    if needs_touch(row):
        with writing(engine) as session:
            touch(session, row.id)
    return actor


def person_actor(session: Session, user: User, *, address: str = "", session_id: str | None = None) -> Actor:
    """The actor that a person is, with the union of the roles' permissions."""
    held = session.exec(select(UserRole).where(UserRole.user_id == user.id))
    roles = frozenset(row.role for row in held)
    groups = session.exec(
        select(Group.name)
        .join(GroupMember, col(GroupMember.group_id) == col(Group.id))
        .where(GroupMember.user_id == user.id)
    )
    return Actor(
        user_id=user.id,
        login=user.login,
        name=user.name,
        roles=roles,
        permissions=permissions_of(roles),
        groups=frozenset(groups),
        region=user.region,
        team=user.team,
        site=user.site,
        address=address,
        session_id=session_id,
    )


def client_address(request: Request) -> str:
    """The peer's address; behind a proxy uvicorn has already put the forwarded one here."""
    return request.client.host if request.client else ""
