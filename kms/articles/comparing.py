"""The content of an article as lines of text, so that two can be compared by people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from kms import clock
from kms.accounts.models import User
from kms.articles.categories import SEPARATOR, paths_of
from kms.articles.content import KIND_LABELS, AudienceKind, Content, Step
from kms.articles.difference import Segment, compare
from kms.articles.field_errors import LABELS
from kms.articles.side_by_side import Fold, Row, fold, rows

_AUDIENCE = {AudienceKind.PUBLIC: "可对外", AudienceKind.INTERNAL: "内部"}


@dataclass(frozen=True, slots=True)
class Part:
    """A field that differs: its segments in one text, and side by side with unchanged runs folded."""

    field: str
    label: str
    segments: tuple[Segment, ...]
    rows: Sequence[Row | Fold]


def differing(session: Session, old: Content, new: Content) -> list[Part]:
    """The fields that differ, in the order of the form."""
    found = compare(lines_of(session, old), lines_of(session, new))
    return [
        Part(each.field, LABELS[each.field], each.segments, fold(rows(each.old, each.new), context=1))
        for each in found
    ]


def lines_of(session: Session, content: Content) -> dict[str, str | Sequence[str] | None]:
    """Every field as people read it, in the order of the form."""
    owner = session.get(User, content.owner_id) if content.owner_id else None
    paths = paths_of(session, [content.category_id] if content.category_id else [])
    return {
        "title": content.title,
        "summary": content.summary,
        "body": content.body,
        "steps": [line for place, step in enumerate(content.steps, 1) for line in _step(place, step)],
        "questions": content.questions,
        "ask_first": content.ask_first,
        "applies_when": content.applies_when,
        "not_when": content.not_when,
        "effective_from": _date(content.effective_from, "发布即生效"),
        "effective_to": _date(content.effective_to, "长期"),
        "review_by": str(content.review_by or ""),
        "kind": KIND_LABELS[content.kind],
        "category_id": SEPARATOR.join(paths.get(content.category_id or 0, ())),
        "regions": content.regions or ("全国",),
        "products": content.products,
        "tags": content.tags,
        "audience": _AUDIENCE.get(content.audience.kind) or content.audience.groups,
        "owner_id": owner.name if owner else "",
        "attachments": [f"{ref.name}（{ref.hash[:8]}）" for ref in content.attachments],
        "source": content.source,
        "change_note": content.change_note,
        "major": "是" if content.major else "否",
    }


def _step(place: int, step: Step) -> list[str]:
    lines = [f"{place}. {step.text}"]
    if step.say:
        lines.append(f"照着说：{step.say}")
    if step.figures:
        lines.append(f"数字：{'；'.join(step.figures)}")
    return [*lines, *(f"{branch.when} → {branch.go}" for branch in step.branches)]


def _date(value: datetime | None, nothing: str) -> str:
    return nothing if value is None else f"{clock.local(value):%Y-%m-%d %H:%M}"
