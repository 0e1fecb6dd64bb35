"""What the article routes answer."""

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, Field

from kms import clock
from kms.articles.browsing import Listed
from kms.articles.content import SUMMARY_MAX, AttachmentRef, Audience, Content, Kind, Step
from kms.articles.links import Target
from kms.articles.models import Article, Draft
from kms.articles.reading import STANDINGS, Reading, Standing
from kms.articles.workflow import Approval, Confidence, Publication, State, confidence, confidence_label


class ChangeOut(BaseModel):
    """The next change of the rule that is known already."""

    at: datetime
    kind: str
    number: int | None
    text: str = Field(examples=["12-01 起变更"])


class LinkOut(BaseModel):
    code: str
    title: str
    broken: bool


class RevisionOut(BaseModel):
    """One line of the history."""

    code: str
    number: int
    title: str
    standing: Standing
    standing_label: str
    approval: Approval
    publication: Publication
    confidence: Confidence
    confidence_label: str
    published_at: datetime | None
    recalled_at: datetime | None
    effective_from: datetime | None
    effective_to: datetime | None
    change_note: str
    major: bool

    @classmethod
    def of(cls, reading: Reading) -> Self:
        return cls(**_head(reading))


class ArticleOut(RevisionOut):
    """One revision with its text. `summary` is null where it must not be read out any more."""

    kind: Kind
    category_id: int
    category: tuple[str, ...]
    summary: str | None = Field(max_length=SUMMARY_MAX)
    questions: tuple[str, ...]
    body: str
    applies_when: str
    not_when: str
    ask_first: tuple[str, ...]
    steps: tuple[Step, ...]
    tags: tuple[str, ...]
    products: tuple[str, ...]
    regions: tuple[str, ...]
    audience: Audience
    review_by: date | None
    attachments: tuple[AttachmentRef, ...]
    change: ChangeOut | None
    successor: str
    links: list[LinkOut]
    cited_by: list[LinkOut]

    @classmethod
    def with_links(
        cls, reading: Reading, path: tuple[str, ...], links: list[Target], cited_by: list[Target]
    ) -> Self:
        content = reading.content
        names = cls.model_fields.keys() & type(content).model_fields.keys()
        values = {name: getattr(content, name) for name in names} | _head(reading)
        return cls(
            **values
            | {
                "summary": reading.summary,
                "category_id": reading.article.category_id,
                "category": path,
                "change": _change(reading),
                "successor": reading.successor,
                "links": [link(target) for target in links],
                "cited_by": [link(target) for target in cited_by],
            }
        )


class ListedOut(BaseModel):
    """A row of a list."""

    code: str
    number: int
    title: str
    kind: Kind
    summary: str | None
    category_id: int
    regions: tuple[str, ...]
    products: tuple[str, ...]
    confidence: Confidence
    confidence_label: str
    published_at: datetime | None
    effective_from: datetime | None
    effective_to: datetime | None
    popularity: int

    @classmethod
    def of(cls, row: Listed) -> Self:
        revision, content = row.revision, row.revision.value()
        state = State(revision.approval, revision.publication)
        ended = revision.effective_to is not None and revision.effective_to <= clock.now()
        recalled = revision.recalled_at is not None and revision.recalled_at <= clock.now()
        silent = ended or row.article.retired_at is not None or recalled
        return cls(
            code=row.article.code,
            number=revision.number,
            title=revision.title,
            kind=content.kind,
            summary=None if silent else content.summary,
            category_id=row.article.category_id,
            regions=content.regions,
            products=content.products,
            confidence=confidence(state),
            confidence_label=confidence_label(state, revision.route),
            published_at=revision.published_at,
            effective_from=revision.effective_from,
            effective_to=revision.effective_to,
            popularity=row.popularity,
        )


class PageOut(BaseModel):
    """A page of a list; give `after` or `before` back to get the neighbouring one."""

    items: list[ListedOut]
    total: int
    after: str
    before: str


class DraftOut(BaseModel):
    """A draft with its text; send `version` back when saving."""

    code: str
    version: int
    base_number: int
    updated_at: datetime
    content: Content

    @classmethod
    def of(cls, article: Article, draft: Draft) -> Self:
        return cls(
            code=article.code,
            version=draft.version,
            base_number=draft.base_number,
            updated_at=draft.updated_at,
            content=draft.value(),
        )


def link(target: Target) -> LinkOut:
    return LinkOut(code=target.code, title=target.title, broken=target.broken)


def _head(reading: Reading) -> dict[str, object]:
    revision = reading.revision
    return {
        "code": reading.article.code,
        "number": revision.number,
        "title": revision.title,
        "standing": reading.standing,
        "standing_label": STANDINGS[reading.standing],
        "approval": revision.approval,
        "publication": revision.publication,
        "confidence": reading.confidence,
        "confidence_label": reading.confidence_label,
        "published_at": revision.published_at,
        "recalled_at": revision.recalled_at,
        "effective_from": revision.effective_from,
        "effective_to": revision.effective_to,
        "change_note": reading.content.change_note,
        "major": reading.content.major,
    }


def _change(reading: Reading) -> ChangeOut | None:
    change = reading.change
    if change is None:
        return None
    return ChangeOut(at=change.at, kind=change.kind, number=change.number, text=reading.chip)
