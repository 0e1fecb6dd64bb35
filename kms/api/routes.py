"""The JSON API under /api/v1: every concept's routes."""

from fastapi import APIRouter

from kms.api.problems import responses
from kms.articles import api as articles
from kms.inbox import api as inbox

PREFIX = "/api/v1"


def api_router() -> APIRouter:
    """All API routes. A concept's `api.py` defines `router`; it is added here and nowhere else."""
    router = APIRouter(prefix=PREFIX, responses=responses(409, 413, 415))
    concepts: tuple[APIRouter, ...] = (articles.router, inbox.router)
    for concept in concepts:
        router.include_router(concept)
    return router
