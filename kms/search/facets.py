"""Facets with counts. Counts come from the engine, so what may not be read is never counted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from indexer.models import Result
from kms.articles.access import Scope
from kms.articles.content import KIND_LABELS
from kms.articles.models import Category
from kms.articles.workflow import CONFIDENCES, Confidence
from kms.search.request import Filters
from kms.search.validity import VALIDITY_LABELS, Validity

FACETS = {
    "region": "地区",
    "product": "产品",
    "kind": "类型",
    "category": "分类",
    "confidence": "可信度",
    "validity": "有效性",
    "line": "业务线",
}
_CONFIDENCES = (Confidence.VALIDATED, Confidence.NOT_VALIDATED)


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """`name` is the parameter, `label` its words. Options come in order of their counts."""

    name: str
    label: str
    options: tuple[Option, ...]


Counts = Mapping[str, Mapping[str, int]]


def added(results: Sequence[Result]) -> Counts:
    """The counts of several questions together."""
    total: dict[str, Counter[str]] = {}
    for result in results:
        for name, counts in result.facets.items():
            total.setdefault(name, Counter()).update(counts)
    return total


def named(session: Session, scope: Scope, counts: Counts, filters: Filters) -> tuple[Facet, ...]:
    """Facets with words for people; a chosen value stays even when it counts nothing."""
    chosen = filters.chosen()
    labels = _labels(session, scope)
    facets = (
        Facet(name, label, _options(counts.get(name, {}), labels.get(name), chosen.get(name, frozenset())))
        for name, label in FACETS.items()
    )
    return tuple(facet for facet in facets if _helps(facet))


def _helps(facet: Facet) -> bool:
    """Whether there is something to choose; of the last three an only value says nothing."""
    if facet.name in ("confidence", "validity", "line") and len(facet.options) == 1:
        return facet.options[0].chosen
    return bool(facet.options)


def _options(
    counts: Mapping[str, int], labels: Mapping[str, str] | None, chosen: frozenset[str]
) -> tuple[Option, ...]:
    """Without `labels` a value is its own label; with them a value that has none is not shown."""
    values = dict.fromkeys(chosen, 0) | dict(counts)
    return tuple(
        Option(value, value if labels is None else labels[value], count, value in chosen)
        for value, count in sorted(values.items(), key=lambda item: (-item[1], item[0]))
        if labels is None or value in labels
    )


_LINES: sa.BindParameter[int] = sa.bindparam("lines", expanding=True)
_CATEGORIES = sa.select(col(Category.id), col(Category.parent_id), col(Category.name)).where(
    col(Category.line_id).in_(_LINES)
)


def _labels(session: Session, scope: Scope) -> dict[str, dict[str, str]]:
    """Words for values that are not their own; a value without words is not shown."""
    rows = session.execute(_CATEGORIES, {"lines": sorted(scope.lines)}).all()
    return {
        "line": {str(category): name for category, parent, name in rows if parent is None},
        "category": {str(category): name for category, parent, name in rows if parent is not None},
        "kind": {kind.value: label for kind, label in KIND_LABELS.items()},
        "confidence": {kind.value: CONFIDENCES[kind] for kind in _CONFIDENCES},
        "validity": {
            kind.value: label for kind, label in VALIDITY_LABELS.items() if kind is not Validity.SUPERSEDED
        },
    }
