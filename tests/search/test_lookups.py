"""What is recorded of a search, when, and who may see it."""

import pytest
from sqlmodel import select

from kms.accounts.permissions import Role
from kms.articles.models import ArticleDay
from kms.audit.models import AuditRecord
from kms.db.session import reading
from kms.search.models import Lookup, LookupOutcome


@pytest.fixture
def code(library, telecom):
    code = library.publish(telecom, "光猫红灯的处理", "请您先检查光纤接头。")
    library.work()
    return code


def stored(engine, table=Lookup):
    with reading(engine) as session:
        return list(session.exec(select(table)))


def test_a_settled_search_is_recorded_masked_with_what_was_shown(library, code, agent, search, engine):
    answer = search(agent, "我叫张伟丽，电话13800138000，光猫红灯")
    library.runtime.recorder.flush()
    (lookup,) = stored(engine)
    assert lookup.id == answer["lookup_id"]
    assert lookup.id[14] == "7"
    assert "13800138000" not in lookup.text
    assert "张伟丽" not in lookup.text
    assert lookup.shown == [{"rank": 1, "code": code, "revision": 1, "article": 1}]


def test_typing_is_not_recorded(library, code, agent, search, engine):
    search(agent, "光猫", live=True)
    library.runtime.recorder.flush()
    assert stored(engine) == []


def test_a_search_of_a_call_is_stored_before_the_answer_leaves(code, agent, search, engine):
    search(agent, "光猫", call_id="c-1")
    assert [lookup.call_id for lookup in stored(engine)] == ["c-1"]


def test_a_full_queue_writes_directly(code, app, agent, search, engine):
    app.state.recorder._waiting.maxsize = 1
    for _ in range(3):
        search(agent, "光猫")
    app.state.recorder.flush()
    assert len(stored(engine)) == 3


def test_an_outcome_never_meets_a_missing_row(code, agent, search, engine):
    answer = search(agent, "光猫红灯", live=True)
    tell(agent, answer, code, "opened")
    tell(agent, answer, code, "used")
    told = tell(agent, answer, code, "used").json()
    assert told["opened_at"]
    assert told["used_at"]
    assert len(stored(engine)) == len(stored(engine, LookupOutcome)) == 1
    assert [day.used for day in stored(engine, ArticleDay)] == [1]


def test_not_helpful_carries_a_masked_reason(code, agent, search):
    answer = search(agent, "光猫红灯")
    told = tell(agent, answer, code, "not_helpful", why="客户13800138000说试过了").json()
    assert told["solved"] is False
    assert "13800138000" not in told["not_helpful_why"]


def test_a_token_is_good_for_its_person_its_lookup_and_its_articles_only(code, agent, signed_in, search):
    answer = search(agent, "光猫红灯")
    assert tell(signed_in("A2", Role.AGENT), answer, code, "used").status_code == 403
    assert tell(agent, answer, "KB-999999", "used").status_code == 422
    other = search(agent, "光猫红灯")
    mixed = {**answer, "lookup_id": other["lookup_id"]}
    assert tell(agent, mixed, code, "used").status_code == 422
    body, mac = answer["lookup_token"].split(".")
    for forged in (f"{body}.{mac[:-2]}AA", f"{body[:-4]}AAAA.{mac}", "x", "", "é.é"):
        assert tell(agent, {**answer, "lookup_token": forged}, code, "used").status_code == 422


def test_old_tokens_are_refused(code, people, search, fixed_clock):
    people.add("A1", Role.AGENT)
    answer = search(people.client("A1"), "光猫红灯")
    fixed_clock.forward(days=8)
    assert tell(people.client("A1"), answer, code, "used").status_code == 422


def test_single_lookups_of_others_need_a_permission_and_leave_a_record(
    library, code, agent, signed_in, search, engine
):
    search(agent, "光猫红灯", call_id="c-1")
    assert [row["text"] for row in agent.get("/api/v1/lookups").json()] == ["光猫红灯"]
    supervisor, admin = signed_in("S1", Role.SUPERVISOR), signed_in("M1", Role.ADMIN)
    asked = {"login": "A1"}
    assert supervisor.get("/api/v1/lookups", params=asked).status_code == 403
    assert len(admin.get("/api/v1/lookups", params=asked).json()) == 1
    assert (
        signed_in("M2", Role.ADMIN, groups=("别的组",)).get("/api/v1/lookups", params=asked).status_code
        == 404
    )
    actions = [
        (row.actor_login, row.target_id) for row in stored(engine, AuditRecord) if row.action == "lookup.read"
    ]
    assert actions == [("M1", "A1")]


def test_others_are_seen_as_sums(code, agent, signed_in, search):
    used = search(agent, "光猫红灯", call_id="c-1")
    tell(agent, used, code, "used")
    search(agent, "zzyzx quux", call_id="c-2")
    assert agent.get("/api/v1/lookups/sums").status_code == 403
    sums = signed_in("S1", Role.SUPERVISOR).get("/api/v1/lookups/sums").json()
    assert sums == [{"login": "A1", "name": "A1", "lookups": 2, "nothing_found": 1, "used": 1, "solved": 0}]
    assert signed_in("S2", Role.SUPERVISOR, groups=("别的组",)).get("/api/v1/lookups/sums").json() == []


def test_lookups_end_with_their_retention(library, code, people, search, engine, settings, fixed_clock):
    people.add("A1", Role.AGENT)
    answer = search(people.client("A1"), "光猫红灯", call_id="c-1")
    tell(people.client("A1"), answer, code, "used")
    fixed_clock.forward(days=settings.lookup_retention_days, hours=2)
    with library.runtime.working():
        pass
    library.work()
    assert stored(engine) == stored(engine, LookupOutcome) == []


def tell(client, answer, code, event, **more):
    body = {"token": answer["lookup_token"], "code": code, "event": event, **more}
    return client.post(f"/api/v1/lookups/{answer['lookup_id']}/outcome", json=body)
