"""What the address of a search page asks for. What it does not know it leaves out; a wrong date it tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from starlette.datastructures import QueryParams

from kms import clock
from kms.articles.content import Kind
from kms.articles.workflow import Confidence
from kms.search.request import K_MAX, Filters, SearchRequest, Sort
from kms.search.validity import Validity

PAGE_SIZE = 10
PAGES = K_MAX // PAGE_SIZE

Member = TypeVar("Member", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Asked:
    """`day` is what stands in the date field; empty means today."""

    text: str = ""
    filters: Filters = field(default_factory=Filters)
    day: str = ""
    as_of: datetime | None = None
    sort: Sort = Sort.MATCH
    page: int = 1
    errors: Mapping[str, str] = field(default_factory=dict)

    def request(self) -> SearchRequest:
        return SearchRequest(
            text=self.text, k=K_MAX, filters=self.filters, as_of=self.as_of, sort=self.sort, facets=True
        )

    @property
    def narrowed(self) -> int:
        """How many choices narrow the search."""
        return sum(len(values) for values in self.filters.chosen().values()) + bool(self.as_of)


def read(query: QueryParams) -> Asked:
    day = query.get("as_of", "").strip()
    as_of, errors = _as_of(day)
    return Asked(
        text=query.get("q", ""),
        filters=Filters(
            line=_words(query, "line"),
            category=_words(query, "category"),
            product=_words(query, "product"),
            region=_words(query, "region"),
            kind=_members(query.getlist("kind"), Kind),
            confidence=_members(query.getlist("confidence"), Confidence),
            validity=_members(query.getlist("validity"), Validity) - {Validity.SUPERSEDED},
        ),
        day=day,
        as_of=as_of,
        sort=next(iter(_members([query.get("sort", "")], Sort)), Sort.MATCH),
        page=min(max(int(number), 1), PAGES) if (number := query.get("page", "1")).isdecimal() else 1,
        errors=errors,
    )


def _as_of(day: str) -> tuple[datetime | None, dict[str, str]]:
    """The end of the day, so that what was decided on it counts; today is now."""
    if not day:
        return None, {}
    try:
        moment = clock.parse(day)
        end = clock.start_of(clock.local(moment).date() + timedelta(days=1)) - timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None, {"as_of": "日期应写成 2026-11-24"}
    return (None if clock.local(end).date() == clock.today() else end), {}


def _words(query: QueryParams, name: str) -> frozenset[str]:
    return frozenset(value for value in query.getlist(name)[:K_MAX] if value)


def _members(values: Sequence[str], kind: type[Member]) -> frozenset[Member]:
    known = {member.value: member for member in kind}
    return frozenset(known[value] for value in values if value in known)
