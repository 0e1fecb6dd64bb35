"""提交 and 发布与撤回: the way of one article out to its readers, and back; licences."""

from fastapi import APIRouter

from web.views.publishing import acting, licences, submitting

router = APIRouter()
for part in (licences, submitting, acting):
    router.include_router(part.router)
