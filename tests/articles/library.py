"""A small library for tests: two clients' business lines that must never meet, and articles in them."""

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from kms import clock
from kms.accounts.models import Group
from kms.articles.categories import effective_rule
from kms.articles.content import Content
from kms.articles.links import store_links
from kms.articles.models import Article, Category, CategoryGroup, Draft, Product, Region, Revision
from kms.articles.workflow import Approval, Publication, Route
from kms.db.session import writing


class Library:
    """`broadband` belongs to the group 宽带组, `insurance` to the group 保险组."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with writing(engine) as session:
            self.broadband = _line(session, "宽带", "宽带组")
            self.insurance = _line(session, "保险", "保险组")
            self.faults = _below(session, self.broadband, "故障处理")
            self.prices = _below(session, self.broadband, "资费")
            self.claims = _below(session, self.insurance, "理赔")
            session.add_all([Region(path="广东", name="广东"), Region(path="广东/广州", name="广州")])
            session.add(Product(name="家庭宽带"))

    def article(self, owner_id: int, category_id: int, **fields: Any) -> str:
        """A published article; returns its code."""
        content = Content.model_validate({"title": "光猫红灯", "category_id": category_id, **fields})
        with writing(self.engine) as session:
            category = session.get_one(Category, category_id)
            article = Article(
                code="KB-0", line_id=category.line_id or 0, category_id=category_id, kind=content.kind,
                title=content.title, owner_id=owner_id, audience=list(content.audience.tokens()),
                created_at=clock.now(), created_by=owner_id,
            )  # fmt: skip
            session.add(article)
            session.flush()
            article.code = f"KB-{900000 + (article.id or 0)}"
            _publish(session, article, content, owner_id, clock.now())
            return article.code

    def revise(self, code: str, published_at: datetime | None = None, **fields: Any) -> int:
        """A further published revision; returns its number."""
        with writing(self.engine) as session:
            article = session.exec(select(Article).where(Article.code == code)).one()
            last = session.exec(
                select(Revision).where(
                    Revision.article_id == article.id, Revision.number == article.last_number
                )
            ).one()
            content = Content.model_validate(last.content | fields)
            when = published_at or clock.now()
            return _publish(session, article, content, article.owner_id, when).number

    def change(self, code: str, number: int | None = None, **values: Any) -> None:
        """Set columns of the article, or of its revision `number`."""
        with writing(self.engine) as session:
            article = session.exec(select(Article).where(Article.code == code)).one()
            row: Article | Revision = article
            if number is not None:
                row = session.exec(
                    select(Revision).where(Revision.article_id == article.id, Revision.number == number)
                ).one()
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)

    def join(self, line_id: int, group_name: str) -> None:
        """Make the people of a group members of a business line."""
        with writing(self.engine) as session:
            group = session.exec(select(Group).where(Group.name == group_name)).one()
            session.add(CategoryGroup(category_id=line_id, group_id=group.id or 0))

    def drop_draft(self, code: str) -> None:
        with writing(self.engine) as session:
            article = session.exec(select(Article).where(Article.code == code)).one()
            for draft in session.exec(select(Draft).where(Draft.article_id == article.id)):
                session.delete(draft)


def _line(session: Session, name: str, group_name: str) -> int:
    line = _below(session, None, name)
    group = session.exec(select(Group).where(Group.name == group_name)).first() or Group(name=group_name)
    session.add(group)
    session.flush()
    session.add(CategoryGroup(category_id=line, group_id=group.id or 0))
    return line


def _below(session: Session, parent_id: int | None, name: str) -> int:
    parent = session.get(Category, parent_id) if parent_id else None
    category = Category(parent_id=parent_id, name=name)
    session.add(category)
    session.flush()
    category.line_id = parent.line_id if parent else category.id
    category.path = f"{parent.path if parent else '/'}{category.id}/"
    assert category.id is not None
    return category.id


def _publish(
    session: Session, article: Article, content: Content, user_id: int, published_at: datetime
) -> Revision:
    article.last_number += 1
    revision = Revision(
        article_id=article.id or 0, number=article.last_number, content=content.model_dump(mode="json"),
        title=content.title, category_id=article.category_id, audience=list(content.audience.tokens()),
        route=Route.ORDINARY, approval=Approval.APPROVED, publication=Publication.PUBLISHED,
        submitted_at=published_at, submitted_by=user_id, published_at=published_at, published_by=user_id,
        effective_from=content.effective_from or published_at, effective_to=content.effective_to,
        rule=effective_rule(session, article.category_id).model_dump(mode="json"),
    )  # fmt: skip
    session.add_all([article, revision])
    session.flush()
    store_links(session, revision)
    return revision
