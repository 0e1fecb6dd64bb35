"""知识需求."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel

from kms.db.types import UtcDateTime


class KnowledgeRequest(SQLModel, table=True):
    """One person's wish for an article. The text is masked."""

    __tablename__ = "knowledge_request"
    __table_args__ = (Index("ix_knowledge_request_state", "state", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    line_id: int = Field(foreign_key="category.id", index=True)
    category_id: int = Field(foreign_key="category.id", index=True)
    text: str = Field(sa_type=sa.Text)
    detail: str = Field(default="", sa_type=sa.Text)
    lookup_id: str | None = Field(default=None, max_length=36)
    requested_by: int = Field(foreign_key="user_account.id", index=True)
    handler_id: int | None = Field(default=None, foreign_key="user_account.id", index=True)
    state: str = Field(default="open", max_length=16)
    """open, taken, done or declined."""
    answer: str = Field(default="", sa_type=sa.Text)
    article_id: int | None = Field(default=None, foreign_key="article.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
