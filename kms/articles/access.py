"""Who may read and edit which article. The only way from a code in a URL to a row."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.models import Group
from kms.accounts.permissions import Permission
from kms.articles.content import AudienceKind
from kms.articles.models import Article, Category, CategoryGroup, Draft, Revision
from kms.errors import NotFound

_MISSING = "没有这条知识，或您没有查看权限"


@dataclass(frozen=True, slots=True)
class Scope:
    """What an actor may see: business lines (top-level category ids) and audience words."""

    lines: frozenset[int]
    tokens: frozenset[str]

    def admits(self, article: Article, revision: Revision | None = None) -> bool:
        """Both today's audience of the article and the revision's own must admit the reader."""
        if article.line_id not in self.lines or not self.tokens.intersection(article.audience):
            return False
        return revision is None or bool(self.tokens.intersection(revision.audience))


_MEMBERS: sa.BindParameter[str] = sa.bindparam("groups", expanding=True)
# Built once: every request asks it, and building it takes longer than running it.
_LINES = sa.select(col(Category.id)).where(
    col(Category.parent_id).is_(None),
    sa.or_(
        col(Category.open_to_all),
        col(Category.id).in_(
            sa.select(col(CategoryGroup.category_id))
            .join(Group, col(Group.id) == col(CategoryGroup.group_id))
            .where(col(Group.name).in_(_MEMBERS))
        ),
    ),
)


def scope_of(session: Session, actor: Actor) -> Scope:
    """The permitted set that every search, list, count and suggestion starts from."""
    if actor.user_id is None:
        lines = session.scalars(sa.select(col(Category.id)).where(col(Category.parent_id).is_(None)))
        groups = frozenset(session.exec(select(Group.name)))
    else:
        lines = session.scalars(_LINES, {"groups": sorted(actor.groups)})
        groups = actor.groups
    tokens = {AudienceKind.PUBLIC.value, AudienceKind.INTERNAL.value, *(f"group:{name}" for name in groups)}
    return Scope(frozenset(line for line in lines if line is not None), frozenset(tokens))


def article_for_read(session: Session, actor: Actor, code: str) -> Article:
    """A published or once published article that the actor may read; NotFound otherwise.

    One that is still under review is there for those who may see what is coming.
    """
    article = _by_code(session, code)
    if article is None or not scope_of(session, actor).admits(article):
        raise NotFound(_MISSING)
    coming = bool(article.last_number) and actor.may(Permission.ARTICLE_READ_COMING)
    if not (coming or was_published(session, article) or _may_edit(session, actor, article)):
        raise NotFound(_MISSING)
    return article


def was_published(session: Session, article: Article) -> bool:
    """Whether readers have ever been shown it."""
    out = select(Revision.id).where(
        Revision.article_id == article.id, col(Revision.published_at) <= clock.now()
    )
    return session.exec(out.limit(1)).first() is not None


def article_for_edit(session: Session, actor: Actor, code: str) -> Article:
    """An article that the actor may change: a writer within the line who may also read it, or its author."""
    article = _by_code(session, code)
    if article is None or article.line_id not in scope_of(session, actor).lines:
        raise NotFound(_MISSING)
    if not _may_edit(session, actor, article):
        # Who may read it is told that editing is not allowed; for others it does not exist.
        article_for_read(session, actor, code)
        actor.must(Permission.ARTICLE_WRITE)
        raise NotFound(_MISSING)
    return article


def _by_code(session: Session, code: str) -> Article | None:
    return session.exec(select(Article).where(Article.code == code.strip().upper())).first()


def _may_edit(session: Session, actor: Actor, article: Article) -> bool:
    if not actor.may(Permission.ARTICLE_WRITE):
        return False
    if actor.user_id in (article.owner_id, article.created_by):
        return True
    draft = session.exec(select(Draft).where(Draft.article_id == article.id)).first()
    if draft is not None and actor.user_id in draft.editors:
        return True
    return bool(article.last_number) and scope_of(session, actor).admits(article)
