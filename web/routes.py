"""All pages. A view module defines `router`; it is added here and nowhere else."""

from fastapi import APIRouter


def page_router() -> APIRouter:
    """Every page of the product."""
    router = APIRouter(include_in_schema=False)
    views: tuple[APIRouter, ...] = ()
    for view in views:
        router.include_router(view)
    return router
