"""What a search engine is told about an article: one document for each rectangle of its timeline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from indexer.models import FOREVER, Document, Passage, Schema
from kms import clock
from kms.articles import timeline, workflow
from kms.articles.content import Content
from kms.articles.markup import plain_text, sections
from kms.articles.models import Article, Revision
from kms.articles.timeline import Rectangle, Span
from kms.articles.workflow import Publication, State
from kms.search.validity import Validity

SCHEMA = Schema(
    keywords=(
        "line",
        "category",
        "audience",
        "access",
        "product",
        "region",
        "kind",
        "confidence",
        "tag",
        "owner",
        "validity",
    ),
    numbers=("known_from", "known_until", "effective_from", "effective_until", "shown_until", "updated_at"),
)
NATIONWIDE = "全国"


@dataclass(frozen=True, slots=True)
class Split:
    """An article's documents by index, and when the split has to be made anew."""

    live: tuple[Document, ...]
    history: tuple[Document, ...]
    next_change: datetime | None


def span_of(article: Article, revision: Revision) -> Span | None:
    """The revision's two intervals, ended by the article's retirement; None when readers never see it."""
    begins = revision.published_at
    if revision.publication is Publication.SCHEDULED:
        begins = begins or revision.publish_at
    if begins is None or revision.publication in (Publication.NONE, Publication.CANCELLED):
        return None
    starts = revision.effective_from or begins
    ends = min((end for end in (revision.effective_to, article.retired_at) if end), default=None)
    if ends is not None and ends <= starts:
        return None
    return Span(revision.number, begins, revision.recalled_at, starts, ends)


def documents_of(
    article: Article, revisions: Sequence[Revision], category_paths: Mapping[int, str], grace: timedelta
) -> Split:
    """`grace` is how long the last rule of an article is still found after its end."""
    now = clock.now()
    by_number = {revision.number: revision for revision in revisions}
    spans = [span for revision in revisions if (span := span_of(article, revision))]
    rectangles = timeline.rectangles(spans)
    places = [_Place(rectangle, _followed_at(rectangle, rectangles), grace) for rectangle in rectangles]
    documents = [
        (place, _document(article, by_number[place.rectangle.number], category_paths, place, now))
        for place in places
    ]
    edges = [edge for place in places for edge in place.edges() if edge > now]
    return Split(
        tuple(document for place, document in documents if place.live(now)),
        tuple(document for place, document in documents if not place.live(now)),
        min(edges, default=None),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """A rectangle, and when the article's next rule after it begins."""

    rectangle: Rectangle
    followed_at: datetime | None
    grace: timedelta

    @property
    def shown_until(self) -> datetime | None:
        """A rule that none follows at once is still found after its end, folded."""
        end = self.rectangle.effective_until
        if end is None:
            return None
        return end + self.grace if self.followed_at is None else min(end + self.grace, self.followed_at)

    def edges(self) -> Iterable[datetime]:
        """When it changes its place or its validity."""
        edges = (*self.rectangle[1:], self.shown_until, self.followed_at)
        return (edge for edge in edges if edge is not None)

    def live(self, now: datetime) -> bool:
        """Whether readers may be shown it now or later without asking for another day."""
        return all(end is None or now < end for end in (self.rectangle.known_until, self.shown_until))

    def validity(self, now: datetime) -> Validity:
        _, known_from, known_until, starts, ends = self.rectangle
        if known_until is not None and known_until <= now:
            return Validity.SUPERSEDED
        if known_from > now or starts > now:
            return Validity.COMING
        if ends is None or now < ends:
            return Validity.VALID
        followed = self.followed_at is not None and self.followed_at <= now
        return Validity.SUPERSEDED if followed else Validity.EXPIRED


def _followed_at(rectangle: Rectangle, others: Sequence[Rectangle]) -> datetime | None:
    end = rectangle.effective_until
    if end is None:
        return None
    later = (
        other.effective_from
        for other in others
        if other.effective_from >= end and _known_together(rectangle, other)
    )
    return min(later, default=None)


def _known_together(one: Rectangle, other: Rectangle) -> bool:
    return (one.known_until is None or other.known_from < one.known_until) and (
        other.known_until is None or one.known_from < other.known_until
    )


def _document(
    article: Article, revision: Revision, category_paths: Mapping[int, str], place: _Place, now: datetime
) -> Document:
    content = revision.value()
    rectangle = place.rectangle
    parts = [Passage(part.anchor, f"{part.heading}\n{part.text}") for part in sections(content.body)]
    return Document(
        id=f"{article.id}:{revision.number}:{clock.microseconds(rectangle.known_from)}"
        f":{clock.microseconds(rectangle.effective_from)}",
        title=content.title,
        questions=content.questions,
        summary=content.summary,
        body=_body(article, content, [part.text.strip() for part in parts if not part.anchor]),
        passages=(*_steps(content), *(part for part in parts if part.anchor)),
        keywords=_keywords(article, revision, content, category_paths) | {"validity": (place.validity(now),)},
        numbers={
            "known_from": clock.microseconds(rectangle.known_from),
            "known_until": _until(rectangle.known_until),
            "effective_from": clock.microseconds(rectangle.effective_from),
            "effective_until": _until(rectangle.effective_until),
            "shown_until": _until(place.shown_until),
            "updated_at": clock.microseconds(revision.published_at or rectangle.known_from),
        },
    )


def _keywords(
    article: Article, revision: Revision, content: Content, category_paths: Mapping[int, str]
) -> dict[str, tuple[str, ...]]:
    state = State(revision.approval, revision.publication)
    return {
        "line": (str(article.line_id),),
        "category": tuple(category_paths.get(article.category_id, "").strip("/").split("/")),
        "audience": tuple(article.audience),
        "access": tuple(revision.audience),
        "product": content.products,
        "region": region_words(content.regions),
        "kind": (content.kind.value,),
        "confidence": (workflow.confidence(state).value,),
        "tag": content.tags,
        "owner": (str(article.owner_id),),
    }


def region_words(regions: Sequence[str]) -> tuple[str, ...]:
    """Each region with its ancestors, so that 广东 finds what holds in 广东/广州; none is 全国."""
    if not regions:
        return (NATIONWIDE,)
    words = (
        "/".join(parts[: depth + 1])
        for parts in (r.split("/") for r in regions)
        for depth in range(len(parts))
    )
    return tuple(dict.fromkeys(words))


def _body(article: Article, content: Content, opening: Sequence[str]) -> str:
    parts = (
        *opening,
        content.applies_when,
        content.not_when,
        *content.ask_first,
        *content.products,
        *content.tags,
        article.code,
    )
    return "\n".join(part for part in parts if part)


def _steps(content: Content) -> Iterable[Passage]:
    for number, step in enumerate(content.steps, 1):
        branches = (branch.when for branch in step.branches)
        text = "\n".join(part for part in (plain_text(step.text), step.say, *step.figures, *branches) if part)
        yield Passage(f"step-{number}", text)


def _until(moment: datetime | None) -> int:
    return FOREVER if moment is None else clock.microseconds(moment)
