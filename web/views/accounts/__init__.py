"""Pages for people: signing in, one's own account, and administration."""

from fastapi import APIRouter

from web.views.accounts import groups, keys, login, mine, people_import, users

router = APIRouter()
for view in (login, mine, people_import, users, groups, keys):
    router.include_router(view.router)
