"""Move a stored revision along the table of `workflow`, one person at a time."""

from sqlmodel import Session, select

from kms.articles.models import Article, Revision
from kms.articles.workflow import Action, ForbiddenStep, State, step
from kms.errors import Conflict, NotFound


def state_of(revision: Revision) -> State:
    return State(revision.approval, revision.publication)


def move(revision: Revision, action: Action) -> None:
    """Raises Conflict when the state does not allow it: someone was quicker, or the page is old."""
    try:
        state = step(state_of(revision), action, revision.route)
    except ForbiddenStep as error:
        raise Conflict(f"{error}，请刷新后再看", state=state_of(revision)) from error
    revision.approval, revision.publication = state


def lock(session: Session, article: Article) -> None:
    """Nobody else submits, decides or publishes here until this transaction ends; `article` is as of now.

    Its revisions must be read after this. SQLite has one writer at a time anyway.
    """
    session.refresh(article, with_for_update=True)


def revision_of(session: Session, article: Article, number: int) -> Revision:
    """Revision `number` as it is in the database now. Raises NotFound."""
    query = select(Revision).where(Revision.article_id == article.id, Revision.number == number)
    revision = session.exec(query.execution_options(populate_existing=True)).first()
    if revision is None:
        raise NotFound(f"{article.code} 没有第 {number} 版，或您没有查看权限")
    return revision
