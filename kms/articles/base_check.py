"""No text may silently undo another one: a revision must start from what holds, or from what is coming."""

from sqlmodel import Session

from kms import clock
from kms.articles.basis import numbered, revisions_of, spans
from kms.articles.content import Content
from kms.articles.models import Article, Revision
from kms.articles.timeline import in_force
from kms.articles.workflow import Publication
from kms.errors import Conflict


def refuse_outdated_base(
    session: Session, article: Article, base_number: int, mine: Content, own_number: int = 0
) -> None:
    """Raises Conflict with three texts (base, mine, theirs) when something newer holds by now.

    `own_number` is the revision that is about to be published; it does not stand in its own way.
    """
    revisions = [each for each in revisions_of(session, article.id or 0) if each.number != own_number]
    current = in_force(spans(revisions), clock.now(), clock.now())
    if current is None or base_number == current or _is_coming(revisions, base_number):
        return
    theirs = numbered(revisions, current)
    base = numbered(revisions, base_number)
    raise Conflict(
        f"{article.code} 在此期间已发布第 {current} 版，您的改动是从第 {base_number} 版开始的；请对照后合并再提交",
        base=base.content if base else None,
        mine=mine.model_dump(mode="json"),
        theirs=theirs.content if theirs else None,
        current=current,
    )


def _is_coming(revisions: list[Revision], number: int) -> bool:
    revision = numbered(revisions, number)
    if revision is None:
        return False
    if revision.publication is Publication.SCHEDULED:
        return True
    starts = revision.effective_from
    return revision.publication is Publication.PUBLISHED and starts is not None and starts > clock.now()
