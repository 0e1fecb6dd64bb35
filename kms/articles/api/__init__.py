"""The JSON API of articles."""

from fastapi import APIRouter

from kms.articles.api import attachments, categories, corrections, drafts, reading

router = APIRouter()
for part in (reading, drafts, attachments, corrections, categories):
    router.include_router(part.router)
