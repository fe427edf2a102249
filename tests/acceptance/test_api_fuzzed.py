"""The API's own description against its answers: calls that it allows, and calls that it does not.

`EQHO_FUZZ` is how many calls are made up for each operation (25 unless told).
"""

import os
from collections.abc import Iterator
from typing import cast

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from eqho.api.app import create_api
from eqho.tiers import Tiers
from tests.browser.server import dashboard
from tests.tiers.rig import LINES

TOKEN = "a-token-of-the-test-for-the-api"
CALLS = int(os.environ.get("EQHO_FUZZ", "25"))
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
)


SCHEMA = schemathesis.openapi.from_dict(create_api(cast(Tiers, None), LINES, TOKEN).openapi())
# A parameter that the API does not know is passed over, as everywhere on the web.
SCHEMA.config.generation.update(allow_extra_parameters=False)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with dashboard(tmp_path_factory.mktemp("fuzzed"), EQHO_API_TOKEN=TOKEN) as address:
        yield address


@SCHEMA.parametrize()
@settings(
    max_examples=CALLS,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_call_contradicts_the_description(case: schemathesis.Case, address: str) -> None:
    answer = case.call(base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {TOKEN}"})
    case.validate_response(answer, checks=list(CHECKS))
    assert b"Traceback" not in answer.content
