"""One path from a query to ranked hits, for the product and for evaluation alike."""

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from indexer import fusion
from indexer.analysis.normalise import normalise
from indexer.analysis.views import Analyser, Views
from indexer.embedders.port import Embedder
from indexer.engines.embedded import records
from indexer.engines.embedded.catalogue import Floats
from indexer.engines.embedded.halves import Meaning, Words
from indexer.engines.embedded.presenting import Presenter, Scored
from indexer.engines.embedded.view import View
from indexer.models import Filter, Likeness, Parts, Query, Result

LONGEST = 512
"""Characters of a query that are read."""
_LONGEST_ALIKE = 2000
_LEADING = 10


class Stopwatch:
    def __init__(self) -> None:
        self._laps: dict[str, float] = {}
        self._begun = self._last = perf_counter()

    def lap(self, name: str) -> None:
        now = perf_counter()
        self._laps[name] = (now - self._last) * 1000
        self._last = now

    def milliseconds(self) -> dict[str, float]:
        return self._laps | {"total": (self._last - self._begun) * 1000}


def search(view: View, analyser: Analyser, embedder: Embedder, query: Query) -> Result:
    watch = Stopwatch()
    text = normalise(query.text[:LONGEST]).strip()
    if not text:
        return Result()
    vectors = embedder.queries([text])
    watch.lap("embed")
    meaning = Meaning(view, view.transform.queries(vectors)[0])
    depth = max(query.k, query.candidates)
    near = meaning.best(view.catalogue.allowed(query.filter), depth)
    watch.lap("meaning")
    words = Words(view, analyser.views(text))
    ranked = _ranked(view, words, meaning, {*near, *words.best(query.filter, depth)})
    watch.lap("words")
    found = _found(view, ranked, vectors[0], embedder.related)
    return _result(view, Presenter(view, words.views, meaning.cosines), ranked, found, query.k, watch)


def _found(view: View, ranked: Sequence[Scored], vector: Floats, related: float) -> Sequence[Scored]:
    """The part of `ranked` that is worth showing."""
    best = ranked[0].score if ranked else 0.0
    sure = best >= fusion.THRESHOLD or _closest(view, ranked[:_LEADING], vector) >= related
    limit = fusion.limit(best, sure)
    return [scored for scored in ranked if scored.score >= limit]


def _closest(view: View, leading: Sequence[Scored], vector: Floats) -> float:
    """The best cosine as the model gives it: whitened ones compare texts of one base, not bases with the world."""
    keys = [key for scored in leading for key in view.catalogue.entries[scored.place].keys]
    return float(max(view.store.read([key for key in keys if key in view.store]) @ vector, default=0.0))


def _result(
    view: View,
    presenter: Presenter,
    ranked: Sequence[Scored],
    found: Sequence[Scored],
    k: int,
    watch: Stopwatch,
) -> Result:
    hits = presenter.present(found[:k])
    nearest = presenter.present(ranked[len(found) :][: k - len(hits)])
    facets = view.catalogue.facets([scored.place for scored in found])
    watch.lap("present")
    return Result(hits, nearest, len(found), facets, watch.milliseconds(), presenter.terms)


def _ranked(view: View, words: Words, meaning: Meaning, candidates: set[int]) -> list[Scored]:
    """Best first, one document an article."""
    places = sorted(candidates)
    lexical = words.scores(places)
    scored = []
    for place in places:
        views = {name: scores.get(place, 0.0) for name, scores in lexical.items()}
        parts = Parts(dense=float(meaning.dense[place]), **views)
        scored.append(Scored(place, fusion.fuse(parts), parts))
    scored.sort(key=lambda one: -one.score)
    best: dict[str, Scored] = {}
    for one in scored:
        best.setdefault(view.catalogue.entries[one.place].article, one)
    return list(best.values())


def similar(
    view: View, analyser: Analyser, embedder: Embedder, text: str, where: Filter, k: int
) -> tuple[Likeness, ...]:
    text = normalise(text[:_LONGEST_ALIKE]).strip()
    if not text:
        return ()
    views = analyser.views(text)
    vector = view.transform.passages(embedder.passages([text]))[0]
    meaning = Meaning(view, vector)
    words = Words(view, Views(views.bigrams[:LONGEST], [], []))
    places = {*meaning.best(view.catalogue.allowed(where), k * 2), *words.best(where, k * 2)}
    shares = _shares(view, analyser, set(views.bigrams), places)
    found = [
        Likeness(entry.article, entry.document, (shares[place] + close) / 2, shares[place], close)
        for place in places
        for entry, close in [(view.catalogue.entries[place], _closeness(meaning, place))]
    ]
    found.sort(key=lambda likeness: -likeness.score)
    return tuple(found[:k])


def _closeness(meaning: Meaning, place: int) -> float:
    return float(np.clip(meaning.wholes[place], 0, 1))


def _shares(view: View, analyser: Analyser, bigrams: set[str], places: set[int]) -> dict[int, float]:
    """Twice the common bigrams by all bigrams of both."""
    contents = view.words.documents([view.catalogue.entries[place].number for place in places])
    shares = dict.fromkeys(places, 0.0)
    for number, content in contents.items():
        text = normalise(records.searched_text(records.document(content)))
        others = set(analyser.views(text[:_LONGEST_ALIKE]).bigrams)
        shares[view.catalogue.places[number]] = 2 * len(bigrams & others) / max(1, len(bigrams) + len(others))
    return shares
