"""A desk for the tests of approval: people with their clients, and the steps of the loop over HTTP."""

from datetime import date
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import col, select

from kms import clock
from kms.accounts.permissions import Role
from kms.articles import timers
from kms.articles.models import Category
from kms.audit.models import AuditRecord
from kms.db.session import reading, writing
from kms.inbox.models import InboxItem
from kms.outbox.worker import Worker
from tests.articles.library import Library
from tests.conftest import People

API = "/api/v1"
GROUP = ("宽带组",)
STAFF = {
    "writer": (Role.AUTHOR, "林晓雯"),
    "helper": (Role.AUTHOR, "苏敏"),
    "judge": (Role.REVIEWER, "周志强"),
    "other": (Role.REVIEWER, "何俊"),
    "chief": (Role.SUPERVISOR, "黄国栋"),
    "expert": (Role.EXPERT, "赵一鸣"),
    "agent1": (Role.AGENT, "坐席乙"),
}
GOOD = {
    "kind": "qa",
    "title": "光猫 LOS 灯红色常亮",
    "summary": "请您先检查光纤接头。",
    "body": "拔插光纤，等 10 秒。",
    "questions": ["光猫亮红灯", "红灯一直闪", "猫上有红灯"],
}


class Desk:
    """People of the broadband line, by login: writer, helper, judge, other, chief, expert, agent1."""

    def __init__(self, engine: Engine, people: People, library: Library) -> None:
        self.engine, self.library, self._people = engine, library, people
        self.ids = {
            login: people.add(login, role, groups=GROUP, name=name) for login, (role, name) in STAFF.items()
        }
        self._clients: dict[tuple[str, date], TestClient] = {}

    def add(self, login: str, *roles: Role, groups: tuple[str, ...] = GROUP, name: str = "") -> None:
        self.ids[login] = self._people.add(login, *roles, groups=groups, name=name)

    def __getitem__(self, login: str) -> TestClient:
        # Sessions end after some hours; tests move the clock by weeks.
        key = (login, clock.today())
        if key not in self._clients:
            self._clients[key] = self._people.client(login)
        return self._clients[key]

    def draft(self, login: str = "writer", **fields: Any) -> str:
        """A new article's draft; returns the code."""
        content = {"category_id": self.library.faults, **GOOD, **fields}
        made = self[login].post(f"{API}/articles", json=content)
        assert made.status_code == 201, made.text
        return str(made.json()["code"])

    def edit(self, code: str, login: str = "writer", **fields: Any) -> None:
        """Open the draft and save it with these fields."""
        draft = self[login].post(f"{API}/articles/{code}/draft").json()
        content = {**draft["content"], "change_note": "改了", **fields}
        body = {"version": draft["version"], "content": content}
        saved = self[login].put(f"{API}/articles/{code}/draft", json=body)
        assert saved.status_code == 200, saved.text

    def submit(self, code: str, login: str = "writer", **wish: Any):
        return self[login].post(f"{API}/articles/{code}/draft/submit", json=wish)

    def act(self, login: str, code: str, number: int, action: str, **body: Any):
        return self[login].post(f"{API}/articles/{code}/revisions/{number}/{action}", json=body)

    def approve(self, code: str, number: int = 1, login: str = "judge"):
        return self.act(login, code, number, "approve")

    def published(self, **fields: Any) -> str:
        """An article that went through the ordinary route."""
        code = self.draft(**fields)
        assert self.submit(code).status_code == 201
        assert self.approve(code).status_code == 200
        return code

    def revised(self, code: str, *, login: str = "writer", judge: str = "judge", **fields: Any) -> int:
        """A further approved revision; returns its number."""
        self.edit(code, login, **fields)
        made = self.submit(code, login)
        assert made.status_code == 201, made.text
        number = int(made.json()["number"])
        done = self.approve(code, number, judge)
        assert done.status_code == 200, done.text
        return number

    def shown(self, code: str, login: str = "agent1") -> int:
        """The number of the revision that a reader gets; minus the status when there is none to read out."""
        answer = self[login].get(f"{API}/articles/{code}")
        if answer.status_code != 200 or answer.json()["summary"] is None:
            return -answer.status_code
        return int(answer.json()["number"])

    def queue(self, login: str, **params: Any) -> list[str]:
        answer = self[login].get(f"{API}/reviews", params=params)
        assert answer.status_code == 200, answer.text
        return [item["code"] for item in answer.json()["items"]]

    def tasks(self, login: str, kind: str = "approval") -> list[InboxItem]:
        """Open lines of this kind in a person's inbox."""
        with reading(self.engine) as session:
            mine = (InboxItem.user_id == self.ids[login], InboxItem.kind == kind)
            return list(session.exec(select(InboxItem).where(*mine, col(InboxItem.done_at).is_(None))))

    def audited(self, code: str) -> list[str]:
        with reading(self.engine) as session:
            query = select(AuditRecord.action).where(AuditRecord.target_id == code)
            return list(session.exec(query.order_by(col(AuditRecord.id))))

    def rule(self, *stages: dict[str, Any]) -> None:
        """The approval rule of the faults category."""
        with writing(self.engine) as session:
            category = session.get_one(Category, self.library.faults)
            category.rule = {"stages": list(stages)}
            session.add(category)

    def owner(self, login: str) -> None:
        """Whoever answers for the faults category."""
        with writing(self.engine) as session:
            category = session.get_one(Category, self.library.faults)
            category.owner_id = self.ids[login]
            session.add(category)

    def run_timers(self) -> int:
        """All that is due by now."""
        return Worker(self.engine, timers.consumers(self.engine), 60).drain()
