"""Someone leaves: everything they held goes to one other person, or nothing does."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import select

from kms import clock
from kms.accounts.permissions import Role
from kms.articles.models import Article, Category, Correction, Draft, Revision, Substitute
from kms.articles.publication import refresh
from kms.articles.workflow import Approval, Publication
from kms.db.session import reading, writing
from kms.inbox.service import Message, send
from kms.insight.models import KnowledgeRequest
from tests.articles.library import Library

LINE = ("宽带组",)
LEAVER, HEIR = "3127", "3128"


@pytest.fixture
def library(engine: Engine) -> Library:
    return Library(engine)


@pytest.fixture
def leaver(people, library: Library) -> int:
    return people.add(LEAVER, Role.AUTHOR, Role.REVIEWER, groups=LINE, name="林晓雯")


@pytest.fixture
def heir(people, library: Library) -> int:
    return people.add(HEIR, Role.AUTHOR, Role.REVIEWER, groups=LINE, name="周志强")


@pytest.fixture
def held(engine: Engine, library: Library, people, leaver: int) -> dict[str, Any]:
    """A draft, an article with a correction, a category with a rule, a review, a wish."""
    code = library.article(leaver, library.faults)
    library.revise(code, owner_id=leaver)
    theirs = people.add("3200", Role.AUTHOR, groups=LINE, name="何俊")
    review = library.article(theirs, library.faults, title="等审批")
    rule = {"stages": [{"name": "业务审核", "people": [leaver], "needed": 1}]}
    library.change(
        review, 1, approval=Approval.SUBMITTED, publication=Publication.NONE, rule=rule, editors=[theirs]
    )
    with writing(engine) as session:
        article = session.exec(select(Article).where(Article.code == code)).one()
        session.add(_draft(article.id or 0, leaver))
        category = session.get_one(Category, library.faults)
        category.owner_id, category.rule = leaver, rule
        session.add(
            Correction(
                article_id=article.id or 0,
                revision_number=1,
                reporter_id=theirs,
                message="错",
                created_at=clock.now(),
            )
        )
        send(session, [leaver], Message("correction:1", "correction", "请答复纠错", is_task=True))
        send(session, [leaver], Message("approval:9", "approval", "请审批", is_task=True))
        session.add(_wish(library, theirs, leaver))
    return {"code": code, "review": review}


def _draft(article_id: int, author_id: int) -> Draft:
    now = clock.now()
    content = {"title": "草稿", "owner_id": author_id}
    return Draft(
        article_id=article_id,
        content=content,
        author_id=author_id,
        created_at=now,
        updated_at=now,
        updated_by=author_id,
    )


def _wish(library: Library, asker: int, handler: int) -> KnowledgeRequest:
    return KnowledgeRequest(
        line_id=library.broadband,
        category_id=library.faults,
        text="缺一条",
        requested_by=asker,
        handler_id=handler,
        created_at=clock.now(),
    )


def test_what_is_held_has_to_be_handed_over(admin: TestClient, held) -> None:
    told = {item["label"]: item["count"] for item in admin.get(f"/api/v1/users/{LEAVER}/holdings").json()}
    assert told == {"草稿": 1, "知识条目": 1, "分类": 1, "待审批": 1, "知识需求": 1, "待办": 1}
    refused = admin.post(f"/users/{LEAVER}/deactivate", data={"version": "1"})
    assert refused.status_code == 409
    assert "请选择接手人" in refused.text
    assert admin.get(f"/api/v1/users/{LEAVER}").json()["active"] is True


def test_everything_goes_to_the_one_who_takes_over(
    admin: TestClient, people, held, heir: int, leaver: int, library: Library, engine: Engine
) -> None:
    answer = admin.post(f"/users/{LEAVER}/deactivate", data={"version": "1", "to": HEIR})
    assert answer.status_code == 303
    assert admin.get(f"/api/v1/users/{LEAVER}/holdings").json() == []
    with reading(engine) as session:
        article = session.exec(select(Article).where(Article.code == held["code"])).one()
        draft = session.exec(select(Draft)).one()
        category = session.get_one(Category, library.faults)
        [substitute] = session.exec(select(Substitute)).all()
        wish = session.exec(select(KnowledgeRequest)).one()
    assert article.owner_id == draft.author_id == draft.content["owner_id"] == heir
    assert category.owner_id == heir
    assert category.rule is not None
    assert category.rule["stages"][0]["people"] == [heir]
    assert (substitute.from_user_id, substitute.to_user_id, substitute.kind) == (leaver, heir, "replace")
    assert wish.handler_id == heir
    inbox = people.client(HEIR).get("/api/v1/inbox").json()["items"]
    kinds = {item["kind"]: item["title"] for item in inbox}
    assert set(kinds) == {"handover", "correction", "approval"}
    assert kinds["handover"] == "林晓雯（3127）的工作已交接给您"
    assert "等审批" in kinds["approval"]
    [line] = admin.get(f"/api/v1/audit?action=user.handover&target=user:{LEAVER}").json()["items"]
    assert line["after"]["to"] == HEIR
    assert line["after"]["草稿"] == 1


def test_knowledge_stays_with_the_heir_when_an_old_revision_takes_effect(
    admin: TestClient, held, heir: int, engine: Engine
) -> None:
    admin.post(f"/users/{LEAVER}/deactivate", data={"version": "1", "to": HEIR})
    with writing(engine) as session:
        article = session.exec(select(Article).where(Article.code == held["code"])).one()
        refresh(session, article)
        assert article.owner_id == heir


@pytest.mark.parametrize(
    ("roles", "groups", "told"),
    [
        ((Role.AGENT,), LINE, "没有编写知识的权限"),
        ((Role.AUTHOR, Role.REVIEWER), ("保险组",), "不在这些知识所属的业务线"),
        ((Role.AUTHOR,), LINE, "接手人不能审批"),
    ],
)
def test_who_may_not_hold_it_gets_nothing_and_nothing_changes(
    admin: TestClient, people, held, engine: Engine, leaver: int, roles, groups, told: str
) -> None:
    people.add("3300", *roles, groups=groups)
    answer = admin.post(f"/users/{LEAVER}/deactivate", data={"version": "1", "to": "3300"})
    assert answer.status_code == 409
    assert told in answer.text
    with reading(engine) as session:
        assert session.exec(select(Draft)).one().author_id == leaver
        assert session.exec(select(Substitute)).all() == []
    assert admin.get(f"/api/v1/users/{LEAVER}").json()["active"] is True
    assert people.client(LEAVER).get("/account").status_code == 200


@pytest.mark.parametrize("to", [LEAVER, "crm", "gone"])
def test_the_heir_is_another_person_who_works_here(
    admin: TestClient, people, held, engine: Engine, to: str
) -> None:
    people.add("gone", Role.AUTHOR, groups=LINE)
    admin.post("/api/v1/users/gone/deactivate", json={"version": 1})
    admin.post("/keys", data={"service": "crm", "scopes": ["search"]})
    answer = admin.post(f"/users/{LEAVER}/deactivate", data={"version": "1", "to": to})
    assert answer.status_code == 422
    assert "另一位在岗人员" in answer.text


def test_an_editor_does_not_inherit_the_approval(
    admin: TestClient, people, held, heir: int, library: Library, engine: Engine
) -> None:
    library.change(held["review"], 1, editors=[heir])
    answer = admin.post(f"/users/{LEAVER}/deactivate", data={"version": "1", "to": HEIR})
    assert answer.status_code == 409
    assert held["review"] in answer.text
    with reading(engine) as session:
        assert session.exec(select(Revision).where(Revision.approval == Approval.SUBMITTED)).one()
