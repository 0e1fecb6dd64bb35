"""The one live line of a browser: counts and messages as server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.engine import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from kms.accounts.actor import Actor
from kms.accounts.authentication import authenticate
from kms.accounts.dependencies import allow
from kms.accounts.permissions import Permission
from kms.db.session import reading
from kms.events.bus import Event, StreamClosed, people
from kms.inbox import service as inbox

router = APIRouter()

RECHECK_SECONDS = 30.0
"""How long a stream may outlive its session at most."""


@router.get("/events", response_class=EventSourceResponse)
async def events(
    request: Request, actor: Annotated[Actor, Depends(allow(Permission.SIGNED_IN, touch=False))]
) -> AsyncIterator[ServerSentEvent]:
    """Begins with the present count, whatever the browser has seen; ends with the session."""
    engine: Engine = request.app.state.engine
    stream = people.subscribe(actor.id)
    try:
        yield await run_in_threadpool(_event, engine, actor.id, Event("inbox.count"))
        while await run_in_threadpool(_signed_in, request):
            event = await stream.next(RECHECK_SECONDS)
            if event is not None:
                yield await run_in_threadpool(_event, engine, actor.id, event)
    except StreamClosed:
        return
    finally:
        people.unsubscribe(actor.id, stream)


def _event(engine: Engine, user_id: int, event: Event) -> ServerSentEvent:
    if not event.name.startswith("inbox."):
        return ServerSentEvent(event=event.name, data=dict(event.data))
    with reading(engine) as session:
        count = inbox.count(session, user_id)
    return ServerSentEvent(event=event.name, data={**event.data, "count": count})


def _signed_in(request: Request) -> bool:
    state = request.app.state
    return authenticate(state.engine, state.settings, request, touch=False) is not None
