"""KCS licences: who may publish internal questions and answers without stages."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.articles import licences
from kms.articles.api.parameters import LAST_ID, Id, Instant
from kms.articles.licences import Held
from kms.db.dependencies import ReadSession, WriteSession
from kms.errors import Invalid

router = APIRouter(tags=["免审资格"])
Supervisor = Annotated[Actor, Depends(allow(Permission.LICENCE_GRANT))]


class Granting(BaseModel):
    """To whom, for which category and all below it, until when."""

    login: str = Field(min_length=1, max_length=64, description="工号", examples=["10023"])
    category_id: int = Field(ge=1, le=LAST_ID)
    until: Instant = Field(description="到期时间，到时自动失效", examples=["2027-06-30"])


class LicenceOut(BaseModel):
    id: int
    login: str
    name: str
    category_id: int
    category: tuple[str, ...]
    until: datetime
    granted_by: str
    granted_at: datetime

    @classmethod
    def of(cls, held: Held) -> Self:
        licence = held.licence
        return cls(
            id=licence.id or 0,
            login=held.user.login,
            name=held.user.name,
            category_id=licence.category_id,
            category=held.path,
            until=licence.until,
            granted_by=held.granter.name,
            granted_at=licence.granted_at,
        )


@router.get("/licences", summary="免审资格")
def list_licences(session: ReadSession, actor: Supervisor) -> list[LicenceOut]:
    """调用者业务线内现在有效的资格，最先到期的在前。"""
    return [LicenceOut.of(held) for held in licences.licences(session, actor)]


@router.post("/licences", status_code=201, summary="授予免审资格")
def grant(session: WriteSession, actor: Supervisor, granting: Granting) -> LicenceOut:
    """对同一人、同一分类再次授予即改期限。不能授予自己。"""
    if granting.until is None:
        raise Invalid("请填写期限", {"until": "请填写期限，例如 2027-06-30"})
    made = licences.grant(session, actor, granting.login, granting.category_id, granting.until)
    found = licences.licences(session, actor)
    return next(LicenceOut.of(held) for held in found if held.licence.id == made.id)


@router.delete("/licences/{licence_id}", status_code=204, summary="收回免审资格")
def revoke(session: WriteSession, actor: Supervisor, licence_id: Id) -> None:
    """立即失效；重复收回不报错。"""
    licences.revoke(session, actor, licence_id)
