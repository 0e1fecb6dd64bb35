"""Forms whose fields repeat or are not known beforehand."""

from starlette.datastructures import FormData
from starlette.requests import Request


async def form_data(request: Request) -> FormData:
    """Dependency: everything that was posted; read here because the routes are synchronous."""
    return await request.form()
