"""A folder of Markdown: of every article the revision in force, with every field, reference and attachment."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.models import User
from kms.accounts.permissions import Permission
from kms.articles.access import scope_of
from kms.articles.attachments import Store
from kms.articles.basis import numbered, revisions_of, spans
from kms.articles.content import AudienceKind, Content
from kms.articles.files.markdown import write
from kms.articles.files.model import ArticleFile
from kms.articles.files.resolve import Names, load_names
from kms.articles.models import Article, Revision
from kms.articles.timeline import in_force
from kms.audit.service import record

FOLDER = "attachments"


@dataclass(frozen=True, slots=True)
class Exporter:
    """Writes articles into `folder`, one folder each, named by code."""

    session: Session
    actor: Actor
    folder: Path
    store: Store

    def articles(self) -> list[Article]:
        """What the actor may read and export. Raises Forbidden."""
        self.actor.must(Permission.ARTICLE_EXPORT)
        scope = scope_of(self.session, self.actor)
        rows = self.session.exec(
            select(Article)
            .where(col(Article.line_id).in_(scope.lines), col(Article.retired_at).is_(None))
            .order_by(Article.code)
        )
        return [article for article in rows if scope.admits(article)]

    def export(self, articles: list[Article]) -> Iterator[Path]:
        """Write the articles that have a revision in force, one after the other; notes the export in the audit."""
        names, logins = _names(self.session, self.actor)
        count = 0
        for article in articles:
            revision = _in_force(self.session, article)
            if revision is not None:
                count += 1
                yield self._write(article, _file(article, revision, names, logins), revision.value())
        record(self.session, self.actor, "article.export", after={"articles": count})

    def _write(self, article: Article, file: ArticleFile, content: Content) -> Path:
        folder = self.folder / article.code
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{article.code}.md"
        path.write_text(write(file), encoding="utf-8")
        for ref in content.attachments:
            target = folder / FOLDER / ref.name
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(self.store.file(ref), target)
        return path


def _names(session: Session, actor: Actor) -> tuple[Names, dict[int, str]]:
    logins = {user_id: login for user_id, login in session.exec(select(User.id, User.login)) if user_id}
    return load_names(session, actor), logins


def _in_force(session: Session, article: Article) -> Revision | None:
    revisions = revisions_of(session, article.id or 0)
    number = in_force(spans(revisions), clock.now(), clock.now())
    return numbered(revisions, number)


def _file(article: Article, revision: Revision, names: Names, logins: dict[int, str]) -> ArticleFile:
    content = revision.value()
    paths = {category.id: path for path, category in names.categories.items()}
    audience = content.audience
    return ArticleFile(
        code=article.code,
        id=article.source_id or "",
        category=paths.get(content.category_id, ""),
        owner=logins.get(content.owner_id or 0, ""),
        audience=audience.groups if audience.kind is AudienceKind.GROUPS else audience.kind.value,
        attachments=tuple(f"{FOLDER}/{ref.name}" for ref in content.attachments),
        **content.model_dump(exclude={"category_id", "owner_id", "audience", "attachments"}),
    )
