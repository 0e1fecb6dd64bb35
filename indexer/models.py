"""What goes into an engine and what comes out of it. Plain values; no engine is named here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

FOREVER = 2**62
"""Stands for +infinity in number fields (microseconds UTC, like every other time)."""


@dataclass(frozen=True, slots=True)
class Schema:
    """Names of the fields one may filter by. Every document carries every number field."""

    keywords: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of an article that can be linked to: a step, a section."""

    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """One revision in one rectangle of (known time × effective time).

    `body` is plain text without the `passages`: a passage's text is searched too, so it is not repeated.
    """

    id: str
    title: str = ""
    questions: tuple[str, ...] = ()
    summary: str = ""
    body: str = ""
    passages: tuple[Passage, ...] = ()
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ArticleDocuments:
    """The unit of writing: replaces all documents of the article at once; none of them deletes it.

    A version lower than the stored one is ignored, also after a deletion.
    """

    article: str
    version: int
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Versions:
    """What an engine holds of an article; -1 where it holds nothing."""

    text: int
    vectors: int


@dataclass(frozen=True, slots=True)
class Filter:
    """All conditions must hold. Ranges are half-open: low <= value < high, None is unbounded."""

    any_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    none_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Query:
    """`candidates` are taken from each half (words, meaning) before fusion."""

    text: str
    k: int = 10
    filter: Filter = field(default_factory=Filter)
    candidates: int = 50


@dataclass(frozen=True, slots=True)
class Parts:
    """What each view gave before weighting: the lexical ones 0..1, the dense one about -1..1."""

    bigrams: float = 0.0
    characters: float = 0.0
    words: float = 0.0
    dense: float = 0.0


Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Original text; highlights are (start, end) character offsets into it."""

    anchor: str
    text: str
    highlights: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """`strength` is 1 (weak) to 4 (strong), for display."""

    article: str
    document: str
    score: float
    strength: int
    parts: Parts
    title: Excerpt
    passage: Excerpt


@dataclass(frozen=True, slots=True)
class Result:
    """`hits` are worth showing, `nearest` are not; `found` and `facets` count all that are worth it.

    `terms` are what to mark in other texts of the articles, see `analysis.highlights.spans`.
    `took` names the milliseconds of each part: "embed", "words", "meaning", "present", "total".
    """

    hits: tuple[Hit, ...] = ()
    nearest: tuple[Hit, ...] = ()
    found: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    took: Mapping[str, float] = field(default_factory=dict)
    terms: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Completion:
    """`kind` is "title" or "question"."""

    article: str
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two texts are: `words` and `meaning` 0..1, `score` their mean."""

    article: str
    document: str
    score: float
    words: float
    meaning: float
