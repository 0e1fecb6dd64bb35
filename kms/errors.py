"""Errors that the domain raises. Each carries an HTTP status and a stable code; each surface has one handler."""

from collections.abc import Mapping
from typing import Any


class KmsError(Exception):
    """A refusal that a caller can act on.

    `message` is Chinese and says what to do; `extra` is added to the problem document
    and to the page's context (for example both texts of an edit conflict).
    """

    status = 400
    code = "bad_request"
    title = "请求有误"

    def __init__(self, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extra: Mapping[str, Any] = extra


class NotSignedIn(KmsError):
    status = 401
    code = "not_signed_in"
    title = "请先登录"


class Forbidden(KmsError):
    status = 403
    code = "forbidden"
    title = "没有权限"


class NotFound(KmsError):
    """The thing does not exist, or the actor may not know that it does."""

    status = 404
    code = "not_found"
    title = "没有找到"


class Conflict(KmsError):
    """The thing has changed meanwhile, or its state does not allow the step."""

    status = 409
    code = "conflict"
    title = "状态已变化"


class TooLarge(KmsError):
    status = 413
    code = "too_large"
    title = "内容过大"


class UnsupportedMedia(KmsError):
    status = 415
    code = "unsupported_media_type"
    title = "文件类型不支持"


class Invalid(KmsError):
    """Input that fails validation; `errors` maps a field name to its Chinese message."""

    status = 422
    code = "invalid"
    title = "填写有误"

    def __init__(self, message: str, errors: Mapping[str, str] | None = None, **extra: Any) -> None:
        super().__init__(message, errors=dict(errors or {}), **extra)
        self.errors = dict(errors or {})


class TooMany(KmsError):
    """Throttled; `retry_after` is in seconds."""

    status = 429
    code = "too_many_requests"
    title = "操作过于频繁"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message, retry_after=retry_after)
        self.retry_after = retry_after


class Unavailable(KmsError):
    status = 503
    code = "unavailable"
    title = "服务暂不可用"
