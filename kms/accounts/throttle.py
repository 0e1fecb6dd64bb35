"""Log-in throttling. An attempt is written before its password is checked, so that guesses sent at once count."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from kms import clock
from kms.accounts.models import LoginAttempt
from kms.errors import TooMany
from kms.settings import Settings


def admit(session: Session, settings: Settings, login: str, address: str) -> int:
    """Note an attempt and return its id; raise TooMany when the account or the address has to wait.

    An address waits only when wrong passwords from it spread over many accounts: hundreds of people sit
    behind one, and some of them mistype.
    """
    since = clock.now() - timedelta(minutes=settings.login_window_minutes)
    if (first := _nth_newest(session, login, since, settings.login_failures_per_account)) is not None:
        raise _wait(first, settings, "这个工号连续输错密码")
    accounts, oldest = _accounts_tried(session, address, since)
    if oldest is not None and accounts >= settings.login_accounts_per_address:
        raise _wait(oldest, settings, "这个网络地址有大量工号登录失败")
    attempt = LoginAttempt(login=login, address=address, at=clock.now())
    session.add(attempt)
    session.flush()
    assert attempt.id is not None  # noqa: S101 - a stored row has its key
    return attempt.id


def failed(session: Session, settings: Settings, attempt_id: int, login: str) -> int:
    """The password was wrong; returns how many attempts are left before the account has to wait."""
    session.execute(sa.update(LoginAttempt).where(col(LoginAttempt.id) == attempt_id).values(failed=True))
    since = clock.now() - timedelta(minutes=settings.login_window_minutes)
    query = (
        sa.select(sa.func.count())
        .select_from(LoginAttempt)
        .where(col(LoginAttempt.login) == login, col(LoginAttempt.at) > since)
    )
    return max(settings.login_failures_per_account - (session.scalar(query) or 0), 0)


def succeeded(session: Session, settings: Settings, login: str) -> None:
    """The person is in: their slips count no more, for the account or for the address."""
    since = clock.now() - timedelta(minutes=settings.login_window_minutes)
    session.execute(
        sa.delete(LoginAttempt).where(sa.or_(col(LoginAttempt.login) == login, col(LoginAttempt.at) <= since))
    )


def unlock(session: Session, login: str) -> None:
    """A supervisor gave the person a new password."""
    session.execute(sa.delete(LoginAttempt).where(col(LoginAttempt.login) == login))


def _nth_newest(session: Session, login: str, since: datetime, number: int) -> datetime | None:
    query = (
        sa.select(col(LoginAttempt.at))
        .where(col(LoginAttempt.login) == login, col(LoginAttempt.at) > since)
        .order_by(col(LoginAttempt.at).desc())
        .offset(number - 1)
        .limit(1)
    )
    return session.scalar(query)


def _accounts_tried(session: Session, address: str, since: datetime) -> tuple[int, datetime | None]:
    row = session.execute(
        sa.select(
            sa.func.count(col(LoginAttempt.login).distinct()),
            sa.func.min(col(LoginAttempt.at)),
        ).where(
            col(LoginAttempt.address) == address,
            col(LoginAttempt.failed),
            col(LoginAttempt.at) > since,
        )
    ).one()
    return row[0], row[1]


def _wait(first: datetime, settings: Settings, why: str) -> TooMany:
    until = first + timedelta(minutes=settings.login_window_minutes)
    seconds = max(int((until - clock.now()).total_seconds()), 1)
    minutes = -(-seconds // 60)
    return TooMany(f"{why}，请 {minutes} 分钟后再试，或请班长重置密码", retry_after=seconds)
