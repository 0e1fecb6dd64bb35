"""Two bodies beside each other, line by line, with unchanged runs folded away."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from rapidfuzz.distance import Indel

from kms.articles.difference import Op, Segment, changes, difference


class RowOp(StrEnum):
    EQUAL = "equal"
    CHANGE = "change"
    INSERT = "insert"
    DELETE = "delete"


class Row(NamedTuple):
    """One line on each side. Line numbers count from 1; a side that has no line here is `None` and empty."""

    op: RowOp
    old_line: int | None
    new_line: int | None
    old: tuple[Segment, ...]
    new: tuple[Segment, ...]


class Fold(NamedTuple):
    """A run of equal rows to be shown on demand."""

    rows: tuple[Row, ...]


_PAIR_MIN = 0.4  # lines less alike than this are not a line and its new wording
_CELLS_MAX = 10_000  # of a changed block; larger ones are paired in order


def rows(old: str, new: str) -> list[Row]:
    """Lines aligned: equal ones, then the most alike within each changed block."""
    found: list[Row] = []
    old_at = new_at = 0
    for same, before, after in changes(old.splitlines(), new.splitlines()):
        pairs = (
            list(zip(range(len(before)), range(len(after)), strict=True)) if same else _pairs(before, after)
        )
        found += [_row(before, after, pair, old_at, new_at) for pair in pairs]
        old_at, new_at = old_at + len(before), new_at + len(after)
    return found


def fold(lines: Sequence[Row], context: int = 3) -> list[Row | Fold]:
    """Keep `context` equal rows on each side of a change; fold the rest when that saves two rows or more."""
    changed = [at for at, row in enumerate(lines) if row.op is not RowOp.EQUAL]
    near = {at for center in changed for at in range(center - context, center + context + 1)}
    folded: list[Row | Fold] = []
    for kept, run in groupby(range(len(lines)), key=near.__contains__):
        part = [lines[at] for at in run]
        folded += part if kept or len(part) < 2 else [Fold(tuple(part))]
    return folded


_Pair = tuple[int | None, int | None]


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[_Pair]:
    if len(old) * len(new) > _CELLS_MAX:
        shared = min(len(old), len(new))
        matches = [(at, at) for at in range(shared)]
    else:
        matches = _most_alike(old, new)
    return list(_with_gaps(matches, len(old), len(new)))


def _most_alike(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The matching without crossings that has the greatest sum of likenesses."""
    likeness = [[_likeness(before, after) for after in new] for before in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            paired = likeness[i][j] and likeness[i][j] + best[i + 1][j + 1]
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    matches, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if likeness[i][j] and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            matches.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return matches


def _likeness(old: str, new: str) -> float:
    return Indel.normalized_similarity(old, new, score_cutoff=_PAIR_MIN)


def _with_gaps(matches: Sequence[tuple[int, int]], old_count: int, new_count: int) -> Iterator[_Pair]:
    i = j = 0
    for old_at, new_at in [*matches, (old_count, new_count)]:
        yield from ((at, None) for at in range(i, old_at))
        yield from ((None, at) for at in range(j, new_at))
        if old_at < old_count and new_at < new_count:
            yield old_at, new_at
        i, j = old_at + 1, new_at + 1


def _row(old: Sequence[str], new: Sequence[str], pair: _Pair, old_at: int, new_at: int) -> Row:
    i, j = pair
    before, after = "" if i is None else old[i], "" if j is None else new[j]
    segments = difference(before, after)
    return Row(
        _op(pair, before == after),
        None if i is None else old_at + i + 1,
        None if j is None else new_at + j + 1,
        tuple(segment for segment in segments if segment.op is not Op.INSERT),
        tuple(segment for segment in segments if segment.op is not Op.DELETE),
    )


def _op(pair: _Pair, same: bool) -> RowOp:
    if pair[0] is None:
        return RowOp.INSERT
    if pair[1] is None:
        return RowOp.DELETE
    return RowOp.EQUAL if same else RowOp.CHANGE
