"""Faults of article content in Chinese, a message a field."""

from typing import Any

from pydantic import ValidationError

LABELS = {
    "kind": "类型",
    "title": "标题",
    "questions": "相似问法",
    "summary": "标准口径",
    "body": "正文",
    "category_id": "分类",
    "tags": "标签",
    "products": "产品",
    "regions": "地区",
    "audience": "可见范围",
    "owner_id": "负责人",
    "effective_from": "生效时间",
    "effective_to": "失效时间",
    "review_by": "复核日期",
    "source": "来源",
    "change_note": "变更说明",
    "major": "重大变更",
    "applies_when": "适用",
    "not_when": "不适用",
    "ask_first": "先问",
    "steps": "步骤",
    "attachments": "附件",
}

_REASONS = {
    "string_too_long": "最多 {max_length} 个字",
    "too_long": "最多 {max_length} 项",
    "enum": "请从列表中选择",
    "int_parsing": "请从列表中选择",
    "greater_than_equal": "请从列表中选择",
    "less_than": "请从列表中选择",
}
_DATE = "请写成 2026-12-01 或 2026-12-01 09:00"


def field_errors(error: ValidationError) -> dict[str, str]:
    """The first fault of each field: `标准口径：最多 120 个字`; of a list with the place of the item."""
    found: dict[str, str] = {}
    for fault in error.errors():
        place = fault["loc"]
        field = str(place[0]) if place else ""
        item = f"第 {place[1] + 1} 项" if len(place) > 1 and isinstance(place[1], int) else ""
        found.setdefault(field, f"{LABELS.get(field, field)}{item}：{_reason(fault, field)}")
    return found


def _reason(fault: Any, field: str) -> str:
    if field in ("effective_from", "effective_to", "review_by"):
        return _DATE
    template = _REASONS.get(fault["type"], "格式有误")
    return template.format_map(fault.get("ctx", {}))
