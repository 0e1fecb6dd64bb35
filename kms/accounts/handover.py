"""Someone leaves: what they hold is given to someone else, all in one transaction.

Accounts do not know what people hold. Concepts further left describe their part and `kms.api` registers it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.authentication import person_actor
from kms.accounts.models import Handover, User
from kms.audit.service import record
from kms.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of thing that people hold.

    `count` says how many; `move(session, actor, giver_id, receiver)` gives them over, or raises when the
    receiver may not hold them.
    """

    label: str
    count: Callable[[Session, int], int]
    move: Callable[[Session, Actor, int, Actor], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """So many things of one kind."""

    label: str
    count: int


Told = Callable[[Session, User, int, list[Moved]], None]

_parts: dict[str, Part] = {}
_told: dict[str, Told] = {}


def register(*parts: Part) -> None:
    """Add parts; one with the same label replaces the older."""
    _parts.update({part.label: part for part in parts})


def on_done(name: str, told: Told) -> None:
    """Call `told(session, giver, receiver_id, moved)` at the end of each hand-over."""
    _told[name] = told


def holdings(session: Session, user_id: int) -> list[Moved]:
    """What a person holds now."""
    counted = [Moved(part.label, part.count(session, user_id)) for part in _parts.values()]
    return [item for item in counted if item.count]


def handover(session: Session, actor: Actor, from_id: int, to_id: int) -> list[Moved]:
    """Give all that one person holds to another. Raises Invalid when the other may not take it."""
    giver, receiver = _person(session, from_id), _person(session, to_id)
    if from_id == to_id or not receiver.active or receiver.is_service:
        raise Invalid("接手人须是另一位在岗人员", {"to": "请选择另一位在岗人员"})
    taking = person_actor(session, receiver)
    moved = holdings(session, from_id)
    for item in moved:
        _parts[item.label].move(session, actor, from_id, taking)
    note = "、".join(f"{item.label} {item.count}" for item in moved)
    session.add(Handover(from_user_id=from_id, to_user_id=to_id, at=clock.now(), note=note))
    after = {"to": receiver.login, **{item.label: item.count for item in moved}}
    record(session, actor, "user.handover", "user", giver.login, after=after)
    for told in _told.values():
        told(session, giver, to_id, moved)
    return moved


def successor(session: Session, user_id: int) -> int:
    """The person, or whoever took over from them once they had left; knowledge keeps naming its old owner."""
    seen: set[int] = set()
    while user_id not in seen and not session.get_one(User, user_id).active:
        seen.add(user_id)
        taken = select(Handover.to_user_id).where(Handover.from_user_id == user_id)
        user_id = session.exec(taken.order_by(col(Handover.id).desc())).first() or user_id
    return user_id


def _person(session: Session, user_id: int) -> User:
    user = session.exec(select(User).where(User.id == user_id)).first()
    if user is None:
        raise NotFound("没有这个人员")
    return user
