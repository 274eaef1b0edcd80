"""Schemathesis over every operation: every response is one that the OpenAPI document describes.

`make test` draws a few fixed examples. `make fuzz` draws tens of thousands from a new seed, and prints it.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core import NotSet
from schemathesis.core.result import Err
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from tests.api.grounds import lay_out
from tests.conftest import Stage

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
NOWHERE: Final = "http://127.0.0.1:9/nothing.jpg"
"""An address on this machine where nobody listens: media is not fetched from elsewhere."""


def _kept_home(value: Any) -> Any:  # any JSON value
    """Return a body whose addresses of things to fetch all lead to this machine."""
    if isinstance(value, dict):
        return {name: NOWHERE if name == "url" else _kept_home(below) for name, below in value.items()}
    return [_kept_home(below) for below in value] if isinstance(value, list) else value


def _ways(operation: APIOperation[Any, Any, Any, Any], ids: Mapping[str, str]) -> Iterator[tuple[GenerationMode, Any]]:
    """Yield how to generate calls: good and bad values, at ids that are there and at any."""
    names = [parameter.name for parameter in operation.path_parameters]
    own = {name: ids[name] for name in names}
    yield GenerationMode.POSITIVE, own
    if names:
        yield GenerationMode.POSITIVE, None
    if [*operation.query, *operation.headers, *operation.body]:
        yield GenerationMode.NEGATIVE, own
    elif names:
        yield GenerationMode.NEGATIVE, None


def _fuzz(base_url: str, key: str, ids: Mapping[str, str], examples: int) -> int:
    """Call every operation with good and bad values, at ids that are there and at any; return how many calls that made.

    `examples` are calls per operation and way of generating them.
    """
    document = httpx2.get(f"{base_url}/openapi.json", trust_env=False).json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=base_url)
    calls = 0
    for found in schema.get_all_operations():
        if isinstance(found, Err):
            raise found.err()
        operation = found.ok()
        for mode, path_parameters in _ways(operation, ids):

            @settings(
                max_examples=examples,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(mode, path_parameters=path_parameters))
            def call(case: schemathesis.Case[Any]) -> None:
                nonlocal calls
                calls += 1
                if not isinstance(case.body, NotSet):  # Schemathesis counts a body that is set to none as invalid
                    case.body = _kept_home(case.body)
                case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=CHECKS)

            call()
    return calls


async def test_no_call_meets_an_answer_that_is_not_described(stage: Stage, pytestconfig: pytest.Config) -> None:
    """No server error, and for each status, content type, header and body what the document says of it."""
    stage = Stage(api=stage.api, client=await stage.api.client(scopes=("*", "org:admin")))
    grounds = await lay_out(stage, handle="bakery")
    now = stage.api.context.clock.now()
    await stage.api.context.pool.execute("INSERT INTO workers (id, started_at, seen_at) VALUES ('w', $1, $1)", now)
    examples = int(pytestconfig.getoption("fuzz_examples"))
    key = stage.client.headers["authorization"].removeprefix("Bearer ")
    assert await asyncio.to_thread(_fuzz, stage.api.base_url, key, grounds.by_parameter, examples) > 200
