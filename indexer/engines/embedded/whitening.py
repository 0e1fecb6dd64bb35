"""Evens out the directions in which all vectors of one knowledge base agree. Pure.

e5 puts every Chinese text within a narrow cone. With the base's own mean m and covariance V diag(λ) Vᵀ,
W = V (λ + .3 mean λ)^(-1/8) Vᵀ spreads it; queries have a mean of their own. Forty vectors of eight
articles are better than none; means of another base do harm.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.embedders.port import Vectors

_SHRINKAGE = 0.3
_EXPONENT = -1 / 8
_PLAIN_FLOOR, _PLAIN_SPAN = 0.86, 0.2
"""About where e5's cosines of unrelated texts end, for bases too small to measure it."""


@dataclass(frozen=True)
class Whitening:
    passage_mean: NDArray[np.float32]
    query_mean: NDArray[np.float32]
    matrix: NDArray[np.float32]
    fitted_on: int

    def passages(self, vectors: Vectors) -> Vectors:
        return _unit((vectors - self.passage_mean) @ self.matrix)

    def queries(self, vectors: Vectors) -> Vectors:
        return _unit((vectors - self.query_mean) @ self.matrix)

    def closeness(self, cosines: Vectors) -> Vectors:
        return cosines

    def save(self, path: Path) -> None:
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, **vars(self))
        partial.replace(path)


@dataclass(frozen=True)
class Plain:
    """For bases too small for a mean of their own; cosines are stretched to about the same scale."""

    fitted_on: int = 0

    def passages(self, vectors: Vectors) -> Vectors:
        return vectors

    def queries(self, vectors: Vectors) -> Vectors:
        return vectors

    def closeness(self, cosines: Vectors) -> Vectors:
        return (cosines - np.float32(_PLAIN_FLOOR)) / np.float32(_PLAIN_SPAN)


Transform = Whitening | Plain


def fit(passages: Vectors, queries: Vectors, fitted_on: int) -> Whitening:
    """`queries`: texts like queries, embedded as such; sentences of the passages will do."""
    mean = passages.mean(axis=0)
    centred = passages - mean
    values, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    spread = np.maximum(values, 0) + _SHRINKAGE * values.mean()
    matrix = (axes * spread**_EXPONENT) @ axes.T
    return Whitening(mean, queries.mean(axis=0), matrix.astype(np.float32), fitted_on)


def load(path: Path) -> Transform:
    if not path.exists():
        return Plain()
    with np.load(path) as stored:
        fitted_on = int(stored["fitted_on"])
        return Whitening(stored["passage_mean"], stored["query_mean"], stored["matrix"], fitted_on)


def _unit(vectors: NDArray[np.floating]) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)
