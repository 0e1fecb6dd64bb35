"""Counts beside the ways in the rail, loaded for whole pages only: one query each."""

from collections.abc import Callable, Mapping

from sqlmodel import Session
from starlette.requests import Request

from kms.accounts.actor import Actor
from kms.accounts.dependencies import current_actor
from kms.articles.review_queue import count_mine
from kms.db.session import reading
from kms.inbox import service as inbox
from web.templating import is_htmx

Count = Callable[[Session, Actor], int]

COUNTS: Mapping[str, Count] = {
    "inbox": lambda session, actor: inbox.count(session, actor.id),
    "reviews": count_mine,
}
"""Key of the way in `web.nav` → its count."""


def load_badges(request: Request) -> None:
    """Dependency of all pages: put the counts where `render` finds them."""
    actor = current_actor(request)
    if actor is None or is_htmx(request) or request.method != "GET":
        return
    with reading(request.app.state.engine) as session:
        request.state.badges = {key: count(session, actor) for key, count in COUNTS.items()}
