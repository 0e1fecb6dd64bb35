"""People: pages and API of administration."""

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import select

from kms.accounts.models import LoginAttempt, User
from kms.accounts.permissions import Role
from kms.db.session import reading


def form(**changes) -> dict:
    values = {
        "login": "3127",
        "name": "林晓雯",
        "team": "宽带一班",
        "site": "南湾",
        "region": "全国/广东/深圳",
        "skills": "宽带、电视",
        "extensions": "asterisk：8027",
        "roles": ["agent", "author"],
        "groups": ["全员"],
    }
    return {**values, **changes}


def test_a_new_person_gets_a_password_once_and_can_log_in(admin: TestClient, client: TestClient) -> None:
    page = admin.post("/users/new", data=form())
    password = page.text.split("data-once>")[1].split("<")[0]
    assert password not in admin.get("/users/3127").text
    assert client.post("/login", data={"login": "3127", "password": password}).status_code == 303
    me = client.get("/api/v1/me").json()
    assert me == {
        "login": "3127",
        "name": "林晓雯",
        "team": "宽带一班",
        "site": "南湾",
        "region": "广东/深圳",
        "roles": ["agent", "author"],
        "groups": ["全员"],
        "permissions": me["permissions"],
        "service_login": None,
    }
    stored = admin.get("/api/v1/users/3127").json()
    assert stored["skills"] == ["宽带", "电视"]
    assert stored["extensions"] == {"asterisk": "8027"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"login": ""}, "请填写工号"),
        ({"login": "a b"}, "工号只能用"),
        ({"login": "import"}, "系统地址"),
        ({"name": " "}, "请填写姓名"),
        ({"name": "x" * 65}, "姓名最多 64 个字符"),
        ({"region": "广东/深圳/南山"}, "地区写作"),
        ({"roles": ["king"]}, "没有这个选项"),
        ({"groups": ["没有的"]}, "没有这个群组：没有的"),
        ({"extensions": "8027"}, "分机写作"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_lost(
    admin: TestClient, changes: dict, told: str
) -> None:
    answer = admin.post("/users/new", data=form(**changes))
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="宽带一班"' in answer.text
    assert admin.get("/api/v1/users?q=3127").json()["total"] == 0


def test_a_login_is_taken_once(admin: TestClient) -> None:
    admin.post("/users/new", data=form())
    again = admin.post("/users/new", data=form())
    assert again.status_code == 409
    assert "工号 3127 已存在" in again.text
    assert admin.post("/api/v1/users", json={"login": "3127", "name": "x"}).json()["code"] == "conflict"


def test_the_second_of_two_editors_is_told(admin: TestClient) -> None:
    admin.post("/users/new", data=form())
    version = admin.get("/api/v1/users/3127").json()["version"]
    first = admin.post("/users/3127", data=form(team="宽带二班", version=version))
    assert first.status_code == 303
    second = admin.post("/users/3127", data=form(team="宽带三班", version=version))
    assert second.status_code == 409
    assert 'value="宽带三班"' in second.text
    assert admin.get("/api/v1/users/3127").json()["team"] == "宽带二班"


def test_changes_are_audited_with_before_and_after(admin: TestClient) -> None:
    admin.post("/users/new", data=form())
    version = admin.get("/api/v1/users/3127").json()["version"]
    admin.post("/users/3127", data=form(team="宽带二班", roles=["agent"], version=version))
    [line] = admin.get("/api/v1/audit?action=user.update&target=user:3127").json()["items"]
    assert line["before"] == {"team": "宽带一班", "roles": ["agent", "author"]}
    assert line["after"] == {"team": "宽带二班", "roles": ["agent"]}
    assert line["actor_login"] == "1001"


def test_who_is_deactivated_is_out_at_once_and_may_come_back(admin: TestClient, people) -> None:
    people.add("3127", Role.AGENT)
    theirs = people.client("3127")
    assert theirs.get("/account").status_code == 200
    assert admin.post("/users/3127/deactivate", data={"version": "1"}).status_code == 303
    assert theirs.get("/account").status_code == 303
    assert "已停用" in admin.get("/users?state=inactive").text
    assert admin.post("/users/3127/activate", data={"version": "2"}).status_code == 303
    assert theirs.get("/account").status_code == 303
    assert people.client("3127").get("/account").status_code == 200


def test_the_last_admin_stays(admin: TestClient, people) -> None:
    own = admin.post("/users/1001/deactivate", data={"version": "1"})
    assert own.status_code == 403
    demoted = admin.put(
        "/api/v1/users/1001", json={"login": "1001", "name": "管", "version": 1, "roles": ["agent"]}
    )
    assert demoted.status_code == 409
    assert "至少要保留一位在用的管理员" in demoted.json()["detail"]
    people.add("1002", Role.ADMIN)
    again = admin.put(
        "/api/v1/users/1001", json={"login": "1001", "name": "管", "version": 1, "roles": ["agent"]}
    )
    assert again.status_code == 200


def test_a_reset_password_unlocks_and_signs_out(
    admin: TestClient, client: TestClient, people, engine: Engine
) -> None:
    people.add("3127", Role.AGENT)
    theirs = people.client("3127")
    for _ in range(5):
        client.post("/login", data={"login": "3127", "password": "wrong"})
    assert client.post("/login", data={"login": "3127", "password": "wrong"}).status_code == 429
    password = admin.post("/api/v1/users/3127/password").json()["password"]
    assert theirs.get("/account").status_code == 303
    assert client.post("/login", data={"login": "3127", "password": password}).status_code == 303
    with reading(engine) as session:
        assert session.exec(select(LoginAttempt)).all() == []
        assert password not in session.exec(select(User).where(User.login == "3127")).one().model_dump_json()


def test_only_admins_see_people(signed_in) -> None:
    for role in set(Role) - {Role.ADMIN}:
        mine = signed_in(f"r-{role}", role)
        assert mine.get("/users").status_code == 403
        assert mine.get("/api/v1/users").status_code == 403
        assert mine.post("/users/new", data=form()).status_code == 403


def test_people_are_found_filtered_sorted_and_paged_by_key(admin: TestClient, people) -> None:
    for n in range(7):
        people.add(f"4{n:03}", Role.AGENT, name=f"坐席{9 - n}", groups=("电视组",))
    people.add("4100", Role.AUTHOR, name="编辑_100%")
    logins: list[str] = []
    after = ""
    while True:
        page = admin.get(f"/api/v1/users?group=电视组&sort=-name&limit=3{after}").json()
        assert page["total"] == 7
        logins += [user["login"] for user in page["items"]]
        if page["after"] is None:
            break
        after = f"&after={page['after']}"
    assert logins == [f"4{n:03}" for n in range(7)]
    assert [u["login"] for u in admin.get("/api/v1/users?role=author").json()["items"]] == ["4100"]
    assert [u["login"] for u in admin.get("/api/v1/users?q=_100%25").json()["items"]] == ["4100"]
    part = admin.get("/users?q=坐席", headers={"HX-Request": "true"}).text
    assert part.count("<tr>") == 8
    assert "<html" not in part
    assert "没有符合条件的人员" in admin.get("/users?q=nobody").text


@pytest.mark.parametrize(
    "query", ["after=0", "after=x", "after=99999999999999999999", "sort=evil", "limit=0"]
)
def test_odd_addresses_are_answered_not_broken(admin: TestClient, query: str) -> None:
    assert admin.get(f"/api/v1/users?{query}").status_code == 422
    assert admin.get(f"/users?{query}").status_code in (200, 422)


def test_the_export_is_audited_and_can_be_imported(admin: TestClient, people) -> None:
    people.add("4001", Role.AGENT, name="=1+1")
    answer = admin.get("/users/export.csv?q=4001")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "4001,'=1+1" in answer.text
    assert admin.get("/api/v1/audit?action=user.export").json()["items"][0]["after"] == {"rows": 1}


def test_a_group_is_made_once_and_says_who_is_in_it(admin: TestClient, people) -> None:
    people.add("3127", Role.AGENT)
    made = admin.post("/groups", data={"name": " 移动业务 组 ", "description": "手机"})
    assert made.status_code == 303
    place = made.headers["location"]
    assert admin.post("/groups", data={"name": "移动业务 组"}).status_code == 409
    assert admin.post("/groups", data={"name": " "}).status_code == 422
    wrong = admin.post(place, data={"members": "3127 9999"})
    assert wrong.status_code == 422
    assert "没有这些工号：9999" in wrong.text
    assert admin.post(place, data={"members": "3127\n1001", "description": "手机"}).status_code == 303
    assert admin.get("/api/v1/users/3127").json()["groups"] == ["全员", "移动业务 组"]
    [line] = admin.get("/api/v1/audit?action=group.update").json()["items"]
    assert line["after"]["members"] == ["1001", "3127"]


def test_my_password_needs_the_present_one_and_signs_out_the_others(
    admin: TestClient, client: TestClient, people
) -> None:
    people.add("3127", Role.AGENT)
    old = admin.post("/api/v1/users/3127/password").json()["password"]
    client.post("/login", data={"login": "3127", "password": old})
    other = people.client("3127")
    new = "南湾-left-horse-8"
    cases = [
        ({"current": "no", "new": new, "again": new}, "当前密码不对"),
        ({"current": old, "new": new, "again": "other"}, "两次输入的新密码不一致"),
        ({"current": old, "new": "short", "again": "short"}, "密码至少 10 位"),
        ({"current": old, "new": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"}, "密码过于简单"),
    ]
    for data, told in cases:
        answer = client.post("/account/password", data=data)
        assert answer.status_code == 422
        assert told in answer.text
    done = client.post("/account/password", data={"current": old, "new": new, "again": new})
    assert done.status_code == 303
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    assert client.post("/login", data={"login": "3127", "password": old}).status_code == 422
    assert client.post("/login", data={"login": "3127", "password": new}).status_code == 303


def test_log_ins_of_mine_can_be_ended(people, client: TestClient) -> None:
    people.add("3127", Role.AGENT)
    here, there = people.client("3127"), people.client("3127")
    assert here.get("/account").text.count("最近使用") == 2
    here.post("/account/sessions/close-others")
    assert there.get("/account").status_code == 303
    assert here.get("/account").status_code == 200
    here.post("/account/sessions/close-all")
    assert here.get("/account").status_code == 303


def test_a_longer_list_takes_no_more_statements(admin: TestClient, people, engine: Engine) -> None:
    def statements() -> int:
        made: list[str] = []

        def note(_connection, _cursor, statement, *_rest) -> None:
            made.append(statement)

        sa.event.listen(engine, "before_cursor_execute", note)
        items = admin.get("/api/v1/users?limit=200").json()["items"]
        sa.event.remove(engine, "before_cursor_execute", note)
        assert items[0]["groups"] == ["全员"]
        return len(made)

    people.add("0001", Role.AGENT)
    before = statements()
    for number in range(2, 12):
        people.add(f"{number:04}", Role.AGENT)
    assert statements() == before
