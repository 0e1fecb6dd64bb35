"""A found article as a row: chips, warnings and the address of its pane."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from indexer.models import Excerpt, Span
from kms import clock
from kms.articles.timeline import Change, ChangeKind, chip
from kms.articles.workflow import Confidence
from kms.search.found import Found
from kms.search.validity import Validity

EXCERPT = 90
"""Characters of a passage in a row."""
LEAD = 12
SURE = 2
"""The strength from which a result may be taken for the answer."""


@dataclass(frozen=True, slots=True)
class Row:
    """`warning` says in words why the answer may not simply be read out; `note` is a change to come."""

    rank: int
    found: Found
    href: str
    pane: str
    answer: str
    marks: Sequence[Span]
    warning: str
    tone: str
    note: str

    @property
    def sure(self) -> bool:
        """Good enough to lie open unasked."""
        return self.found.strength >= SURE and not self.found.folded

    @property
    def meta(self) -> datetime:
        return self.found.published_at


def rows_of(hits: Sequence[Found], as_of: datetime | None, first: int = 1) -> list[Row]:
    return [_row(rank, hit, as_of) for rank, hit in enumerate(hits, first)]


def _row(rank: int, hit: Found, as_of: datetime | None) -> Row:
    query = f"?{urlencode({'as_of': as_of.isoformat()})}" if as_of else ""
    excerpt = hit.summary if hit.summary.text else _around(hit.passage)
    warnings = list(_warnings(hit))
    return Row(
        rank=rank,
        found=hit,
        href=f"/articles/{hit.code}{query}",
        pane=f"/articles/{hit.code}/pane{query}",
        answer=excerpt.text,
        marks=excerpt.highlights,
        warning="；".join(warnings),
        tone="" if hit.folded else "warn",
        note=_note(hit),
    )


def _warnings(hit: Found) -> Sequence[str]:
    found = []
    if hit.folded and hit.ended_at:
        found.append(f"{clock.local(hit.ended_at):%Y-%m-%d} 已失效，不要对客户宣读")
        if hit.successor:
            found.append(f"改看 {hit.successor.code}《{hit.successor.title}》")
    if hit.validity is Validity.COMING:
        found.append(f"{clock.local(hit.effective_from):%Y-%m-%d} 起生效，此前不要对客户宣读")
    if not hit.folded and hit.confidence is Confidence.NOT_VALIDATED:
        found.append(f"{hit.confidence_label}，读给客户前请先核对")
    if not hit.folded and hit.elsewhere:
        found.append(f"只适用于{'、'.join(hit.regions)}")
    return found


def _note(hit: Found) -> str:
    if hit.changes_at is None or hit.folded:
        return ""
    return chip(Change(ChangeKind.CHANGES, hit.changes_at, None), clock.now(), clock.SHANGHAI)


def _around(passage: Excerpt) -> Excerpt:
    """The part of a passage that holds its first mark."""
    first = min((start for start, _ in passage.highlights), default=0)
    begin = max(first - LEAD, 0)
    end = begin + EXCERPT
    text = passage.text[begin:end].replace("\n", " ")
    lead, tail = ("…" if begin else ""), ("…" if end < len(passage.text) else "")
    marks = tuple(
        (start - begin + len(lead), min(stop, end) - begin + len(lead))
        for start, stop in passage.highlights
        if begin <= start < end
    )
    return Excerpt(passage.anchor, f"{lead}{text}{tail}", marks)
