"""Copy an article without its history, the only way into another business line."""

from sqlmodel import Session

from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles.content import Audience, Content
from kms.articles.drafts import create_article
from kms.articles.models import Article, Draft
from kms.articles.reading import read_article
from kms.audit.service import record


def copy_article(session: Session, actor: Actor, code: str, category_id: int) -> tuple[Article, Draft]:
    """A new article in `category_id` with the text in force as its draft.

    Nothing in the copy names the source, since the readers of another business line must not learn of it:
    owner, audience, source and change note start anew. Files stay, they are the same bytes.
    """
    actor.must(Permission.ARTICLE_WRITE)
    source = read_article(session, actor, code)
    fresh = Content()
    content = source.content.model_copy(
        update={
            "category_id": category_id,
            "owner_id": actor.id,
            "audience": Audience(),
            "source": fresh.source,
            "change_note": fresh.change_note,
            "major": fresh.major,
        }
    )
    article, draft = create_article(session, actor, content)
    record(session, actor, "article.copy", "article", article.code, None, {"from": source.article.code})
    return article, draft
