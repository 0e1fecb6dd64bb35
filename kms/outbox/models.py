"""One row for each (consumer, key): the work that is pending, however often it was asked for."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from kms.db.types import UtcDateTime


class OutboxRow(SQLModel, table=True):
    """Coalesced work. `version` grows with each request, so that a change during processing is seen."""

    __tablename__ = "outbox"

    consumer: str = Field(primary_key=True, max_length=64)
    key: str = Field(primary_key=True, max_length=128)
    version: int = 1
    due_at: datetime = Field(sa_type=UtcDateTime, index=True)
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    leased_by: str | None = Field(default=None, max_length=64)
    attempts: int = 0
    last_error: str | None = Field(default=None, sa_type=sa.Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
