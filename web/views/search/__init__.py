"""Pages of search."""

from fastapi import APIRouter

from web.views.search import page, settle

router = APIRouter()
router.include_router(page.router)
router.include_router(settle.router)
