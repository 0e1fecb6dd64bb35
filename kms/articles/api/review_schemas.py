"""What the routes of approval and publication take and answer."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field
from sqlmodel import Session

from kms.accounts.actor import Actor
from kms.accounts.models import User
from kms.articles import remarks, reviews, routes
from kms.articles.api.parameters import LAST_ID, SAMPLE_CODE, Instant
from kms.articles.models import Article, ReviewComment, Revision
from kms.articles.review_queue import Waiting
from kms.articles.review_view import Act, Progress, acts_of, stages_of
from kms.articles.reviewing import refusal
from kms.articles.stages import REFUSALS, Verdict
from kms.articles.transitions import state_of
from kms.articles.workflow import Approval, Confidence, Publication, Route, confidence, label

SubmitRoute = Literal[Route.ORDINARY, Route.URGENT, Route.PROVISIONAL, Route.LICENSED]
Login = Annotated[str, Field(min_length=1, max_length=64, description="工号", examples=["10023"])]
Reason = Annotated[str, Field(min_length=1, max_length=routes.REASON_MAX)]
Comment = Annotated[str, Field(max_length=reviews.COMMENT_MAX)]


class Wish(BaseModel):
    """How a text is to be published."""

    route: SubmitRoute = Route.ORDINARY
    publish_at: Instant = Field(None, description="定时发布；留空表示通过后立即发布")
    reason: str = Field("", max_length=routes.REASON_MAX, description="紧急发布的原因")
    hours: int | None = Field(None, ge=1, le=8760, description="待核实的时长（小时）；留空为允许的最长时间")

    def submission(self) -> routes.Submission:
        return routes.Submission(self.route, self.publish_at, self.reason, self.hours)


class Submitting(Wish):
    """The route, and the draft's version as the caller saw it."""

    version: int | None = Field(None, ge=1, le=LAST_ID, description="看到的草稿版本号；别人改过则返回 409")


class Rebasing(BaseModel):
    """The revision that the draft is based on from now on."""

    number: int = Field(ge=1, le=LAST_ID)


class Approving(BaseModel):
    comment: Comment = ""


class RemarkIn(BaseModel):
    """A remark on a passage: the field, the words it is about, what is to be said."""

    text: str = Field(min_length=1, max_length=remarks.TEXT_MAX, examples=["建议写“最迟 48 小时”"])
    field: str = Field("body", max_length=32, examples=["summary"])
    quote: str = Field("", max_length=remarks.QUOTE_MAX, examples=["城区 24 小时、农村 48 小时内"])

    def remark(self) -> remarks.Remark:
        return remarks.Remark(self.text, self.field, self.quote)


class Returning(BaseModel):
    """Why; a comment or at least one remark."""

    comment: Comment = ""
    remarks: tuple[RemarkIn, ...] = Field(default=(), max_length=50)


class Delegating(BaseModel):
    to: Login


class Replacing(BaseModel):
    absent: Login
    to: Login


class Recalling(BaseModel):
    """`take_down`: the whole article goes; otherwise the previous revision that still holds returns."""

    reason: Reason
    take_down: bool = False


class Resuming(BaseModel):
    publish_at: Instant = None


class Retiring(BaseModel):
    reason: Reason
    successor: str = Field("", max_length=16, description="替代它的知识编号", examples=[SAMPLE_CODE])


class ItemIn(BaseModel):
    code: str = Field(max_length=16, examples=[SAMPLE_CODE])
    number: int = Field(ge=1, le=LAST_ID)


class Deciding(BaseModel):
    """One decision on several revisions that were submitted together."""

    items: list[ItemIn] = Field(min_length=1, max_length=200)
    verdict: Verdict
    comment: Comment = ""


class StageOut(BaseModel):
    """A stage: who agreed, who may decide now, how many still have to."""

    name: str
    progress: Progress
    agreed: tuple[str, ...]
    waiting: tuple[str, ...]
    missing: int


class CommentOut(BaseModel):
    id: int
    author: str
    field: str
    quote: str
    text: str
    at: datetime
    resolved_at: datetime | None

    @classmethod
    def of(cls, comment: ReviewComment, author: User) -> Self:
        return cls(
            id=comment.id or 0,
            author=author.name,
            field=comment.field,
            quote=comment.quote,
            text=comment.text,
            at=comment.at,
            resolved_at=comment.resolved_at,
        )


class ReviewHead(BaseModel):
    """Where a revision stands on its way."""

    code: str
    number: int
    title: str
    route: Route
    approval: Approval
    publication: Publication
    state_label: str = Field(examples=["审核中"])
    confidence: Confidence
    base_number: int
    bundle: str | None
    submitted_at: datetime
    due_at: datetime | None
    publish_at: datetime | None
    urgent_reason: str
    on_hold: bool
    published_at: datetime | None
    recalled_at: datetime | None
    recall_reason: str
    provisional_until: datetime | None
    effective_from: datetime | None
    effective_to: datetime | None


class ReviewOut(ReviewHead):
    """A revision with its stages, why the caller may not decide (empty: may), and what else he may do."""

    stages: list[StageOut]
    refusal: str
    acts: list[Act]

    @classmethod
    def seen(cls, session: Session, actor: Actor, article: Article, revision: Revision) -> Self:
        why = refusal(session, actor, revision)
        return cls(
            **head(article, revision),
            stages=[
                StageOut.model_validate(stage, from_attributes=True)
                for stage in stages_of(session, article, revision)
            ],
            refusal=REFUSALS[why] if why else "",
            acts=sorted(acts_of(session, actor, article, [revision])[revision.number]),
        )


class WaitingOut(ReviewHead):
    """A row of the queue."""

    author: str
    stage: str

    @classmethod
    def of(cls, row: Waiting) -> Self:
        return cls(**head(row.article, row.revision), author=row.author.name, stage=row.stage)


class QueueOut(BaseModel):
    """A page of the queue; give `after` back to get the next one."""

    items: list[WaitingOut]
    total: int
    after: str


def head(article: Article, revision: Revision) -> dict[str, object]:
    state = state_of(revision)
    derived = {"code", "state_label", "confidence"}
    values = {name: getattr(revision, name) for name in ReviewHead.model_fields.keys() - derived}
    return values | {
        "code": article.code,
        "state_label": label(state, revision.route),
        "confidence": confidence(state),
    }
