"""Schemathesis asks every operation of the API's description, with right and with wrong input.

Never a 5xx, only documented statuses, media types and bodies, `Allow` as described, no way around the login.
The seed is fixed, so that a failure comes back.
"""

import logging
from collections.abc import Iterator

import pytest
import schemathesis
import structlog
from schemathesis import Case
from schemathesis.config import SchemathesisConfig

from kms.settings import Settings
from tests.contracts.stage import CODE, LOGIN, Scene, Stage, installed
from web.app import create_app

CONFIG = SchemathesisConfig.from_dict(
    {
        "generation": {"deterministic": True, "max-examples": 5, "no-shrink": True, "database": "none"},
        # Most of what is behind an address shows only when the address leads to something.
        "dictionaries": {
            "codes": {"values": [CODE]},
            "numbers": {"values": [1, 2]},
            "logins": {"values": [LOGIN, "10024"]},
            "categories": {"values": [1, 3, 4]},
            "firsts": {"values": [1]},
            "files": {"values": ["灯.png"]},
        },
        "parameters": {
            f"path.{name}": {"dictionary": dictionary, "probability": 0.7}
            for name, dictionary in {
                "code": "codes",
                "number": "numbers",
                "login": "logins",
                "category_id": "categories",
                "name": "files",
                **dict.fromkeys(
                    ("comment_id", "correction_id", "request_id", "licence_id", "key_id", "item_id"), "firsts"
                ),
            }.items()
        },
        "checks": {
            # What a schema cannot say is refused as 422 or 415 too: a category of another business line,
            # a reason that only this decision needs, a file whose bytes are not what its name says.
            "positive_data_acceptance": {"expected-statuses": ["2xx", 401, 403, 404, 409, 415, 422, 429]},
        },
    }
)
STAGE = Stage()
SCHEMA = schemathesis.openapi.from_dict(create_app(Settings()).openapi(), config=CONFIG)
SCHEMA.app, SCHEMA.location = STAGE, "/api/v1/openapi.json"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, migrated, models) -> Iterator[Scene]:
    with STAGE.playing(installed(tmp_path_factory.mktemp("fuzz"), migrated, models)) as scene:
        yield scene


@pytest.fixture(autouse=True)
def as_set(scene: Scene) -> Iterator[None]:
    """Before each operation; without a line of log for each of its requests."""
    scene.reset()
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(wrapper_class=before)


@SCHEMA.parametrize()
def test_operation(case: Case, scene: Scene) -> None:
    case.call_and_validate(headers=scene.headers)
