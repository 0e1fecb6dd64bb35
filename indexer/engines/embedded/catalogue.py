"""All that a search needs to know of every document, as arrays. A value: a change makes a new one."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numkong
import numpy as np
from numpy.typing import NDArray

from indexer.embedders.port import Vectors
from indexer.models import Filter, Schema

Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Entry:
    """`keys` name the vectors of the document's units, the whole first."""

    number: int
    article: str
    document: str
    keywords: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, int]
    keys: tuple[bytes, ...]
    title: str
    questions: tuple[str, ...]


class Codes:
    """Gives each value of a keyword field a small number. Only grows."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def code(self, value: str) -> int:
        return self._codes.setdefault(value, len(self._codes))

    def known(self, values: Iterable[str]) -> list[int]:
        return [self._codes[value] for value in values if value in self._codes]

    def values(self) -> list[str]:
        return list(self._codes)


@dataclass(frozen=True)
class Column:
    """Pairs of (index of a document, code of a value it has)."""

    documents: NDArray[np.int32]
    codes: NDArray[np.int32]

    def having(self, codes: Sequence[int], size: int) -> Mask:
        mask = np.zeros(size, bool)
        mask[self.documents[np.isin(self.codes, codes)]] = True
        return mask

    def replaced(self, keep: Mask, new: "Column") -> "Column":
        chosen = keep[self.documents]
        places = np.cumsum(keep, dtype=np.int32) - 1
        kept = np.int32(np.count_nonzero(keep))
        documents = np.concatenate([places[self.documents[chosen]], new.documents + kept])
        return Column(documents, np.concatenate([self.codes[chosen], new.codes]))


@dataclass(frozen=True)
class Rows:
    """Unit vectors as bytes with a scale each, grouped by document; `counts` has one number a document."""

    values: NDArray[np.int8]
    scales: Floats
    counts: NDArray[np.int32]

    @cached_property
    def starts(self) -> Indices:
        return np.concatenate([[0], np.cumsum(self.counts)[:-1]]).astype(np.intp)[: len(self.counts)]

    @cached_property
    def filled(self) -> Indices:
        return np.flatnonzero(self.counts)

    def cosines(self, query: Floats) -> Floats:
        """With each row."""
        if not len(self.values):
            return np.empty(0, np.float32)
        quantised, scale = _bytes(query[None, :])
        products = np.asarray(numkong.cdist(quantised, self.values, "dot"))[0]
        return np.asarray(products * (self.scales * scale[0]), np.float32)

    def by_document(self, cosines: Floats) -> tuple[Floats, Floats]:
        """Of each document that has vectors (see `filled`): its whole, and the best of all its units."""
        starts = self.starts[self.filled]
        best = np.maximum.reduceat(cosines, starts) if len(starts) else cosines
        return cosines[starts], best

    def replaced(self, keep: Mask, new: "Rows") -> "Rows":
        """Copies once: at 10,000 documents these are most of the index's memory."""
        chosen = np.repeat(keep, self.counts)
        kept = int(np.count_nonzero(chosen))
        values = np.empty((kept + len(new.values), self.values.shape[1]), np.int8)
        np.compress(chosen, self.values, axis=0, out=values[:kept])
        values[kept:] = new.values
        scales = np.concatenate([self.scales[chosen], new.scales])
        return Rows(values, scales, np.concatenate([self.counts[keep], new.counts]))


def quantise(chunks: Iterable[Vectors], dimension: int, counts: Sequence[int]) -> Rows:
    values = np.empty((sum(counts), dimension), np.int8)
    scales = np.empty(len(values), np.float32)
    start = 0
    for chunk in chunks:
        end = start + len(chunk)
        values[start:end], scales[start:end] = _bytes(chunk)
        start = end
    return Rows(values, scales, np.asarray(counts, np.int32))


def _bytes(vectors: Vectors) -> tuple[NDArray[np.int8], Floats]:
    scales = np.maximum(np.abs(vectors).max(axis=1), 1e-9) / 127
    return np.round(vectors / scales[:, None]).astype(np.int8), np.asarray(scales, np.float32)


@dataclass(frozen=True)
class Catalogue:
    schema: Schema
    codes: Mapping[str, Codes]
    rows: Rows
    entries: tuple[Entry, ...] = ()
    numbers: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    columns: Mapping[str, Column] = field(default_factory=dict)

    @classmethod
    def of(
        cls, schema: Schema, codes: Mapping[str, Codes], entries: Sequence[Entry], rows: Rows
    ) -> "Catalogue":
        numbers = {
            name: np.array([entry.numbers[name] for entry in entries], np.int64) for name in schema.numbers
        }
        columns = {name: _column(codes[name], name, entries) for name in schema.keywords}
        return cls(schema, codes, rows, tuple(entries), numbers, columns)

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def places(self) -> dict[int, int]:
        return {entry.number: at for at, entry in enumerate(self.entries)}

    def allowed(self, where: Filter) -> Mask:
        mask = np.ones(len(self), bool)
        for name, values in where.any_of.items():
            mask &= self._having(name, values)
        for name, values in where.none_of.items():
            mask &= ~self._having(name, values)
        for name, (low, high) in where.ranges.items():
            mask &= _within(self.numbers[name], low, high)
        return mask

    def facets(self, chosen: Sequence[int]) -> dict[str, dict[str, int]]:
        """How many of the chosen documents have each value."""
        mask = np.zeros(len(self), bool)
        mask[list(chosen)] = True
        return {name: self._counts(name, mask) for name in self.schema.keywords}

    def replaced(self, articles: Collection[str], new: "Catalogue") -> "Catalogue":
        """Without these articles' documents, and with the new ones at the end."""
        keep = np.array([entry.article not in articles for entry in self.entries], bool)
        kept = tuple(entry for entry, stays in zip(self.entries, keep, strict=True) if stays)
        return Catalogue(
            self.schema,
            self.codes,
            self.rows.replaced(keep, new.rows),
            kept + new.entries,
            {name: np.concatenate([held[keep], new.numbers[name]]) for name, held in self.numbers.items()},
            {name: held.replaced(keep, new.columns[name]) for name, held in self.columns.items()},
        )

    def with_rows(self, transform: Callable[[Sequence[Entry]], Rows]) -> "Catalogue":
        return Catalogue(
            self.schema, self.codes, transform(self.entries), self.entries, self.numbers, self.columns
        )

    def _having(self, name: str, values: Iterable[str]) -> Mask:
        return self.columns[name].having(self.codes[name].known(values), len(self))

    def _counts(self, name: str, mask: Mask) -> dict[str, int]:
        column, values = self.columns[name], self.codes[name].values()
        counts = np.bincount(column.codes[mask[column.documents]], minlength=len(values))
        return {value: int(count) for value, count in zip(values, counts, strict=False) if count}


def _column(codes: Codes, name: str, entries: Sequence[Entry]) -> Column:
    pairs = [
        (at, codes.code(value)) for at, entry in enumerate(entries) for value in entry.keywords.get(name, ())
    ]
    table = np.array(pairs, np.int32).reshape(-1, 2)
    return Column(table[:, 0], table[:, 1])


def _within(values: NDArray[np.int64], low: int | None, high: int | None) -> Mask:
    mask = np.ones(len(values), bool)
    if low is not None:
        mask &= values >= low
    if high is not None:
        mask &= values < high
    return mask
