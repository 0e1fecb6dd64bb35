"""API keys of service users: shown once, kept as a hash, with scopes and an end."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.fields import check_fields
from kms.accounts.models import ApiKey, User
from kms.accounts.permissions import Permission
from kms.accounts.sessions import hashed
from kms.audit.service import record
from kms.errors import Conflict, Invalid, NotFound

PREFIX = "kms_"
_SHOWN = len(PREFIX) + 8
_TOUCH_EVERY = timedelta(minutes=1)


def create_key(
    session: Session,
    actor: Actor,
    service: str,
    scopes: Iterable[Permission],
    expires_at: datetime | None,
    name: str = "",
) -> tuple[ApiKey, str]:
    """A key for the service user `service`, who is made when missing; the text is never to be had again.

    Raises Invalid without scopes or with an end that has passed, Conflict when the login is a person's.
    """
    wanted = sorted({Permission(scope).value for scope in scopes} - {Permission.SIGNED_IN.value})
    _check(service, wanted, expires_at)
    user = _service_user(session, actor, service.strip())
    plain = PREFIX + secrets.token_urlsafe(32)
    assert user.id is not None  # noqa: S101 - a stored row has its key
    key = ApiKey(
        user_id=user.id,
        name=name.strip()[:64] or user.login,
        prefix=plain[:_SHOWN],
        key_hash=hashed(plain),
        scopes=wanted,
        expires_at=expires_at,
        created_at=clock.now(),
        created_by=actor.user_id,
    )
    session.add(key)
    session.flush()
    after = {"service": user.login, "scopes": wanted, "expires_at": expires_at and expires_at.isoformat()}
    record(session, actor, "key.create", "api_key", key.id, after=after)
    return key, plain


def revoke_key(session: Session, actor: Actor, key_id: int) -> ApiKey:
    """End a key at once; revoking again changes nothing. Raises NotFound."""
    key = session.get(ApiKey, key_id)
    if key is None:
        raise NotFound("没有这个密钥")
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        session.add(key)
        record(session, actor, "key.revoke", "api_key", key.id, before={"prefix": key.prefix})
    return key


def list_keys(session: Session) -> list[tuple[ApiKey, User]]:
    """All keys, newest first, with the service user of each."""
    query = select(ApiKey, User).join(User, col(User.id) == col(ApiKey.user_id))
    return list(session.exec(query.order_by(col(ApiKey.id).desc())))


def find_key(session: Session, plain: str) -> tuple[ApiKey, User] | None:
    """The live key of this text and its service user; None when unknown, ended, revoked or disabled."""
    query = (
        select(ApiKey, User)
        .join(User, col(User.id) == col(ApiKey.user_id))
        .where(ApiKey.key_hash == hashed(plain), col(ApiKey.revoked_at).is_(None), col(User.active))
    )
    found = session.exec(query).first()
    if found is None or (found[0].expires_at is not None and found[0].expires_at <= clock.now()):
        return None
    return found


def needs_touch(key: ApiKey) -> bool:
    """Whether `used_at` is old enough to be worth a write."""
    return key.used_at is None or clock.now() - key.used_at >= _TOUCH_EVERY


def touch(session: Session, key: ApiKey) -> None:
    """The key was used just now."""
    session.execute(sa.update(ApiKey).where(col(ApiKey.id) == key.id).values(used_at=clock.now()))


def _check(service: str, scopes: list[str], expires_at: datetime | None) -> None:
    errors: dict[str, str] = {}
    try:
        check_fields({"login": service, "name": "-"})
    except Invalid as error:
        errors["service"] = error.errors["login"].replace("工号", "服务名")
    if not scopes:
        errors["scopes"] = "请至少选择一项权限"
    if expires_at is not None and expires_at <= clock.now():
        errors["expires_at"] = "到期时间已过，请选择将来的时间"
    if errors:
        raise Invalid(next(iter(errors.values())), errors)


def _service_user(session: Session, actor: Actor, login: str) -> User:
    user = session.exec(select(User).where(User.login == login)).first()
    if user is None:
        user = User(login=login, name=login, is_service=True, created_at=clock.now(), updated_at=clock.now())
        session.add(user)
        session.flush()
        record(session, actor, "user.create", "user", login, after={"is_service": True})
    if not user.is_service:
        raise Conflict("这个工号属于一位员工，请为程序另取一个服务名")
    if not user.active:
        raise Conflict("这个服务账号已停用，请先启用")
    return user
