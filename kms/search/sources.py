"""Which index is asked, and with which filter: permissions, day and facets as the engine understands them."""

from dataclasses import dataclass
from datetime import datetime

from indexer.models import Filter
from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles.access import Scope
from kms.errors import Forbidden, Invalid
from kms.search.indexes import HISTORY, LIVE
from kms.search.request import Filters, SearchRequest
from kms.search.validity import Validity

Range = tuple[int | None, int | None]

FOUND_BY_DEFAULT = frozenset({Validity.VALID, Validity.EXPIRED})


@dataclass(frozen=True, slots=True)
class Moments:
    """`at`: the day whose rule is wanted; `known_at`: when readers knew it."""

    at: datetime
    known_at: datetime
    now: datetime

    @property
    def today(self) -> bool:
        return self.at == self.known_at == self.now


@dataclass(frozen=True, slots=True)
class Source:
    """One question to one index. `index` is "live" or "history"."""

    index: str
    filter: Filter


def moments(actor: Actor, request: SearchRequest, now: datetime) -> Moments:
    """Raises Invalid for a future `known_at`, Forbidden for what is to come without permission."""
    if request.known_at is not None and request.known_at > now:
        raise Invalid("“当时展示的内容”不能晚于现在", {"known_at": "不能晚于现在"})
    coming = (
        request.as_of is not None and request.as_of > now
    ) or Validity.COMING in request.filters.validity
    if coming and not actor.may(Permission.ARTICLE_READ_COMING):
        raise Forbidden("您没有查看待生效内容的权限", permission=Permission.ARTICLE_READ_COMING.value)
    return Moments(request.as_of or request.known_at or now, request.known_at or now, now)


def sources(scope: Scope, filters: Filters, at: Moments) -> tuple[Source, ...]:
    """The questions to ask; their answers together are what was searched for."""
    words = _words(scope, filters)
    if not at.today:
        holds = Filter(any_of=words, ranges=_in_force(at))
        return (Source(LIVE, holds), Source(HISTORY, holds))
    wanted = filters.validity or FOUND_BY_DEFAULT
    found = []
    if wanted & FOUND_BY_DEFAULT:
        found.append(Source(LIVE, Filter(any_of=words, ranges=_shown(wanted, at))))
    if Validity.EXPIRED in filters.validity:
        found.append(Source(HISTORY, Filter(any_of=words | _validity(Validity.EXPIRED))))
    if Validity.COMING in wanted:
        found.append(Source(LIVE, Filter(any_of=words | _validity(Validity.COMING))))
    return tuple(found)


def _words(scope: Scope, filters: Filters) -> dict[str, frozenset[str]]:
    chosen = filters.chosen()
    chosen.pop("validity", None)
    lines = frozenset(str(line) for line in scope.lines)
    return {
        **chosen,
        "line": lines & chosen["line"] if "line" in chosen else lines,
        "audience": scope.tokens,
        "access": scope.tokens,
    }


def _validity(validity: Validity) -> dict[str, frozenset[str]]:
    return {"validity": frozenset({validity.value})}


def _in_force(at: Moments) -> dict[str, Range]:
    return _known(at) | _holding(clock.microseconds(at.at))


def _shown(wanted: frozenset[Validity], at: Moments) -> dict[str, Range]:
    """In force now, or lately and folded; a passed end never hides behind a timer."""
    now = clock.microseconds(at.now)
    if wanted >= FOUND_BY_DEFAULT:
        shown: dict[str, Range] = {"effective_from": (None, now + 1), "shown_until": (now + 1, None)}
    elif Validity.VALID in wanted:
        shown = _holding(now)
    else:
        shown = {"effective_until": (None, now + 1), "shown_until": (now + 1, None)}
    return _known(at) | shown


def _known(at: Moments) -> dict[str, Range]:
    known_at = clock.microseconds(at.known_at)
    return {"known_from": (None, known_at + 1), "known_until": (known_at + 1, None)}


def _holding(moment: int) -> dict[str, Range]:
    return {"effective_from": (None, moment + 1), "effective_until": (moment + 1, None)}
