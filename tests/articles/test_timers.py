"""What time alone brings about."""

from sqlmodel import select

from kms.accounts.models import User
from kms.articles.models import Article
from kms.db.session import writing
from tests.articles.desk import API, Desk
from tests.conftest import TestClock


def test_the_owner_is_asked_to_look_through_the_text(desk: Desk, fixed_clock: TestClock):
    code = desk.published(review_by="2026-12-10")
    fixed_clock.forward(days=14)
    desk.run_timers()
    assert desk.tasks("writer", "review_due") == []
    fixed_clock.forward(days=1)
    desk.run_timers()
    tasks = desk.tasks("writer", "review_due")
    assert [(task.title, task.href) for task in tasks] == [
        ("该复核了：光猫 LOS 灯红色常亮", f"/articles/{code}")
    ]
    desk.revised(code, review_by="2027-12-10")
    assert desk.tasks("writer", "review_due") == []


def test_a_retired_article_asks_for_nothing(desk: Desk, fixed_clock: TestClock):
    code = desk.published(review_by="2026-12-10")
    desk["chief"].post(f"{API}/articles/{code}/retire", json={"reason": "停办"})
    fixed_clock.forward(days=30)
    desk.run_timers()
    assert desk.tasks("writer", "review_due") == []


def test_todays_title_follows_the_revision_in_force(desk: Desk, fixed_clock: TestClock):
    code = desk.published()
    desk.revised(code, title="光猫红灯（新规）", effective_from="2026-12-01")
    with writing(desk.engine) as session:
        assert session.exec(select(Article.title).where(Article.code == code)).one() == "光猫 LOS 灯红色常亮"
    fixed_clock.forward(days=7)
    desk.run_timers()
    with writing(desk.engine) as session:
        assert session.exec(select(Article.title).where(Article.code == code)).one() == "光猫红灯（新规）"


def test_an_owner_who_has_left_does_not_come_back(desk: Desk, fixed_clock: TestClock):
    code = desk.published(effective_to="2026-12-01")
    with writing(desk.engine) as session:
        article = session.exec(select(Article).where(Article.code == code)).one()
        article.owner_id = desk.ids["helper"]
        session.get_one(User, desk.ids["writer"]).active = False
    fixed_clock.forward(days=7)
    desk.run_timers()
    with writing(desk.engine) as session:
        owner = session.exec(select(Article.owner_id).where(Article.code == code)).one()
        assert owner == desk.ids["helper"]


def test_timers_of_what_is_gone_do_no_harm(desk: Desk, fixed_clock: TestClock):
    code = desk.draft()
    desk.submit(code)
    desk.act("writer", code, 1, "withdraw")
    fixed_clock.forward(days=30)
    desk.run_timers()
    assert desk.tasks("chief", "overdue") == []
