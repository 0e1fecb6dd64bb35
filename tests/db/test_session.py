"""What a writing session promises: nothing is told of what was undone, and errors carry nobody's data."""

from contextlib import suppress

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from kms.db.session import after_commit, writing


def test_what_was_undone_is_not_told(engine: Engine) -> None:
    told: list[str] = []
    with writing(engine) as session:
        after_commit(session, lambda: told.append("before"))
        with suppress(ValueError), session.begin_nested():
            after_commit(session, lambda: told.append("undone"))
            with session.begin_nested():
                after_commit(session, lambda: told.append("undone with it"))
            raise ValueError
        with session.begin_nested():
            after_commit(session, lambda: told.append("within"))
        after_commit(session, lambda: told.append("after"))
    assert told == ["before", "within", "after"]


def test_a_whole_rollback_forgets_all_before_it(engine: Engine) -> None:
    told: list[str] = []
    with writing(engine) as session:
        session.execute(sa.text("SELECT 1"))
        after_commit(session, lambda: told.append("undone"))
        session.rollback()
        after_commit(session, lambda: told.append("after"))
    assert told == ["after"]


def test_errors_do_not_carry_the_values_of_a_statement(engine: Engine) -> None:
    with pytest.raises(sa.exc.StatementError) as raised, writing(engine) as session:
        session.execute(sa.text("INSERT INTO nowhere VALUES (:phone)"), {"phone": "13800138000"})
    assert "13800138000" not in str(raised.value)
