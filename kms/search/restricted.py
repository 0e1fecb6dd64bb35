"""Someone found nothing although an article they may not read would answer: its owner is told, nobody else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from indexer.models import Filter, Hit, Query
from kms import clock
from kms.accounts.authentication import person_actor
from kms.accounts.models import User
from kms.articles.access import Scope, scope_of
from kms.articles.models import Article
from kms.articles.references import within_line
from kms.db.session import reading, writing
from kms.inbox.service import Message, send
from kms.outbox.worker import Consumer
from kms.search.indexes import LIVE
from kms.search.lookups import RESTRICTED_CONSUMER
from kms.search.models import Lookup
from kms.search.request import Filters
from kms.search.service import Searcher
from kms.search.sources import Moments, sources
from kms.search.validity import Validity

STRONG = 2
"""The strength from which a match is worth an owner's time."""


@dataclass(frozen=True, slots=True)
class RestrictedMatches:
    """Runs in the worker, after the answer, for every lookup that found nothing: its time tells nothing."""

    engine: Engine
    searcher: Searcher

    def consumer(self) -> Consumer:
        return Consumer(RESTRICTED_CONSUMER, self.handle, batch=20)

    def handle(self, keys: Sequence[str]) -> Mapping[str, str]:
        with reading(self.engine) as session:
            lookups = session.exec(select(Lookup).where(col(Lookup.id).in_(keys))).all()
            matches = [(lookup, article) for lookup in lookups if (article := self._match(session, lookup))]
        if matches:
            with writing(self.engine) as session:
                for lookup, article in matches:
                    owner = within_line(session, article.line_id, [article.owner_id])
                    send(session, owner, _message(article, lookup))
        return {}

    def _match(self, session: Session, lookup: Lookup) -> Article | None:
        user = session.get(User, lookup.user_id) if lookup.user_id else None
        if user is None or lookup.as_of or lookup.known_at:
            return None
        scope = scope_of(session, person_actor(session, user))
        best = self._best(lookup, scope)
        article = session.get(Article, int(best.article)) if best else None
        return article if article is not None and not scope.admits(article) else None

    def _best(self, lookup: Lookup, scope: Scope) -> Hit | None:
        """Within the lines that the searcher belongs to, among what is in force now."""
        now = clock.now()
        (source,) = sources(scope, Filters(validity=frozenset({Validity.VALID})), Moments(now, now, now))
        within = {"line": source.filter.any_of["line"]}
        where = Filter(any_of=within, none_of={"audience": scope.tokens}, ranges=source.filter.ranges)
        hits = self.searcher.search(LIVE, Query(lookup.text, 1, where)).hits
        return hits[0] if hits and hits[0].strength >= STRONG else None


def _message(article: Article, lookup: Lookup) -> Message:
    return Message(
        key=f"restricted:{article.id}:{lookup.id}",
        kind="restricted",
        title=f"有人搜不到《{article.title}》",
        detail=f"检索内容：{lookup.text}\n搜索的人不在这条知识的适用对象内。如需要，可以扩大适用对象，或另写一条公开的知识。",
        href=f"/articles/{article.code}",
    )
