"""Turns scored places into hits: the best passage, and what to mark in the original text."""

from collections.abc import Sequence
from dataclasses import dataclass

from indexer import fusion
from indexer.analysis.highlights import highlight_terms, spans
from indexer.analysis.normalise import normalise
from indexer.analysis.views import Views
from indexer.engines.embedded import records
from indexer.engines.embedded.catalogue import Floats
from indexer.engines.embedded.view import View
from indexer.models import Document, Excerpt, Hit, Parts
from indexer.passages import WINDOWED, Unit, units


@dataclass(frozen=True, slots=True)
class Scored:
    place: int
    score: float
    parts: Parts


class Presenter:
    def __init__(self, view: View, views: Views, cosines: Floats) -> None:
        self._view = view
        self.terms = highlight_terms(views)
        self._cosines = cosines

    def present(self, ranked: Sequence[Scored]) -> tuple[Hit, ...]:
        numbers = [self._view.catalogue.entries[scored.place].number for scored in ranked]
        contents = self._view.words.documents(numbers)
        return tuple(
            self._hit(scored, records.document(contents[number]))
            for scored, number in zip(ranked, numbers, strict=True)
            if number in contents
        )

    def _hit(self, scored: Scored, document: Document) -> Hit:
        return Hit(
            article=self._view.catalogue.entries[scored.place].article,
            document=document.id,
            score=scored.score,
            strength=fusion.strength(scored.score),
            parts=scored.parts,
            title=self._excerpt("", document.title),
            passage=self._passage(scored.place, document),
        )

    def _passage(self, place: int, document: Document) -> Excerpt:
        """The window that is nearest in meaning and has the most of the query's terms."""
        rows = self._view.catalogue.rows
        parts = units(document)
        start, count = int(rows.starts[place]), int(rows.counts[place])
        cosines = self._cosines[start : start + count] if count == len(parts) else [0.0] * len(parts)
        rated = [
            (self._share(unit) + float(cosine), -at, unit)
            for at, (unit, cosine) in enumerate(zip(parts, cosines, strict=True))
            if unit.kind == WINDOWED
        ]
        if not rated:
            return Excerpt("", "")
        best = max(rated)[2]
        return self._excerpt(best.anchor, best.text.strip())

    def _share(self, unit: Unit) -> float:
        if not self.terms:
            return 0.0
        text = normalise(unit.text)
        return sum(term in text for term in self.terms) / len(self.terms)

    def _excerpt(self, anchor: str, text: str) -> Excerpt:
        return Excerpt(anchor, text, spans(text, self.terms))
