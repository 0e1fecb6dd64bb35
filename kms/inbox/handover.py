"""Open tasks go to the person who takes over, who is told what came."""

import sqlalchemy as sa
from sqlmodel import Session, col

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.handover import Moved, Part
from kms.accounts.models import User
from kms.inbox.models import InboxItem
from kms.inbox.service import Message, send


def _open_tasks(user_id: int) -> sa.ColumnElement[bool]:
    # Who may approve is decided by the rule; those tasks are given by whoever moves the approvals.
    mine = sa.and_(col(InboxItem.user_id) == user_id, col(InboxItem.kind) != "approval")
    return sa.and_(mine, col(InboxItem.done_at).is_(None), col(InboxItem.is_task))


def _count(session: Session, user_id: int) -> int:
    query = sa.select(sa.func.count()).select_from(InboxItem).where(_open_tasks(user_id))
    return session.scalar(query) or 0


def _move(session: Session, _actor: Actor, giver_id: int, receiver: Actor) -> None:
    """Each task is sent anew to the receiver, and is done for the giver."""
    for item in session.scalars(sa.select(InboxItem).where(_open_tasks(giver_id))).all():
        message = Message(item.key, item.kind, item.title, item.detail, item.href, True, item.due_at)
        send(session, [receiver.id], message)
        item.done_at = item.read_at = clock.now()
        session.add(item)


def tell(session: Session, giver: User, receiver_id: int, moved: list[Moved]) -> None:
    """One message for the whole hand-over."""
    told = "、".join(f"{item.label} {item.count}" for item in moved) or "没有未完成的事项"
    message = Message(
        key=f"handover:{giver.id}",
        kind="handover",
        title=f"{giver.name}（{giver.login}）的工作已交接给您",
        detail=told,
        href="/inbox",
    )
    send(session, [receiver_id], message)


TASKS = Part("待办", _count, _move)
