"""Search: permissions and days become filters, hits are checked, what may be read out stands first."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import Protocol

import sqlalchemy as sa
from sqlmodel import Session, col

from indexer.models import Completion, Filter, Hit, Query, Result
from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles.access import Scope, scope_of
from kms.articles.models import ArticleDay
from kms.search.facets import Counts, Facet, added, named
from kms.search.found import Found, check, still_in_force
from kms.search.request import TEXT_MAX, Filters, SearchRequest, Sort, clean, cleaned
from kms.search.sources import Moments, Source, moments, sources
from kms.search.validity import Validity

SPARE = 10
"""Hits beyond those asked for, to fill the places of what the database no longer allows."""
NEAREST = 3
ELSEWHERE = 0.85
"""Factor on the score of what holds only in regions other than the reader's: a soft boost, never a filter."""


class Searcher(Protocol):
    """The indexes as a search needs them, see `pool.SearchPool`."""

    def search(self, index: str, query: Query) -> Result: ...
    def complete(self, prefix: str, where: Filter, k: int) -> tuple[Completion, ...]: ...


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """`found` counts what reaches the threshold; `nearest` is given only when nothing does.

    `text` is what was searched for, `cut` whether the question was longer.
    """

    text: str
    cut: bool
    hits: tuple[Found, ...]
    nearest: tuple[Found, ...]
    found: int
    facets: tuple[Facet, ...]
    moments: Moments
    took_ms: float
    took: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Completed:
    """A title or similar question (`kind`) of article `code`."""

    text: str
    kind: str
    code: str


def search(session: Session, searcher: Searcher, actor: Actor, request: SearchRequest) -> SearchAnswer:
    """Raises Invalid for an empty question, Forbidden for coming rules without permission."""
    begun = time.perf_counter()
    text = clean(request.text)
    at = moments(actor, request, clock.now())
    scope = scope_of(session, actor)
    ask = partial(_ask, searcher, text, request.k + SPARE)
    results = ask(sources(scope, request.filters, at))
    hits = _merged(result.hits for result in results)
    coming = Validity.COMING in request.filters.validity or at.at > at.now
    # Asked for together, so that the statements are the same whether something was found or not.
    candidates = hits or _merged(result.nearest for result in results)
    terms = frozenset(chain.from_iterable(result.terms for result in results))
    shown = check(session, scope, candidates, at, with_coming=coming, region=actor.region, terms=terms)
    facets: tuple[Facet, ...] = ()
    if request.facets:
        facets = named(
            session, scope, _counts(ask, actor, scope, request.filters, at, results), request.filters
        )
    ordered = _ordered(session, shown, request.sort) if hits else []
    return SearchAnswer(
        text=text,
        cut=len(request.text.strip()) > TEXT_MAX,
        hits=tuple(ordered[: request.k]),
        nearest=() if hits else tuple(each for each in shown if not each.folded)[:NEAREST],
        found=sum(result.found for result in results) - (len(hits) - len(ordered)),
        facets=facets,
        moments=at,
        took_ms=round((time.perf_counter() - begun) * 1000, 1),
        took=results[0].took if results else {},
    )


def complete(session: Session, searcher: Searcher, actor: Actor, prefix: str, k: int) -> list[Completed]:
    """Titles and similar questions in force that begin with the prefix; nothing for a blank one."""
    if not (words := cleaned(prefix)):
        return []
    at = moments(actor, SearchRequest(prefix), clock.now())
    scope = scope_of(session, actor)
    (source,) = sources(scope, Filters(validity=frozenset({Validity.VALID})), at)
    found = searcher.complete(words, source.filter, k + SPARE)
    known = still_in_force(session, scope, {int(each.article) for each in found}, at)
    offered = (
        Completed(each.text, each.kind, code)
        for each in found
        for code, texts in [known.get(int(each.article), ("", frozenset()))]
        if each.text in texts
    )
    return list(islice(offered, k))


def _ask(searcher: Searcher, text: str, k: int, asked: Iterable[Source]) -> list[Result]:
    return [searcher.search(source.index, Query(text, k, source.filter)) for source in asked]


def _merged(groups: Iterable[Sequence[Hit]]) -> list[Hit]:
    """Best first; a document that is just moving between the indexes counts once."""
    hits = {hit.document: hit for group in groups for hit in group}
    return sorted(hits.values(), key=lambda hit: (-hit.score, hit.document))


def _counts(
    ask: Callable[[Iterable[Source]], list[Result]],
    actor: Actor,
    scope: Scope,
    filters: Filters,
    at: Moments,
    results: Sequence[Result],
) -> Counts:
    """A facet with a choice counts as if nothing were chosen in it, so that other choices stay open."""
    counts = dict(added(results))
    for name in filters.chosen():
        open_ = replace(filters, **{name: frozenset()})
        counts[name] = added(ask(sources(scope, open_, at))).get(name, {})
    if at.today and actor.may(Permission.ARTICLE_READ_COMING):
        coming = replace(filters, validity=frozenset({Validity.COMING}))
        counts["validity"] = {
            **counts.get("validity", {}),
            **added(ask(sources(scope, coming, at))).get("validity", {}),
        }
    return counts


def _ordered(session: Session, found: Sequence[Found], sort: Sort) -> list[Found]:
    """What may be read out stands first, whatever else the order."""
    used = _used(session, [each.article_id for each in found]) if sort is Sort.USED else {}
    keys: dict[Sort, Callable[[Found], float]] = {
        Sort.MATCH: lambda each: -each.score * (ELSEWHERE if each.elsewhere else 1),
        Sort.UPDATED: lambda each: -each.published_at.timestamp(),
        Sort.USED: lambda each: -used.get(each.article_id, 0),
    }
    return sorted(found, key=lambda each: (each.folded, keys[sort](each)))


def _used(session: Session, article_ids: Sequence[int]) -> dict[int, int]:
    query = (
        sa.select(col(ArticleDay.article_id), sa.func.sum(col(ArticleDay.used)))
        .where(col(ArticleDay.article_id).in_(article_ids))
        .group_by(col(ArticleDay.article_id))
    )
    return {article: count for article, count in session.execute(query)}  # noqa: C416 - rows are not pairs to mypy
