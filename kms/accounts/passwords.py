"""Argon2 hashes of passwords, and what a new password must be like."""

import secrets
import threading

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from kms.errors import Invalid

MAX_LENGTH = 128

# OWASP's profile for Argon2id: 19 MiB, two passes, one lane. Two checks at once take one core and a half
# of a small machine at most, so that a shift that logs in together does not stop the search.
_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
_at_once = threading.BoundedSemaphore(2)
_nobody = _hasher.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """What the database keeps of a password."""
    with _at_once:
        return _hasher.hash(password)


def is_right(password: str, password_hash: str) -> bool:
    """Whether the password fits; an empty hash (nobody, a service user) takes as long and never fits."""
    with _at_once:
        fits = _hasher.verify(password[: MAX_LENGTH + 1], password_hash or _nobody)
    return fits and bool(password_hash)


def random_password() -> str:
    """A password to be told to one person and changed by them."""
    return secrets.token_urlsafe(12)


def check_new(password: str, login: str, min_length: int, field: str = "password") -> None:
    """Raise Invalid with the reason at `field` unless the password may be used."""
    if len(password) < min_length:
        reason = f"密码至少 {min_length} 位"
    elif len(password) > MAX_LENGTH:
        reason = f"密码最多 {MAX_LENGTH} 位"
    elif len(set(password)) < 4:
        reason = "密码过于简单，请混用不同的字符"
    elif login.lower() in password.lower() and len(password) - len(login) < 6:
        reason = "密码不能与工号相近"
    else:
        return
    raise Invalid(reason, {field: reason})
