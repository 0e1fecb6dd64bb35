"""待办与消息."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from kms.db.types import UtcDateTime


class InboxItem(SQLModel, table=True):
    """One line in a person's inbox. `key` makes repeated sending harmless: `approval:12`, `correction:3`."""

    __tablename__ = "inbox_item"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index("ix_inbox_item_open", "user_id", "done_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id")
    key: str = Field(max_length=96)
    kind: str = Field(max_length=32)
    """approval, returned, published, correction, request, handover, conflict …"""
    title: str = Field(max_length=256)
    detail: str = Field(default="", sa_type=sa.Text)
    href: str = Field(default="", max_length=256)
    is_task: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
