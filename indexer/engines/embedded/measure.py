"""When and from what the whitening of a base is fitted."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from indexer.analysis.normalise import normalise
from indexer.embedders.port import Embedder, Vectors
from indexer.engines.embedded import records
from indexer.engines.embedded.catalogue import Entry
from indexer.engines.embedded.vectors import VectorStore
from indexer.engines.embedded.whitening import Transform, Whitening, fit
from indexer.engines.embedded.words import WordReader
from indexer.passages import content_key, sentences_of

T = TypeVar("T")

ENOUGH = 40
"""Vectors; below it a mean says more about single articles than about the base."""
_GROWTH = 1.5
_SAMPLE = 10_000
_SENTENCES = 256


def due(transform: Transform, vectors: int) -> bool:
    """When the base has grown or shrunk by half since the last time."""
    fitted_on = transform.fitted_on
    return vectors >= ENOUGH and not fitted_on / _GROWTH < vectors < fitted_on * _GROWTH


def measure(entries: Sequence[Entry], words: WordReader, store: VectorStore, embedder: Embedder) -> Whitening:
    keys = [key for entry in entries for key in entry.keys if key in store]
    queries = _sentence_vectors(_spread(entries, _SENTENCES), words, store, embedder)
    return fit(store.read(_spread(keys, _SAMPLE)), queries, len(keys))


def _sentence_vectors(
    entries: Sequence[Entry], words: WordReader, store: VectorStore, embedder: Embedder
) -> Vectors:
    """One sentence of each document, embedded as if somebody had asked it."""
    found = words.documents([entry.number for entry in entries])
    asked = {}
    for number, content in found.items():
        sentences = sentences_of(records.searched_text(records.document(content)))
        if sentences:
            sentence = normalise(sentences[number % len(sentences)])
            asked[content_key("query", sentence)] = sentence
    missing = [key for key in asked if key not in store]
    if missing:
        store.add(missing, embedder.queries([asked[key] for key in missing]))
    return store.read(list(asked))


def _spread(items: Sequence[T], limit: int) -> list[T]:
    """At most `limit` of them, evenly spread."""
    places = np.linspace(0, len(items) - 1, min(limit, len(items)))
    return [items[int(place)] for place in places]
