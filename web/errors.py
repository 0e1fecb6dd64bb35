"""Errors as Chinese pages, or as fragments for htmx."""

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kms.api import problems
from kms.errors import KmsError, NotSignedIn, TooMany
from web.paths import login_path
from web.templating import is_htmx, render


def page_error(request: Request, error: Exception) -> Response:
    """The page for any error that a view did not handle itself."""
    if isinstance(error, NotSignedIn) and not is_htmx(request) and request.method == "GET":
        return RedirectResponse(login_path(request), 303)
    status, title, message = _told(error)
    context = {"status": status, "title": title, "message": message}
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else None
    return render(request, "errors/error.html", context, block="error", status=status, headers=headers)


def wants_problem(request: Request) -> bool:
    """Whether a program or a script asks, who reads problem documents and not pages."""
    if request.url.path.startswith(problems.PREFIX):
        return True
    accepts = request.headers.get("Accept", "")
    return "application/json" in accepts or "text/event-stream" in accepts


def _told(error: Exception) -> tuple[int, str, str]:
    if isinstance(error, NotSignedIn):
        return 401, "登录已过期", "请先在新标签页登录，再用浏览器的返回键回到刚才的页面，填写的内容还在"
    if isinstance(error, KmsError):
        return error.status, error.title, error.message
    if isinstance(error, RequestValidationError):
        return 422, "填写有误", "链接或表单里有不认识的内容，请返回上一页重新操作"
    if isinstance(error, HTTPException) and error.status_code == 404:
        return 404, "没有这个页面", "链接可能已失效，请从左侧导航进入"
    if isinstance(error, HTTPException) and error.status_code == 413:
        return 413, "内容过大", str(error.detail)
    if isinstance(error, HTTPException):
        return error.status_code, "无法处理这个请求", "请返回上一页重新操作"
    return 500, "系统出错了", "请稍后重试；反复出现请联系管理员"
