"""Wishes for knowledge that someone who leaves was handling."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from kms.accounts.actor import Actor
from kms.accounts.handover import Part
from kms.accounts.permissions import Permission
from kms.articles.access import scope_of
from kms.errors import Conflict
from kms.insight.models import KnowledgeRequest


def _open(user_id: int) -> Any:
    mine = col(KnowledgeRequest.handler_id) == user_id
    return sa.select(KnowledgeRequest).where(mine, col(KnowledgeRequest.closed_at).is_(None))


def _count(session: Session, user_id: int) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(_open(user_id).subquery())) or 0


def _move(session: Session, _actor: Actor, giver_id: int, receiver: Actor) -> None:
    lines = scope_of(session, receiver).lines
    for wish in session.scalars(_open(giver_id)).all():
        if wish.line_id not in lines or not receiver.may(Permission.REQUEST_HANDLE):
            raise Conflict("接手人不能处理这些知识需求，请另选一位有编辑角色、在同一业务线的人员")
        wish.handler_id = receiver.id
        session.add(wish)


REQUESTS = Part("知识需求", _count, _move)
