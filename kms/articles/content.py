"""The content of an article as people write it: one value, the same in drafts, revisions, files and the API."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from kms import clock

SUMMARY_MAX = 120
TITLE_MAX = 80
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
Question = Annotated[str, Field(max_length=200)]
Word = Annotated[str, Field(max_length=64)]
Ident = Annotated[int, Field(ge=1, lt=2**31)]


class Kind(StrEnum):
    """What sort of knowledge an article is."""

    QA = "qa"
    PROCEDURE = "procedure"
    POLICY = "policy"
    PRODUCT = "product"
    SCRIPT = "script"


KIND_LABELS = {
    Kind.QA: "问答",
    Kind.PROCEDURE: "办理流程",
    Kind.POLICY: "业务规则",
    Kind.PRODUCT: "产品资料",
    Kind.SCRIPT: "话术",
}


class AudienceKind(StrEnum):
    """Who may read: `public` may also be sent to customers; `groups` only the named groups."""

    PUBLIC = "public"
    INTERNAL = "internal"
    GROUPS = "groups"


class Audience(BaseModel):
    """Readers of an article. `groups` are group names, used only with kind `groups`."""

    model_config = ConfigDict(frozen=True)

    kind: AudienceKind = AudienceKind.INTERNAL
    groups: tuple[Word, ...] = Field(default=(), max_length=50)

    def tokens(self) -> tuple[str, ...]:
        """Index and access words: `public`, `internal` or `group:<name>`."""
        if self.kind is AudienceKind.GROUPS:
            return tuple(f"group:{name}" for name in self.groups)
        return (self.kind.value,)


class Branch(BaseModel):
    """`when` this holds, go to step number `go`, to `end`, or to another article by code."""

    model_config = ConfigDict(frozen=True)

    when: str = Field(max_length=200)
    go: str = Field(default="", max_length=32)


class Step(BaseModel):
    """One step of a procedure; `say` is the line to speak, `figures` the numbers that must be told."""

    model_config = ConfigDict(frozen=True)

    text: str = Field(max_length=1000)
    say: str = Field(default="", max_length=300)
    figures: tuple[Word, ...] = Field(default=(), max_length=20)
    branches: tuple[Branch, ...] = Field(default=(), max_length=20)


class AttachmentRef(BaseModel):
    """A file by the SHA-256 of its bytes, under the name that the text uses."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(max_length=128)
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = 0
    media_type: str = "application/octet-stream"


class Content(BaseModel):
    """Everything an author fills in. Lengths are in characters; instants are UTC."""

    model_config = ConfigDict(frozen=True)

    kind: Kind = Kind.QA
    title: str = Field(default="", max_length=TITLE_MAX)
    questions: tuple[Question, ...] = Field(default=(), max_length=50)
    summary: str = Field(default="", max_length=SUMMARY_MAX)
    body: str = Field(default="", max_length=100_000)
    category_id: Ident | None = None
    tags: tuple[Word, ...] = Field(default=(), max_length=20)
    products: tuple[Word, ...] = Field(default=(), max_length=20)
    regions: tuple[Word, ...] = Field(default=(), max_length=40)
    audience: Audience = Audience()
    owner_id: Ident | None = None
    effective_from: datetime | None = None
    """None: from publication."""
    effective_to: datetime | None = None
    review_by: date | None = None
    source: str = Field(default="", max_length=300)
    change_note: str = Field(default="", max_length=500)
    major: bool = False
    applies_when: str = Field(default="", max_length=1000)
    not_when: str = Field(default="", max_length=1000)
    ask_first: tuple[Question, ...] = Field(default=(), max_length=20)
    steps: tuple[Step, ...] = Field(default=(), max_length=60)
    attachments: tuple[AttachmentRef, ...] = Field(default=(), max_length=50)

    @model_validator(mode="before")
    @classmethod
    def _without_controls(cls, values: Any) -> Any:
        return _cleaned(values)

    @field_validator("effective_from", "effective_to", mode="after")
    @classmethod
    def _in_utc(cls, moment: datetime | None) -> datetime | None:
        """Without an offset it is Shanghai time, as everywhere at the edges."""
        try:
            return None if moment is None else clock.parse(moment.isoformat())
        except OverflowError:
            raise ValueError("日期超出范围") from None

    @field_validator("questions", "tags", "products", "regions", "ask_first", mode="after")
    @classmethod
    def _without_blanks(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))


def _cleaned(value: Any) -> Any:
    """Text without control characters, which no database and no page takes well; lines by \\n."""
    if isinstance(value, str):
        return _CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    if isinstance(value, dict):
        return {key: _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in value]
    return value
