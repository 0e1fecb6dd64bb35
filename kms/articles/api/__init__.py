"""The JSON API of articles."""

from fastapi import APIRouter

from kms.articles.api import (
    attachments,
    categories,
    corrections,
    drafts,
    licences,
    publication,
    reading,
    reviews,
)

router = APIRouter()
for part in (reading, drafts, reviews, publication, attachments, corrections, categories, licences):
    router.include_router(part.router)
