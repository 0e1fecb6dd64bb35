"""All pages. A view module defines `router`; it is added here and nowhere else."""

from fastapi import APIRouter, Depends

from web.badges import load_badges
from web.views import (
    accounts,
    articles,
    audit,
    categories,
    corrections,
    drafts,
    events,
    inbox,
    insight,
    publishing,
    reviews,
    search,
)


def page_router() -> APIRouter:
    """Every page of the product."""
    router = APIRouter(include_in_schema=False)
    views: tuple[APIRouter, ...] = (
        accounts.router,
        articles.router,
        audit.router,
        categories.router,
        corrections.router,
        drafts.router,
        inbox.router,
        insight.router,
        publishing.router,
        reviews.router,
        search.router,
    )
    for view in views:
        router.include_router(view, dependencies=[Depends(load_badges)])
    router.include_router(events.router)
    return router
