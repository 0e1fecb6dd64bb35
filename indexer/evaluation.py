"""How well the product's own search finds what a set of judged queries asks for."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from math import log2
from pathlib import Path
from typing import Any

from indexer.engines.port import Engine, Feed
from indexer.models import ArticleDocuments, Document, Query

RUN_DEPTH = 100
_BATCH = 200

Run = dict[str, dict[str, float]]
"""Scores by query and document."""
Judgements = Mapping[str, Mapping[str, int]]


class BadFile(ValueError):
    """Names the file and, where one is to blame, the row."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over the judged queries; gains are linear."""

    ndcg10: float
    recall1: float
    recall5: float
    mrr10: float


def index(feed: Feed, corpus: Sequence[Document], progress: Callable[[int], None]) -> None:
    """`progress` hears how many more are done."""
    for start in range(0, len(corpus), _BATCH):
        batch = [ArticleDocuments(one.id, 1, (one,)) for one in corpus[start : start + _BATCH]]
        feed.apply(batch)
        feed.embed(batch)
        progress(len(batch))


def run(engine: Engine, queries: Mapping[str, str], progress: Callable[[int], None]) -> Run:
    found: Run = {}
    for identity, text in queries.items():
        result = engine.search(Query(text, k=RUN_DEPTH, candidates=RUN_DEPTH))
        found[identity] = {hit.document: hit.score for hit in (*result.hits, *result.nearest)}
        progress(1)
    return found


def score(found: Run, judgements: Judgements) -> Scores:
    """Queries without a relevant document are left out; judged ones that were not run count as nothing."""
    rows = [
        _score_one(_ranked(found.get(query, {})), relevant)
        for query, relevant in judgements.items()
        if any(gain > 0 for gain in relevant.values())
    ]
    if not rows:
        raise BadFile("no query has a relevant document")
    return Scores(*(sum(column) / len(rows) for column in zip(*rows, strict=True)))


def values(scores: Scores) -> tuple[float, ...]:
    """In the order nDCG@10, R@1, R@5, MRR@10."""
    return astuple(scores)


def _ranked(scores: Mapping[str, float]) -> list[str]:
    return sorted(scores, key=lambda document: (-scores[document], document))


def _score_one(ranked: Sequence[str], relevant: Mapping[str, int]) -> tuple[float, float, float, float]:
    gains = [max(0, relevant.get(document, 0)) for document in ranked[:10]]
    ideal = sorted((gain for gain in relevant.values() if gain > 0), reverse=True)[:10]
    first = next((rank for rank, gain in enumerate(gains, 1) if gain), None)
    return (
        _discounted(gains) / _discounted(ideal),
        float(any(gains[:1])),
        float(any(gains[:5])),
        1 / first if first else 0.0,
    )


def _discounted(gains: Iterable[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, 1))


def read_corpus(path: Path) -> list[Document]:
    found: dict[str, Document] = {}
    for row, content in _rows(path):
        identity, title, text = (_text(path, row, content, name) for name in ("id", "title", "text"))
        questions = content.get("questions", [])
        if not isinstance(questions, list) or not all(isinstance(one, str) for one in questions):
            raise BadFile(f'{path}, row {row}: "questions" must be a list of texts')
        if identity in found:
            raise BadFile(f"{path}, row {row}: the id {identity} occurs twice")
        found[identity] = Document(id=identity, title=title, questions=tuple(questions), body=text)
    return list(found.values())


def read_queries(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for row, content in _rows(path):
        identity = _text(path, row, content, "id")
        if identity in found:
            raise BadFile(f"{path}, row {row}: the id {identity} occurs twice")
        found[identity] = _text(path, row, content, "text")
    return found


def read_judgements(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row, line in _lines(path):
        match line.split("\t"):
            case [query, document, gain] if gain.strip().lstrip("-").isdigit():
                found.setdefault(query, {})[document] = int(gain)
            case _:
                raise BadFile(f"{path}, row {row}: expected query, document and a whole number, with tabs")
    return found


def write_run(found: Run, path: Path) -> None:
    lines = (
        f"{query}\t{document}\t{scores[document]:.6f}\n"
        for query, scores in found.items()
        for document in _ranked(scores)
    )
    path.write_text("".join(lines), encoding="utf-8")


def _text(path: Path, row: int, content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or (name == "id" and not value):
        raise BadFile(f'{path}, row {row}: "{name}" must be a text')
    return value


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for row, line in _lines(path):
        try:
            content = json.loads(line)
        except ValueError as error:
            raise BadFile(f"{path}, row {row}: not JSON ({error})") from None
        if not isinstance(content, dict):
            raise BadFile(f"{path}, row {row}: not an object")
        yield row, content


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except FileNotFoundError:
        raise BadFile(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise BadFile(f"{path}: not UTF-8 (byte {error.start})") from None
    for row, line in enumerate(lines, 1):
        if line.strip():
            yield row, line.rstrip("\r")
