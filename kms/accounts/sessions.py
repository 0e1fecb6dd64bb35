"""Server-side log-in sessions: a random cookie, its hash in the database, idle and absolute expiry."""

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from kms import clock
from kms.accounts.models import LoginSession, User
from kms.settings import Settings

COOKIE = "kms_session"
_TOUCH_EVERY = timedelta(minutes=1)


def hashed(token: str) -> str:
    """What the database keeps of a cookie or a key."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(session: Session, user: User, settings: Settings, address: str, browser: str) -> str:
    """Sign `user` in; returns the cookie's value, which is never stored."""
    token = secrets.token_urlsafe(32)
    moment = clock.now()
    assert user.id is not None  # noqa: S101 - a stored row has its key
    session.add(
        LoginSession(
            id=hashed(token),
            user_id=user.id,
            created_at=moment,
            seen_at=moment,
            expires_at=moment + timedelta(hours=settings.session_absolute_hours),
            address=address[:64],
            browser=browser[:256],
        )
    )
    return token


def find_session(session: Session, token: str, settings: Settings) -> LoginSession | None:
    """The live session of a cookie: neither idle for too long nor past its absolute end."""
    row = session.get(LoginSession, hashed(token))
    moment = clock.now()
    if row is None or row.expires_at <= moment:
        return None
    if row.seen_at + timedelta(minutes=settings.session_idle_minutes) <= moment:
        return None
    return row


def needs_touch(row: LoginSession) -> bool:
    """Whether `seen_at` is old enough to be worth a write."""
    return clock.now() - row.seen_at >= _TOUCH_EVERY


def touch(session: Session, session_id: str) -> None:
    """The person did something just now."""
    session.execute(
        sa.update(LoginSession).where(col(LoginSession.id) == session_id).values(seen_at=clock.now())
    )


def close_session(session: Session, session_id: str) -> None:
    """Sign out this browser."""
    session.execute(sa.delete(LoginSession).where(col(LoginSession.id) == session_id))


def close_all(session: Session, user_id: int, keep: str | None = None) -> None:
    """Sign out everywhere (a changed password, a person who left); `keep` names a session to spare."""
    query = sa.delete(LoginSession).where(col(LoginSession.user_id) == user_id)
    if keep is not None:
        query = query.where(col(LoginSession.id) != keep)
    session.execute(query)


def delete_expired(session: Session, settings: Settings) -> None:
    """Forget sessions that no cookie can open any more."""
    moment = clock.now()
    idle = moment - timedelta(minutes=settings.session_idle_minutes)
    session.execute(
        sa.delete(LoginSession).where(
            sa.or_(col(LoginSession.expires_at) <= moment, col(LoginSession.seen_at) <= idle)
        )
    )
