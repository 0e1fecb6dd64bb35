"""Two clients' knowledge never meets, and what may not be read looks like what does not exist."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from kms.accounts.models import User
from kms.accounts.permissions import Role
from kms.db.session import reading
from kms.inbox.models import InboxItem

SECRET = "合约机违约金减免的内部口径"


@pytest.fixture
def two_clients(library):
    """A line for each client, with an article of the same words."""
    bank, shop = library.line("银行项目", "银行组"), library.line("商城项目", "商城组")
    codes = {}
    for name, line in (("bank", bank), ("shop", shop)):
        codes[name] = library.publish(
            line, "退款多久到账", f"{name} 退款三天到账。", questions=("退款什么时候到",), products=(name,)
        )
    library.work()
    return codes


def test_each_client_finds_and_counts_only_its_own(two_clients, signed_in, search):
    for name, group in (("bank", "银行组"), ("shop", "商城组")):
        person = signed_in(f"{name}-1", Role.AGENT, groups=(group,))
        answer = search(person, "退款多久到账")
        assert [hit["code"] for hit in answer["hits"]] == [two_clients[name]]
        assert answer["found"] == 1
        values = {
            facet["name"]: [option["value"] for option in facet["options"]] for facet in answer["facets"]
        }
        assert values["product"] == [name]
        nothing = search(person, "zzyzx quux 12345")
        assert {near["code"] for near in nothing["nearest"]} <= {two_clients[name]}
        offered = person.get("/api/v1/complete", params={"q": "退款"}).json()
        assert {each["code"] for each in offered} == {two_clients[name]}


def test_a_filter_opens_no_other_line(two_clients, signed_in, search):
    person = signed_in("bank-1", Role.AGENT, groups=("银行组",))
    for line in (1, 2, 3):
        codes = {hit["code"] for hit in search(person, "退款多久到账", line=line)["hits"]}
        assert codes <= {two_clients["bank"]}


def test_a_person_without_a_line_finds_nothing(two_clients, signed_in, search):
    answer = search(signed_in("none", Role.AGENT, groups=()), "退款多久到账")
    assert (answer["hits"], answer["nearest"], answer["found"]) == ([], [], 0)


def test_what_may_not_be_read_looks_like_what_does_not_exist(library, telecom, signed_in, engine):
    library.publish(telecom, "宽带测速的方法", "请您用网线连接后测速。")
    library.work()
    agent = signed_in("A1", Role.AGENT)
    before = _traced(engine, agent, SECRET)
    library.publish(telecom, SECRET, "可以减免一半。", groups=("专席",))
    library.work()
    after = _traced(engine, agent, SECRET)
    assert after == before


def _traced(engine, client, words) -> tuple[int, dict, list[str]]:
    with statements(engine) as executed:
        answer = client.get("/api/v1/search", params={"q": words})
    body = answer.json()
    for changing in ("took_ms", "took", "lookup_id", "lookup_token"):
        body.pop(changing)
    return answer.status_code, body, executed


@contextmanager
def statements(engine) -> Iterator[list[str]]:
    executed: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        executed.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield executed
    sa.event.remove(engine, "before_cursor_execute", note)


def test_the_owner_alone_hears_of_a_restricted_match(library, telecom, signed_in, search, engine):
    code = library.publish(telecom, SECRET, "可以减免一半。", groups=("专席",))
    library.work()
    agent = signed_in("A1", Role.AGENT)
    assert search(agent, f"我叫张伟丽，{SECRET}")["hits"] == []
    library.work()
    with reading(engine) as session:
        items = session.exec(select(InboxItem)).all()
        owner = session.exec(select(User).where(User.login == "owner")).one()
    assert [(item.user_id, item.kind, item.href) for item in items] == [
        (owner.id, "restricted", f"/articles/{code}")
    ]
    assert "张伟丽" not in items[0].detail


def test_no_restricted_match_reaches_across_lines(library, signed_in, search, engine):
    library.publish(library.line("银行项目", "银行组"), SECRET, "可以减免一半。")
    library.line("商城项目", "商城组")
    library.work()
    search(signed_in("shop-1", Role.AGENT, groups=("商城组",)), SECRET)
    library.work()
    with reading(engine) as session:
        assert session.exec(select(InboxItem).where(col(InboxItem.kind) == "restricted")).all() == []
