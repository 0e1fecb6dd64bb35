"""Names around an article: who owns, wrote and approved it."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session, col

from kms.accounts.models import User
from kms.articles.models import Decision, Revision
from kms.articles.stages import Verdict


def names(session: Session, user_ids: Iterable[int | None]) -> dict[int, str]:
    """Names by id, of those that exist."""
    wanted = {each for each in user_ids if each is not None}
    query = sa.select(col(User.id), col(User.name)).where(col(User.id).in_(wanted))
    return {ident: name for ident, name in session.execute(query) if ident is not None}


def approver_names(session: Session, revision: Revision) -> list[str]:
    """Those who agreed, in the order of their decisions."""
    query = (
        sa.select(col(User.name))
        .join(Decision, col(Decision.user_id) == col(User.id))
        .where(col(Decision.revision_id) == revision.id, col(Decision.verdict) == Verdict.APPROVE)
        .order_by(col(Decision.id))
    )
    return list(dict.fromkeys(session.scalars(query)))
