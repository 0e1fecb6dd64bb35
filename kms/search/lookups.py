"""检索记录: made for every search, stored when it settles, added to by what came of it."""

import os
import time
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, SQLModel, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.articles.bookmarks import count_use
from kms.errors import Invalid
from kms.outbox.service import wanted
from kms.privacy.masking import mask_text
from kms.search.models import Lookup, LookupOutcome
from kms.search.request import SearchRequest
from kms.search.service import SearchAnswer

RESTRICTED_CONSUMER = "search_restricted"


def uuid7() -> str:
    """A UUID that sorts by time (RFC 9562), in canonical text."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    return str(uuid.UUID(int=value & ~(0b11 << 62) | (0b10 << 62)))


def lookup_of(actor: Actor, request: SearchRequest, answer: SearchAnswer, settled_by: str) -> Lookup:
    """The record of a search, not stored yet; personal data in the text is masked."""
    return Lookup(
        id=uuid7(),
        at=clock.now(),
        user_id=actor.user_id,
        service_login=actor.service_login,
        call_id=request.call_id,
        text=mask_text(answer.text),
        filters={name: sorted(values) for name, values in request.filters.chosen().items()},
        as_of=request.as_of,
        known_at=request.known_at,
        shown=[
            {"rank": rank, "code": hit.code, "revision": hit.number, "article": hit.article_id}
            for rank, hit in enumerate(answer.hits, 1)
        ],
        settled_by=settled_by,
        took_ms=round(answer.took_ms),
    )


def store(session: Session, lookups: Sequence[Lookup]) -> None:
    """Store what is not stored yet. For one that found nothing the worker looks for restricted matches."""
    if not lookups:
        return
    rows = [lookup.model_dump() for lookup in lookups]
    session.execute(_insert(session, Lookup).values(rows).on_conflict_do_nothing())
    for lookup in lookups:
        if not lookup.shown:
            wanted(session, RESTRICTED_CONSUMER, lookup.id)


def outcome(session: Session, lookup: Lookup, event: str, code: str, why: str = "") -> LookupOutcome:
    """`event` is opened, copied, used, solved or not_helpful; raises Invalid for an article it did not show."""
    shown = next((row for row in lookup.shown if row["code"] == code), None)
    if shown is None:
        raise Invalid(f"这次检索没有展示过 {code}", {"code": "不在检索结果里"})
    store(session, [lookup])
    before = session.get(LookupOutcome, (lookup.id, shown["article"]))
    if event == "used" and (before is None or before.used_at is None):
        count_use(session, shown["article"])
    told = _told(event, why)
    statement = _insert(session, LookupOutcome).values(
        lookup_id=lookup.id,
        article_id=shown["article"],
        revision_number=shown["revision"],
        **told,
    )
    session.execute(statement.on_conflict_do_update(index_elements=["lookup_id", "article_id"], set_=told))
    key = (lookup.id, shown["article"])
    return session.get_one(LookupOutcome, key, populate_existing=True)


def _told(event: str, why: str) -> dict[str, object]:
    moments = {"opened": "opened_at", "copied": "copied_at", "used": "used_at"}
    if event in moments:
        return {moments[event]: clock.now()}
    if event == "solved":
        return {"solved": True}
    return {"solved": False, "not_helpful_why": mask_text(why.strip())[:300]}


def _insert(session: Session, table: type[SQLModel]) -> Any:
    """An insert that can say what happens on conflict; the two dialects share no type for it."""
    postgres = session.get_bind().dialect.name == "postgresql"
    return (postgres_insert if postgres else sqlite_insert)(table)


def lookups_of(
    session: Session, user_id: int, before: str | None = None, limit: int = 50
) -> list[tuple[Lookup, list[LookupOutcome]]]:
    """One person's, newest first; `before` is the last id of the page before."""
    query = select(Lookup).where(Lookup.user_id == user_id)
    if before:
        query = query.where(col(Lookup.id) < before)
    lookups = list(session.exec(query.order_by(col(Lookup.id).desc()).limit(limit)))
    outcomes: dict[str, list[LookupOutcome]] = {}
    ids = [lookup.id for lookup in lookups]
    for row in session.exec(select(LookupOutcome).where(col(LookupOutcome.lookup_id).in_(ids))):
        outcomes.setdefault(row.lookup_id, []).append(row)
    return [(lookup, outcomes.get(lookup.id, [])) for lookup in lookups]
