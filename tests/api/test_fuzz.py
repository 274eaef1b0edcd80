"""Schemathesis over every operation: every response is one that the OpenAPI document describes.

`make test` draws a few fixed examples. `make fuzz` draws tens of thousands from a new seed, and prints it.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
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
from tests.api.tenants import lay_out
from tests.api.wire import ALL
from tests.tiers import fuzz_examples
from tests.world import World

from presswork.platforms.settings import Settings

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
"""A URL on this machine without a listener, so that no media is fetched from other hosts."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings whose live platforms are nowhere, since credentials of apps are checked there."""
    addresses = ("instagram_graph_url", "facebook_graph_url", "tiktok_api_url", "bluesky_url")
    nowhere = dict.fromkeys(addresses, "http://127.0.0.1:9")
    return settings.model_copy(update=nowhere)


def _with_local_urls(value: Any) -> Any:  # any JSON value
    """Return a body in which all media URLs point to this machine."""
    if isinstance(value, dict):
        return {name: NOWHERE if name == "url" else _with_local_urls(below) for name, below in value.items()}
    return [_with_local_urls(below) for below in value] if isinstance(value, list) else value


def _strategies(
    operation: APIOperation[Any, Any, Any, Any], ids: Mapping[str, str]
) -> Iterator[tuple[GenerationMode, Any]]:
    """Yield strategies for requests: valid and invalid values, with existing and arbitrary ids."""
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
    """Call every operation with each strategy; return the number of requests.

    `examples` is the number of requests per operation and strategy.
    """
    document = httpx2.get(f"{base_url}/openapi.json", trust_env=False).json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=base_url)
    calls = 0
    for found in schema.get_all_operations():
        if isinstance(found, Err):
            raise found.err()
        operation = found.ok()
        if operation.path == "/v1/events/stream":
            continue  # it does not end; tests/events
        for mode, path_parameters in _strategies(operation, ids):

            @hypothesis_settings(
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
                    case.body = _with_local_urls(case.body)
                case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=CHECKS)

            call()
    return calls


@pytest.mark.timeout(300)
async def test_every_response_is_documented(world: World, pytestconfig: pytest.Config) -> None:
    """No request causes a server error, and each status, content type, header and body is in the OpenAPI document."""
    world = World(api=world.api, client=await world.api.client(scopes=ALL))
    tenants = await lay_out(world, handle="bakery")
    customer = await world.client.post("/v1/organizations", json={"name": "Customer"})
    ids = {**tenants.by_parameter, "organizationId": customer.json()["organization"]["id"]}
    now = world.api.context.clock.now()
    await world.api.context.pool.execute("INSERT INTO workers (id, started_at, seen_at) VALUES ('w', $1, $1)", now)
    examples = fuzz_examples(pytestconfig)
    key = world.client.headers["authorization"].removeprefix("Bearer ")
    assert await asyncio.to_thread(_fuzz, world.api.base_url, key, ids, examples) > 200
