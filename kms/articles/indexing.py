"""Which consumers hear of a change, and how an article tells them."""

import sqlalchemy as sa
from sqlmodel import Session, col

from kms.articles.models import Article
from kms.outbox.service import wanted

TEXT_CONSUMER = "search_text"
VECTOR_CONSUMER = "search_vectors"


def index_wanted(session: Session, article_id: int) -> None:
    """The article must be indexed anew, by its words and by its meaning; joins the caller's transaction.

    To be called by whatever changes what readers may find: publication, recall, retirement, category, audience.
    """
    # The outbox row's own version starts again once the row is done, so the engine's order needs its own.
    session.execute(
        sa.update(Article)
        .where(col(Article.id) == article_id)
        .values(index_version=col(Article.index_version) + 1)
        .execution_options(synchronize_session=False)
    )
    for consumer in (TEXT_CONSUMER, VECTOR_CONSUMER):
        wanted(session, consumer, article_id)
