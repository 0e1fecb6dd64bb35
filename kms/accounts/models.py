"""People, groups, sessions, API keys and log-in attempts."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from kms.accounts.permissions import Role
from kms.db.types import Json, UtcDateTime, enum_type


class User(SQLModel, table=True):
    """A person, or a service user that API keys belong to. Never deleted, only deactivated."""

    __tablename__ = "user_account"

    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(max_length=64, unique=True)
    """工号."""
    name: str = Field(max_length=64)
    team: str = Field(default="", max_length=64, index=True)
    site: str = Field(default="", max_length=64)
    region: str = Field(default="", max_length=64)
    """A region path such as 广东/广州; empty: 全国."""
    skills: list[str] = Field(default_factory=list, sa_type=Json)
    extensions: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    """ACD name → extension."""
    is_service: bool = False
    active: bool = True
    password_hash: str = Field(default="", max_length=256)
    demo: bool = False
    """Made as a sample person, with a password that the terminal shows."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    version: int = 1


class UserRole(SQLModel, table=True):
    __tablename__ = "user_role"

    user_id: int = Field(primary_key=True, foreign_key="user_account.id")
    role: Role = Field(primary_key=True, sa_type=enum_type(Role))


class Group(SQLModel, table=True):
    """Named people: members of a business line, readers of a restricted article.

    The name is the key that articles carry, so it never changes.
    """

    __tablename__ = "user_group"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=64, unique=True)
    description: str = Field(default="", max_length=256)


class GroupMember(SQLModel, table=True):
    __tablename__ = "user_group_member"

    group_id: int = Field(primary_key=True, foreign_key="user_group.id")
    user_id: int = Field(primary_key=True, foreign_key="user_account.id", index=True)


class LoginSession(SQLModel, table=True):
    """A browser that is signed in. `id` is the SHA-256 of the cookie, so that a leaked table opens nothing."""

    __tablename__ = "login_session"

    id: str = Field(primary_key=True, max_length=64)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    address: str = Field(default="", max_length=64)
    browser: str = Field(default="", max_length=256)


class LoginAttempt(SQLModel, table=True):
    """A log-in that has not succeeded: `failed`, or its password is being checked just now."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_login_at", "login", "at"),
        Index("ix_login_attempt_address_at", "address", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(max_length=64)
    address: str = Field(max_length=64)
    at: datetime = Field(sa_type=UtcDateTime)
    failed: bool = False


class ApiKey(SQLModel, table=True):
    """A program's key. Only its hash is kept; `prefix` tells keys apart in lists."""

    __tablename__ = "api_key"
    __table_args__ = (UniqueConstraint("key_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    name: str = Field(max_length=64)
    prefix: str = Field(max_length=16)
    key_hash: str = Field(max_length=64)
    scopes: list[str] = Field(default_factory=list, sa_type=Json)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: int | None = Field(default=None, foreign_key="user_account.id")


class Handover(SQLModel, table=True):
    """Someone left: what they held was given to someone else."""

    __tablename__ = "handover"

    id: int | None = Field(default=None, primary_key=True)
    from_user_id: int = Field(foreign_key="user_account.id", index=True)
    to_user_id: int = Field(foreign_key="user_account.id")
    at: datetime = Field(sa_type=UtcDateTime)
    note: str = Field(default="", sa_type=sa.Text)
