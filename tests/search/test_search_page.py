"""The search page over HTTP: whole, in parts, without scripts."""

import pytest
from sqlmodel import select

from kms.accounts.permissions import Role
from kms.db.session import reading
from kms.search.models import Lookup, LookupOutcome

RED = "光猫 LOS 灯红色常亮的处理"


@pytest.fixture
def code(library, telecom):
    code = library.publish(telecom, RED, "请您先检查光纤接头有没有松动。", regions=("广东",))
    library.work()
    return code


def stored(library, table=Lookup):
    library.runtime.recorder.flush()
    with reading(library.engine) as session:
        return list(session.exec(select(table)))


def test_the_home_page_is_the_search_page(agent):
    assert agent.get("/").headers["location"] == "/search"
    assert "输入客户说的话" in agent.get("/search").text


def test_a_plain_form_finds_and_records(library, code, agent):
    page = agent.get("/search", params={"q": "光猫红灯"})
    assert page.status_code == 200
    assert f'data-code="{code}"' in page.text
    assert "<mark>光猫</mark>" in page.text
    assert [lookup.settled_by for lookup in stored(library)] == ["enter"]


def test_typing_gets_parts_and_records_nothing(library, code, agent):
    part = agent.get("/search", params={"q": "光猫"}, headers={"HX-Request": "true", "X-Live": "1"})
    assert 'id="results"' in part.text
    assert 'id="facets"' in part.text
    assert "<html" not in part.text
    assert part.headers["vary"] == "HX-Request"
    assert stored(library) == []


def test_what_the_page_tells_is_stored(library, code, agent):
    page = agent.get("/search", params={"q": "光猫"}, headers={"HX-Request": "true"}).text
    token, lookup = _between(page, 'data-lookup-token="'), _between(page, 'data-lookup="')
    told = {"lookup_id": lookup, "token": token, "event": "pause"}
    assert agent.post("/search/settle", json=told).status_code == 204
    assert [row.settled_by for row in stored(library)] == ["pause"]
    for event in ("opened", "copied", "used"):
        assert agent.post("/search/settle", json={**told, "event": event, "code": code}).status_code == 204
    (outcome,) = stored(library, LookupOutcome)
    assert outcome.opened_at
    assert outcome.copied_at
    assert outcome.used_at


def test_another_persons_token_is_refused(library, code, agent, signed_in):
    page = agent.get("/search", params={"q": "光猫"}, headers={"HX-Request": "true"}).text
    told = {"lookup_id": "x", "token": _between(page, 'data-lookup-token="'), "event": "pause"}
    assert signed_in("A2", Role.AGENT).post("/search/settle", json=told).status_code == 403


def test_a_chosen_facet_stays_chosen_and_can_be_cleared(code, agent):
    page = agent.get("/search", params={"q": "光猫", "region": "广东", "kind": "nonsense"}).text
    assert 'value="广东" checked' in page
    assert ">清除<" in page


@pytest.mark.parametrize("day", ["2026-13-45", "昨天", "99999999", "0000-00-00", "9999-12-31"])
def test_a_wrong_date_is_told_beside_its_field(agent, day):
    page = agent.get("/search", params={"q": "光猫", "as_of": day})
    assert page.status_code in {403, 422}
    assert 'role="alert"' in page.text


def test_nothing_found_offers_a_knowledge_request(code, agent):
    page = agent.get("/search", params={"q": "zzyzx 13800138000"}).text
    assert "没有找到合适的知识" in page
    assert "最接近的几条" in page
    assert "提知识需求" in page
    assert "13800138000" not in _between(page, "/requests/new?")


def test_a_search_that_is_only_blank_shows_the_shelves(agent):
    assert agent.get("/search", params={"q": "  \u200b"}).status_code == 200


def test_the_request_form_keeps_what_was_typed(telecom, agent):
    answer = agent.post("/requests", data={"text": "老年机怎么开通", "category_id": ""})
    assert answer.status_code == 422
    assert "老年机怎么开通" in answer.text
    made = agent.post("/requests", data={"text": "老年机怎么开通", "category_id": str(telecom)})
    assert made.status_code == 303
    assert "待处理" in agent.get(made.headers["location"]).text
    assert "老年机怎么开通" in agent.get("/requests").text


def test_a_request_is_taken_and_answered_on_its_page(library, telecom, agent, signed_in):
    address = agent.post("/requests", data={"text": "老年机", "category_id": str(telecom)}).headers[
        "location"
    ]
    author = signed_in("B1", Role.AUTHOR)
    assert "老年机" in author.get("/requests").text
    assert author.post(f"{address}/take").status_code == 303
    refused = author.post(f"{address}/done", data={"code": "KB-999999"})
    assert (refused.status_code, "KB-999999" in refused.text) == (422, True)
    assert author.post(f"{address}/decline", data={"answer": "请看资费页"}).status_code == 303
    assert "请看资费页" in agent.get(address).text


def _between(text: str, start: str) -> str:
    return text.partition(start)[2].partition('"')[0]
