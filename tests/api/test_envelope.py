"""Error responses: one body format, a request id on every response, and no secrets in unexpected errors."""

import asyncio
import errno
import io
import json
import logging
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest
import structlog
from fastapi import APIRouter
from starlette.responses import StreamingResponse
from starlette.staticfiles import StaticFiles
from structlog.testing import capture_logs
from tests.api.wire import REQUEST_ID, error, refusal
from tests.api_server import Api, serving
from tests.clocks import MovableClock
from tests.databases import as_owner, until_waiting
from tests.world import World

from presswork.api.app import create_routes
from presswork.api.context import Context
from presswork.api.http.middleware import RequestContextMiddleware
from presswork.api.http.request_guard import RequestGuard
from presswork.db.pool import open_pool
from presswork.platforms.settings import Settings


class Surprise(Exception):
    """An exception without a handler."""


async def test_unknown_paths_are_not_found(api: Api) -> None:
    """Unknown paths return the error body for every method, with and without a key."""
    for client in (await api.anonymous(), await api.client()):
        for path in (
            "/v1",
            "/v1/",
            "/v1/nothing",
            "/v1/projects/",
            "/v1//projects",
            "/V1/projects",
            "/x",
            "/v1/%00",
            "/docs/",
        ):
            assert refusal(await client.get(path)) == (404, "NOT_FOUND"), path
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"):
            assert refusal(await client.request(method, "/v1/nothing")) == (404, "NOT_FOUND"), method


async def test_unknown_paths_name_the_nearest_route(api: Api) -> None:
    """A similar path, one word of it, the path of another method, a verb, a missing and a doubled base are recognized."""
    client = await api.anonymous()
    post = "/v1/scheduled-posts/sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
    for method, path, nearest in (
        ("GET", "/v1/posts", "GET /v1/scheduled-posts"),
        ("GET", "/v1/project", "GET /v1/projects"),
        ("POST", "/v1/project", "POST /v1/projects"),
        ("POST", "/v1/content", "POST /v1/projects/{projectId}/content"),
        ("GET", "/v1/accounts", "GET /v1/social-accounts"),
        ("POST", f"{post}/cancel", "DELETE /v1/scheduled-posts/{postId}"),
        ("POST", "/v1/content/cnt_1/publsh", "POST /v1/content/{containerId}/publish"),
        ("GET", "/projects", "GET /v1/projects"),
        ("POST", "/v1/projects/prj_1/social-accounts/oauth-url", "POST /v1/projects/{projectId}/social/oauth-url"),
    ):
        message = (await client.request(method, path)).json()["error"]["message"]
        assert f"Did you mean `{nearest}` (" in message, (path, message)
    doubled = (await client.get("/v1/v1/projects")).json()["error"]["message"]
    assert "The path has /v1 twice: the base URL of a client ends before it" in doubled
    for path in ("/v1/nothing", "/x", f"/v1/{'project' * 60}", "/v1" * 9, "/v1/%00", "/v1/a/b/c/d/e/f"):
        assert "Did you mean" not in (await client.get(path)).json()["error"]["message"], path


async def test_static_files_can_not_be_escaped(api: Api) -> None:
    """/docs/static serves only its own files and returns the usual errors."""
    client = await api.anonymous()
    assert (await client.get("/docs/static/swagger-ui.css")).status_code == 200
    for path in ("", "/", "/nothing.js", "/..%2f..%2fapp.py", "/%00", "/" + "a" * 300, "/redoc.standalone.js"):
        assert refusal(await client.get(f"/docs/static{path}")) == (404, "NOT_FOUND"), path
    answer = await client.post("/docs/static/swagger-ui.css")
    assert (refusal(answer), answer.headers["allow"]) == ((405, "METHOD_NOT_ALLOWED"), "GET, HEAD")


async def test_other_paths_than_those_of_the_files_are_not_looked_up(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of a look-up in the file system is quadratic in the length of the path."""
    looked_up = list[str]()

    def look_up(files: StaticFiles, path: str) -> tuple[str, None]:
        _ = files
        looked_up.append(path)
        return "", None

    monkeypatch.setattr(StaticFiles, "lookup_path", look_up)
    client = await api.anonymous()
    for path in ("a/" * 8000, "swagger-ui.css", "x"):
        assert refusal(await client.get(f"/docs/static/{path}")) == (404, "NOT_FOUND")
    assert looked_up == ["swagger-ui.css"]


async def test_unsupported_method_returns_the_supported_ones(api: Api) -> None:
    """A 405 response has an Allow header with every method of the path."""
    client = await api.client()
    for method, path, allowed in (
        ("DELETE", "/v1/projects", {"GET", "POST"}),
        ("PUT", "/v1/projects/x", {"DELETE", "GET", "PATCH"}),
        ("POST", "/v1/whoami", {"GET"}),
        ("OPTIONS", "/v1/whoami", {"GET"}),
        ("TRACE", "/healthz", {"GET", "HEAD"}),
    ):
        answer = await client.request(method, path)
        assert refusal(answer) == (405, "METHOD_NOT_ALLOWED")
        assert set(answer.headers["allow"].split(", ")) == allowed, path
        assert error(answer)["details"]["allowed"] == answer.headers["allow"]


async def test_every_response_has_a_request_id(api: Api) -> None:
    """All responses have one X-Request-Id header; an id that the client sends is not used."""
    client = await api.client()
    names = []
    for path in (
        "/v1/whoami",
        "/v1/projects",
        "/v1/nothing",
        "/",
        "/docs",
        "/healthz",
        "/readyz",
        "/openapi.json",
        "/sandbox/",
    ):
        answer = await client.get(path, headers={"X-Request-Id": "mine"})
        names += answer.headers.get_list("x-request-id")
    assert len(set(names)) == 9
    assert all(REQUEST_ID.fullmatch(name) for name in names)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """The log as JSON lines."""
    stream = io.StringIO()
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    yield stream
    structlog.configure(**before)


def _with_traps(context: Context) -> RequestContextMiddleware:
    """Return the application with additional routes that fail."""
    app = create_routes()
    traps = APIRouter()

    @traps.get("/trap/{kind}")
    async def trap(kind: str) -> StreamingResponse:
        if kind == "cut":
            async with context.pool.acquire() as connection, connection.transaction(), connection.transaction():
                await as_owner(context.pool, f"SELECT pg_terminate_backend({connection.get_server_pid()})")
                await connection.execute("SELECT 1")
        if kind == "stream":

            async def broken() -> AsyncIterator[bytes]:
                yield b"half"
                raise Surprise("secret-of-the-stream")

            return StreamingResponse(broken(), headers={"Content-Length": "8"})
        raise Surprise("secret-of-the-house")

    app.include_router(traps)
    return RequestContextMiddleware(app, context)


async def test_internal_error_is_logged_and_reveals_nothing(context: Context, logged: io.StringIO) -> None:
    """The client gets a message and the request id; the traceback is only in the log, with that id."""
    transport = httpx2.ASGITransport(app=_with_traps(context), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://api") as client:
        answer = await client.get("/trap/plain")
    assert refusal(answer) == (500, "INTERNAL")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    failed, summary = (line for line in lines if line.get("request_id") == error(answer)["requestId"])
    assert (failed["event"], failed["level"], failed["route"]) == ("request failed", "error", "/trap/{kind}")
    assert "secret-of-the-house" in failed["exception"]
    assert (summary["event"], summary["status"], summary["error"]) == ("request", 500, "INTERNAL")


async def test_lost_database_connection_returns_503(world: World) -> None:
    """A request whose connection is lost returns 503, and the next request succeeds."""
    project, pool = await world.project(), world.api.context.pool
    async with pool.acquire() as connection, connection.transaction(), asyncio.timeout(20):
        await connection.execute("SELECT 1 FROM projects FOR UPDATE")
        call = asyncio.create_task(world.client.patch(f"/v1/projects/{project}", json={"name": "New"}))
        await until_waiting(pool)
        hung = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        await as_owner(pool, f"SELECT pg_terminate_backend(pid) {hung}")
        assert refusal(await call) == (503, "UNAVAILABLE")
    assert (await world.client.patch(f"/v1/projects/{project}", json={"name": "New"})).json()["name"] == "New"


async def test_lost_connection_within_a_savepoint_returns_503(context: Context) -> None:
    """Both the savepoint and its transaction fail to end; the cause of both errors is the lost connection."""
    transport = httpx2.ASGITransport(app=_with_traps(context), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://api") as client:
        assert refusal(await client.get("/trap/cut")) == (503, "UNAVAILABLE")


async def test_failed_response_body_closes_the_connection(context: Context, logged: io.StringIO) -> None:
    """An error after the response head was sent reaches the server, which closes the connection."""
    transport = httpx2.ASGITransport(app=_with_traps(context))
    async with httpx2.AsyncClient(transport=transport, base_url="http://api") as client:
        with pytest.raises(Surprise):
            await client.get("/trap/stream")
    assert "request failed" in logged.getvalue()


async def test_access_log_contains_the_key_name_and_no_secret(api: Api, logged: io.StringIO) -> None:
    """The log has one line per request with route pattern, status and lookup name, without secret or path ids."""
    client = await api.client()
    token = client.headers["authorization"].removeprefix("Bearer ")
    await client.get("/v1/projects/prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55")
    (line,) = (json.loads(line) for line in logged.getvalue().splitlines() if '"request"' in line)
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/projects/{projectId}", 404)
    assert (line["key"], line["error"]) == (token.split("_")[2], "NOT_FOUND")
    assert token.split("_", 3)[3] not in logged.getvalue()
    assert "0191f3a2" not in logged.getvalue()


async def test_client_disconnect_is_logged_without_an_error(api: Api) -> None:
    """An incomplete body is one access log line with status 499 and no error."""
    address, browser = urlsplit(api.base_url), await api.anonymous()
    with capture_logs() as said:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(b"POST /webhooks/tiktok/test HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n{")
        await writer.drain()
        writer.close()
        assert await reader.read() == b""
        while not (lines := [line for line in said if line.get("method") == "POST"]):
            await browser.get("/healthz")  # each request is a round trip, so the other one proceeds
    assert [(line["event"], line["status"], line["log_level"]) for line in lines] == [("request", 499, "info")]


@pytest.mark.parametrize(
    "error_type",
    [
        asyncpg.InternalClientError,
        asyncpg.CannotConnectNowError,
        asyncpg.ReadOnlySQLTransactionError,
        ConnectionRefusedError,
        TimeoutError,
    ],
)
async def test_driver_errors_of_a_lost_database_return_503(
    api: Api, monkeypatch: pytest.MonkeyPatch, error_type: type[Exception]
) -> None:
    """Each exception of the driver for a lost connection returns 503 with a message that says what to do."""
    client = await api.client()

    async def gone(*_: object, **__: object) -> None:
        raise error_type("the connection is gone")

    monkeypatch.setattr(asyncpg.pool.Pool, "fetch", gone)
    answer = await client.get("/v1/projects")
    assert refusal(answer) == (503, "UNAVAILABLE")
    assert "Idempotency-Key" in error(answer)["message"]


def _bad_argument(cause: Exception) -> Exception:
    """Return the driver's error for an argument, as it raises it."""
    error = asyncpg.DataError("invalid input for query argument $1")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (MemoryError(), (503, "UNAVAILABLE")),
        (_bad_argument(MemoryError()), (503, "UNAVAILABLE")),
        (RuntimeError("can't start new thread"), (503, "UNAVAILABLE")),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), (503, "UNAVAILABLE")),
        (OSError(errno.EIO, "Input/output error"), (500, "INTERNAL")),
        (_bad_argument(ValueError()), (500, "INTERNAL")),
        (RuntimeError("dictionary changed size during iteration"), (500, "INTERNAL")),
    ],
    ids=[
        "in our code",
        "an argument of a statement",
        "a thread",
        "a system call",
        "a disk that is broken",
        "an argument that is a defect",
        "another defect",
    ],
)
async def test_a_call_without_memory_returns_503(
    api: Api, monkeypatch: pytest.MonkeyPatch, raised: Exception, expected: tuple[int, str]
) -> None:
    """No memory has several exceptions: Python's own, the driver's for an argument, and that of a new thread."""
    client = await api.client()

    async def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(asyncpg.pool.Pool, "fetch", fail)
    assert refusal(await client.get("/v1/projects")) == expected


async def _fail(*_: object) -> None:
    raise MemoryError


def _fail_at_once(*_: object) -> None:
    raise MemoryError


@pytest.mark.parametrize(
    ("owner", "name", "fail"),
    [(RequestGuard, "__call__", _fail), (zlib, "compressobj", _fail_at_once)],
    ids=["before the route", "when the response is compressed"],
)
async def test_a_call_without_memory_outside_its_route_returns_503(
    api: Api, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, fail: Callable[..., object]
) -> None:
    """The middleware needs memory, too, and has none of the handlers of exceptions around it. A response that is compressed has
    begun for the framework, which names the lack of memory only as a cause then."""
    client = await api.client()
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fail)
        answer = await client.get("/v1/platforms")
    assert refusal(answer) == (503, "UNAVAILABLE")
    assert "Idempotency-Key" in error(answer)["message"]


async def test_missing_server_socket_is_a_connection_error(tmp_path: Path) -> None:
    """The missing socket of a stopped server is handled like a refused connection."""
    with pytest.raises(ConnectionError, match="does not exist"):
        await open_pool(f"postgresql://presswork@/presswork?host={tmp_path}")


async def test_a_call_that_outlasts_its_server_is_503(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """A stopping process waits for its calls only for a while. What they wrote is unclear: the client has to repeat it."""
    async with serving(settings, dsn=dsn, clock=clock) as api:
        client = await api.client()
        project = (await client.post("/v1/projects", json={"name": "Corner shop"})).json()["id"]
        pool = api.context.pool
        async with pool.acquire() as rival, rival.transaction():
            await rival.execute("LOCK TABLE projects IN ACCESS EXCLUSIVE MODE")
            call = asyncio.create_task(client.patch(f"/v1/projects/{project}", json={"name": "Bakery"}))
            await until_waiting(pool)
            api.server.config.timeout_graceful_shutdown = 0
            api.server.stop()
            answer = await call
        assert refusal(answer) == (503, "UNAVAILABLE")
        assert "Idempotency-Key" in error(answer)["message"]
        assert answer.headers["x-request-id"] == error(answer)["requestId"]
