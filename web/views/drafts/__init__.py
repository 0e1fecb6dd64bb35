"""编写: own drafts, the editor, its previews and files."""

from fastapi import APIRouter

from web.views.drafts import creating, editor, files, mine, panels

router = APIRouter()
for part in (mine, creating, editor, panels, files):
    router.include_router(part.router)
