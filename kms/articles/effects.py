"""What a publication will do to readers and to other revisions, told before it happens."""

from dataclasses import dataclass

from sqlmodel import Session

from kms import clock
from kms.articles.access import Scope
from kms.articles.basis import numbered, revisions_of, spans
from kms.articles.comparing import differing
from kms.articles.content import Content
from kms.articles.holding import descends
from kms.articles.links import Target, cited_by
from kms.articles.models import Article, Revision
from kms.articles.timeline import in_force
from kms.articles.workflow import Approval, Publication


@dataclass(frozen=True, slots=True)
class Effects:
    """`replaces` is the revision in force; `changed` names the fields that differ from it."""

    replaces: int | None
    changed: tuple[str, ...]
    held: tuple[int, ...]
    """Scheduled revisions that will be put on hold."""
    pending: tuple[int, ...]
    """Others under review, whose base will be outdated."""
    cited: tuple[Target, ...]


def effects_of(
    session: Session, scope: Scope, article: Article, base_number: int, content: Content
) -> Effects:
    """For a text that was written on top of revision `base_number`."""
    revisions = revisions_of(session, article.id or 0)
    number = in_force(spans(revisions), clock.now(), clock.now())
    current = numbered(revisions, number)
    others = [each for each in revisions if not _below(revisions, base_number, each.number)]
    changed = differing(session, current.value(), content) if current else []
    return Effects(
        replaces=number,
        changed=tuple(part.label for part in changed if part.field not in ("change_note", "major")),
        held=tuple(each.number for each in others if each.publication is Publication.SCHEDULED),
        pending=tuple(each.number for each in others if _undecided(each)),
        cited=tuple(cited_by(session, scope, article)),
    )


def _undecided(revision: Revision) -> bool:
    return revision.approval is Approval.SUBMITTED and revision.publication is Publication.NONE


def _below(revisions: list[Revision], base_number: int, number: int) -> bool:
    """Whether the text contains that revision already."""
    base = numbered(revisions, base_number)
    return base_number == number or (base is not None and descends(revisions, base, number))
