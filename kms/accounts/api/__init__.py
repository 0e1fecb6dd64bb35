"""People and keys as JSON."""

from fastapi import APIRouter

from kms.accounts.api import keys, me, users

router = APIRouter()
for part in (me, users, keys):
    router.include_router(part.router)
