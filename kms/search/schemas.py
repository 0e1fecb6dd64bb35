"""What the search API takes and gives."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from indexer.models import Excerpt, Parts
from kms.articles.api.parameters import LAST_ID, Instant
from kms.articles.content import Kind
from kms.articles.workflow import Confidence
from kms.search.facets import Facet
from kms.search.found import Found
from kms.search.models import Lookup, LookupOutcome
from kms.search.request import K_MAX, Filters, SearchRequest, Sort
from kms.search.service import SearchAnswer
from kms.search.validity import Validity

QUESTION_MAX = 10_000
Id = Annotated[int, Field(ge=1, le=LAST_ID)]
Word = Annotated[str, Field(max_length=64)]
Values = Annotated[frozenset[Word], Field(max_length=50)]


class FiltersIn(BaseModel):
    """One facet's values are alternatives; the facets together must all hold."""

    model_config = ConfigDict(extra="forbid")

    line: Annotated[frozenset[Id], Field(max_length=50)] = frozenset()
    category: Annotated[frozenset[Id], Field(max_length=50)] = frozenset()
    product: Values = frozenset()
    region: Values = frozenset()
    kind: frozenset[Kind] = frozenset()
    confidence: frozenset[Confidence] = frozenset()
    validity: frozenset[Validity] = frozenset()

    def chosen(self) -> Filters:
        return Filters(
            line=frozenset(str(line) for line in self.line),
            category=frozenset(str(category) for category in self.category),
            product=self.product,
            region=self.region,
            kind=self.kind,
            confidence=self.confidence,
            validity=self.validity - {Validity.SUPERSEDED},
        )


class Asked(BaseModel):
    """What both forms of a search share."""

    q: Annotated[
        str,
        Field(max_length=QUESTION_MAX, description="客户的问题，怎么说就怎么写", examples=["光猫红灯一直闪"]),
    ]
    k: Annotated[int, Field(ge=1, le=K_MAX, description="返回几条")] = 10
    as_of: Annotated[
        Instant, Field(description="查这一时刻的规定（按今天所知）；日期即当天零点，上海时间")
    ] = None
    known_at: Annotated[Instant, Field(description="查这一时刻坐席能看到的内容")] = None
    sort: Sort = Sort.MATCH
    call_id: Annotated[str, Field(max_length=64, description="通话标识")] = ""
    live: Annotated[bool, Field(description="边输入边查：不留检索记录")] = False
    facets: Annotated[bool, Field(description="是否返回筛选项及条数")] = True

    def request(self, filters: FiltersIn) -> SearchRequest:
        return SearchRequest(
            text=self.q,
            k=self.k,
            filters=filters.chosen(),
            as_of=self.as_of,
            known_at=self.known_at,
            sort=self.sort,
            call_id=self.call_id or None,
            facets=self.facets,
        )


class SearchQuery(Asked, FiltersIn):
    """A search as an address: the filters stand beside the rest."""

    def value(self) -> SearchRequest:
        return self.request(self)


class SearchIn(Asked):
    """A search as a request body."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "q": "光猫亮红灯怎么办",
                    "k": 5,
                    "filters": {"region": ["广东"]},
                    "call_id": "c-20261125-0001",
                }
            ]
        },
    )

    filters: FiltersIn = FiltersIn()

    def value(self) -> SearchRequest:
        return self.request(self.filters)


class MarkedOut(BaseModel):
    """Original text; `highlights` are [start, end) offsets in characters, `anchor` the part of the page."""

    text: str
    highlights: list[tuple[int, int]]
    anchor: str

    @classmethod
    def of(cls, excerpt: Excerpt) -> Self:
        return cls(text=excerpt.text, highlights=list(excerpt.highlights), anchor=excerpt.anchor)


class IntervalOut(BaseModel):
    """Half-open; null is an open end."""

    start: datetime
    end: datetime | None


class PartsOut(BaseModel):
    """What each view gave before weighting."""

    bigrams: float
    characters: float
    words: float
    dense: float

    @classmethod
    def of(cls, parts: Parts) -> Self:
        return cls(
            bigrams=round(parts.bigrams, 4),
            characters=round(parts.characters, 4),
            words=round(parts.words, 4),
            dense=round(parts.dense, 4),
        )


class SuccessorOut(BaseModel):
    code: str
    title: str


class NearOut(BaseModel):
    """An article. Of an expired one (`validity`) `summary` is null: it must not be read out."""

    code: str
    title: MarkedOut
    summary: MarkedOut | None
    passage: MarkedOut | None
    revision: int
    kind: Kind
    products: tuple[str, ...]
    regions: tuple[str, ...]
    validity: Validity
    confidence: Confidence
    confidence_label: str
    visible: IntervalOut
    effective: IntervalOut
    ended_at: datetime | None
    changes_at: datetime | None
    successor: SuccessorOut | None
    elsewhere: bool
    """It holds only in regions other than the caller's."""


class HitOut(NearOut):
    """`strength` is 1 (weak) to 4 (strong); scores compare hits of one answer only."""

    rank: int
    score: float
    strength: int
    parts: PartsOut


class OptionOut(BaseModel):
    value: str
    label: str
    count: int


class FacetOut(BaseModel):
    name: str
    label: str
    options: list[OptionOut]

    @classmethod
    def of(cls, facet: Facet) -> Self:
        options = [OptionOut(value=each.value, label=each.label, count=each.count) for each in facet.options]
        return cls(name=facet.name, label=facet.label, options=options)


class SearchOut(BaseModel):
    """`found` counts what reaches the threshold. `nearest`, below it, is given only when nothing does.

    Tell what came of it with `lookup_id` and `lookup_token` at `/lookups/{id}/outcome`.
    """

    q: str
    cut: bool
    """The question was longer than what is searched for."""
    found: int
    hits: list[HitOut]
    nearest: list[NearOut]
    facets: list[FacetOut]
    took_ms: float
    took: dict[str, float]
    """Milliseconds of the engine's parts."""
    lookup_id: str
    lookup_token: str

    @classmethod
    def of(cls, answer: SearchAnswer, lookup: Lookup, token: str) -> Self:
        return cls(
            q=answer.text,
            cut=answer.cut,
            found=answer.found,
            hits=[_hit(rank, hit) for rank, hit in enumerate(answer.hits, 1)],
            nearest=[NearOut.model_validate(_near(hit)) for hit in answer.nearest],
            facets=[FacetOut.of(facet) for facet in answer.facets],
            took_ms=answer.took_ms,
            took={part: round(value, 2) for part, value in answer.took.items()},
            lookup_id=lookup.id,
            lookup_token=token,
        )


def _hit(rank: int, found: Found) -> HitOut:
    return HitOut(
        **_near(found),
        rank=rank,
        score=round(found.score, 4),
        strength=found.strength,
        parts=PartsOut.of(found.parts),
    )


def _near(found: Found) -> dict[str, object]:
    follower = found.successor
    return {
        "code": found.code,
        "title": MarkedOut.of(found.title),
        "summary": None if found.folded else MarkedOut.of(found.summary),
        "passage": MarkedOut.of(found.passage) if found.passage.text else None,
        "revision": found.number,
        "kind": found.kind,
        "products": found.products,
        "regions": found.regions,
        "validity": found.validity,
        "confidence": found.confidence,
        "confidence_label": found.confidence_label,
        "visible": IntervalOut(start=found.published_at, end=found.recalled_at),
        "effective": IntervalOut(start=found.effective_from, end=found.effective_to),
        "ended_at": found.ended_at,
        "changes_at": found.changes_at,
        "successor": SuccessorOut(code=follower.code, title=follower.title) if follower else None,
        "elsewhere": found.elsewhere,
    }


class CompletionOut(BaseModel):
    """`kind` is "title" or "question"."""

    text: str
    kind: str
    code: str


class OutcomeIn(BaseModel):
    """What came of a lookup for one article that it showed; `why` goes with not_helpful."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"token": "eJyr…", "code": "KB-000231", "event": "used"}]},
    )

    token: Annotated[str, Field(max_length=20_000)]
    code: Annotated[str, Field(max_length=16)]
    event: Literal["opened", "copied", "used", "solved", "not_helpful"]
    why: Annotated[str, Field(max_length=300)] = ""


class OutcomeOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    article_id: int
    revision_number: int
    opened_at: datetime | None
    copied_at: datetime | None
    used_at: datetime | None
    solved: bool | None
    not_helpful_why: str | None

    @classmethod
    def of(cls, outcome: LookupOutcome) -> Self:
        return cls.model_validate(outcome)


class LookupOut(BaseModel):
    """One settled search; the text is masked."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    at: datetime
    call_id: str | None
    text: str
    shown: list[dict[str, object]]
    settled_by: str
    took_ms: int
    outcomes: list[OutcomeOut] = []


class SumOut(BaseModel):
    """One person's lookups of one day (Shanghai)."""

    login: str
    name: str
    lookups: int
    nothing_found: int
    used: int
    solved: int
