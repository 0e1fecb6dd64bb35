"""When a revision holds: two half-open intervals, visible [published, recalled) and effective [from, to).

All instants are aware and in UTC; `None` is an open end.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple


class Span(NamedTuple):
    """The intervals of one revision of the article."""

    number: int
    published_at: datetime
    recalled_at: datetime | None
    effective_from: datetime
    effective_to: datetime | None

    def visible(self, known_at: datetime) -> bool:
        """Whether readers could see the revision at that instant."""
        return self.published_at <= known_at and (self.recalled_at is None or known_at < self.recalled_at)


class Rectangle(NamedTuple):
    """Revision `number` is in force at T as known at K, for K and T in these half-open intervals."""

    number: int
    known_from: datetime
    known_until: datetime | None
    effective_from: datetime
    effective_until: datetime | None

    def contains(self, at: datetime, known_at: datetime) -> bool:
        return (
            self.known_from <= known_at
            and (self.known_until is None or known_at < self.known_until)
            and self.effective_from <= at
            and (self.effective_until is None or at < self.effective_until)
        )


class ChangeKind(StrEnum):
    """What the next change does to the reader's answer."""

    STARTS = "starts"
    CHANGES = "changes"
    ENDS = "ends"


class Change(NamedTuple):
    """From `at` on revision `number` is in force; `None` means that the article has no rule then."""

    kind: ChangeKind
    at: datetime
    number: int | None


_CHIPS = {ChangeKind.STARTS: "起生效", ChangeKind.CHANGES: "起变更", ChangeKind.ENDS: "起失效"}


def in_force(spans: Iterable[Span], at: datetime, known_at: datetime) -> int | None:
    """The revision in force at `at` as known at `known_at`.

    The visible one with the latest effective_from, then the highest number; when its effective_to
    has passed there is no rule, and no older revision returns.
    """
    begun = [span for span in spans if span.visible(known_at) and span.effective_from <= at]
    latest = max(begun, key=_rank, default=None)
    if latest is None or (latest.effective_to is not None and at >= latest.effective_to):
        return None
    return latest.number


def rectangles(spans: Iterable[Span]) -> tuple[Rectangle, ...]:
    """Disjoint rectangles that hold exactly the points (K, T) at which some revision is in force.

    An index filters by them without knowing the rule. Grows with the number of revisions,
    squared at worst; ordered by known_from, then effective_from.
    """
    spans = tuple(spans)
    done: list[Rectangle] = []
    still: dict[_Piece, datetime] = {}
    for known in sorted(_known_edges(spans)):
        pieces = _pieces([span for span in spans if span.visible(known)])
        done += [_rectangle(piece, begun, known) for piece, begun in still.items() if piece not in pieces]
        still = {piece: still.get(piece, known) for piece in pieces}
    done += [_rectangle(piece, begun, None) for piece, begun in still.items()]
    return tuple(sorted(done, key=lambda found: (found.known_from, found.effective_from)))


def coming(spans: Sequence[Span], now: datetime) -> Change | None:
    """The next change of the rule among the revisions that readers may see now.

    A publication that is only scheduled is not known yet and does not count.
    """
    current = in_force(spans, now, now)
    edges = {edge for span in spans if span.visible(now) for edge in (span.effective_from, span.effective_to)}
    for at in sorted(edge for edge in edges if edge is not None and edge > now):
        number = in_force(spans, at, now)
        if number != current:
            return Change(_kind(current, number), at, number)
    return None


def chip(change: Change, now: datetime, zone: tzinfo) -> str:
    """The words beside a title: "12-01 起变更"; with the year when it is not this one."""
    day, today = change.at.astimezone(zone), now.astimezone(zone)
    return day.strftime("%m-%d " if day.year == today.year else "%Y-%m-%d ") + _CHIPS[change.kind]


class _Piece(NamedTuple):
    number: int
    start: datetime
    end: datetime | None


def _rank(span: Span) -> tuple[datetime, int]:
    return span.effective_from, span.number


def _pieces(visible: list[Span]) -> set[_Piece]:
    """Who holds when, on the effective axis, for one set of visible revisions."""
    winners = {span.effective_from: span for span in sorted(visible, key=_rank)}
    starts = sorted(winners)
    pieces = set()
    for start, following in zip_longest(starts, starts[1:]):
        ends = [end for end in (following, winners[start].effective_to) if end is not None]
        end = min(ends, default=None)
        if end is None or start < end:
            pieces.add(_Piece(winners[start].number, start, end))
    return pieces


def _rectangle(piece: _Piece, known_from: datetime, known_until: datetime | None) -> Rectangle:
    return Rectangle(piece.number, known_from, known_until, piece.start, piece.end)


def _known_edges(spans: Iterable[Span]) -> set[datetime]:
    return {edge for span in spans for edge in (span.published_at, span.recalled_at) if edge is not None}


def _kind(before: int | None, after: int | None) -> ChangeKind:
    if before is None:
        return ChangeKind.STARTS
    return ChangeKind.ENDS if after is None else ChangeKind.CHANGES
