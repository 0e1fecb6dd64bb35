"""What time brings about: due publications, ends of 待核实, late decisions, texts to look through again."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.engine import Engine
from sqlmodel import Session

from kms import clock
from kms.articles import timer_names as names
from kms.articles.basis import numbered, revisions_of, spans
from kms.articles.models import Article, Revision
from kms.articles.publication import refresh, review_key
from kms.articles.reviews import lapse
from kms.articles.telling import assign, tell_overdue
from kms.articles.timeline import in_force
from kms.articles.transitions import lock
from kms.articles.workflow import Approval, Publication
from kms.db.session import writing
from kms.inbox.service import Message
from kms.outbox.worker import Consumer

Act = Callable[[Session, int], None]


def consumers(engine: Engine) -> tuple[Consumer, ...]:
    """The timers of articles. Each looks at what holds now, so that a timer too many does no harm."""
    acts: Mapping[str, Act] = {
        names.ARTICLE_DUE: _article_due,
        names.PROVISIONAL_END: _provisional_end,
        names.APPROVAL_OVERDUE: _approval_overdue,
        names.REVIEW_DUE: _review_due,
    }
    return tuple(Consumer(name, _handler(engine, act)) for name, act in acts.items())


def _handler(engine: Engine, act: Act) -> Callable[[Sequence[str]], Mapping[str, str]]:
    def handle(keys: Sequence[str]) -> Mapping[str, str]:
        for key in keys:
            with writing(engine) as session:
                act(session, int(key))
        return {}

    return handle


def _article_due(session: Session, article_id: int) -> None:
    if (article := session.get(Article, article_id)) is not None:
        lock(session, article)
        refresh(session, article)


def _provisional_end(session: Session, revision_id: int) -> None:
    article, revision = _locked(session, revision_id)
    live = revision.approval is Approval.SUBMITTED and revision.publication is Publication.PUBLISHED
    until = revision.provisional_until
    if live and until is not None and until <= clock.now():
        lapse(session, article, revision)


def _approval_overdue(session: Session, revision_id: int) -> None:
    article, revision = _locked(session, revision_id)
    late = revision.due_at is not None and revision.due_at <= clock.now()
    if late and revision.approval is Approval.SUBMITTED:
        tell_overdue(session, article, revision)


def _review_due(session: Session, article_id: int) -> None:
    article, now = session.get_one(Article, article_id), clock.now()
    revisions = revisions_of(session, article_id)
    number = in_force(spans(revisions), now, now)
    current = numbered(revisions, number)
    review_by = current.value().review_by if current is not None else None
    if article.retired_at is not None or review_by is None or review_by > clock.today():
        return
    task = Message(
        review_key(article),
        "review_due",
        f"该复核了：{article.title}",
        f"{article.code} 的复核日期是 {review_by}，请核对后提交新版本，或改一个复核日期",
        f"/articles/{article.code}",
        is_task=True,
        due_at=clock.start_of(review_by),
    )
    assign(session, task, [article.owner_id])


def _locked(session: Session, revision_id: int) -> tuple[Article, Revision]:
    revision = session.get_one(Revision, revision_id)
    article = session.get_one(Article, revision.article_id)
    lock(session, article)
    session.refresh(revision)
    return article, revision
