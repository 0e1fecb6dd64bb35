"""Which revision is found when: two intervals, the history index, folded articles, recalls at their commit."""

from datetime import UTC, datetime, timedelta

import pytest

from kms.accounts.permissions import Role
from kms.articles.workflow import Publication

OLD, NEW = "宽带提速每月二十元。", "宽带提速每月三十元。"


class Person:
    """Signs in anew for each question: in these tests days go by."""

    def __init__(self, people, login, role):
        people.add(login, role)
        self._client = lambda: people.client(login)

    def get(self, address, **options):
        return self._client().get(address, **options)


@pytest.fixture
def agent(people, fixed_clock):
    return Person(people, "A1", Role.AGENT)


@pytest.fixture
def code(library, telecom, fixed_clock):
    return library.publish(telecom, "宽带提速的资费", OLD)


def test_a_recall_holds_at_its_commit_while_the_worker_is_down(library, code, agent, search):
    library.work()
    assert search(agent, "宽带提速资费")["hits"]
    library.recall(code, 1)
    answer = search(agent, "宽带提速资费")
    assert (answer["hits"], answer["nearest"], answer["found"]) == ([], [], 0)


def test_a_narrower_audience_holds_at_its_commit(library, code, agent, search):
    library.work()
    library.change(code, audience=["group:专席"], index=False)
    assert search(agent, "宽带提速资费")["hits"] == []


def test_a_newer_revision_is_shown_before_it_is_indexed(library, code, agent, search, fixed_clock):
    library.work()
    fixed_clock.forward(hours=1)
    library.revise(code, summary=NEW)
    hit = search(agent, "宽带提速资费")["hits"][0]
    assert (hit["revision"], hit["summary"]["text"]) == (2, NEW)


def test_until_a_coming_rule_takes_effect_the_old_one_is_found_with_its_date(
    library, code, agent, search, fixed_clock
):
    starts = fixed_clock() + timedelta(days=6)
    fixed_clock.forward(hours=1)
    library.revise(code, summary=NEW, starts=starts)
    library.work()
    hit = search(agent, "宽带提速资费")["hits"][0]
    assert (hit["revision"], datetime.fromisoformat(hit["changes_at"])) == (1, starts)
    # No worker runs in between: the query decides, not a timer.
    fixed_clock.forward(days=6)
    hit = search(agent, "宽带提速资费")["hits"][0]
    assert (hit["revision"], hit["changes_at"]) == (2, None)


def test_a_coming_rule_needs_a_permission(library, code, agent, search, signed_in, fixed_clock):
    starts = fixed_clock() + timedelta(days=6)
    library.revise(code, summary=NEW, starts=starts)
    library.work()
    author = signed_in("B1", Role.AUTHOR)
    for asked in ({"validity": "coming"}, {"as_of": (starts + timedelta(hours=1)).isoformat()}):
        assert agent.get("/api/v1/search", params={"q": "宽带提速资费", **asked}).status_code == 403
        hit = search(author, "宽带提速资费", **asked)["hits"][0]
        assert (hit["revision"], hit["validity"]) == (2, "coming")
    assert "coming" not in _validities(search(agent, "宽带提速资费"))
    assert _validities(search(author, "宽带提速资费")) == {"valid": 1, "coming": 1}


def test_history_is_opened_only_by_a_date(library, code, agent, search, fixed_clock):
    before = fixed_clock() + timedelta(minutes=1)
    fixed_clock.forward(days=10)
    library.revise(code, summary=NEW)
    library.work()
    assert [hit["revision"] for hit in search(agent, "宽带提速二十元")["hits"]] == [2]
    for asked in ("as_of", "known_at"):
        hit = search(agent, "宽带提速资费", **{asked: before.isoformat()})["hits"][0]
        assert (hit["revision"], hit["summary"]["text"]) == (1, OLD)


def test_as_of_knows_a_correction_that_known_at_did_not(library, code, agent, search, fixed_clock):
    begun = fixed_clock()
    between = begun + timedelta(days=1)
    fixed_clock.forward(days=10)
    library.revise(code, summary=NEW, starts=begun)  # corrects the past
    library.work()
    assert search(agent, "宽带提速资费", as_of=between.isoformat())["hits"][0]["revision"] == 2
    assert search(agent, "宽带提速资费", known_at=between.isoformat())["hits"][0]["revision"] == 1


def test_what_was_recalled_is_found_as_it_was_known(library, code, agent, search, fixed_clock):
    between = fixed_clock() + timedelta(hours=1)
    fixed_clock.forward(days=1)
    library.recall(code, 1)
    library.work()
    assert search(agent, "宽带提速资费")["hits"] == []
    assert search(agent, "宽带提速资费", as_of=between.isoformat())["hits"] == []
    assert search(agent, "宽带提速资费", known_at=between.isoformat())["hits"][0]["revision"] == 1


def test_completion_offers_no_words_of_a_recalled_revision_while_the_worker_is_down(library, code, agent):
    library.revise(code, title="宽带加速免费送")
    library.work()
    offered = agent.get("/api/v1/complete", params={"q": "宽带"}).json()
    assert [each["text"] for each in offered] == ["宽带加速免费送"]
    library.recall(code, 2)
    assert agent.get("/api/v1/complete", params={"q": "宽带"}).json() == []
    library.work()
    offered = agent.get("/api/v1/complete", params={"q": "宽带"}).json()
    assert [each["text"] for each in offered] == ["宽带提速的资费"]


def test_known_at_may_not_lie_in_the_future(agent, fixed_clock):
    later = (fixed_clock() + timedelta(hours=1)).isoformat()
    answer = agent.get("/api/v1/search", params={"q": "宽带", "known_at": later})
    assert (answer.status_code, answer.json()["errors"]) == (422, {"known_at": "不能晚于现在"})


def test_an_article_without_a_rule_is_folded_below_the_valid_ones_for_ninety_days(
    library, telecom, agent, search, fixed_clock
):
    ends = fixed_clock() + timedelta(days=5)
    expired = library.publish(telecom, "国庆宽带提速优惠资费", "提速半价。")
    library.change(expired, 1, effective_to=ends)
    valid = library.publish(telecom, "宽带套餐说明", "宽带套餐含提速。")
    library.work()
    fixed_clock.forward(days=6)
    hits = search(agent, "国庆宽带提速优惠资费")["hits"]
    assert [hit["code"] for hit in hits] == [valid, expired]
    assert hits[1]["summary"] is None
    assert hits[1]["passage"] is None
    assert (hits[1]["validity"], datetime.fromisoformat(hits[1]["ended_at"])) == ("expired", ends)
    assert "半价" not in str(hits[1])
    fixed_clock.forward(days=90)
    assert [hit["code"] for hit in search(agent, "国庆宽带提速优惠资费")["hits"]] == [valid]
    library.work()
    assert [hit["code"] for hit in search(agent, "国庆宽带提速优惠", validity="expired")["hits"]] == [expired]


def test_a_retired_article_is_folded_and_names_its_successor(
    library, telecom, code, agent, search, fixed_clock
):
    successor = library.publish(telecom, "千兆宽带升级办法", "升级千兆不收费。")
    library.work()
    fixed_clock.forward(hours=1)
    library.change(code, retired_at=fixed_clock(), successor_id=2)
    for _ in range(2):  # before and after the worker has heard of it
        hit = next(hit for hit in search(agent, "宽带提速的资费")["hits"] if hit["code"] == code)
        assert (hit["validity"], hit["summary"]) == ("expired", None)
        assert hit["successor"] == {"code": successor, "title": "千兆宽带升级办法"}
        library.work()


def test_a_scheduled_publication_is_not_found_before_its_time(library, code, agent, search, fixed_clock):
    fixed_clock.forward(hours=1)
    library.revise(code, summary=NEW)
    library.change(
        code,
        2,
        publication=Publication.SCHEDULED,
        published_at=None,
        publish_at=datetime(2026, 12, 1, tzinfo=UTC),
    )
    library.work()
    assert search(agent, "宽带提速资费")["hits"][0]["revision"] == 1


def _validities(answer: dict) -> dict[str, int]:
    options = [each for facet in answer["facets"] if facet["name"] == "validity" for each in facet["options"]]
    return {option["value"]: option["count"] for option in options}
