"""From a request's credentials to an `Actor`."""

from dataclasses import replace

from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select
from starlette.requests import Request

from kms.accounts import keys, sessions
from kms.accounts.actor import Actor
from kms.accounts.models import Group, GroupMember, User, UserRole
from kms.accounts.permissions import NEVER_ON_BEHALF, Permission, permissions_of
from kms.db.session import reading, writing
from kms.errors import Forbidden
from kms.settings import Settings

ON_BEHALF_OF = "On-Behalf-Of"


def authenticate(engine: Engine, settings: Settings, request: Request, *, touch: bool = True) -> Actor | None:
    """Who sends this request; None without (valid) credentials. Opens and closes its own session.

    A request with an Authorization header is judged by it alone. Without `touch` the request does not
    keep a session from going idle. Raises Forbidden when a program names a person it cannot act for.
    """
    authorization = request.headers.get("Authorization")
    if authorization is not None:
        return _by_key(engine, request, authorization)
    token = request.cookies.get(sessions.COOKIE)
    return _by_cookie(engine, settings, request, token, touch) if token else None


def _by_cookie(engine: Engine, settings: Settings, request: Request, token: str, touch: bool) -> Actor | None:
    with reading(engine) as session:
        row = sessions.find_session(session, token, settings)
        user = session.get(User, row.user_id) if row else None
        if row is None or user is None or not user.active:
            return None
        actor = person_actor(session, user, address=client_address(request), session_id=row.id)
    if touch and sessions.needs_touch(row):
        with writing(engine) as session:
            sessions.touch(session, row.id)
    return actor


def _by_key(engine: Engine, request: Request, authorization: str) -> Actor | None:
    kind, _, plain = authorization.partition(" ")
    if kind.lower() != "bearer":
        return None
    with reading(engine) as session:
        found = keys.find_key(session, plain.strip())
        if found is None:
            return None
        key, service = found
        address = client_address(request)
        person = request.headers.get(ON_BEHALF_OF)
        actor = service_actor(session, service, _scopes(key.scopes), address)
        if person is not None:
            actor = on_behalf(session, actor, person.strip(), address)
    if keys.needs_touch(key):
        with writing(engine) as session:
            keys.touch(session, key)
    return actor


def service_actor(session: Session, service: User, scopes: frozenset[Permission], address: str) -> Actor:
    """A program in its own name: its permissions are the key's scopes, its groups the service user's."""
    actor = person_actor(session, service, address=address)
    return replace(actor, permissions=scopes | {Permission.SIGNED_IN}, service_login=service.login)


def on_behalf(session: Session, program: Actor, login: str, address: str) -> Actor:
    """The person as far as both the key and the person may, and never for approval or administration."""
    user = session.exec(select(User).where(User.login == login, col(User.active))).first()
    if user is None or user.is_service:
        raise Forbidden("On-Behalf-Of 中的工号不存在或已停用，不能代为操作")
    person = person_actor(session, user, address=address)
    permissions = (person.permissions & program.permissions) - NEVER_ON_BEHALF
    return replace(person, permissions=permissions, service_login=program.login)


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
    return request.client.host[:64] if request.client else ""


def _scopes(values: list[str]) -> frozenset[Permission]:
    # A scope of an older version that no longer exists allows nothing.
    return frozenset(scope for scope in Permission if scope.value in values)
