"""Titles and similar questions in order, for what begins with a prefix. A value, like the catalogue."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.analysis.normalise import normalise
from indexer.engines.embedded.catalogue import Catalogue, Entry, Mask
from indexer.models import Completion

_LOOKED_AT = 500
"""Of those that begin with the prefix; a single letter may have thousands."""
_FEW = 50
"""Up to so many documents, single lines are moved; beyond it the list is merged once."""

Line = tuple[str, int, str, str]  # normalised, number of the document, kind, original


@dataclass(frozen=True)
class Lines:
    ordered: Sequence[Line] = ()

    def replaced(self, old: Sequence[Entry], new: Sequence[Entry]) -> "Lines":
        if len(old) + len(new) > _FEW:
            return self._replaced_in_bulk(old, new)
        ordered = list(self.ordered)
        for line in (line for entry in old for line in _lines(entry)):
            del ordered[bisect_left(ordered, line)]
        for line in (line for entry in new for line in _lines(entry)):
            insort(ordered, line)
        return Lines(ordered)

    def _replaced_in_bulk(self, old: Sequence[Entry], new: Sequence[Entry]) -> "Lines":
        gone = {line for entry in old for line in _lines(entry)}
        kept = [line for line in self.ordered if line not in gone]
        kept.extend(line for entry in new for line in _lines(entry))
        kept.sort()  # nearly sorted already, so it takes about linear time
        return Lines(kept)

    def complete(self, prefix: str, catalogue: Catalogue, mask: Mask, k: int) -> tuple[Completion, ...]:
        """Shorter texts first, titles before questions of the same length."""
        wanted = normalise(prefix).strip()
        if not wanted:
            return ()
        start = bisect_left(self.ordered, (wanted,))
        found: dict[tuple[str, str], Completion] = {}
        for text, number, kind, original in self._from(start, wanted):
            place = catalogue.places.get(number)
            if place is not None and mask[place]:
                article = catalogue.entries[place].article
                found.setdefault((article, text), Completion(article, original, kind))
        ranked = sorted(found.values(), key=lambda c: (len(c.text), c.kind != "title", c.text))
        return tuple(ranked[:k])

    def _from(self, start: int, prefix: str) -> Iterator[Line]:
        for line in self.ordered[start : start + _LOOKED_AT]:
            if not line[0].startswith(prefix):
                return
            yield line


def _lines(entry: Entry) -> Iterator[Line]:
    for kind, texts in (("title", (entry.title,)), ("question", entry.questions)):
        for text in texts:
            if normalised := normalise(text).strip():
                yield normalised, entry.number, kind, text
