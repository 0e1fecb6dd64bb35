"""Sample people, whose password the terminal shows, must not be able to enter a real installation."""

from sqlmodel import Session, col, select

from kms.accounts.models import User
from kms.errors import Unavailable
from kms.settings import Settings


def refuse_default_secrets(session: Session, settings: Settings) -> None:
    """Raise Unavailable when sample people could still log in with the sample password in production.

    Who changes or is given another password is a sample person no longer.
    """
    if settings.demo:
        return
    waiting = select(User.login).where(col(User.demo), col(User.active), User.password_hash != "")
    logins = session.exec(waiting.order_by(User.login)).all()
    if logins:
        shown = "、".join(logins[:10])
        told = f"演示人员 {shown} 等 {len(logins)} 人仍在使用演示密码"
        raise Unavailable(f"{told}。请停用他们或重置密码；只是试用请设置 KMS_DEMO=true")
