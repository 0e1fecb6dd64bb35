"""The half that finds by words: a tantivy index that also stores the documents themselves.

Queries are built from terms, never parsed, so no text has a syntax.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import tantivy
from tantivy import Occur

from indexer import fusion
from indexer.analysis.views import VIEWS, Views
from indexer.models import Filter, Schema

_HEAP = 40_000_000
_NUMBER, _ARTICLE, _CONTENT = "number", "article", "content"

Terms = Mapping[str, Sequence[str]]
Clauses = list[tuple[Occur, tantivy.Query]]


class Stored(NamedTuple):
    number: int
    article: str
    content: Mapping[str, Any]


class WordIndex:
    """Documents are known by their `number`; an article's are replaced together in one commit."""

    def __init__(self, path: Path, schema: Schema) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._fields = _build(schema)
        self._index = tantivy.Index(self._fields, str(path))
        spaced = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("spaced", spaced)
        self._index.config_reader(reload_policy="manual")
        self._index.reload()
        self._writer = self._index.writer(_HEAP, num_threads=1)

    def replace(self, article: str, documents: Iterable[Mapping[str, Any]]) -> None:
        self._writer.delete_documents_by_term(_ARTICLE, article)
        for fields in documents:
            self._writer.add_document(tantivy.Document.from_dict(dict(fields), self._fields))

    def commit(self) -> None:
        """Durable on return; searches that begin later see it."""
        self._writer.commit()
        self._index.reload()

    def rollback(self) -> None:
        self._writer.rollback()

    def close(self) -> None:
        self._writer.wait_merging_threads()

    def reader(self) -> "WordReader":
        return WordReader(self._fields, self._index.searcher())

    def stored(self) -> list[Stored]:
        """Everything, for the start of the process."""
        searcher = self._index.searcher()
        if not searcher.num_docs:
            return []
        found = searcher.search(tantivy.Query.all_query(), searcher.num_docs, count=False)
        return [_stored(searcher.doc(address)) for _, address in found.hits]


class WordReader:
    """One state of the index."""

    def __init__(self, fields: tantivy.Schema, searcher: tantivy.Searcher) -> None:
        self._fields = fields
        self._searcher = searcher

    def maxima(self, terms: Terms) -> dict[str, float]:
        documents = self._searcher.num_docs
        return {
            view: fusion.maximum(documents, [self._searcher.doc_freq(view, term) for term in terms[view]])
            for view in VIEWS
        }

    def best(self, terms: Terms, maxima: Mapping[str, float], where: Filter, limit: int) -> list[int]:
        """Numbers of the documents with the highest weighted lexical score."""
        views: Clauses = [
            (Occur.Should, _boosted(self._any(view, terms[view]), weight / maxima[view]))
            for view, weight in fusion.LEXICAL_WEIGHTS.items()
            if terms[view]
        ]
        if not views:
            return []
        clauses = [(Occur.Must, tantivy.Query.boolean_query(views)), *self._conditions(where)]
        return list(self._run(tantivy.Query.boolean_query(clauses), limit))

    def scores(
        self, view: str, terms: Sequence[str], maximum: float, among: Sequence[int]
    ) -> dict[int, float]:
        """Scores of one view, 0..1, of those among the numbers that have any of the terms."""
        if not terms or not among:
            return {}
        allowed = tantivy.Query.term_set_query(self._fields, _NUMBER, list(among))
        clauses = [(Occur.Must, self._any(view, terms)), (Occur.Must, _silent(allowed))]
        found = self._run(tantivy.Query.boolean_query(clauses), len(among))
        return {number: score / maximum for number, score in found.items()}

    def documents(self, numbers: Sequence[int]) -> dict[int, Mapping[str, Any]]:
        if not numbers:
            return {}
        query = tantivy.Query.term_set_query(self._fields, _NUMBER, list(numbers))
        hits = self._searcher.search(query, len(numbers), count=False).hits
        found = (_stored(self._searcher.doc(address)) for _, address in hits)
        return {stored.number: stored.content for stored in found}

    def _run(self, query: tantivy.Query, limit: int) -> dict[int, float]:
        hits = self._searcher.search(query, limit, count=False).hits
        numbers = self._searcher.fast_field_values(_NUMBER, [address for _, address in hits])
        return {int(number or 0): score for number, (score, _) in zip(numbers, hits, strict=True)}

    def _any(self, view: str, terms: Sequence[str]) -> tantivy.Query:
        return tantivy.Query.boolean_query([(Occur.Should, self._term(view, term)) for term in terms])

    def _term(self, field: str, value: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._fields, field, value, index_option="freq")

    def _conditions(self, where: Filter) -> Clauses:
        clauses = [(Occur.Must, _silent(self._one_of(name, values))) for name, values in where.any_of.items()]
        clauses += [(Occur.MustNot, self._one_of(name, values)) for name, values in where.none_of.items()]
        clauses += [
            (Occur.Must, _silent(self._range(name, *bounds))) for name, bounds in where.ranges.items()
        ]
        return clauses

    def _one_of(self, name: str, values: Collection[str]) -> tantivy.Query:
        if not values:
            return tantivy.Query.empty_query()
        return tantivy.Query.term_set_query(self._fields, keyword_field(name), list(values))

    def _range(self, name: str, low: int | None, high: int | None) -> tantivy.Query:
        if low is None and high is None:
            return tantivy.Query.all_query()
        kind = tantivy.FieldType.Integer
        return tantivy.Query.range_query(
            self._fields, number_field(name), kind, low, high, include_lower=True, include_upper=high is None
        )


def keyword_field(name: str) -> str:
    return f"keyword_{name}"


def number_field(name: str) -> str:
    return f"number_{name}"


def fields(number: int, article: str, views: Views, content: Mapping[str, Any]) -> dict[str, Any]:
    """What is written for one document; `content` carries its keywords and numbers."""
    written: dict[str, Any] = {view: " ".join(views.view(view)) for view in VIEWS}
    written |= {keyword_field(name): list(values) for name, values in content["keywords"].items()}
    written |= {number_field(name): value for name, value in content["numbers"].items()}
    return written | bare(number, article, content)


def bare(number: int, article: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """What no search by words finds."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return {_NUMBER: number, _ARTICLE: article, _CONTENT: text.encode(errors="replace")}


def _stored(document: tantivy.Document) -> Stored:
    content = json.loads(bytes(document.get_first(_CONTENT) or b""))
    return Stored(int(document.get_first(_NUMBER) or 0), str(document.get_first(_ARTICLE)), content)


def _build(schema: Schema) -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for view in VIEWS:
        builder.add_text_field(view, tokenizer_name="spaced", index_option="freq")
    builder.add_text_field(_ARTICLE, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field(_CONTENT, stored=True)
    builder.add_unsigned_field(_NUMBER, stored=True, indexed=True, fast=True)
    for name in schema.keywords:
        builder.add_text_field(keyword_field(name), tokenizer_name="raw", index_option="basic")
    for name in schema.numbers:
        builder.add_integer_field(number_field(name), indexed=True, fast=True)
    return builder.build()


def _silent(query: tantivy.Query) -> tantivy.Query:
    """A condition that adds nothing to the score."""
    return tantivy.Query.const_score_query(query, 0.0)


def _boosted(query: tantivy.Query, boost: float) -> tantivy.Query:
    return tantivy.Query.boost_query(query, boost)
