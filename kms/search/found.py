"""Hits checked once more against the database before they leave: a recall holds at its commit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from indexer.models import Excerpt, Hit, Parts, Span
from kms.articles import workflow
from kms.articles.access import Scope
from kms.articles.content import Kind
from kms.articles.models import Article, Revision
from kms.articles.permitted import readable, readable_article
from kms.articles.workflow import Confidence, State
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
    session: Session, scope: Scope, hits: Sequence[Hit], at: Moments, *, coming: bool, region: str = ""
) -> list[Found]:
    """The hits that may be shown, in their order; what the database no longer allows is left out."""
    current = _in_force(session, scope, [int(hit.article) for hit in hits], at)
    future = _coming(session, scope, hits, at) if coming else {}
    found = []
    for hit in hits:
        row = future.get(_revision_of(hit)) or current.get(int(hit.article))
        if row is not None and (made := _found(hit, row, at, region)):
            found.append(made)
    return found


def still_in_force(session: Session, scope: Scope, ids: Collection[int], at: Moments) -> dict[int, str]:
    """The codes of those articles that the reader may be shown at that moment."""
    rows = _in_force(session, scope, ids, at).values()
    return {
        row.revision.article_id: row.article.code
        for row in rows
        if _validity(row.article, row.revision, at)[0] is Validity.VALID
    }


@dataclass(frozen=True, slots=True)
class _Row:
    article: Article
    revision: Revision
    successor: Successor | None
    changes_at: datetime | None


def _in_force(session: Session, scope: Scope, ids: Collection[int], at: Moments) -> dict[int, _Row]:
    begun = aliased(Revision)
    latest = (
        sa.select(col(begun.id))
        .where(
            col(begun.article_id) == col(Article.id), _visible(begun, at), col(begun.effective_from) <= at.at
        )
        .order_by(col(begun.effective_from).desc(), col(begun.number).desc())
        .limit(1)
        .correlate(Article)
        .scalar_subquery()
    )
    query = _rows(session, scope, at).where(col(Article.id).in_(ids), col(Revision.id) == latest)
    return {article.id: _row(article, *rest) for article, *rest in session.execute(query)}


def _coming(session: Session, scope: Scope, hits: Sequence[Hit], at: Moments) -> dict[tuple[int, int], _Row]:
    wanted = [_revision_of(hit) for hit in hits]
    begins = sa.func.coalesce(col(Revision.published_at), col(Revision.publish_at))
    query = _rows(session, scope, at).where(
        sa.tuple_(col(Revision.article_id), col(Revision.number)).in_(wanted),
        col(Revision.publication).in_((workflow.Publication.SCHEDULED, workflow.Publication.PUBLISHED)),
        sa.or_(begins > at.now, col(Revision.effective_from) > at.now),
    )
    found = (_row(*row) for row in session.execute(query))
    return {(row.revision.article_id, row.revision.number): row for row in found}


def _rows(
    session: Session, scope: Scope, at: Moments
) -> sa.Select[Article, Revision, str, str, datetime | None]:
    following, later = aliased(Article), aliased(Revision)
    changes_at = (
        sa.select(sa.func.min(col(later.effective_from)))
        .where(
            col(later.article_id) == col(Article.id), _visible(later, at), col(later.effective_from) > at.at
        )
        .correlate(Article)
        .scalar_subquery()
    )
    return (
        sa.select(Article, Revision, col(following.code), col(following.title), changes_at)
        .join(Revision, col(Revision.article_id) == col(Article.id))
        .outerjoin(
            following,
            sa.and_(
                col(following.id) == col(Article.successor_id),
                *readable_article(session, scope, following),
            ),
        )
        .where(*readable(session, scope))
    )


def _row(article: Article, revision: Revision, code: str | None, title: str | None, changes: Any) -> _Row:
    return _Row(article, revision, Successor(code, title or "") if code else None, changes)


def _visible(revision: Any, at: Moments) -> sa.ColumnElement[bool]:
    return sa.and_(
        revision.published_at <= at.known_at,
        sa.or_(revision.recalled_at.is_(None), revision.recalled_at > at.known_at),
    )


def _revision_of(hit: Hit) -> tuple[int, int]:
    article, number, *_ = hit.document.split(":")
    return int(article), int(number)


def _found(hit: Hit, row: _Row, at: Moments, region: str) -> Found | None:
    article, revision = row.article, row.revision
    validity, ended_at = _validity(article, revision, at)
    if validity is Validity.EXPIRED and not at.today:
        return None
    content = revision.content
    state = State(revision.approval, revision.publication)
    # A newer revision than the indexed one: its words are shown, the marks belong to the old ones.
    same = revision.number == _revision_of(hit)[1]
    summary = "" if validity is Validity.EXPIRED else str(content.get("summary", ""))
    regions = tuple(content.get("regions", ()))
    begins = revision.published_at or revision.publish_at or revision.submitted_at
    return Found(
        article_id=article.id or 0,
        document=hit.document,
        code=article.code,
        number=revision.number,
        title=hit.title if same else Excerpt("", revision.title),
        summary=Excerpt("", summary, _marks(summary, hit)),
        passage=hit.passage if same and validity is not Validity.EXPIRED else Excerpt("", ""),
        kind=Kind(content.get("kind", article.kind)),
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
        changes_at=row.changes_at,
        successor=row.successor,
        elsewhere=bool(region and regions) and not any(_covers(each, region) for each in regions),
        score=hit.score,
        strength=hit.strength,
        parts=hit.parts,
    )


def _validity(article: Article, revision: Revision, at: Moments) -> tuple[Validity, datetime | None]:
    ends = [end for end in (revision.effective_to, article.retired_at) if end is not None and end <= at.at]
    begins = revision.published_at
    if begins is None or begins > at.now or (revision.effective_from or begins) > at.now:
        return Validity.COMING, None
    return (Validity.EXPIRED, min(ends)) if ends else (Validity.VALID, None)


def _covers(region: str, place: str) -> bool:
    """Whether what holds in `region` concerns someone in `place`: the same, one above or one within."""
    return f"{place}/".startswith(f"{region}/") or f"{region}/".startswith(f"{place}/")


def _marks(text: str, hit: Hit) -> tuple[Span, ...]:
    """Where the words that matched elsewhere in the article stand in `text`."""
    words = {
        excerpt.text[start:end] for excerpt in (hit.title, hit.passage) for start, end in excerpt.highlights
    }
    spans = []
    for word in words:
        at = text.find(word)
        while word and at >= 0:
            spans.append((at, at + len(word)))
            at = text.find(word, at + len(word))
    return tuple(sorted(spans))
