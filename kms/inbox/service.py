"""Send to people, mark as read, count."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from kms import clock
from kms.db.session import after_commit
from kms.errors import NotFound
from kms.events.bus import Event, people
from kms.inbox.models import InboxItem


@dataclass(frozen=True, slots=True)
class Message:
    """What to send. With `is_task` it stays open until `settle` is called with its key."""

    key: str
    kind: str
    title: str
    detail: str = ""
    href: str = ""
    is_task: bool = False
    due_at: datetime | None = None


def send(session: Session, user_ids: Iterable[int], message: Message) -> None:
    """Put `message` into each inbox; an item with the same key is renewed, unread again."""
    for user_id in sorted(set(user_ids)):
        query = select(InboxItem).where(InboxItem.user_id == user_id, InboxItem.key == message.key)
        item = session.exec(query).first() or InboxItem(
            user_id=user_id, key=message.key, kind=message.kind, title="", created_at=clock.now()
        )
        item.kind, item.title, item.detail, item.href = (
            message.kind,
            message.title[:256],
            message.detail,
            message.href,
        )
        item.is_task, item.due_at, item.created_at = message.is_task, message.due_at, clock.now()
        item.read_at = item.done_at = None
        session.add(item)
        _tell(session, user_id, "inbox.new", title=message.title, href=message.href)


def settle(session: Session, key: str, user_ids: Sequence[int] | None = None) -> None:
    """The tasks with this key are done, for these people or for everyone."""
    query = sa.select(InboxItem).where(col(InboxItem.key) == key, col(InboxItem.done_at).is_(None))
    if user_ids is not None:
        query = query.where(col(InboxItem.user_id).in_(user_ids))
    for item in session.scalars(query):
        item.done_at = clock.now()
        item.read_at = item.read_at or clock.now()
        session.add(item)
        _tell(session, item.user_id, "inbox.changed")


def get_item(session: Session, user_id: int, item_id: int) -> InboxItem:
    """A line of this person's inbox. Raises NotFound for anybody else's."""
    item = session.get(InboxItem, item_id)
    if item is None or item.user_id != user_id:
        raise NotFound("这条消息不存在或已被清理")
    return item


def mark_read(session: Session, user_id: int, item_id: int) -> InboxItem:
    """Read; a message is thereby done, a task stays open."""
    item = get_item(session, user_id, item_id)
    item.read_at = item.read_at or clock.now()
    if not item.is_task:
        item.done_at = item.done_at or clock.now()
    session.add(item)
    _tell(session, user_id, "inbox.changed")
    return item


def mark_all_read(session: Session, user_id: int) -> None:
    """Read every message; open tasks stay."""
    moment = clock.now()
    mine = (col(InboxItem.user_id) == user_id, col(InboxItem.done_at).is_(None))
    session.execute(
        sa.update(InboxItem).where(*mine, col(InboxItem.read_at).is_(None)).values(read_at=moment)
    )
    session.execute(sa.update(InboxItem).where(*mine, ~col(InboxItem.is_task)).values(done_at=moment))
    _tell(session, user_id, "inbox.changed")


def count(session: Session, user_id: int) -> int:
    """Open tasks and unread messages."""
    return sum(counts(session, user_id))


def counts(session: Session, user_id: int) -> tuple[int, int]:
    """Open tasks, and unread messages."""
    task = col(InboxItem.is_task)
    unread = sa.and_(~task, col(InboxItem.read_at).is_(None))
    query = sa.select(sa.func.count(sa.case((task, 1))), sa.func.count(sa.case((unread, 1)))).where(
        col(InboxItem.user_id) == user_id, col(InboxItem.done_at).is_(None)
    )
    tasks, messages = session.execute(query).one()
    return tasks, messages


def open_tasks(session: Session, user_id: int, limit: int = 200) -> list[InboxItem]:
    """What is to be done, the most pressing first."""
    query = select(InboxItem).where(
        InboxItem.user_id == user_id, col(InboxItem.is_task), col(InboxItem.done_at).is_(None)
    )
    order = (col(InboxItem.due_at).is_(None), col(InboxItem.due_at), col(InboxItem.id))
    return list(session.exec(query.order_by(*order).limit(limit)))


def items(
    session: Session,
    user_id: int,
    *,
    done: bool = False,
    tasks: bool | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[InboxItem]:
    """Newest first; open ones, or with `done` the finished ones; `before` is the last id of the page before.

    `tasks` True: tasks only, False: messages only.
    """
    finished = col(InboxItem.done_at).is_not(None) if done else col(InboxItem.done_at).is_(None)
    query = select(InboxItem).where(InboxItem.user_id == user_id, finished)
    if tasks is not None:
        query = query.where(InboxItem.is_task == tasks)
    if before is not None:
        query = query.where(col(InboxItem.id) < before)
    return list(session.exec(query.order_by(col(InboxItem.id).desc()).limit(limit)))


def _tell(session: Session, user_id: int, name: str, **data: object) -> None:
    after_commit(session, lambda: people.publish(user_id, Event(name, data)))
