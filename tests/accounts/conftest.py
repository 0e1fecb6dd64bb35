import pytest
from fastapi.testclient import TestClient

from kms.accounts.permissions import Role


@pytest.fixture
def admin(signed_in) -> TestClient:
    return signed_in("1001", Role.ADMIN)
