"""All pages. A view module defines `router`; it is added here and nowhere else."""

from fastapi import APIRouter, Depends

from web.badges import load_badges
from web.views import accounts


def page_router() -> APIRouter:
    """Every page of the product."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(load_badges)])
    views: tuple[APIRouter, ...] = (accounts.router,)
    for view in views:
        router.include_router(view)
    return router
