"""分类与审批规则, and the words that articles carry."""

from fastapi import APIRouter

from web.views.categories import rules, tree, vocabulary

router = APIRouter()
for part in (vocabulary, tree, rules):
    router.include_router(part.router)
