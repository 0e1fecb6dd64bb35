"""知识: lists, one article, its history and files."""

from fastapi import APIRouter

from web.views.articles import browse, files, history, page

router = APIRouter()
for part in (browse, page, history, files):
    router.include_router(part.router)
