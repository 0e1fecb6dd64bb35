"""审批: the queue, one revision under review, decisions."""

from fastapi import APIRouter

from web.views.reviews import deciding, page

router = APIRouter()
for part in (page, deciding):
    router.include_router(part.router)
