"""Tables of articles, their drafts and revisions."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from kms.articles.content import Content, Kind
from kms.articles.workflow import Approval, Publication, Route
from kms.db.types import Json, UtcDateTime, enum_type


class Article(SQLModel, table=True):
    """The identity that lives on. Category, audience and owner are today's: those of the last publication."""

    __tablename__ = "article"
    __table_args__ = (UniqueConstraint("source_system", "source_id"),)

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=16, unique=True)
    """`KB-000123`."""
    line_id: int = Field(foreign_key="category.id", index=True)
    """The top-level category: the business line. Never changes."""
    category_id: int = Field(foreign_key="category.id", index=True)
    kind: Kind = Field(sa_type=enum_type(Kind))
    title: str = Field(max_length=128)
    owner_id: int = Field(foreign_key="user_account.id", index=True)
    audience: list[str] = Field(default_factory=list, sa_type=Json)
    """Today's audience as access words, see `Audience.tokens`."""
    last_number: int = 0
    """The number of the newest revision; 0 while there is only a draft."""
    index_version: int = 0
    """Grows with each change that readers may notice, see `indexing.index_wanted`; never goes back."""
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    retired_reason: str = Field(default="", max_length=300)
    successor_id: int | None = Field(default=None, foreign_key="article.id")
    source_system: str | None = Field(default=None, max_length=64)
    source_id: str | None = Field(default=None, max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: int | None = Field(default=None, foreign_key="user_account.id")


class CodeCounter(SQLModel, table=True):
    """The number of the newest article code; one row."""

    __tablename__ = "article_code"

    id: int = Field(primary_key=True)
    last: int


class Draft(SQLModel, table=True):
    """The one mutable copy of an article. `version` grows with each save; submitting deletes the row."""

    __tablename__ = "draft"

    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="article.id", unique=True)
    base_number: int = 0
    """The revision that the draft started from; 0: none."""
    content: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    version: int = 1
    editors: list[int] = Field(default_factory=list, sa_type=Json)
    author_id: int = Field(foreign_key="user_account.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime, index=True)
    updated_by: int = Field(foreign_key="user_account.id")

    def value(self) -> Content:
        """The content as a value; a stored draft is always readable, its limits are checked on saving."""
        return Content.model_validate(self.content)


class Revision(SQLModel, table=True):
    """An immutable content snapshot with its two states. Content columns are never updated."""

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("article_id", "number"),
        Index("ix_revision_approval_due", "approval", "due_at"),
        Index("ix_revision_visible", "article_id", "published_at", "recalled_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="article.id")
    number: int
    content: dict[str, Any] = Field(sa_type=Json)
    title: str = Field(max_length=128)
    category_id: int = Field(foreign_key="category.id", index=True)
    audience: list[str] = Field(default_factory=list, sa_type=Json)
    base_number: int = 0
    copy_of: int | None = None
    """The number of the revision that this one publishes again."""

    route: Route = Field(sa_type=enum_type(Route))
    approval: Approval = Field(sa_type=enum_type(Approval))
    publication: Publication = Field(sa_type=enum_type(Publication), index=True)
    rule: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """The approval rule as it was at submission, see `stages.Rule`."""
    editors: list[int] = Field(default_factory=list, sa_type=Json)
    stage: int = 0
    bundle: str | None = Field(default=None, max_length=36, index=True)
    """Submitted together with others (one import)."""

    submitted_at: datetime = Field(sa_type=UtcDateTime, index=True)
    submitted_by: int = Field(foreign_key="user_account.id", index=True)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    publish_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Wished time of publication; None: with the last approval."""
    on_hold: bool = False
    """Scheduled, but a fix was published meanwhile: its author has to carry the fix over."""
    urgent_reason: str = Field(default="", max_length=300)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_by: int | None = Field(default=None, foreign_key="user_account.id")
    recalled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recalled_by: int | None = Field(default=None, foreign_key="user_account.id")
    recall_reason: str = Field(default="", max_length=300)
    effective_from: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Set at publication when the author left it open."""
    effective_to: datetime | None = Field(default=None, sa_type=UtcDateTime)
    provisional_until: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def value(self) -> Content:
        return Content.model_validate(self.content)


class Category(SQLModel, table=True):
    """A node of the tree. A top-level one is a business line (业务线/项目) with its member groups."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("parent_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    parent_id: int | None = Field(default=None, foreign_key="category.id", index=True)
    line_id: int | None = Field(default=None, index=True)
    """The top-level ancestor, itself for a top-level one."""
    path: str = Field(default="", max_length=256, index=True)
    """Ids from the top, `/1/4/9/`, so that a subtree is a prefix."""
    name: str = Field(max_length=64)
    position: int = 0
    owner_id: int | None = Field(default=None, foreign_key="user_account.id")
    """None: inherited."""
    rule: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """Approval rule; None: inherited."""
    open_to_all: bool = False
    """Top level only: every person is a member."""
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    version: int = 1


class CategoryGroup(SQLModel, table=True):
    """Member groups of a business line."""

    __tablename__ = "category_group"

    category_id: int = Field(primary_key=True, foreign_key="category.id")
    group_id: int = Field(primary_key=True, foreign_key="user_group.id")


class Region(SQLModel, table=True):
    """全国 > 省 > 市; `path` is 广东/广州 and is what articles and people carry."""

    __tablename__ = "region"

    path: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=32)
    position: int = 0


class Product(SQLModel, table=True):
    __tablename__ = "product"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=64, unique=True)
    aliases: list[str] = Field(default_factory=list, sa_type=Json)


class Decision(SQLModel, table=True):
    """One reviewer's decision on one stage."""

    __tablename__ = "approval_decision"

    id: int | None = Field(default=None, primary_key=True)
    revision_id: int = Field(foreign_key="revision.id", index=True)
    stage: int
    user_id: int = Field(foreign_key="user_account.id", index=True)
    verdict: str = Field(max_length=16)
    """approve or return."""
    comment: str = Field(default="", sa_type=sa.Text)
    at: datetime = Field(sa_type=UtcDateTime)


class Substitute(SQLModel, table=True):
    """Who decides in someone's place on one stage: handed on by the approver, or replaced by a supervisor."""

    __tablename__ = "approval_substitute"

    id: int | None = Field(default=None, primary_key=True)
    revision_id: int = Field(foreign_key="revision.id", index=True)
    stage: int
    from_user_id: int = Field(foreign_key="user_account.id")
    to_user_id: int = Field(foreign_key="user_account.id", index=True)
    kind: str = Field(max_length=16)
    """delegate or replace."""
    by_user_id: int = Field(foreign_key="user_account.id")
    at: datetime = Field(sa_type=UtcDateTime)


class ReviewComment(SQLModel, table=True):
    """A reviewer's remark on a passage of a revision."""

    __tablename__ = "review_comment"

    id: int | None = Field(default=None, primary_key=True)
    revision_id: int = Field(foreign_key="revision.id", index=True)
    user_id: int = Field(foreign_key="user_account.id")
    field: str = Field(default="body", max_length=32)
    quote: str = Field(default="", sa_type=sa.Text)
    text: str = Field(sa_type=sa.Text)
    at: datetime = Field(sa_type=UtcDateTime)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Licence(SQLModel, table=True):
    """KCS licence: this person's internal question-and-answer articles in this category skip the stages."""

    __tablename__ = "licence"

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    category_id: int = Field(foreign_key="category.id")
    until: datetime = Field(sa_type=UtcDateTime)
    granted_by: int = Field(foreign_key="user_account.id")
    granted_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Attachment(SQLModel, table=True):
    """A stored file; the bytes lie in the data directory under their hash."""

    __tablename__ = "attachment"

    hash: str = Field(primary_key=True, max_length=64)
    size: int
    media_type: str = Field(max_length=96)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: int | None = Field(default=None, foreign_key="user_account.id")


class Link(SQLModel, table=True):
    """A revision's reference to another article, for broken-link detection and `cited by`."""

    __tablename__ = "article_link"

    revision_id: int = Field(primary_key=True, foreign_key="revision.id")
    code: str = Field(primary_key=True, max_length=16, index=True)


class Correction(SQLModel, table=True):
    """纠错: a reader says what is wrong in a passage; the owner answers."""

    __tablename__ = "correction"
    __table_args__ = (Index("ix_correction_article_state", "article_id", "state"),)

    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="article.id")
    revision_number: int
    reporter_id: int = Field(foreign_key="user_account.id", index=True)
    quote: str = Field(default="", sa_type=sa.Text)
    message: str = Field(sa_type=sa.Text)
    state: str = Field(default="open", max_length=16)
    """open, accepted or declined."""
    answer: str = Field(default="", sa_type=sa.Text)
    answered_by: int | None = Field(default=None, foreign_key="user_account.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Bookmark(SQLModel, table=True):
    """收藏."""

    __tablename__ = "bookmark"

    user_id: int = Field(primary_key=True, foreign_key="user_account.id")
    article_id: int = Field(primary_key=True, foreign_key="article.id")
    at: datetime = Field(sa_type=UtcDateTime)


class ArticleView(SQLModel, table=True):
    """最近浏览: the last time a person opened an article, and how often."""

    __tablename__ = "article_view"
    __table_args__ = (Index("ix_article_view_recent", "user_id", "at"),)

    user_id: int = Field(primary_key=True, foreign_key="user_account.id")
    article_id: int = Field(primary_key=True, foreign_key="article.id")
    at: datetime = Field(sa_type=UtcDateTime)
    times: int = 1


class ArticleDay(SQLModel, table=True):
    """热门: how often an article was opened and used on a Shanghai day (`2026-11-25`)."""

    __tablename__ = "article_day"

    day: str = Field(primary_key=True, max_length=10)
    article_id: int = Field(primary_key=True, foreign_key="article.id")
    opened: int = 0
    used: int = 0
