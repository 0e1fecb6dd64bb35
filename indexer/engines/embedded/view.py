from dataclasses import dataclass

from indexer.engines.embedded.catalogue import Catalogue
from indexer.engines.embedded.completion import Lines
from indexer.engines.embedded.vectors import VectorStore
from indexer.engines.embedded.whitening import Transform
from indexer.engines.embedded.words import WordReader


@dataclass(frozen=True)
class View:
    """One consistent state of a generation, to search in."""

    words: WordReader
    catalogue: Catalogue
    lines: Lines
    transform: Transform
    store: VectorStore
