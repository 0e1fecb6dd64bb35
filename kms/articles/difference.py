"""What changed between two texts: by words, and by characters within a changed word.

A number is one character here, so that 199 → 129 reads as one change and not as a digit moved.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import jieba
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

_NUMBER = re.compile(r"(\d+(?:[.,:]\d+)*)")
_ATOM = re.compile(rf"{_NUMBER.pattern}|[A-Za-z]+|.", re.DOTALL)
_CELLS_MAX = 64_000_000  # of the alignment, two bits each: 16 MB
_ALIKE = 0.5


class _Change(NamedTuple):
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


def changes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """Runs of (same, old items, new items) that alternate; texts too long to align are one change."""
    pending = _Change(True, [], [])
    for change in _aligned(old, new):
        if change.same == pending.same:
            pending = _Change(change.same, [*pending.old, *change.old], [*pending.new, *change.new])
            continue
        if pending.old or pending.new:
            yield pending
        pending = change
    if pending.old or pending.new:
        yield pending


def _aligned(old: Sequence[str], new: Sequence[str]) -> Iterator[_Change]:
    if len(old) * len(new) > _CELLS_MAX:
        yield _Change(False, old, new)
        return
    for code in Levenshtein.opcodes(old, new):
        old_part = old[code.src_start : code.src_end]
        yield _Change(code.tag == "equal", old_part, new[code.dest_start : code.dest_end])


def _by_lines(old: str, new: str) -> Iterator[Segment]:
    for same, before, after in changes(old.splitlines(keepends=True), new.splitlines(keepends=True)):
        if same:
            yield Segment(Op.EQUAL, "".join(before))
        else:
            yield from _by_words("".join(before), "".join(after))


def _by_words(old: str, new: str) -> Iterator[Segment]:
    if not old or not new:  # spares a page of new text the dictionary
        yield from _replaced(old, new)
        return
    for same, before, after in changes(_words(old), _words(new)):
        if same:
            yield Segment(Op.EQUAL, "".join(before))
        else:
            yield from _by_characters("".join(before), "".join(after))


def _by_characters(old: str, new: str) -> Iterator[Segment]:
    """Unlike words are shown whole: a shared character or two would only cut them up."""
    before, after = _atoms(old), _atoms(new)
    too_long = len(before) * len(after) > _CELLS_MAX
    if too_long or Indel.normalized_similarity(before, after) <= _ALIKE:
        yield from _replaced(old, new)
        return
    for same, gone, come in changes(before, after):
        if same:
            yield Segment(Op.EQUAL, "".join(gone))
        else:
            yield from _replaced("".join(gone), "".join(come))


def _words(text: str) -> list[str]:
    """Numbers, and jieba's words between them; jieba itself would cut 1.5Mbps into 1, . and 5Mbps."""
    parts = enumerate(_NUMBER.split(text))
    return [word for at, part in parts for word in ([part] if at % 2 else jieba.cut(part, HMM=False))]


def _atoms(text: str) -> list[str]:
    return [found.group() for found in _ATOM.finditer(text)]


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
