"""检索记录."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from kms.db.types import Json, UtcDateTime


class Lookup(SQLModel, table=True):
    """One settled search. The text is masked; `shown` lists rank, code and revision number of each hit."""

    __tablename__ = "lookup"

    id: str = Field(primary_key=True, max_length=36)
    """UUIDv7."""
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    user_id: int | None = Field(default=None, foreign_key="user_account.id", index=True)
    service_login: str | None = Field(default=None, max_length=64)
    call_id: str | None = Field(default=None, max_length=64, index=True)
    text: str = Field(sa_type=sa.Text)
    filters: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    as_of: datetime | None = Field(default=None, sa_type=UtcDateTime)
    known_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    shown: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    settled_by: str = Field(default="enter", max_length=16)
    """enter, pause, opened, copied or api."""
    took_ms: int = 0


class LookupOutcome(SQLModel, table=True):
    """What came of a lookup for one shown article."""

    __tablename__ = "lookup_outcome"

    lookup_id: str = Field(primary_key=True, foreign_key="lookup.id", max_length=36)
    article_id: int = Field(primary_key=True, foreign_key="article.id", index=True)
    revision_number: int
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    copied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    solved: bool | None = None
    not_helpful_why: str | None = Field(default=None, max_length=300)
