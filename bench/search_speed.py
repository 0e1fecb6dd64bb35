"""How fast the embedded engine searches, completes and writes: `python -m bench.search_speed`.

Passages are recombined from the sentences of seed_articles. Their vectors are drawn at random, since an exact scan
takes as long for any values; queries and `--indexing` use the real embedder.
"""

import argparse
import os
import random
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.pop("OPENBLAS_CORETYPE", None)

import numpy as np

from bench.sentences import sentences
from indexer.analysis.views import Analyser
from indexer.embedders.e5.embedder import E5Embedder
from indexer.embedders.port import Vectors
from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.models import FOREVER, ArticleDocuments, Document, Filter, Query, Schema

SCHEMA = Schema(keywords=("line", "audience", "kind"), numbers=("visible_from", "visible_until"))
WHERE = Filter(
    any_of={"line": frozenset(f"line{n}" for n in range(8)), "audience": frozenset({"public", "internal"})},
    ranges={"visible_from": (None, 1_000), "visible_until": (1_000, None)},
)
CLIENTS = 16


class RandomPassages:
    """The real embedder for queries; for passages its cone of directions with random values."""

    def __init__(self, embedder: E5Embedder) -> None:
        self._embedder = embedder
        self._chance = np.random.default_rng(7)
        self._centre = embedder.passages(["宽带套餐资费说明"])
        self.stamp = f"random-{embedder.stamp}"
        self.dimension = embedder.dimension

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.queries(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        drawn = self._centre + self._chance.normal(0, 0.02, (len(texts), self.dimension))
        return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def articles(count: int, pool: Sequence[str], chance: random.Random) -> list[ArticleDocuments]:
    return [ArticleDocuments(str(n), 1, (_document(n, pool, chance),)) for n in range(count)]


def _document(number: int, pool: Sequence[str], chance: random.Random) -> Document:
    body = "。".join([f"编号 K-{number}", *chance.sample(pool, 12)])
    return Document(
        id=f"{number}:1",
        title=f"{chance.choice(pool)[:18]}（{number}）",
        questions=tuple(f"{chance.choice(pool)[:14]}吗" for _ in range(3)),
        summary=chance.choice(pool),
        body=body,
        keywords={"line": (f"line{number % 10}",), "audience": ("public",), "kind": ("qa",)},
        numbers={"visible_from": number % 900, "visible_until": FOREVER},
    )


def queries(count: int, pool: Sequence[str], chance: random.Random) -> list[str]:
    """All different, about 12 characters."""
    return [f"{chance.choice(pool)[:7]}{chance.choice(pool)[:5]}{n}" for n in range(count)]


def percentiles(name: str, milliseconds: Sequence[float]) -> None:
    p50, p95, p99 = np.percentile(milliseconds, [50, 95, 99])
    print(f"{name:34} p50 {p50:7.2f}  p95 {p95:7.2f}  p99 {p99:7.2f} ms")


def measured(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def one_client(engine: EmbeddedEngine, texts: Sequence[str]) -> None:
    took = [engine.search(Query(text, 10, WHERE)).took for text in texts]
    for part in ("embed", "meaning", "words", "present", "total"):
        percentiles(f"search, 1 client: {part}", [one[part] for one in took])
    percentiles("search, 1 client: beyond embedding", [one["total"] - one["embed"] for one in took])


def many_clients(engine: EmbeddedEngine, texts: Sequence[str]) -> None:
    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        took = list(pool.map(lambda text: measured(lambda: engine.search(Query(text, 10, WHERE))), texts))
    rate = len(texts) / (time.perf_counter() - begun)
    percentiles(f"search, {CLIENTS} clients", took)
    print(f"{'search, throughput':34} {rate:.0f} requests/s, all distinct")


def while_writing(engine: EmbeddedEngine, texts: Sequence[str], fresh: Sequence[ArticleDocuments]) -> None:
    """One publication a second beside the searches."""
    stop = threading.Event()
    writes: list[float] = []

    def write() -> None:
        for article in fresh:
            writes.append(measured(lambda article=article: engine.apply([article])))
            engine.embed([article])
            if stop.wait(1):
                return

    writer = threading.Thread(target=write)
    writer.start()
    percentiles(
        "search while publishing", [measured(lambda t=t: engine.search(Query(t, 10, WHERE))) for t in texts]
    )
    stop.set()
    writer.join()
    percentiles("publish (words findable)", writes)


def completion(engine: EmbeddedEngine, pool: Sequence[str]) -> None:
    prefixes = [sentence[:length] for sentence in pool for length in (1, 2, 4)]
    percentiles("complete", [measured(lambda p=p: engine.complete(p, WHERE, 8)) for p in prefixes])


def indexing(embedder: E5Embedder, batch: Sequence[ArticleDocuments]) -> None:
    texts = [article.documents[0].body for article in batch]
    characters = sum(map(len, texts))
    begun = time.process_time()
    embedder.passages(texts)
    took = time.process_time() - begun
    print(
        f"{'embedding passages':34} {len(texts) / took:.0f} passages/s, {characters / took:.0f} characters/s"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--passages", type=int, default=10_000)
    options.add_argument("--queries", type=int, default=500)
    options.add_argument("--models", type=Path, default=Path("data/models"))
    given = options.parse_args()
    chance, pool = random.Random(3), sentences()
    real = E5Embedder(given.models)
    corpus = articles(given.passages + 200, pool, chance)
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder), SCHEMA, Analyser(given.models / "words"), RandomPassages(real))
        begun = time.perf_counter()
        with engine.rebuild() as feed:
            for start in range(0, given.passages, 500):
                feed.apply(corpus[start : min(start + 500, given.passages)])
        print(f"{'indexing by words':34} {given.passages / (time.perf_counter() - begun):.0f} passages/s")
        for start in range(0, given.passages, 500):
            engine.embed(corpus[start : min(start + 500, given.passages)])
        texts = queries(given.queries * 3, pool, chance)
        one_client(engine, texts[: given.queries])
        many_clients(engine, texts[given.queries : 2 * given.queries])
        while_writing(engine, texts[2 * given.queries :], corpus[given.passages :])
        completion(engine, pool)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{'memory, peak':34} {peak:.0f} MB")
        engine.close()
    indexing(real, corpus[:100])


if __name__ == "__main__":
    main()
