"""What the search API finds, in what order, and what it says about it."""

import pytest
from sqlmodel import select

from kms.accounts.models import User
from kms.accounts.permissions import Role
from kms.articles.content import Kind
from kms.articles.workflow import Route
from kms.db.session import writing

RED = "光猫 LOS 灯红色常亮的处理"
ANSWER = "请您先检查光纤接头有没有松动，再重启光猫。"


def test_an_article_is_found_by_its_words_and_by_its_meaning(library, telecom, agent, search):
    code = library.publish(telecom, RED, ANSWER, questions=("光猫亮红灯",))
    library.publish(telecom, "增值税发票的开具", "您可以在营业厅或线上开具增值税电子发票。")
    library.work()
    assert search(agent, "光猫红灯")["hits"][0]["code"] == code
    hit = search(agent, "家里上不了网，设备闪红光")["hits"][0]
    assert (hit["code"], hit["revision"], hit["summary"]["text"]) == (code, 1, ANSWER)
    assert hit["strength"] in {1, 2, 3, 4}
    assert hit["validity"] == "valid"
    assert hit["effective"]["end"] is None


def test_highlights_are_offsets_into_the_original_text(library, telecom, agent, search):
    library.publish(telecom, "光貓 LOS 燈紅色", "", body="## 处理\n\n請檢查光貓的電源。")
    library.work()
    hit = search(agent, "光猫")["hits"][0]
    title = hit["title"]
    assert [title["text"][start:end] for start, end in title["highlights"]] == ["光貓"]
    passage = hit["passage"]
    assert passage["anchor"] == "s-处理"
    assert "光貓" in {passage["text"][start:end] for start, end in passage["highlights"]}


def test_get_and_post_give_the_same_answer(library, telecom, agent, search):
    library.publish(telecom, RED, ANSWER, products=("家庭宽带",), regions=("广东/广州",))
    library.publish(telecom, "光猫的领取", "您到营业厅领取光猫。", products=("家庭宽带",), regions=("广西",))
    library.work()
    by_address = search(agent, "光猫", region="广东", facets=False)
    body = {"q": "光猫", "filters": {"region": ["广东"]}, "facets": False}
    by_body = agent.post("/api/v1/search", json=body).json()
    assert [hit["title"]["text"] for hit in by_address["hits"]] == [RED]
    assert _same(by_address) == _same(by_body)


def test_facets_count_what_was_found_and_stay_open_when_one_is_chosen(library, telecom, agent, search):
    library.publish(telecom, RED, ANSWER, regions=("广东",), kind=Kind.PROCEDURE)
    library.publish(telecom, "光猫的领取", "您到营业厅领取光猫。", regions=("广西",))
    library.publish(telecom, "光猫的退还", "您退还光猫后押金退回。")
    library.work()
    free = _counts(search(agent, "光猫"))
    assert free["region"] == {"广东": 1, "广西": 1, "全国": 1}
    assert free["kind"] == {"procedure": 1, "qa": 2}
    chosen = _counts(search(agent, "光猫", region="广西"))
    assert chosen["region"] == free["region"]
    assert chosen["kind"] == {"qa": 1}


def test_the_readers_region_comes_first_but_hides_nothing(library, telecom, people, search, engine):
    here = library.publish(telecom, "宽带拆机违约金", "按剩余月数计收。", regions=("广东",))
    there = library.publish(telecom, "宽带拆机违约金", "按剩余月数计收。", regions=("广西",))
    library.work()
    people.add("GX", Role.AGENT)
    with writing(engine) as session:
        session.exec(select(User).where(User.login == "GX")).one().region = "广西/南宁"
    hits = search(people.client("GX"), "宽带拆机违约金")["hits"]
    assert [(hit["code"], hit["elsewhere"]) for hit in hits] == [(there, False), (here, True)]


def test_a_publication_without_approval_is_marked(library, telecom, agent, search):
    library.publish(telecom, RED, ANSWER, route=Route.PROVISIONAL)
    library.work()
    hit = search(agent, "光猫红灯")["hits"][0]
    assert (hit["confidence"], hit["confidence_label"]) == ("not_validated", "待核实")


def test_nothing_found_gives_the_nearest_marked_as_such(library, telecom, agent, search):
    library.publish(telecom, RED, ANSWER)
    library.work()
    answer = search(agent, "zzyzx quux 12345")
    assert (answer["hits"], answer["found"]) == ([], 0)
    assert [near["title"]["text"] for near in answer["nearest"]] == [RED]
    assert "score" not in answer["nearest"][0]


@pytest.mark.parametrize(
    "words",
    [
        "光猫😀",
        "光猫\x00\x07\x1b[31m",
        "'; DROP TABLE article; --",
        'title:光猫 AND (x OR "y',
        "光猫~2^4 [* TO *] \\",
        "%_*?",
    ],
)
def test_odd_characters_have_no_syntax(library, telecom, agent, search, words):
    library.publish(telecom, RED, ANSWER)
    library.work()
    answer = search(agent, words)
    if "光猫" in words:
        assert (answer["hits"] or answer["nearest"])[0]["title"]["text"] == RED


@pytest.mark.parametrize("words", ["", "   ", "\x00\x01", "\u3000\u200b"])
def test_an_empty_question_is_refused_in_chinese(agent, words):
    answer = agent.get("/api/v1/search", params={"q": words})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "请输入要检索的内容"


def test_a_very_long_question_is_cut_and_says_so(library, telecom, agent, search):
    library.publish(telecom, RED, ANSWER)
    library.work()
    answer = agent.post("/api/v1/search", json={"q": "光猫亮红灯" * 2000}).json()
    assert answer["cut"] is True
    assert len(answer["q"]) == 500
    assert agent.post("/api/v1/search", json={"q": "长" * 10_001}).status_code == 422


@pytest.mark.parametrize(
    "wrong", [{"as_of": "昨天"}, {"k": 0}, {"k": 51}, {"kind": "x"}, {"regoin": "广东"}, {"line": 2**40}]
)
def test_wrong_parameters_are_told_by_name(agent, wrong):
    answer = agent.get("/api/v1/search", params={"q": "光猫", **wrong})
    assert answer.status_code == 422
    assert next(iter(wrong)) in answer.json()["errors"][0]["where"]


def test_completion_offers_titles_and_questions_in_force(library, telecom, agent):
    code = library.publish(telecom, RED, ANSWER, questions=("光猫亮红灯怎么办",))
    library.publish(telecom, "宽带测速", "")
    library.work()
    offered = agent.get("/api/v1/complete", params={"q": "光猫"}).json()
    assert {(each["text"], each["kind"], each["code"]) for each in offered} == {
        (RED, "title", code),
        ("光猫亮红灯怎么办", "question", code),
    }
    library.recall(code, 1)
    assert agent.get("/api/v1/complete", params={"q": "光猫"}).json() == []
    assert agent.get("/api/v1/complete", params={"q": " "}).json() == []


def _counts(answer: dict) -> dict[str, dict[str, int]]:
    return {
        facet["name"]: {option["value"]: option["count"] for option in facet["options"]}
        for facet in answer["facets"]
    }


def _same(answer: dict) -> dict:
    return {
        key: value
        for key, value in answer.items()
        if key not in {"took_ms", "took", "lookup_id", "lookup_token"}
    }
