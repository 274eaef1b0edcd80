"""Bluesky for contract tests: the connector against the sandbox, posts to drive, and the documents of its client."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from aiohttp import web
from pydantic import JsonValue
from tests.contract.control import SandboxControl
from tests.contract.job import MemoryJob
from tests.contract.on_platform import OnPlatform

from presswork.platforms.bluesky.api import Endpoints
from presswork.platforms.bluesky.client import Client
from presswork.platforms.bluesky.client import documents as client_documents
from presswork.platforms.bluesky.login import BlueskyLogin
from presswork.platforms.bluesky.plugin import SANDBOX_KEY, bluesky
from presswork.platforms.port import (
    Grant,
    Platform,
    PushedRequest,
    RetryPolicy,
)
from presswork.platforms.transport import Transport

CALLBACK: Final = "/oauth/callback/h"
CAPTION: Final = "Fresh from the press: #paper, crème brûlée & 🗞️ https://example.com"
HANDLE: Final = "brand.bsky.social"


def fields_of(value: JsonValue) -> dict[str, JsonValue]:
    """Return a value that has to be a JSON object."""
    assert isinstance(value, dict)
    return value


def items_of(value: JsonValue) -> list[dict[str, JsonValue]]:
    """Return a value that has to be a list of JSON objects."""
    assert isinstance(value, list)
    return [fields_of(item) for item in value]


class Died(Exception):
    """The process of a job ended."""


class DyingJob(MemoryJob):
    """A job whose process ends after one of its saves, once."""

    saves_left: int = 0

    @classmethod
    def of(cls, job: MemoryJob, *, saves: int) -> Self:
        """Return a job like another one, whose process ends after so many saves."""
        dying = cls(**{name: getattr(job, name) for name in MemoryJob.__dataclass_fields__})
        dying.saves_left = saves
        return dying

    async def save(self, **changes: JsonValue) -> None:
        """Store the changes. Raises Died where the count says so."""
        await MemoryJob.save(self, **changes)
        self.saves_left -= 1
        if self.saves_left == 0:
            raise Died


class AppDocuments:
    """A web server with the public documents of a client, which an authorization server may read."""

    def __init__(self) -> None:
        """Have no documents yet; enter it to listen."""
        self.documents: Mapping[str, JsonValue] = {}
        self.address = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_get("/oauth/bluesky/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        if request.match_info["path"] not in self.documents:
            raise web.HTTPNotFound
        return web.json_response(self.documents[request.match_info["path"]])


def bluesky_at(
    sandbox: SandboxControl,
    documents: AppDocuments,
    transport: Transport,
    retry_policy: RetryPolicy,
    now: Callable[[], datetime],
) -> Platform:
    """Return Bluesky at the sandbox, as a client whose documents are served on loopback."""
    client_id = f"{documents.address}/oauth/bluesky/client-metadata.json"
    documents.documents = client_documents(documents.address, SANDBOX_KEY, folder="", redirect_uris=[CALLBACK])
    return bluesky(
        endpoints=Endpoints(
            entryway=sandbox.host("bsky.social"),
            directory=sandbox.host("plc.directory"),
            video=sandbox.host("video.bsky.app"),
        ),
        client=Client(client_id=client_id, key=SANDBOX_KEY),
        redirect_uri=f"{documents.address}{CALLBACK}",
        retry_policy=retry_policy,
        transport=transport,
        now=now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OnBluesky(OnPlatform):
    """The set-up of a test that publishes on the sandbox's Bluesky."""

    name: str = "bluesky"
    handle: str = HANDLE
    caption: str = CAPTION
    documents: AppDocuments

    @property
    def login(self) -> BlueskyLogin:
        """The platform's login."""
        assert isinstance(self.platform.login, BlueskyLogin)
        return self.platform.login

    async def begin(self) -> PushedRequest:
        """Begin a login."""
        return await self.login.push_request(redirect_uri=self.redirect_uri, state="st_1", now=self.clock.now())

    async def finish(self, begun: PushedRequest, code: str) -> Grant:
        """Exchange the code of a login."""
        return await self.login.connect(
            code=code, redirect_uri=self.redirect_uri, verifier=begun.secret, now=self.clock.now()
        )

    async def connect(self, handle: str | None = None) -> Grant:
        """Connect an account through the real authorize page."""
        begun = await self.begin()
        return await self.finish(begun, await self.sandbox.code(begun.url, account=handle or self.handle))
