"""One revision of an article as a file describes it: by names, not by ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from kms import clock
from kms.articles.content import SUMMARY_MAX, TITLE_MAX, AudienceKind, Kind, Step

_KINDS = {kind.value for kind in AudienceKind}


def _instant(value: Any) -> Any:
    return clock.parse(value) if isinstance(value, str) and value else value or None


def _nothing(value: Any) -> Any:
    return None if value == "" else value


Instant = Annotated[datetime | None, BeforeValidator(_instant)]
Day = Annotated[date | None, BeforeValidator(_nothing)]


class ArticleFile(BaseModel):
    """The front matter's keys, and the body. Dates without an offset are Shanghai time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(default="", max_length=16, pattern=r"^(KB-\d{6,})?$")
    revision: int = Field(default=1, ge=1)
    id: str = Field(default="", max_length=128)
    """The key in the source system; without it the code is the key."""
    kind: Kind = Kind.QA
    title: str = Field(min_length=1, max_length=TITLE_MAX)
    questions: tuple[str, ...] = Field(default=(), max_length=50)
    summary: str = Field(default="", max_length=SUMMARY_MAX)
    category: str = ""
    tags: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    audience: str | tuple[str, ...] = AudienceKind.INTERNAL.value
    owner: str = ""
    effective_from: Instant = None
    effective_to: Instant = None
    review_by: Day = None
    published_at: Instant = None
    source: str = ""
    change_note: str = ""
    major: bool = False
    applies_when: str = ""
    not_when: str = ""
    ask_first: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    attachments: tuple[str, ...] = ()
    body: str = Field(default="", max_length=100_000)

    @property
    def key(self) -> str:
        """What makes two imports meet the same article."""
        return self.id or self.code or self.title

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups that may read it; empty for public and internal."""
        if isinstance(self.audience, tuple):
            return self.audience
        return () if self.audience in _KINDS else (self.audience,)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong where; `where` is a file name, or a file name and a row number."""

    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Item:
    """A readable entry and where it stands; `folder` is what attachment paths are relative to."""

    where: str
    file: ArticleFile
    folder: Path


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source holds: entries that can be read, and faults."""

    items: Sequence[Item]
    faults: Sequence[Fault]


def validated(values: dict[str, Any], where: str, folder: Path) -> Item | list[Fault]:
    """An entry, or what is wrong with it field by field."""
    try:
        return Item(where, ArticleFile.model_validate(values), folder)
    except ValidationError as error:
        return [Fault(where, f"{_field(fault['loc'])}：{_reason(fault)}") for fault in error.errors()]


def _field(place: Sequence[Any]) -> str:
    return ".".join(str(part) for part in place) or "条目"


_REASONS = {
    "missing": "必填",
    "extra_forbidden": "没有这个字段，请检查拼写",
    "string_too_long": "超过 {max_length} 个字符",
    "string_too_short": "不能为空",
    "too_long": "超过 {max_length} 项",
    "enum": "只能是 {expected}",
    "string_pattern_mismatch": "格式不对",
    "string_type": "应为文字",
    "tuple_type": "应为列表",
    "bool_parsing": "应为 true 或 false",
}


def _reason(fault: Any) -> str:
    template = _REASONS.get(fault["type"])
    if template is not None:
        return template.format_map(fault.get("ctx", {}))
    if fault["type"].startswith(("date", "value_error")):
        return "日期无法识别，例如 2026-12-01 或 2026-12-01 09:00"
    return str(fault["msg"])
