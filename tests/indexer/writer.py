"""Run as a process that is killed: writes versions without end and notes each one that was acknowledged."""

import sys
from itertools import count
from pathlib import Path

from indexer.analysis.views import Analyser
from indexer.embedders.e5.embedder import E5Embedder
from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.models import ArticleDocuments, Document, Schema

ARTICLES = 7


def batch(turn: int) -> list[ArticleDocuments]:
    """Two articles a turn; every fifth turn deletes one."""
    return [
        ArticleDocuments(str((turn + at) % ARTICLES), turn, () if (turn + at) % 5 == 0 else documents(turn))
        for at in range(2)
    ]


def documents(turn: int) -> tuple[Document, ...]:
    return (Document(id=f"d{turn}", title=f"第{turn}版规定", body=f"编号 v{turn}x 的内容。"),)


def main(root: Path, models: Path, notes: Path, first: int) -> None:
    engine = EmbeddedEngine(root, Schema(), Analyser(models / "words"), E5Embedder(models))
    if engine.stale:
        with engine.rebuild():
            pass
    with notes.open("a", buffering=1) as done:
        for turn in count(first):
            engine.apply(batch(turn))
            done.write(f"applied {turn}\n")
            engine.embed(batch(turn))
            done.write(f"embedded {turn}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
