"""待核实: internal, without stages at first, for 72 hours at most."""

import pytest

from tests.articles.desk import API, Desk
from tests.conftest import TestClock


@pytest.fixture
def provisional(desk: Desk, fixed_clock: TestClock) -> str:
    code = desk.draft("expert")
    made = desk.submit(code, "expert", route="provisional", hours=24)
    assert made.status_code == 201, made.text
    assert made.json()["provisional_until"] == "2026-11-26T02:00:00Z"
    return code


def test_visible_and_marked(desk: Desk, provisional: str):
    article = desk["agent1"].get(f"{API}/articles/{provisional}").json()
    assert (article["confidence"], article["confidence_label"]) == ("not_validated", "待核实")
    listed = desk["agent1"].get(f"{API}/articles", params={"unverified": True}).json()["items"]
    assert [(each["code"], each["summary"]) for each in listed] == [(provisional, "请您先检查光纤接头。")]


def test_limits(desk: Desk, fixed_clock: TestClock):
    code = desk.draft("expert")
    assert desk.submit(code, "expert", route="provisional", hours=73).json()["errors"].keys() == {"hours"}
    assert desk.submit(code, "writer", route="provisional").status_code in (403, 404)
    desk.edit(code, "expert", audience={"kind": "public"})
    assert desk.submit(code, "expert", route="provisional").json()["errors"].keys() == {"audience"}
    desk.edit(code, "expert", audience={"kind": "internal"})
    made = desk.submit(code, "expert", route="provisional").json()
    assert made["provisional_until"] == "2026-11-28T02:00:00Z"


def test_ends_by_time_even_without_a_worker(desk: Desk, provisional: str, fixed_clock: TestClock):
    fixed_clock.forward(hours=23)
    desk.run_timers()
    assert desk.shown(provisional) == 1
    fixed_clock.forward(hours=1)
    assert desk.shown(provisional) < 0  # the timer has not run yet
    late = desk.approve(provisional)
    assert (late.status_code, "待核实已到期" in late.json()["detail"]) == (409, True)
    desk.run_timers()
    review = desk["expert"].get(f"{API}/articles/{provisional}/revisions/1/review").json()
    assert (review["approval"], review["publication"]) == ("withdrawn", "recalled")
    assert review["recalled_at"] == "2026-11-26T02:00:00Z"
    assert desk["expert"].get(f"{API}/articles/{provisional}/draft").status_code == 200
    assert (desk.tasks("judge"), len(desk.tasks("expert", "provisional_end"))) == ([], 1)


def test_the_previous_one_is_back_afterwards(desk: Desk, fixed_clock: TestClock):
    code = desk.published()
    desk.edit(code, "expert", body="专家的临时说法")
    desk.submit(code, "expert", route="provisional", hours=2)
    assert desk.shown(code) == 2
    fixed_clock.forward(hours=2)
    assert desk.shown(code) == 1


def test_ends_by_approval(desk: Desk, provisional: str, fixed_clock: TestClock):
    done = desk.approve(provisional).json()
    assert (done["confidence"], done["provisional_until"], done["recalled_at"]) == ("validated", None, None)
    fixed_clock.forward(hours=100)
    desk.run_timers()
    assert desk.shown(provisional) == 1


def test_returned_it_is_gone(desk: Desk, provisional: str):
    assert desk.act("judge", provisional, 1, "return", comment="不准确").json()["publication"] == "recalled"
    assert desk.shown(provisional) < 0
