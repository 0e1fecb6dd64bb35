"""The two ways to find: by words and by meaning. Places are indices into the catalogue."""

from collections.abc import Mapping, Sequence

import numpy as np

from indexer import fusion
from indexer.analysis.views import VIEWS, Views
from indexer.engines.embedded.catalogue import Catalogue, Floats, Mask
from indexer.engines.embedded.view import View
from indexer.models import Filter


class Meaning:
    def __init__(self, view: View, vector: Floats) -> None:
        rows = view.catalogue.rows
        self.cosines = view.transform.closeness(rows.cosines(vector))
        self.wholes = np.zeros(len(view.catalogue), np.float32)
        self.dense = np.zeros(len(view.catalogue), np.float32)
        """Stays 0, the average, for documents without vectors as yet."""
        wholes, best = rows.by_document(self.cosines)
        self.wholes[rows.filled] = wholes
        self.dense[rows.filled] = fusion.dense(wholes, best)
        self._filled = rows.counts > 0

    def best(self, allowed: Mask, limit: int) -> list[int]:
        places = np.flatnonzero(allowed & self._filled)
        if len(places) > limit:
            places = places[np.argpartition(-self.dense[places], limit)[:limit]]
        return [int(place) for place in places]


class Words:
    def __init__(self, view: View, views: Views) -> None:
        self.views = views
        self._reader = view.words
        self._catalogue: Catalogue = view.catalogue
        self._terms: Mapping[str, Sequence[str]] = {
            name: list(dict.fromkeys(views.view(name))) for name in VIEWS
        }
        self._maxima = self._reader.maxima(self._terms)

    def best(self, where: Filter, limit: int) -> list[int]:
        numbers = self._reader.best(self._terms, self._maxima, where, limit)
        places = (self._catalogue.places.get(number) for number in numbers)
        return [place for place in places if place is not None]

    def scores(self, places: Sequence[int]) -> dict[str, Mapping[int, float]]:
        """Of each view, by place; what has none of the terms is left out."""
        numbers = [self._catalogue.entries[place].number for place in places]
        found: dict[str, Mapping[int, float]] = {}
        for view in VIEWS:
            scores = self._reader.scores(view, self._terms[view], self._maxima[view], numbers)
            found[view] = {self._catalogue.places[number]: score for number, score in scores.items()}
        return found
