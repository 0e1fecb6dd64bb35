from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into unit vectors. Vectors of the same stamp are comparable, others are not."""

    @property
    def stamp(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def related(self) -> float:
        """The cosine that a question and a text on its matter nearly always reach."""

    def queries(self, texts: Sequence[str]) -> Vectors: ...

    def passages(self, texts: Sequence[str]) -> Vectors: ...
