"""References between articles: what a text points to, what is broken, and who cites an article."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from kms import clock
from kms.articles import markup
from kms.articles.access import Scope
from kms.articles.content import Content
from kms.articles.models import Article, Link, Revision
from kms.articles.permitted import holds, latest, readable

_CODE = re.compile(r"KB-\d{6,9}")


@dataclass(frozen=True, slots=True)
class Target:
    """An article that a text points to; without title when it is missing, out of force or not for this reader."""

    code: str
    title: str = ""

    @property
    def broken(self) -> bool:
        return not self.title


def referenced_codes(content: Content) -> tuple[str, ...]:
    """Codes in the body, the steps and their branches, each once, in order."""
    texts = [content.body, *(step.text for step in content.steps)]
    found = [code for text in texts for code in markup.links(text)]
    jumps = (branch.go.strip() for step in content.steps for branch in step.branches)
    return tuple(dict.fromkeys([*found, *(jump for jump in jumps if _CODE.fullmatch(jump))]))


def store_links(session: Session, revision: Revision) -> None:
    """Note what a new revision refers to; its content never changes, so once is enough."""
    codes = referenced_codes(revision.value())
    if revision.id is None:
        raise ValueError("revision is not stored yet")
    session.add_all(Link(revision_id=revision.id, code=code) for code in codes)


def targets(session: Session, scope: Scope, line_id: int, content: Content) -> list[Target]:
    """What the text points to, as this reader may know it. Another business line is always a broken link."""
    codes = referenced_codes(content)
    titles = titles_in_force(session, Scope(scope.lines & {line_id}, scope.tokens), codes)
    return [Target(code, titles.get(code, "")) for code in codes]


def titles_in_force(session: Session, scope: Scope, codes: Collection[str]) -> dict[str, str]:
    """Titles of those articles that have a rule now and that the reader may open."""
    if not codes:
        return {}
    now = clock.now()
    current = latest(now)
    query = (
        sa.select(col(Article.code), current.title)
        .join(current, current.article_id == col(Article.id))
        .where(col(Article.code).in_(codes), col(Article.retired_at).is_(None), holds(current, now))
        .where(*readable(session, scope, current))
    )
    return dict(session.execute(query).all())


def cited_by(session: Session, scope: Scope, article: Article) -> list[Target]:
    """Articles of the line whose revision in force refers to this one."""
    now = clock.now()
    current = latest(now)
    query = (
        sa.select(col(Article.code), current.title)
        .join(current, current.article_id == col(Article.id))
        .join(Link, col(Link.revision_id) == current.id)
        .where(col(Link.code) == article.code, col(Article.line_id) == article.line_id)
        .where(col(Article.retired_at).is_(None), holds(current, now), *readable(session, scope, current))
        .order_by(col(Article.code))
    )
    return [Target(code, title) for code, title in session.execute(query)]


def broken_codes(found: Iterable[Target]) -> frozenset[str]:
    return frozenset(target.code for target in found if target.broken)
