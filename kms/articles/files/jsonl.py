"""JSON lines: one article a line, `id`, `title`, `text` and any key of the front matter."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kms.articles.content import TITLE_MAX
from kms.articles.files.model import Fault, Item, Reading, validated

SHORT_TITLE = 30


def read_lines(path: Path, defaults: Mapping[str, Any]) -> Reading:
    """Every line of the file; `defaults` fill keys that a line does not have (category, audience …)."""
    items: list[Item] = []
    faults: list[Fault] = []
    with path.open(encoding="utf-8-sig", errors="strict") as lines:
        try:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    result = _read_line(line, f"{path.name} 第 {number} 行", defaults, path.parent)
                    items.append(result) if isinstance(result, Item) else faults.extend(result)
        except UnicodeDecodeError:
            faults.append(Fault(path.name, "不是 UTF-8 编码，请另存为 UTF-8 后再导入"))
    return Reading(items, faults)


def _read_line(line: str, where: str, defaults: Mapping[str, Any], folder: Path) -> Item | list[Fault]:
    try:
        values = json.loads(line)
    except json.JSONDecodeError as error:
        return [Fault(where, f"不是有效的 JSON（第 {error.colno} 个字符）")]
    if not isinstance(values, dict):
        return [Fault(where, "一行应是一个 JSON 对象")]
    values = {**defaults, **values}
    values["body"] = values.pop("text", values.get("body", ""))
    values["title"] = _title(values)
    return validated(values, where, folder)


def _title(values: Mapping[str, Any]) -> Any:
    """The title, or the beginning of the text where a source has none."""
    title = values.get("title") or ""
    if title or not isinstance(values["body"], str):
        return title
    first = values["body"].strip().splitlines()[:1]
    return (first[0] if first else "")[: min(SHORT_TITLE, TITLE_MAX)].rstrip("，。、：； ")
