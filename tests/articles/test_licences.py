"""KCS licences: granted by a supervisor, for a category and a time, for internal questions and answers only."""

import pytest

from tests.articles.desk import API, Desk
from tests.conftest import TestClock


def grant(desk: Desk, login: str = "writer", by: str = "chief", until: str = "2027-01-01", category: int = 0):
    body = {"login": login, "category_id": category or desk.library.broadband, "until": until}
    return desk[by].post(f"{API}/licences", json=body)


@pytest.fixture
def licensed(desk: Desk, fixed_clock: TestClock) -> Desk:
    """The writer may skip the stages in the whole line."""
    made = grant(desk)
    assert made.status_code == 201, made.text
    assert (made.json()["name"], made.json()["category"]) == ("林晓雯", ["宽带"])
    return desk


def test_licensed_questions_and_answers_skip_the_stages(licensed: Desk):
    code = licensed.draft()
    made = licensed.submit(code, route="licensed").json()
    assert (made["approval"], made["publication"], made["stages"]) == ("not_required", "published", [])
    assert licensed.shown(code) == 1
    assert (licensed.tasks("judge"), licensed.queue("judge", tab="all")) == ([], [])
    assert licensed["agent1"].get(f"{API}/articles/{code}").json()["confidence"] == "validated"


def test_licensed_ones_can_be_scheduled(licensed: Desk, fixed_clock: TestClock):
    code = licensed.draft()
    made = licensed.submit(code, route="licensed", publish_at="2026-12-01").json()
    assert made["publication"] == "scheduled"
    fixed_clock.forward(days=7)
    licensed.run_timers()
    assert licensed.shown(code) == 1


def test_not_for_other_kinds_or_audiences(licensed: Desk):
    for fields in ({"kind": "policy"}, {"audience": {"kind": "public"}}):
        code = licensed.draft(**fields)
        assert licensed.submit(code, route="licensed").json()["errors"].keys() == {"kind"}


def test_a_licence_also_opens_provisional_publication(licensed: Desk):
    assert licensed.submit(licensed.draft(), route="provisional").status_code == 201


def test_it_ends_by_time_and_by_revocation(licensed: Desk, fixed_clock: TestClock):
    fixed_clock.forward(days=40)
    assert licensed.submit(licensed.draft(), route="licensed").status_code == 403
    ident = grant(licensed, until="2027-06-30").json()["id"]
    code = licensed.draft()
    assert licensed["chief"].delete(f"{API}/licences/{ident}").status_code == 204
    assert licensed["chief"].delete(f"{API}/licences/{ident}").status_code == 204
    assert licensed["chief"].get(f"{API}/licences").json() == []
    assert licensed.submit(code, route="licensed").status_code == 403


def test_granting_again_moves_the_end(licensed: Desk):
    assert grant(licensed, until="2027-03-01").status_code == 201
    held = licensed["chief"].get(f"{API}/licences").json()
    assert [each["until"] for each in held] == ["2027-02-28T16:00:00Z"]


def test_only_below_the_category(desk: Desk, fixed_clock: TestClock):
    grant(desk, category=desk.library.prices)
    assert desk.submit(desk.draft(), route="licensed").status_code == 403


def test_who_grants_to_whom(desk: Desk, stranger, fixed_clock: TestClock):
    assert grant(desk, by="writer").status_code == 403
    assert grant(desk, "chief").json()["errors"].keys() == {"login"}
    assert grant(desk, "agent1").json()["errors"].keys() == {"login"}
    assert grant(desk, "nobody").json()["errors"].keys() == {"login"}
    assert grant(desk, until="2026-01-01").json()["errors"].keys() == {"until"}
    assert grant(desk, until="").status_code == 422
    assert grant(desk, category=desk.library.claims).status_code == 404
    made = grant(desk).json()
    assert stranger.get(f"{API}/licences").json() == []
    assert stranger.delete(f"{API}/licences/{made['id']}").status_code == 404
    assert desk["chief"].delete(f"{API}/licences/999").status_code == 404


def test_people_of_another_line_look_like_nobody(desk: Desk, stranger, fixed_clock: TestClock):
    def told(login: str) -> str:
        return str(grant(desk, login).json()["errors"]["login"]).replace(login, "")

    assert told("stranger") == told("nobody0")
