"""API keys as JSON."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from kms.accounts import keys
from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.models import ApiKey
from kms.accounts.permissions import Permission
from kms.db.dependencies import ReadSession, RowId, WriteSession

router = APIRouter(prefix="/keys", tags=["keys"])
KeyAdmin = Annotated[Actor, Depends(allow(Permission.KEY_MANAGE))]


class KeyWish(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "service": "crm",
                    "name": "工单侧边栏",
                    "scopes": ["search", "article.read"],
                    "expires_at": "2027-12-31T00:00:00+08:00",
                }
            ]
        }
    )

    service: str = Field(description="Login of the service user; made when missing.", max_length=64)
    name: str = Field("", max_length=64)
    scopes: list[Permission]
    expires_at: AwareDatetime | None = Field(None, description="Null: no end.")


class KeyOut(BaseModel):
    """`prefix` is the beginning of the key, to tell keys apart."""

    id: int
    service: str
    name: str
    prefix: str
    scopes: list[str]
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None
    created_at: datetime


class NewKey(KeyOut):
    key: str = Field(description="The key itself, in this answer only.")


@router.get("", summary="List API keys")
def list_keys(session: ReadSession, _actor: KeyAdmin) -> list[KeyOut]:
    """Newest first, ended ones too."""
    return [KeyOut.model_validate(_values(key, user.login)) for key, user in keys.list_keys(session)]


@router.post("", status_code=201, summary="Create an API key")
def create_key(session: WriteSession, actor: KeyAdmin, body: KeyWish) -> NewKey:
    """Send it as `Authorization: Bearer …`; with `On-Behalf-Of: <工号>` it acts for a person.

    Then the permissions are those that both the key and the person have, and never approval,
    administration, export or reveal.
    """
    key, plain = keys.create_key(session, actor, body.service, body.scopes, body.expires_at, body.name)
    return NewKey.model_validate({**_values(key, body.service.strip()), "key": plain})


@router.post("/{key_id}/revoke", summary="Revoke an API key")
def revoke_key(session: WriteSession, actor: KeyAdmin, key_id: RowId) -> None:
    """At once; repeating changes nothing."""
    keys.revoke_key(session, actor, key_id)


def _values(key: ApiKey, service: str) -> dict[str, object]:
    return {**key.model_dump(exclude={"key_hash"}), "service": service}
