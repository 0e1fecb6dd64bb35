"""A library of published articles, indexed by the real engine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from kms import clock
from kms.accounts.permissions import Role
from kms.api.runtime import Runtime
from kms.articles.content import Audience, AudienceKind, Content, Kind
from kms.articles.indexing import index_wanted
from kms.articles.models import Article, Category, CategoryGroup, Revision
from kms.articles.workflow import Approval, Publication, Route
from kms.db.session import writing
from tests.conftest import group_id


@dataclass
class Library:
    """Writes rows as the publication service does, and lets the worker do what is due."""

    engine: Engine
    runtime: Runtime
    owner: int

    def line(self, name: str, *groups: str) -> int:
        """A business line of its own; without groups it is open to all. Returns its id."""
        with writing(self.engine) as session:
            line = Category(name=name, open_to_all=not groups, owner_id=self.owner)
            session.add(line)
            session.flush()
            line.line_id, line.path = line.id, f"/{line.id}/"
            for group in groups:
                session.add(CategoryGroup(category_id=_id(line), group_id=group_id(session, group)))
            return _id(line)

    def category(self, parent: int, name: str) -> int:
        with writing(self.engine) as session:
            above = session.get_one(Category, parent)
            child = Category(name=name, parent_id=parent, line_id=above.line_id)
            session.add(child)
            session.flush()
            child.path = f"{above.path}{child.id}/"
            return _id(child)

    def publish(
        self,
        category: int,
        title: str,
        summary: str = "",
        *,
        body: str = "",
        questions: tuple[str, ...] = (),
        kind: Kind = Kind.QA,
        products: tuple[str, ...] = (),
        regions: tuple[str, ...] = (),
        groups: tuple[str, ...] = (),
        route: Route = Route.ORDINARY,
    ) -> str:
        """A new article in force from now on; returns its code."""
        audience = Audience(kind=AudienceKind.GROUPS, groups=groups) if groups else Audience()
        content = Content(
            kind=kind,
            title=title,
            questions=questions,
            summary=summary,
            body=body,
            category_id=category,
            products=products,
            regions=regions,
            audience=audience,
        )
        with writing(self.engine) as session:
            code = f"KB-{len(session.exec(select(Article.id)).all()) + 1:06}"
            article = Article(
                code=code,
                line_id=session.get_one(Category, category).line_id or 0,
                category_id=category,
                kind=kind,
                title=title,
                owner_id=self.owner,
                audience=list(audience.tokens()),
                created_at=clock.now(),
            )
            session.add(article)
            session.flush()
            self._add(session, article, content, clock.now(), None, None, route)
        return code

    def revise(
        self,
        code: str,
        *,
        title: str | None = None,
        summary: str | None = None,
        published: datetime | None = None,
        starts: datetime | None = None,
        ends: datetime | None = None,
    ) -> int:
        """One more published revision; returns its number."""
        with writing(self.engine) as session:
            article = _article(session, code)
            before = session.exec(
                select(Revision).where(
                    Revision.article_id == article.id, Revision.number == article.last_number
                )
            ).one()
            given = {"title": title, "summary": summary}
            changed = {name: value for name, value in given.items() if value is not None}
            content = before.value().model_copy(update=changed)
            self._add(session, article, content, published or clock.now(), starts, ends, Route.ORDINARY)
            return article.last_number

    def change(self, code: str, number: int | None = None, *, index: bool = True, **columns: object) -> None:
        """Set columns of the article, or of one of its revisions; `index=False` as if nobody was told."""
        with writing(self.engine) as session:
            article = _article(session, code)
            row: Article | Revision = article
            if number is not None:
                query = select(Revision).where(
                    Revision.article_id == article.id, col(Revision.number) == number
                )
                row = session.exec(query).one()
            for name, value in columns.items():
                setattr(row, name, value)
            session.add(row)
            if index:
                index_wanted(session, _id(article))

    def recall(self, code: str, number: int) -> None:
        self.change(code, number, recalled_at=clock.now(), publication=Publication.RECALLED)

    def work(self) -> None:
        """The worker does all that is due."""
        self.runtime.recorder.flush()
        self.runtime.drain()

    def _add(
        self,
        session: Session,
        article: Article,
        content: Content,
        published: datetime,
        starts: datetime | None,
        ends: datetime | None,
        route: Route,
    ) -> None:
        article.last_number += 1
        article.title = content.title
        unapproved = route in (Route.URGENT, Route.PROVISIONAL)
        session.add(article)
        session.add(
            Revision(
                article_id=_id(article),
                number=article.last_number,
                content=content.model_dump(mode="json"),
                title=content.title,
                category_id=article.category_id,
                audience=list(content.audience.tokens()),
                route=route,
                approval=Approval.SUBMITTED if unapproved else Approval.APPROVED,
                publication=Publication.PUBLISHED,
                submitted_at=published,
                submitted_by=self.owner,
                published_at=published,
                effective_from=starts or published,
                effective_to=ends,
            )
        )
        session.flush()
        index_wanted(session, _id(article))


def _id(row: Article | Category) -> int:
    assert row.id is not None
    return row.id


def _article(session: Session, code: str) -> Article:
    return session.exec(select(Article).where(Article.code == code)).one()


@pytest.fixture
def agent(signed_in):
    return signed_in("A1", Role.AGENT)


@pytest.fixture
def library(app: FastAPI, engine: Engine, people) -> Library:
    return Library(engine, app.state.runtime, people.add("owner"))


@pytest.fixture
def telecom(library: Library) -> int:
    """A line that is open to all."""
    return library.line("宽带业务")


Search = Callable[..., dict]


@pytest.fixture
def search() -> Search:
    """`search(client, "光猫红灯", k=3)`: the answer of the API."""

    def ask(client: TestClient, words: str, **parameters: object) -> dict:
        answer = client.get("/api/v1/search", params={"q": words, **parameters})  # type: ignore[dict-item]
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask
