"""Who may call a route. Every route names one of these; a test walks all routes to see that it does."""

from dataclasses import dataclass

from starlette.requests import Request

from kms.accounts.actor import Actor
from kms.accounts.authentication import authenticate
from kms.accounts.permissions import Permission
from kms.errors import NotSignedIn


def current_actor(request: Request, *, touch: bool = True) -> Actor | None:
    """The actor of this request, found once; with `touch` the session counts as in use."""
    if not hasattr(request.state, "actor"):
        state = request.app.state
        request.state.actor = authenticate(state.engine, state.settings, request, touch=touch)
    actor: Actor | None = request.state.actor
    return actor


@dataclass(frozen=True, slots=True)
class allow:  # noqa: N801 - reads as a word in signatures: Depends(allow(P.SEARCH))
    """Dependency: the signed-in actor, who must have `permission`.

    `touch=False` is for requests that pages make by themselves: they must not keep a session alive.
    """

    permission: Permission
    touch: bool = True

    def __call__(self, request: Request) -> Actor:
        actor = current_actor(request, touch=self.touch)
        if actor is None:
            raise NotSignedIn("登录已过期或尚未登录，请重新登录")
        actor.must(self.permission)
        return actor


def public(request: Request) -> Actor | None:
    """Dependency: open to everyone on purpose (log-in page, health)."""
    return current_actor(request)
