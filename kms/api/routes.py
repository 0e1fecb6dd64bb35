"""The JSON API under /api/v1: every concept's routes."""

from fastapi import APIRouter

from kms.accounts import api as accounts
from kms.api import audit
from kms.api.handover import register_all
from kms.api.problems import responses
from kms.articles import api as articles
from kms.inbox import api as inbox
from kms.insight import api as insight
from kms.search import api as search

PREFIX = "/api/v1"


def api_router() -> APIRouter:
    """All API routes. A concept's `api.py` defines `router`; it is added here and nowhere else."""
    register_all()
    router = APIRouter(prefix=PREFIX, responses=responses(409, 413, 415))
    concepts: tuple[APIRouter, ...] = (
        accounts.router,
        articles.router,
        audit.router,
        inbox.router,
        insight.router,
        search.router,
    )
    for concept in concepts:
        router.include_router(concept)
    return router
