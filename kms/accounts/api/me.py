"""Who am I, as the server sees this request."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission

router = APIRouter(tags=["people"])


class Me(BaseModel):
    """`service_login` names the program when the request came with an API key."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "login": "3127",
                    "name": "林晓雯",
                    "team": "宽带一班",
                    "site": "南湾",
                    "region": "广东/深圳",
                    "roles": ["agent"],
                    "groups": ["全员"],
                    "permissions": ["article.read", "search", "signed_in"],
                    "service_login": None,
                }
            ]
        }
    )

    login: str
    name: str
    team: str
    site: str
    region: str
    roles: list[str]
    groups: list[str]
    permissions: list[str]
    service_login: str | None


@router.get("/me", summary="Who am I and what may I do")
def me(actor: Annotated[Actor, Depends(allow(Permission.SIGNED_IN))]) -> Me:
    """The person or program of this request, with final permissions: roles, or key and person together."""
    return Me(
        login=actor.login,
        name=actor.name,
        team=actor.team,
        site=actor.site,
        region=actor.region,
        roles=sorted(map(str, actor.roles)),
        groups=sorted(actor.groups),
        permissions=sorted(map(str, actor.permissions)),
        service_login=actor.service_login,
    )
