"""An article goes out of use as a whole, and comes back."""

from sqlmodel import Session

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.permissions import Permission
from kms.articles.access import article_for_read, was_published
from kms.articles.models import Article
from kms.articles.publication import refresh
from kms.articles.transitions import lock
from kms.audit.service import record
from kms.errors import Conflict, Invalid, NotFound


def retire(session: Session, actor: Actor, code: str, reason: str, successor: str = "") -> Article:
    """The article goes out of use as a whole; `successor` is the code of the one that takes its place."""
    actor.must(Permission.ARTICLE_RECALL)
    article = _for_change(session, actor, code)
    if article.retired_at is not None:
        raise Conflict(f"{article.code} 已经停用")
    if not reason.strip():
        raise Invalid("请写明停用原因", {"reason": "请写明停用原因，坐席会看到"})
    next_one = _successor(session, actor, article, successor) if successor.strip() else None
    article.successor_id = next_one.id if next_one else None
    article.retired_at, article.retired_reason = clock.now(), reason.strip()[:300]
    after = {"reason": reason, "successor": next_one.code if next_one else None}
    record(session, actor, "article.retire", "article", article.code, None, after)
    refresh(session, article)
    return article


def restore(session: Session, actor: Actor, code: str) -> Article:
    """Bring a retired article back; what is in force by its intervals is found again."""
    actor.must(Permission.ARTICLE_RECALL)
    article = _for_change(session, actor, code)
    if article.retired_at is None:
        raise Conflict(f"{article.code} 没有停用")
    before = {"reason": article.retired_reason, "retired_at": article.retired_at.isoformat()}
    article.retired_at, article.retired_reason, article.successor_id = None, "", None
    record(session, actor, "article.restore", "article", article.code, before, None)
    refresh(session, article)
    return article


def _for_change(session: Session, actor: Actor, code: str) -> Article:
    article = article_for_read(session, actor, code)
    lock(session, article)
    return article


def _successor(session: Session, actor: Actor, article: Article, code: str) -> Article:
    told = "替代条目须是同一业务线中在用的另一条，请填写它的编号"
    try:
        found = article_for_read(session, actor, code)
    except NotFound:
        raise Invalid("替代条目有误", {"successor": told}) from None
    usable = found.retired_at is None and was_published(session, found)
    if found.line_id != article.line_id or found.id == article.id or not usable:
        raise Invalid("替代条目有误", {"successor": told})
    return found
