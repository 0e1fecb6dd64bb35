"""What changed between two texts, by characters.

A number or a Latin word is one character here, so that 199 → 129 reads as one change and not as a digit moved.
A single Chinese character that two changed words happen to share is part of the change: 资费 → 费用. That reads
like a comparison by words and spares the pages a dictionary of 73 MB.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from rapidfuzz.distance import Indel, Levenshtein


class Op(StrEnum):
    EQUAL = "equal"
    INSERT = "insert"
    DELETE = "delete"


class Segment(NamedTuple):
    """A run of text that stayed, came or went."""

    op: Op
    text: str


class FieldDifference(NamedTuple):
    """A field that differs. Lists are compared as lines."""

    field: str
    old: str
    new: str
    segments: tuple[Segment, ...]


Field = str | Sequence[str] | None

_ATOM = re.compile(r"\d+(?:[.,:]\d+)*|[A-Za-z]+|.", re.DOTALL)
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_CELLS_MAX = 64_000_000  # of the alignment, two bits each: 16 MB
_ALIKE = 0.3  # texts less alike are shown whole, not as shreds


class Change(NamedTuple):
    """A run of items that stayed, or of items that were replaced."""

    same: bool
    old: Sequence[str]
    new: Sequence[str]


def difference(old: str, new: str) -> list[Segment]:
    """The way from `old` to `new`; within a change what went stands before what came."""
    return _joined(_by_lines(old, new))


def compare(old: Mapping[str, Field], new: Mapping[str, Field]) -> list[FieldDifference]:
    """The fields that differ, in the order of `new`, then those that only `old` has."""
    names = dict.fromkeys([*new, *old])
    texts = ((name, _text(old.get(name)), _text(new.get(name))) for name in names)
    return [
        FieldDifference(name, before, after, tuple(difference(before, after)))
        for name, before, after in texts
        if before != after
    ]


def changes(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Runs that stayed and runs that changed, in turn; texts too long to align are one change."""
    pending = Change(True, [], [])
    for change in _aligned(old, new):
        if change.same == pending.same:
            pending = Change(change.same, [*pending.old, *change.old], [*pending.new, *change.new])
            continue
        if pending.old or pending.new:
            yield pending
        pending = change
    if pending.old or pending.new:
        yield pending


def _aligned(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    if len(old) * len(new) > _CELLS_MAX:
        yield Change(False, old, new)
        return
    for code in Levenshtein.opcodes(old, new):
        old_part = old[code.src_start : code.src_end]
        yield Change(code.tag == "equal", old_part, new[code.dest_start : code.dest_end])


def _by_lines(old: str, new: str) -> Iterator[Segment]:
    for same, before, after in changes(old.splitlines(keepends=True), new.splitlines(keepends=True)):
        if same:
            yield Segment(Op.EQUAL, "".join(before))
        else:
            yield from _by_characters("".join(before), "".join(after))


def _by_characters(old: str, new: str) -> Iterator[Segment]:
    before, after = _ATOM.findall(old), _ATOM.findall(new)
    too_long = len(before) * len(after) > _CELLS_MAX
    if too_long or Indel.normalized_similarity(before, after) < _ALIKE:
        yield from _replaced(old, new)
        return
    for same, gone, come in _without_shreds(list(changes(before, after))):
        if same:
            yield Segment(Op.EQUAL, "".join(gone))
        else:
            yield from _replaced("".join(gone), "".join(come))


def _without_shreds(found: list[Change]) -> Iterator[Change]:
    pending = Change(False, [], [])
    for at, change in enumerate(found):
        inner = 0 < at < len(found) - 1
        if change.same and not (inner and len(change.old) == 1 and _HAN.match(change.old[0])):
            yield pending
            yield change
            pending = Change(False, [], [])
        else:
            pending = Change(False, [*pending.old, *change.old], [*pending.new, *change.new])
    yield pending


def _replaced(old: str, new: str) -> Iterator[Segment]:
    if old:
        yield Segment(Op.DELETE, old)
    if new:
        yield Segment(Op.INSERT, new)


def _joined(segments: Iterable[Segment]) -> list[Segment]:
    joined: list[Segment] = []
    for segment in segments:
        if joined and joined[-1].op is segment.op:
            joined[-1] = Segment(segment.op, joined[-1].text + segment.text)
        else:
            joined.append(segment)
    return joined


def _text(value: Field) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return "\n".join(value)
