"""Hits checked once more against the database before they leave: a recall holds at its commit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from indexer.analysis.highlights import spans
from indexer.models import Excerpt, Hit, Parts
from kms.articles import workflow
from kms.articles.access import Scope
from kms.articles.content import Kind
from kms.articles.workflow import Confidence, State
from kms.search.current import Current, coming, in_force
from kms.search.sources import Moments
from kms.search.validity import Validity


@dataclass(frozen=True, slots=True)
class Successor:
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Found:
    """An article as it is shown in a list. `ended_at` is set for an expired one, which shows no `summary`.

    `changes_at`: when a later revision takes over. `elsewhere`: it holds in other regions than the reader's.
    """

    article_id: int
    document: str
    code: str
    number: int
    title: Excerpt
    summary: Excerpt
    passage: Excerpt
    kind: Kind
    products: tuple[str, ...]
    regions: tuple[str, ...]
    validity: Validity
    confidence: Confidence
    confidence_label: str
    published_at: datetime
    recalled_at: datetime | None
    effective_from: datetime
    effective_to: datetime | None
    ended_at: datetime | None
    changes_at: datetime | None
    successor: Successor | None
    elsewhere: bool
    score: float
    strength: int
    parts: Parts

    @property
    def folded(self) -> bool:
        """Its answer must not be read out."""
        return self.validity is Validity.EXPIRED


def check(
    session: Session,
    scope: Scope,
    hits: Sequence[Hit],
    at: Moments,
    *,
    with_coming: bool = False,
    region: str = "",
    terms: frozenset[str] = frozenset(),
) -> list[Found]:
    """The hits that may be shown, in their order; what the database no longer allows is left out.

    `region` is the reader's, `terms` are marked in the answers.
    """
    current = in_force(session, scope, [int(hit.article) for hit in hits], at)
    future = coming(session, scope, map(_revision_of, hits), at) if with_coming else {}
    found = []
    for hit in hits:
        revision = future.get(_revision_of(hit)) or current.get(int(hit.article))
        if revision is not None and (made := _found(hit, revision, at, region, terms)):
            found.append(made)
    return found


def still_in_force(
    session: Session, scope: Scope, ids: Collection[int], at: Moments
) -> dict[int, tuple[str, frozenset[str]]]:
    """Of those articles that the reader may be shown at that moment: the code, and the title and similar questions.

    An index that is behind may still hold the words of a revision that was recalled.
    """
    rows = in_force(session, scope, ids, at).values()
    return {
        row.article_id: (row.code, frozenset((row.title, *row.content.get("questions", ()))))
        for row in rows
        if _validity(row, at)[0] is Validity.VALID
    }


def _revision_of(hit: Hit) -> tuple[int, int]:
    article, number, *_ = hit.document.split(":")
    return int(article), int(number)


def _found(hit: Hit, revision: Current, at: Moments, region: str, terms: frozenset[str]) -> Found | None:
    validity, ended_at = _validity(revision, at)
    expired = validity is Validity.EXPIRED
    if expired and not at.today:
        return None
    content, state = revision.content, State(revision.approval, revision.publication)
    # A newer revision than the indexed one: its words are shown, the marks belong to the old ones.
    same = revision.number == _revision_of(hit)[1]
    summary = "" if expired else str(content.get("summary", ""))
    regions = tuple(content.get("regions", ()))
    begins = revision.published_at or revision.submitted_at
    return Found(
        article_id=revision.article_id,
        document=hit.document,
        code=revision.code,
        number=revision.number,
        title=hit.title if same else Excerpt("", revision.title),
        summary=Excerpt("", summary, spans(summary, terms)),
        passage=hit.passage if same and not expired else Excerpt("", ""),
        kind=Kind(content.get("kind", Kind.QA)),
        products=tuple(content.get("products", ())),
        regions=regions,
        validity=validity,
        confidence=workflow.confidence(state),
        confidence_label=workflow.confidence_label(state, revision.route),
        published_at=begins,
        recalled_at=revision.recalled_at,
        effective_from=revision.effective_from or begins,
        effective_to=revision.effective_to,
        ended_at=ended_at,
        changes_at=revision.changes_at,
        successor=_successor(revision),
        elsewhere=bool(region and regions) and not any(_covers(each, region) for each in regions),
        score=hit.score,
        strength=hit.strength,
        parts=hit.parts,
    )


def _successor(revision: Current) -> Successor | None:
    code = revision.successor_code
    return Successor(code, revision.successor_title or "") if code else None


def _validity(revision: Current, at: Moments) -> tuple[Validity, datetime | None]:
    """How it stands, and since when it has ended."""
    ends = [end for end in (revision.effective_to, revision.retired_at) if end is not None and end <= at.at]
    begins = revision.published_at
    if begins is None or begins > at.now or (revision.effective_from or begins) > at.now:
        return Validity.COMING, None
    return (Validity.EXPIRED, min(ends)) if ends else (Validity.VALID, None)


def _covers(region: str, place: str) -> bool:
    """Whether what holds in `region` concerns someone in `place`: the same, one above or one within."""
    return f"{place}/".startswith(f"{region}/") or f"{region}/".startswith(f"{place}/")
