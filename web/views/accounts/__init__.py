"""Pages for people: signing in, one's own account, and administration."""

from fastapi import APIRouter

from web.views.accounts import login, mine

router = APIRouter()
for view in (login, mine):
    router.include_router(view.router)
