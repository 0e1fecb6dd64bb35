"""紧急发布: visible at once, still decided by others, taken back when they refuse."""

import pytest

from tests.articles.desk import API, Desk
from tests.conftest import TestClock


@pytest.fixture
def urgent(desk: Desk, fixed_clock: TestClock) -> str:
    """Revision 2, published urgently by the supervisor who wrote it."""
    code = desk.published()
    desk.edit(code, "chief", body="片区断网，统一答复")
    made = desk.submit(code, "chief", route="urgent", reason="片区大面积断网")
    assert made.status_code == 201, made.text
    return code


def test_visible_at_once_and_marked(desk: Desk, urgent: str):
    article = desk["agent1"].get(f"{API}/articles/{urgent}").json()
    assert (article["number"], article["confidence"]) == (2, "not_validated")
    assert article["confidence_label"] == "紧急发布·待审批"
    review = desk["judge"].get(f"{API}/articles/{urgent}/revisions/2/review").json()
    assert (review["urgent_reason"], review["refusal"]) == ("片区大面积断网", "")
    assert desk.queue("judge", urgent=True) == [urgent]
    assert desk.tasks("judge")[0].title.startswith("紧急发布，请审批")


def test_approved_by_others_it_stays(desk: Desk, urgent: str):
    assert desk.approve(urgent, 2, "chief").status_code == 403
    done = desk.approve(urgent, 2).json()
    assert (done["approval"], done["publication"], done["confidence"]) == (
        "approved",
        "published",
        "validated",
    )
    assert desk.shown(urgent) == 2


def test_the_publisher_may_not_decide_even_where_the_rule_names_him(desk: Desk, fixed_clock: TestClock):
    desk.rule({"name": "班长审核", "people": [desk.ids["chief"], desk.ids["judge"]], "needed": 1})
    code = desk.draft("chief")
    review = desk.submit(code, "chief", route="urgent", reason="急").json()
    assert review["stages"][0]["waiting"] == ["周志强"]
    assert desk.approve(code, 1, "chief").status_code == 403


def test_returned_it_goes_and_the_previous_one_is_back(desk: Desk, urgent: str, fixed_clock: TestClock):
    fixed_clock.forward(minutes=30)
    done = desk.act("judge", urgent, 2, "return", comment="说法不对").json()
    assert (done["approval"], done["publication"]) == ("returned", "recalled")
    assert desk.shown(urgent) == 1
    draft = desk["chief"].get(f"{API}/articles/{urgent}/draft").json()
    assert draft["content"]["body"] == "片区断网，统一答复"
    assert [message.detail for message in desk.tasks("chief", "returned")] == ["说法不对"]
    then = {"known_at": "2026-11-25T10:15:00+08:00"}
    assert desk["agent1"].get(f"{API}/articles/{urgent}", params=then).json()["number"] == 2


def test_recalled_it_needs_no_decision_any_more(desk: Desk, urgent: str):
    assert desk.act("chief", urgent, 2, "recall", reason="故障已恢复").json()["approval"] == "withdrawn"
    assert (desk.tasks("judge"), desk.approve(urgent, 2).status_code, desk.shown(urgent)) == ([], 409, 1)


def test_overdue_goes_to_the_owner_of_the_category(desk: Desk, urgent: str, fixed_clock: TestClock):
    desk.owner("expert")
    desk.run_timers()
    assert desk.tasks("expert", "overdue") == []
    fixed_clock.forward(hours=5)
    desk.run_timers()
    assert [task.title for task in desk.tasks("expert", "overdue")] == [
        "紧急发布超时未决：光猫 LOS 灯红色常亮"
    ]
    assert len(desk.tasks("judge", "overdue")) == 1
    desk.approve(urgent, 2)
    assert desk.tasks("expert", "overdue") == []


def test_without_an_owner_the_supervisors_are_told(desk: Desk, fixed_clock: TestClock):
    desk.submit(desk.draft())
    fixed_clock.forward(hours=49)
    desk.run_timers()
    assert [task.title for task in desk.tasks("chief", "overdue")] == ["审批超时未决：光猫 LOS 灯红色常亮"]
