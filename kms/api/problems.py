"""Errors as problem documents (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from kms.errors import KmsError, TooLarge, TooMany

PREFIX = "/api/"
MEDIA_TYPE = "application/problem+json"

_TITLES = {
    404: "没有这个地址",
    405: "这个地址不支持该方法",
    413: "内容过大",
    415: "内容类型不支持",
    500: "服务出错",
}

_DETAILS = {
    404: "请核对地址；全部地址见 /api/v1/openapi.json",
    405: "可用的方法见响应头 Allow",
}
_ANY = "请求的格式有误，请对照 /api/v1/openapi.json"


def problem(
    status: int,
    code: str,
    title: str,
    detail: str = "",
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> JSONResponse:
    """A problem document; `code` is stable for programs, `detail` is Chinese for people."""
    body = {
        "type": f"urn:kms:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
    }
    body.update({key: value for key, value in extra.items() if value not in (None, {}, [])})
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def from_error(error: KmsError) -> JSONResponse:
    """A domain error as it leaves the API."""
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else None
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers = {"WWW-Authenticate": "Bearer"}
    return problem(error.status, error.code, error.title, error.message, headers, **error.extra)


def from_validation(error: RequestValidationError) -> JSONResponse:
    """Input that does not fit the schema, with the place and the reason of each fault."""
    errors = [
        {"where": ".".join(str(part) for part in fault["loc"]), "message": _in_chinese(fault)}
        for fault in error.errors()
    ]
    first = f"{errors[0]['where']}：{errors[0]['message']}" if errors else ""
    return problem(422, "invalid", "填写有误", first, errors=errors)


def from_http(error: HTTPException, allow: str = "") -> JSONResponse:
    """What the framework itself refuses: unknown path, wrong method (`allow`: the right ones)."""
    title = _TITLES.get(error.status_code, HTTPStatus(error.status_code).phrase)
    status = int(error.status_code)
    code = TooLarge.code if status == TooLarge.status else HTTPStatus(status).name.lower()
    headers = {"Allow": allow} if allow else error.headers
    told = str(error.detail or "")  # the framework's own words are English
    detail = _DETAILS.get(status, _ANY) if told.isascii() else told
    return problem(status, code, title, detail, headers)


def from_bug() -> JSONResponse:
    """A fault of ours, told without its trace."""
    return problem(500, "internal_error", "服务出错", "系统出错了，请稍后重试；反复出现请联系管理员")


_MESSAGES = {
    "missing": "必填",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "格式不对",
    "string_type": "应为文字",
    "string_unicode": "不是有效的文字",
    "int_parsing": "应为整数",
    "int_parsing_size": "数字过大",
    "int_from_float": "应为整数",
    "int_type": "应为整数",
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "dict_type": "应为 JSON 对象",
    "model_type": "应为 JSON 对象",
    "model_attributes_type": "应为 JSON 对象",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "set_type": "应为列表",
    "datetime_type": "不是有效的时间，例如 2026-12-01T09:00:00+08:00",
    "date_type": "不是有效的日期，例如 2026-12-01",
    "uuid_parsing": "不是有效的编号",
    "uuid_type": "不是有效的编号",
    "datetime_from_date_parsing": "不是有效的时间，例如 2026-12-01T09:00:00+08:00",
    "datetime_parsing": "不是有效的时间，例如 2026-12-01T09:00:00+08:00",
    "date_from_datetime_parsing": "不是有效的日期，例如 2026-12-01",
    "date_parsing": "不是有效的日期，例如 2026-12-01",
    "enum": "可选：{expected}",
    "literal_error": "可选：{expected}",
    "json_invalid": "不是有效的 JSON",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "extra_forbidden": "没有这个字段",
}


def _in_chinese(fault: Mapping[str, Any]) -> str:
    template = _MESSAGES.get(fault["type"])
    if template is None:
        told = str(fault["msg"]).removeprefix("Value error, ")
        return f"填写有误（{told}）" if told.isascii() else told
    return template.format_map(fault.get("ctx", {}))


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for the problem documents that a route may answer with, besides 401, 403 and 422."""
    wanted: Sequence[int] = sorted({400, 401, 403, 404, 422, 429, *statuses})
    return {
        status: {
            "description": _TITLES.get(status, HTTPStatus(status).phrase),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in wanted
    }
