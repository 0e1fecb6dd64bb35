"""Sign in. Opens its own short transactions: none may be open while a password is checked."""

from sqlalchemy.engine import Engine
from sqlmodel import select

from kms.accounts import throttle
from kms.accounts.models import User
from kms.accounts.passwords import is_right
from kms.accounts.sessions import delete_expired, open_session
from kms.db.session import reading, writing
from kms.errors import Invalid
from kms.settings import Settings


def log_in(
    engine: Engine, settings: Settings, login: str, password: str, *, address: str, browser: str
) -> str:
    """The cookie of a new session. Raises Invalid for a wrong pair, TooMany when throttled.

    Unknown, disabled and wrong look and last the same.
    """
    login = login.strip()[:64]
    with writing(engine) as session:
        attempt = throttle.admit(session, settings, login, address)
    with reading(engine) as session:
        user = session.exec(select(User).where(User.login == login)).first()
    usable = user is not None and user.active and not user.is_service
    right = is_right(password, user.password_hash if user is not None and usable else "")
    with writing(engine) as session:
        if user is not None and right:
            throttle.succeeded(session, settings, login)
            delete_expired(session, settings)
            return open_session(session, user, settings, address, browser)
        left = throttle.failed(session, settings, attempt, login)
    raise _wrong(left, settings)


def _wrong(left: int, settings: Settings) -> Invalid:
    minutes = settings.login_window_minutes
    told = (
        f"还可再试 {left} 次，之后锁定 {minutes} 分钟" if left else f"已锁定 {minutes} 分钟，请找班长重置密码"
    )
    return Invalid("工号或密码不对", {"password": told}, left=left)
