"""What a person does with their own account."""

from sqlalchemy.engine import Engine

from kms import clock
from kms.accounts import throttle
from kms.accounts.actor import Actor
from kms.accounts.models import User
from kms.accounts.passwords import check_new, hash_password, is_right
from kms.accounts.sessions import close_all
from kms.audit.service import record
from kms.db.session import reading, writing
from kms.errors import Invalid
from kms.settings import Settings


def change_own_password(engine: Engine, settings: Settings, actor: Actor, current: str, new: str) -> None:
    """Set the actor's password and sign out their other browsers.

    Opens its own short transactions: none may be open while a password is checked. Wrong guesses of the
    present password count like those at log-in. Raises Invalid, TooMany.
    """
    check_new(new, actor.login, settings.password_min_length, "new")
    with reading(engine) as session:
        present = session.get_one(User, actor.id).password_hash
    with writing(engine) as session:
        attempt = throttle.admit(session, settings, actor.login, actor.address)
    right, fresh = is_right(current, present), hash_password(new)
    with writing(engine) as session:
        if right:
            _set(session.get_one(User, actor.id), fresh)
            throttle.succeeded(session, settings, actor.login)
            close_all(session, actor.id, keep=actor.session_id)
            record(session, actor, "user.password_change", "user", actor.login)
            return
        throttle.failed(session, settings, attempt, actor.login)
    raise Invalid("当前密码不对", {"current": "当前密码不对"})


def _set(user: User, password_hash: str) -> None:
    user.password_hash, user.demo, user.updated_at = password_hash, False, clock.now()
