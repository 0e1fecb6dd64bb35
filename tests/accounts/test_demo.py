"""A production start refuses sample people with the sample password."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine
from sqlmodel import select

from kms.accounts.demo import refuse_default_secrets
from kms.accounts.models import User
from kms.accounts.passwords import hash_password
from kms.accounts.permissions import Role
from kms.db.session import reading, writing
from kms.errors import Unavailable


@pytest.fixture
def sample(people, engine: Engine) -> str:
    people.add("3127", Role.AGENT)
    with writing(engine) as session:
        user = session.exec(select(User).where(User.login == "3127")).one()
        user.demo, user.password_hash = True, hash_password("demo-password-1")
    return "3127"


def test_the_sample_password_is_for_demonstrations_only(engine: Engine, settings, sample: str) -> None:
    with reading(engine) as session:
        refuse_default_secrets(session, settings.model_copy(update={"demo": True}))
        with pytest.raises(Unavailable, match="演示人员 3127 等 1 人"):
            refuse_default_secrets(session, settings)


@pytest.mark.parametrize("act", ["deactivate", "password"])
def test_it_starts_once_they_are_shut_out_or_have_another_password(
    engine: Engine, settings, sample: str, signed_in, act: str
) -> None:
    admin: TestClient = signed_in("1001", Role.ADMIN)
    assert admin.post(f"/api/v1/users/{sample}/{act}", json={"version": 1}).status_code == 200
    with reading(engine) as session:
        refuse_default_secrets(session, settings)
