"""Markdown with YAML front matter: read a folder, write one file."""

from pathlib import Path
from typing import Any

import yaml

from kms import clock
from kms.articles.files.model import ArticleFile, Fault, Item, Reading, validated

FENCE = "---"
_FIRST = ("code", "kind", "title", "category")


def read_folder(folder: Path) -> Reading:
    """Every `*.md` below `folder`, README files and folders that begin with `_` left out; in path order."""
    items: list[Item] = []
    faults: list[Fault] = []
    for path in sorted(folder.rglob("*.md")):
        inside = path.relative_to(folder)
        if path.name.lower().startswith("readme") or any(
            part.startswith(("_", ".")) for part in inside.parts
        ):
            continue
        result = read_file(path, str(inside))
        if isinstance(result, Item):
            items.append(result)
        else:
            faults.extend(result)
    return Reading(items, faults)


def read_file(path: Path, where: str) -> Item | list[Fault]:
    """One file, or what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return [Fault(where, "不是 UTF-8 编码，请另存为 UTF-8 后再导入")]
    head, fence, body = text.removeprefix(FENCE).partition(f"\n{FENCE}\n")
    if not text.startswith(f"{FENCE}\n") or not fence:
        return [Fault(where, f"开头应是一段用 {FENCE} 包住的 YAML")]
    try:
        # The base loader keeps `010`, `12:30` and `NO` as they are written.
        values = yaml.load(head, Loader=yaml.CBaseLoader)  # noqa: S506 - builds strings, lists and dicts only
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"第 {mark.line + 1} 行" if mark else ""
        return [Fault(where, f"YAML 写法有误 {line}".strip())]
    if not isinstance(values, dict):
        return [Fault(where, "YAML 里应是“字段: 值”")]
    return validated({**_clean(values), "body": body.strip("\n")}, where, path.parent)


def write(file: ArticleFile) -> str:
    """The file's text. Only what differs from the default is written, so that files stay readable."""
    values: dict[str, Any] = file.model_dump(exclude_defaults=True, exclude={"body"})
    first = {name: getattr(file, name) for name in _FIRST}
    head = {name: _out(value) for name, value in (first | values).items()}
    front = yaml.dump(head, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)
    return f"{FENCE}\n{front}{FENCE}\n{file.body}\n"


class _Dumper(yaml.SafeDumper):
    """Writes all scalars as text, as the reader takes them."""


def _out(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _out(part) for key, part in value.items() if part not in ("", (), [], None)}
    if isinstance(value, list | tuple):
        return [_out(part) for part in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "astimezone"):
        return clock.local(value).isoformat()
    return str(value)


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    """YAML's empty value is an empty string here; lists of one may be written as a word."""
    lists = {name for name, field in ArticleFile.model_fields.items() if field.default == ()}
    return {
        name: [value]
        if name in lists and isinstance(value, str) and value
        else (value or [] if name in lists else value)
        for name, value in values.items()
    }
