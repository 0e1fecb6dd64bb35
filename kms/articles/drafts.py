"""Drafts: the one mutable copy of an article."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, or_, select

from kms import clock
from kms.accounts.actor import Actor
from kms.accounts.models import User
from kms.accounts.permissions import Permission
from kms.articles.access import article_for_edit, scope_of
from kms.articles.basis import Basis, basis_of
from kms.articles.categories import usable_category
from kms.articles.codes import next_code
from kms.articles.content import Content
from kms.articles.field_errors import field_errors
from kms.articles.models import Article, Category, Draft
from kms.articles.references import check_references
from kms.audit.service import record
from kms.errors import Conflict, Forbidden, Invalid, NotFound


def parse_content(values: Mapping[str, Any]) -> Content:
    """Content from a form. Raises Invalid with a Chinese message for each field that does not fit."""
    try:
        return Content.model_validate(values)
    except ValidationError as error:
        errors = field_errors(error)
        raise Invalid("有内容需要修改：" + "；".join(errors.values()), errors) from error


def create_article(session: Session, actor: Actor, content: Content) -> tuple[Article, Draft]:
    """A new article with its draft. The category decides the business line, for good."""
    actor.must(Permission.ARTICLE_WRITE)
    category = usable_category(session, scope_of(session, actor), content.category_id)
    line_id = _line(category)
    check_references(session, actor, line_id, content, Content())
    content = content.model_copy(update={"owner_id": content.owner_id or actor.id})
    article = Article(
        code=next_code(session),
        line_id=line_id,
        category_id=content.category_id or 0,
        kind=content.kind,
        title=content.title,
        owner_id=content.owner_id or actor.id,
        audience=list(content.audience.tokens()),
        created_at=clock.now(),
        created_by=actor.id,
    )
    session.add(article)
    session.flush()
    draft = _new_draft(session, actor, article, Basis(0, content))
    record(session, actor, "article.create", "article", article.code, None, {"title": article.title})
    return article, draft


def open_draft(session: Session, actor: Actor, code: str, number: int | None = None) -> tuple[Article, Draft]:
    """The article's draft; a new one when there is none.

    It starts from revision `number`, which must be in force, coming or sent back, else from the one in force.
    """
    actor.must(Permission.ARTICLE_WRITE)
    article = article_for_edit(session, actor, code)
    if article.retired_at is not None:
        raise Conflict(f"{article.code} 已停用，不能再修改")
    draft = draft_of(session, article)
    if draft is None:
        basis = basis_of(session, article, number)
        _must_read(session, actor, article, basis.content, basis.editors)
        draft = _new_draft(session, actor, article, basis)
    else:
        _must_read(session, actor, article, draft.value(), draft.editors)
    return article, draft


def draft_for_edit(session: Session, actor: Actor, code: str) -> tuple[Article, Draft]:
    """The draft of an article that the actor may change; NotFound when there is none."""
    actor.must(Permission.ARTICLE_WRITE)
    article = article_for_edit(session, actor, code)
    return article, _readable(session, actor, article, draft_of(session, article))


def draft_for_change(session: Session, actor: Actor, code: str) -> tuple[Article, Draft]:
    """As `draft_for_edit`, locked against everybody else who saves or submits."""
    actor.must(Permission.ARTICLE_WRITE)
    article = article_for_edit(session, actor, code)
    return article, _readable(session, actor, article, locked_draft(session, article))


def draft_of(session: Session, article: Article) -> Draft | None:
    return session.exec(select(Draft).where(Draft.article_id == article.id)).first()


def locked_draft(session: Session, article: Article) -> Draft | None:
    """The draft as it is now; it stays so until this transaction ends."""
    query = select(Draft).where(Draft.article_id == article.id).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).first()


def save_draft(session: Session, actor: Actor, code: str, version: int, content: Content) -> Draft:
    """Replace the text if it is still at `version`.

    Raises Conflict with both texts when someone saved meanwhile or the draft is gone; nothing is lost.
    """
    actor.must(Permission.ARTICLE_WRITE)
    article = article_for_edit(session, actor, code)
    draft = locked_draft(session, article)
    if draft is None:
        raise Conflict(
            "草稿已提交或已放弃，您的文字还在本页，请复制保留", mine=content.model_dump(mode="json")
        )
    _must_read(session, actor, article, draft.value(), draft.editors)
    if draft.version != version:
        raise _two_texts(session, draft, content)
    before = draft.value()
    category = usable_category(session, scope_of(session, actor), content.category_id)
    if category.line_id != article.line_id:
        message = "不能移到另一条业务线；需要时请用“复制到其他业务线”"
        raise Invalid(message, {"category_id": message})
    check_references(session, actor, article.line_id, content, before)
    _check_attachments(content, before)
    content = content.model_copy(update={"owner_id": content.owner_id or before.owner_id or actor.id})
    put_content(draft, actor, content)
    _follow(session, article, content)
    return draft


def put_content(draft: Draft, actor: Actor, content: Content) -> None:
    """Store a new text and note who wrote it."""
    draft.content = content.model_dump(mode="json")
    draft.version += 1
    draft.updated_at, draft.updated_by = clock.now(), actor.id
    if actor.id not in draft.editors:
        draft.editors = [*draft.editors, actor.id]


def discard_draft(session: Session, actor: Actor, code: str) -> Article:
    """Throw the draft away; an article that was never submitted goes out of use with it."""
    article, draft = draft_for_change(session, actor, code)
    if actor.id not in (draft.author_id, article.owner_id) and not actor.may(Permission.APPROVER_REPLACE):
        raise Forbidden("只有草稿的作者、知识负责人或班长可以放弃草稿")
    session.delete(draft)
    if not article.last_number:
        article.retired_at, article.retired_reason = clock.now(), "草稿已放弃"
        session.add(article)
    record(session, actor, "draft.discard", "article", article.code, {"title": draft.value().title})
    return article


def my_drafts(session: Session, actor: Actor) -> list[tuple[Article, Draft]]:
    """Drafts that the actor began or saved last, newest first."""
    mine = or_(col(Draft.author_id) == actor.id, col(Draft.updated_by) == actor.id)
    query = (
        select(Article, Draft)
        .join(Draft, col(Draft.article_id) == col(Article.id))
        .where(col(Article.line_id).in_(scope_of(session, actor).lines), mine)
        .order_by(col(Draft.updated_at).desc())
    )
    return list(session.exec(query))


def _readable(session: Session, actor: Actor, article: Article, draft: Draft | None) -> Draft:
    if draft is None:
        raise NotFound(f"{article.code} 没有草稿，可能已提交或已放弃")
    _must_read(session, actor, article, draft.value(), draft.editors)
    return draft


def _must_read(
    session: Session, actor: Actor, article: Article, content: Content, editors: Collection[int]
) -> None:
    """A text for some groups is for their people, for who wrote it and for the owner; NotFound for others."""
    if actor.user_id in {article.owner_id, article.created_by, *editors}:
        return
    if not scope_of(session, actor).tokens.intersection(content.audience.tokens()):
        raise NotFound(f"{article.code} 正在修改的内容只对部分群组可见，您不在其中，请联系知识负责人")


def _new_draft(session: Session, actor: Actor, article: Article, basis: Basis) -> Draft:
    if article.id is None:
        raise ValueError("article is not stored yet")
    draft = Draft(
        article_id=article.id,
        base_number=basis.number,
        content=basis.content.model_dump(mode="json"),
        editors=[actor.id],
        author_id=actor.id,
        created_at=clock.now(),
        updated_at=clock.now(),
        updated_by=actor.id,
    )
    session.add(draft)
    session.flush()
    return draft


def _two_texts(session: Session, draft: Draft, mine: Content) -> Conflict:
    other = session.get(User, draft.updated_by)
    name = other.name if other else "别人"
    return Conflict(
        f"{name} 刚刚保存了这份草稿，您的文字没有丢，请对照后合并",
        mine=mine.model_dump(mode="json"),
        theirs=draft.content,
        version=draft.version,
        saved_by=name,
        saved_at=clock.local(draft.updated_at).isoformat(timespec="seconds"),
    )


def _check_attachments(content: Content, before: Content) -> None:
    """Files come in by upload only: a hash alone must not open someone else's file."""
    known = {(ref.hash, ref.size, ref.media_type) for ref in before.attachments}
    strange = [ref.name for ref in content.attachments if (ref.hash, ref.size, ref.media_type) not in known]
    names = [ref.name for ref in content.attachments]
    if strange or len(set(names)) < len(names):
        raise Invalid("附件有误", {"attachments": "附件请用上传功能添加，名称不能重复"})


def _follow(session: Session, article: Article, content: Content) -> None:
    # Until its first submission an article has no facts but those of its draft.
    if article.last_number:
        return
    article.title, article.kind = content.title, content.kind
    article.category_id = content.category_id or article.category_id
    article.owner_id = content.owner_id or article.owner_id
    article.audience = list(content.audience.tokens())
    session.add(article)


def _line(category: Category) -> int:
    if category.line_id is None:
        raise ValueError("category without business line")
    return category.line_id
