"""Import: plan against what is there, then write everything or nothing."""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles.access import scope_of
from kms.articles.attachments import Store, remember
from kms.articles.basis import revisions_of, spans
from kms.articles.codes import next_code, reserve_code
from kms.articles.content import AttachmentRef, Content
from kms.articles.drafts import draft_of
from kms.articles.file_types import media_type
from kms.articles.files.exporting import FOLDER
from kms.articles.files.model import Fault, Item, Reading
from kms.articles.files.resolve import Names, load_names, resolve
from kms.articles.models import Article, Category
from kms.articles.publication import refresh
from kms.articles.submission import Submission, Text, freeze, submit_text
from kms.articles.timeline import in_force
from kms.articles.transitions import move
from kms.articles.workflow import Action, Route
from kms.audit.service import record
from kms.errors import Conflict, KmsError
from kms.settings import Settings

Step = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One revision to be written: where it stands, its content, when it was published."""

    where: str
    content: Content
    published_at: datetime | None
    files: tuple[tuple[AttachmentRef, Path], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """An article that the import makes (`article` is None) or changes."""

    key: str
    code: str
    article: Article | None
    entries: tuple[Entry, ...]


@dataclass
class Report:
    """What an import would do or has done."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        return not self.faults


@dataclass(frozen=True, slots=True)
class Importer:
    """`source` names the system that the keys belong to; `publish` skips approval by permission."""

    session: Session
    actor: Actor
    settings: Settings
    store: Store
    source: str
    publish: bool = False

    def plan(self, reading: Reading) -> Report:
        """Compare the source with the database. Writes nothing. Raises Forbidden."""
        self.actor.must(Permission.ARTICLE_IMPORT)
        if self.publish:
            self.actor.must(Permission.ARTICLE_IMPORT_PUBLISH)
        report = Report(faults=list(reading.faults))
        names = load_names(self.session, self.actor)
        existing = self._existing(reading.items)
        for key, items in _by_key(reading.items).items():
            try:
                self._plan_one(key, items, existing.get(key), names, report)
            except _Faulty as error:
                report.faults.extend(error.faults)
        return report

    def run(self, report: Report, each: Step = lambda: None) -> None:
        """Carry out a plan without faults, in the caller's transaction; `each` is called after every article.

        Raises Conflict with the faults that only show while writing (nobody may approve, a draft is open).
        """
        if not report.fine:
            raise Conflict("导入有错误，请先改正")
        bundle = str(uuid.uuid4())
        for change in report.changes:
            try:
                self._write(change, bundle)
            except KmsError as error:
                report.faults.append(Fault(change.entries[-1].where, error.message))
            each()
        if report.faults:
            raise Conflict("导入有错误，没有写入任何内容")
        after = {"source": self.source, "bundle": bundle, "published": self.publish}
        counts = {"created": len(report.created), "changed": len(report.changed)}
        record(self.session, self.actor, "article.import", after={**after, **counts})

    def _existing(self, items: Sequence[Item]) -> dict[str, Article]:
        """The articles that the items mean: by code where they carry one, else by the source's key."""
        codes = {item.file.code for item in items if item.file.code}
        found: dict[str, Article] = {}
        by_source = select(Article).where(Article.source_system == self.source)
        sources = {article.source_id: article for article in self.session.exec(by_source)}
        rows = [row for part in _chunks(sorted(codes)) for row in self._by_codes(part)]
        by_code = {article.code: article for article in rows}
        for item in items:
            article = by_code.get(item.file.code) or sources.get(item.file.key)
            if article is not None:
                found[item.file.key] = article
        return found

    def _by_codes(self, codes: Sequence[str]) -> Iterable[Article]:
        return self.session.exec(select(Article).where(col(Article.code).in_(codes)))

    def _plan_one(
        self, key: str, items: Sequence[Item], article: Article | None, names: Names, report: Report
    ) -> None:
        self._check_article(items[0], article)
        owner = article.owner_id if article else self.actor.user_id
        entries = [_entry(item, names, owner) for item in items]
        stored = revisions_of(self.session, article.id or 0) if article else []
        known = [revision.value() for revision in stored]
        # A file may hold today's rule while a coming one is stored already: that is no change either.
        current = in_force(spans(stored), clock.now(), clock.now())
        valid = [revision.value() for revision in stored if revision.number == current]
        fresh = [entry for entry in entries[:-1] if entry.content not in known]
        if entries[-1].content not in (*known[:1], *valid):
            fresh.append(entries[-1])
        if not fresh:
            report.unchanged += 1
            return
        if not self.publish:
            fresh = fresh[-1:]
        report.changes.append(Change(key, items[-1].file.code, article, tuple(fresh)))
        (report.changed if article else report.created).append(items[-1].file.title)

    def _check_article(self, item: Item, article: Article | None) -> None:
        if article is None:
            return
        scope = scope_of(self.session, self.actor)
        if article.line_id not in scope.lines:
            raise _Faulty([Fault(item.where, f"code：编号 {article.code} 已被使用，且不在您的业务线")])
        if article.retired_at is not None:
            raise _Faulty([Fault(item.where, f"{article.code} 已停用，请先恢复")])
        if draft_of(self.session, article) is not None:
            raise _Faulty([Fault(item.where, f"{article.code} 有未提交的草稿，请先提交或放弃")])

    def _write(self, change: Change, bundle: str) -> None:
        article = change.article or self._new_article(change)
        for entry in change.entries:
            for ref, path in entry.files:
                with path.open("rb") as file:
                    self.store.put(ref.name, file)
                remember(self.session, self.actor, ref)
            text = Text(entry.content, article.last_number, (self.actor.id,))
            if self.publish:
                self._publish(article, text, entry, bundle)
            else:
                wish = Submission(bundle=bundle)
                submit_text(self.session, self.actor, article, text, wish, self.settings)
        if self.publish:
            refresh(self.session, article)

    def _publish(self, article: Article, text: Text, entry: Entry, bundle: str) -> None:
        wish = Submission(route=Route.IMPORTED, bundle=bundle)
        revision = freeze(self.session, self.actor, article, text, wish)
        at = entry.published_at or clock.now()
        move(revision, Action.PUBLISH_LATER if at > clock.now() else Action.PUBLISH)
        revision.published_at, revision.published_by = at, self.actor.user_id
        revision.effective_from = entry.content.effective_from or at
        self.session.add(revision)

    def _new_article(self, change: Change) -> Article:
        content = change.entries[-1].content
        category = self.session.get_one(Category, content.category_id)
        if change.code:
            reserve_code(self.session, change.code)
        article = Article(
            code=change.code or next_code(self.session),
            line_id=category.line_id or 0,
            category_id=category.id or 0,
            kind=content.kind,
            title=content.title,
            owner_id=content.owner_id or self.actor.id,
            audience=list(content.audience.tokens()),
            source_system=self.source,
            source_id=change.key,
            created_at=clock.now(),
            created_by=self.actor.user_id,
        )
        self.session.add(article)
        self.session.flush()
        return article


class _Faulty(Exception):
    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("faulty entry")
        self.faults = faults


def _by_key(items: Sequence[Item]) -> dict[str, list[Item]]:
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[item.file.key].append(item)
    return {key: sorted(found, key=lambda item: item.file.revision) for key, found in groups.items()}


def _entry(item: Item, names: Names, owner: int | None) -> Entry:
    content = resolve(item, names, owner)
    if not isinstance(content, Content):
        raise _Faulty(content)
    files = tuple(_attachment(item, path) for path in item.file.attachments)
    content = content.model_copy(update={"attachments": tuple(ref for ref, _ in files)})
    return Entry(item.where, content, item.file.published_at, files)


def _attachment(item: Item, name: str) -> tuple[AttachmentRef, Path]:
    path = item.folder / name
    try:
        kind = media_type(path.name, path)
    except KmsError as error:
        raise _Faulty([Fault(item.where, f"attachments：{name}：{error.message}")]) from error
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    short = name.removeprefix(f"{FOLDER}/")
    return AttachmentRef(name=short, hash=digest, size=path.stat().st_size, media_type=kind), path


def _chunks(values: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    return (values[at : at + size] for at in range(0, len(values), size))
