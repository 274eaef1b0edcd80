"""The Starlette route that bypasses FastAPI behaves like all other routes."""

import functools

import httpx2
import pytest
from starlette.types import Receive, Scope, Send
from tests.api.wire import refusal
from tests.world import World

from presswork.api.app import create_app
from presswork.api.context import Context
from presswork.api.posts import routes

_CONTAINER = "cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"


class Surprise(Exception):
    """An exception without a handler."""


async def test_unexpected_error_returns_500_without_details(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected error returns the error body with the request id, without the exception's message."""

    async def trap(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise Surprise("secret-of-the-house")

    monkeypatch.setattr(routes, "HOT_ROUTES", [("/trap/{kind}", functools.partial(trap))])  # a function is no ASGI app
    transport = httpx2.ASGITransport(app=create_app(context), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.post("/trap/plain")
    assert refusal(answer) == (500, "INTERNAL")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", f"/v1/content/{_CONTAINER}/publish", (405, "METHOD_NOT_ALLOWED")),
        ("POST", f"/v1/content/{_CONTAINER}/publish/", (404, "NOT_FOUND")),
        ("POST", f"/x/v1/content/{_CONTAINER}/publish", (404, "NOT_FOUND")),
        ("POST", "/v1/content/a/b/publish", (404, "NOT_FOUND")),
        ("POST", "/v1/content/a/b%0A/publish", (404, "NOT_FOUND")),
        ("POST", "/v1/content/nothing/publish", (404, "NOT_FOUND")),
        ("POST", f"/v1/content/{_CONTAINER}/publish", (422, "VALIDATION")),
    ],
)
async def test_only_its_exact_path_and_method_match(
    world: World, method: str, path: str, found: tuple[int, str]
) -> None:
    """Another method, another path, an invalid id and a missing body return the usual errors."""
    assert refusal(await world.client.request(method, path)) == found
