"""What the page tells of a search: that it settled, that a result was opened, copied or used."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from kms.accounts.actor import Actor
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.db.session import writing
from kms.errors import Forbidden
from kms.search import tokens
from kms.search.lookups import outcome

router = APIRouter()
Searcher = Annotated[Actor, Depends(allow(Permission.SEARCH))]


class Settled(BaseModel):
    """`code` names the article for all but pause and enter."""

    lookup_id: Annotated[str, Field(max_length=36)]
    token: Annotated[str, Field(max_length=20_000)]
    event: Literal["pause", "enter", "opened", "copied", "used", "solved", "not_helpful"]
    code: Annotated[str, Field(max_length=16)] = ""
    rank: int = 0
    why: Annotated[str, Field(max_length=300)] = ""


@router.post("/search/settle")
def settle(request: Request, actor: Searcher, told: Settled) -> Response:
    state = request.app.state
    lookup = tokens.read(state.settings, told.token)
    if lookup.user_id != actor.user_id:
        raise Forbidden("只能填写自己的检索结果")
    lookup.settled_by = told.event
    if told.event in ("pause", "enter"):
        state.recorder.record(lookup)
    elif any(row["code"] == told.code for row in lookup.shown):
        with writing(state.engine) as session:
            outcome(session, lookup, told.event, told.code, told.why)
    else:
        # Nearest ones and shelves are opened too; the search itself has settled by that.
        state.recorder.record(lookup)
    return Response(status_code=204)
