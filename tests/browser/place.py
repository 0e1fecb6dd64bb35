"""A centre at work: every main page has something on it, and one person who may see them all."""

from dataclasses import dataclass

from fastapi import FastAPI

from kms.accounts.permissions import Role
from kms.settings import Settings
from tests.articles.desk import API, Desk
from tests.articles.library import Library
from tests.conftest import People

LONG = "https://example.com/" + "very-long-word-" * 12
BODY = f"""## 处理

1. 拔插光纤，等 **10 秒**。
2. 看 `LOS` 灯。

| 地区 | 上门时限 | 加急 | 说明 | 联系方式 | 收费 |
|---|---|---|---|---|---|
| 城区 | 24 小时 | 4 小时 | 节假日顺延，需要提前预约 | 10000 转 3 | 免费 |

{LONG}
"""


@dataclass
class Place:
    """`reader` has all roles; `code` is published twice, `open_code` is a draft of theirs."""

    reader: str
    code: str
    open_code: str

    def pages(self) -> dict[str, str]:
        """All main pages by a short name."""
        return {
            "search": "/search?q=%E5%85%89%E7%8C%AB",
            "nothing": "/search?q=zzyzx",
            "articles": "/articles",
            "article": f"/articles/{self.code}",
            "history": f"/articles/{self.code}/history",
            "difference": f"/articles/{self.code}/difference?from=1&to=2",
            "drafts": "/drafts",
            "new": "/drafts/new",
            "editor": f"/drafts/{self.open_code}",
            "submit": f"/articles/{self.open_code}/submit",
            "reviews": "/reviews",
            "inbox": "/inbox",
            "corrections": "/corrections",
            "requests": "/requests",
            "categories": "/categories",
            "licences": "/licences",
            "users": "/users",
            "keys": "/keys",
            "audit": "/audit",
            "account": "/account",
        }


def furnish(app: FastAPI, settings: Settings) -> Place:
    """Fill the running application; its worker indexes what is published."""
    engine = app.state.engine
    desk = Desk(engine, People(app, engine, settings), Library(engine))
    desk.add("all", *Role, name="欧阳全能")
    code = desk.published(body=BODY, regions=["广东", "广东/广州"], products=["家庭宽带"])
    desk.revised(code, body=BODY.replace("10 秒", "15 秒"), summary="请您先轻轻拔下光纤接头。")
    desk.edit(code, body=BODY.replace("10 秒", "20 秒"))
    desk.submit(code)
    desk["agent1"].post(
        f"{API}/articles/{code}/corrections", json={"number": 2, "message": f"时限有误 {LONG}"}
    )
    wish = {"category_id": desk.library.faults, "text": "老年机怎么开通 VoLTE"}
    desk["agent1"].post(f"{API}/requests", json=wish)
    desk["all"].post(f"{API}/keys", json={"service": "crm", "scopes": ["search"]})
    _until_found(desk, code)
    return Place("all", code, desk.draft("all", body=BODY, title="宽带断网自助排查"))


def _until_found(desk: Desk, code: str) -> None:
    for _ in range(500):
        hits = desk["all"].get(f"{API}/search", params={"q": "光猫", "live": True}).json()["hits"]
        if any(hit["code"] == code and hit["revision"] == 2 for hit in hits):
            return
    raise AssertionError(f"{code} was not indexed")
