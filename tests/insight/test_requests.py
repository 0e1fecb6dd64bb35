"""知识需求: from the wish to the article that answers it, within one business line."""

import pytest

from kms.accounts.models import UserRole
from kms.accounts.permissions import Role
from kms.db.session import writing
from tests.locks import locked_tables


@pytest.fixture
def owner(people, library):
    with writing(library.engine) as session:
        session.add(UserRole(user_id=library.owner, role=Role.AUTHOR))
    return people.client("owner")


def ask(client, category, text="老年机怎么开通 VoLTE", **more):
    return client.post("/api/v1/requests", json={"category_id": category, "text": text, **more})


def titles(client):
    return [item["title"] for item in client.get("/api/v1/inbox").json()["items"]]


def test_a_request_goes_to_the_owner_and_back_with_its_article(library, telecom, agent, owner):
    made = ask(agent, telecom, "老年机怎么开通 VoLTE，客户13800138000", detail="问了三次").json()
    assert "13800138000" not in made["text"]
    assert any("知识需求" in title for title in titles(owner))
    address = f"/api/v1/requests/{made['id']}"
    assert owner.post(f"{address}/take").json()["state"] == "taken"
    code = library.publish(telecom, "老年机开通 VoLTE", "发送短信即可开通。")
    done = owner.post(f"{address}/done", json={"code": code}).json()
    assert (done["state"], done["code"], done["handler"]) == ("done", code, "owner")
    assert any("已解决" in title for title in titles(agent))
    assert not any("待编写" in title for title in titles(owner))
    assert owner.post(f"{address}/take").status_code == 409


def test_declining_needs_an_answer(library, telecom, agent, owner):
    made = ask(agent, telecom).json()
    address = f"/api/v1/requests/{made['id']}/decline"
    assert owner.post(address, json={"answer": " "}).status_code == 422
    assert owner.post(address, json={"answer": "请看 KB-000001"}).json()["state"] == "declined"
    assert agent.get(f"/api/v1/requests/{made['id']}").json()["answer"] == "请看 KB-000001"


def test_what_another_handles_is_his(library, telecom, agent, owner, signed_in):
    made = ask(agent, telecom).json()
    owner.post(f"/api/v1/requests/{made['id']}/take")
    other, supervisor = signed_in("B1", Role.AUTHOR), signed_in("S1", Role.SUPERVISOR)
    assert other.post(f"/api/v1/requests/{made['id']}/take").status_code == 403
    assert supervisor.post(f"/api/v1/requests/{made['id']}/take").json()["handler"] == "S1"


def test_an_answer_that_the_asker_may_not_read_is_refused(library, telecom, agent, owner, people):
    made = ask(agent, telecom).json()
    code = library.publish(telecom, "内部减免口径", "不对外。", groups=("专席",))
    with_access = people
    with_access.add("E1", Role.EXPERT, groups=("全员", "专席"))
    answer = people.client("E1").post(f"/api/v1/requests/{made['id']}/done", json={"code": code})
    assert answer.status_code == 422
    assert "内部减免口径" not in agent.get(f"/api/v1/requests/{made['id']}").text


def test_what_is_not_out_yet_answers_nothing(library, telecom, agent, owner):
    made = ask(agent, telecom).json()
    code = library.publish(telecom, "下月新资费")
    library.change(code, 1, approval="submitted", publication="none", published_at=None)
    assert owner.post(f"/api/v1/requests/{made['id']}/done", json={"code": code}).status_code == 422
    assert "下月新资费" not in agent.get(f"/api/v1/requests/{made['id']}").text


def test_two_clients_requests_never_meet(library, signed_in):
    bank, shop = library.line("银行项目", "银行组"), library.line("商城项目", "商城组")
    asker = signed_in("bank-1", Role.AGENT, groups=("银行组",))
    made = ask(asker, bank, "大额存单怎么转让").json()
    assert ask(asker, shop).status_code == 422
    stranger = signed_in("shop-1", Role.SUPERVISOR, groups=("商城组",))
    assert stranger.get("/api/v1/requests").json() == []
    assert stranger.get(f"/api/v1/requests/{made['id']}").status_code == 404
    assert stranger.post(f"/api/v1/requests/{made['id']}/take").status_code == 404
    colleague = signed_in("bank-2", Role.AGENT, groups=("银行组",))
    assert colleague.get(f"/api/v1/requests/{made['id']}").status_code == 404
    assert [each["id"] for each in asker.get("/api/v1/requests").json()] == [made["id"]]


@pytest.mark.parametrize("wrong", [{"text": ""}, {"text": "长" * 201}, {"category_id": 999}])
def test_wrong_requests_are_told(telecom, agent, wrong):
    body = {"category_id": telecom, "text": "老年机", **wrong}
    assert agent.post("/api/v1/requests", json=body).status_code == 422


def test_two_who_take_it_at_once_are_one_after_the_other(library, telecom, agent, owner):
    made = ask(agent, telecom).json()
    with locked_tables(library.engine) as locked:
        assert owner.post(f"/api/v1/requests/{made['id']}/take").status_code == 200
    assert "knowledge_request" in locked
