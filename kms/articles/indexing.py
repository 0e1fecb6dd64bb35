"""Which consumers hear of a change, and how an article tells them."""

from sqlmodel import Session

from kms.outbox.service import wanted

TEXT_CONSUMER = "search_text"
VECTOR_CONSUMER = "search_vectors"


def index_wanted(session: Session, article_id: int) -> None:
    """The article must be indexed anew, by its words and by its meaning; joins the caller's transaction.

    To be called by whatever changes what readers may find: publication, recall, retirement, category, audience.
    """
    for consumer in (TEXT_CONSUMER, VECTOR_CONSUMER):
        wanted(session, consumer, article_id)
