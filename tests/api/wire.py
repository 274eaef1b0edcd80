"""Shared by the HTTP tests: errors of responses, raw requests, and the operations of the OpenAPI document."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from tests.api_server import Api

from presswork.callers.model import Tier
from presswork.core.enums import Environment
from presswork.orgs.key_model import KeyToken
from presswork.orgs.keys import create_key

Json = dict[str, Any]  # Any: nested JSON

REQUEST_ID: Final = re.compile(r"req_[0-9A-HJKMNP-TV-Z]{26}")
UUID_TEXT: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ALL: Final = ("*", "org:admin", "installation:admin")
"""All scopes."""


def error(answer: httpx2.Response) -> Json:
    """Return the error of a response; assert that the body has exactly the error format."""
    body = answer.json()
    assert set(body) == {"error"}, body
    found: Json = body["error"]
    always = {"code", "message", "requestId", "docUrl"}
    assert always <= set(found) <= always | {"details"}, found
    assert found["docUrl"].endswith(f"/errors/{found['code']}")
    assert answer.headers["content-type"] == "application/json"
    assert REQUEST_ID.fullmatch(found["requestId"])
    assert answer.headers.get_list("x-request-id") == [found["requestId"]]
    assert found["message"].endswith((".", ")")) or "issues" in found.get("details", {}), found["message"]
    return found


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    """Return status and error code of a response."""
    return answer.status_code, str(error(answer)["code"])


def issues(answer: httpx2.Response) -> dict[str, str]:
    """Return the issues of a response: code by path."""
    assert refusal(answer) == (422, "VALIDATION"), answer.text
    return {issue["path"]: issue["code"] for issue in error(answer)["details"]["issues"]}


async def new_key(
    api: Api,
    *,
    scopes: Sequence[str] = ("*",),
    tier: Tier = Tier.UNLIMITED,
    environment: Environment = Environment.TEST,
    organization: str = "Acme",
) -> tuple[KeyToken, str]:
    """Create a key; return its token and its id."""
    async with api.context.pool.acquire() as connection:
        key = await create_key(
            connection,
            organization=organization,
            environment=environment,
            scopes=scopes,
            tier=tier,
            return_domains=("localhost",),
            operator_id=None,
            name="test",
            now=api.context.clock.now(),
        )
    return key.token, key.key_id


async def send_raw(api: Api, request: bytes) -> bytes:
    """Send bytes over a new connection; return the response, up to its end or the end of the connection."""
    address = urlsplit(api.base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(request)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        return head + (await reader.readexactly(int(length[1])) if length else b"")
    finally:
        writer.close()
        await writer.wait_closed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of the OpenAPI document."""

    method: str
    path: str
    described: Json

    @property
    def scope(self) -> str | None:
        """The required scope."""
        found: str | None = self.described.get("x-required-scope")
        return found

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes of which one is enough."""
        return frozenset(one for one in (self.scope, self.described.get("x-alternative-scope")) if one is not None)

    @property
    def needs_key(self) -> bool:
        """Whether the operation requires a key."""
        return bool(self.described["security"])

    @property
    def is_stream(self) -> bool:
        """Whether the response is no JSON document, and is read while it is sent: events, and files of posts."""
        return not {"text/event-stream", "text/csv"}.isdisjoint(
            self.described["responses"].get("200", {}).get("content", {})
        )

    @property
    def is_of_browser(self) -> bool:
        """Whether the operation is how a browser signs in and out: it needs no key."""
        return bool(self.described["tags"] == ["Sign-in"])

    @property
    def path_parameters(self) -> Sequence[str]:
        """Names of the path parameters."""
        return re.findall(r"\{(\w+)\}", self.path)

    @property
    def query_parameters(self) -> Mapping[str, Json]:
        """Schemas of the query parameters."""
        return {
            parameter["name"]: parameter["schema"]
            for parameter in self.described.get("parameters", ())
            if parameter["in"] == "query"
        }

    @property
    def body_example(self) -> Json | None:
        """The example of the body."""
        if "requestBody" not in self.described:
            return None
        found: Json = self.described["requestBody"]["content"]["application/json"]["example"]
        return found

    @property
    def body_schema(self) -> Json | None:
        """The schema of the body."""
        if "requestBody" not in self.described:
            return None
        found: Json = self.described["requestBody"]["content"]["application/json"]["schema"]
        return found

    def at(self, values: Mapping[str, str]) -> str:
        """Return the path with its parameters filled in."""
        return self.path.format(**values)

    def __str__(self) -> str:
        """Return method and path, for assertion messages."""
        return f"{self.method} {self.path}"


async def answer_of(client: httpx2.AsyncClient, operation: Operation, path: str) -> httpx2.Response:
    """Call an operation; the events of a stream are not read."""
    async with client.stream(operation.method, path) as response:
        if response.headers["content-type"] != "text/event-stream":
            await response.aread()
        return response


def operations_of(document: Json) -> Iterator[Operation]:
    """Yield all operations of the document."""
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            yield Operation(method=method.upper(), path=path, described=described)


async def read_document(api: Api) -> Json:
    """Return the OpenAPI document of the API."""
    answer = await (await api.anonymous()).get("/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())
