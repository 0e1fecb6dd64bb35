"""How the views are weighed against one another. Pure; the weights were fitted on four Chinese test sets.

score = bigrams + .4 characters + .8 words + 1.6 dense

Lexical views are BM25 divided by the query's own maximum, (k1 + 1) x the sum of idf over its distinct terms.
This division, not min-max over the candidates, lets one set of weights serve every knowledge base.
"""

from collections.abc import Mapping, Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from indexer.models import Parts

LEXICAL_WEIGHTS: Mapping[str, float] = {"bigrams": 1.0, "characters": 0.4, "words": 0.8}
DENSE_WEIGHT = 1.6
WHOLE_SHARE = 0.5
"""Of the dense part; the rest is the best of windows, title and similar questions."""

THRESHOLD = 0.6
"""What reaches it is a hit."""
_FLOOR, _SHARE = 0.15, 0.3
_STRENGTHS = (0.8, 1.1, 1.5)

K1 = 1.2  # tantivy's, not to be changed there


def idf(documents: int, frequency: int) -> float:
    return log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


def maximum(documents: int, frequencies: Sequence[int]) -> float:
    """The score that no document can exceed."""
    return (K1 + 1) * sum(idf(documents, frequency) for frequency in frequencies)


def fuse(parts: Parts) -> float:
    lexical = sum(weight * float(getattr(parts, view)) for view, weight in LEXICAL_WEIGHTS.items())
    return lexical + DENSE_WEIGHT * parts.dense


def dense(wholes: NDArray[np.float32], best: NDArray[np.float32]) -> NDArray[np.float32]:
    return WHOLE_SHARE * wholes + (1 - WHOLE_SHARE) * best


def limit(best: float, related: bool) -> float:
    """The score from which documents are hits; those below are only the nearest.

    A caller's own words have little in common with the answer's: the right one may score .15. So when the
    best is good, or a text is `related` to the question by the model's own measure, what comes near the best
    counts too. Small talk mostly stays below both.
    """
    return min(THRESHOLD, max(_FLOOR, _SHARE * best)) if related or best >= THRESHOLD else THRESHOLD


def strength(score: float) -> int:
    """1 (weak) to 4 (strong)."""
    return 1 + sum(score >= limit for limit in _STRENGTHS)
