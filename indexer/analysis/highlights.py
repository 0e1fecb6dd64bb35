"""Where a query's terms stand in an original text."""

import re
from collections.abc import Iterable

from indexer.analysis.normalise import aligned
from indexer.analysis.views import Views
from indexer.models import Span

_JOINT = re.compile(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")
_FUNCTION = set(
    "的了吗呢啊吧么什怎哪谁是在有我你您他她它们和与及或就都也很要想请问不没个这那么会能可以把被给到从对为"
)


def highlight_terms(views: Views) -> frozenset[str]:
    """Words of two characters or more, codes, and bigrams of content characters."""
    return frozenset(
        term
        for term in (*views.words, *views.bigrams)
        if (len(term) > 1 or term.isdigit()) and not _FUNCTION.issuperset(term) and not _mixed(term)
    )


def _mixed(term: str) -> bool:
    """A bigram that crosses from a content word into a function word says nothing."""
    return len(term) == 2 and bool(_FUNCTION & set(term))


def spans(text: str, terms: Iterable[str]) -> tuple[Span, ...]:
    """Non-overlapping (start, end) offsets into the text as it was written."""
    pattern = "|".join(_pattern(term) for term in sorted(terms, key=len, reverse=True))
    if not pattern or not text:
        return ()
    normalised, origins = aligned(text)
    # A lookahead finds matches that overlap: 宽带 and 带宽 in 宽带宽.
    found = re.finditer(f"(?=({pattern}))", normalised)
    return _merged((origins[m.start(1)], origins[m.end(1) - 1] + 1) for m in found)


def _pattern(term: str) -> str:
    """f8820 also marks F-8820."""
    if term.isascii() and term.isalnum():
        return _JOINT.sub("[-/]?", term)
    return re.escape(term)


def _merged(ordered: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in ordered:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
