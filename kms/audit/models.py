"""Audit records. Triggers in the database refuse to change or delete them."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, Index, SQLModel

from kms.db.types import Json, UtcDateTime


class AuditRecord(SQLModel, table=True):
    """One act. Holds no customer data: callers give ids and fields of knowledge and people only."""

    __tablename__ = "audit_record"
    __table_args__ = (Index("ix_audit_record_target", "target_type", "target_id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    actor_id: int | None = Field(default=None, index=True)
    actor_login: str = Field(default="", max_length=64)
    service_login: str | None = Field(default=None, max_length=64)
    action: str = Field(max_length=64, index=True)
    target_type: str = Field(default="", max_length=32)
    target_id: str = Field(default="", max_length=64)
    before: dict[str, Any] | None = Field(default=None, sa_type=Json)
    after: dict[str, Any] | None = Field(default=None, sa_type=Json)
    address: str = Field(default="", max_length=64)
