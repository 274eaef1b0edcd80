"""Drives a connector like the worker does, and scripts TikTok's responses."""

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web
from pydantic import JsonValue
from tests.contract.job import MemoryJob, drive

from presswork.platforms.errors import PlatformError
from presswork.platforms.port import (
    CanceledByPlatform,
    Connector,
    Platform,
    Present,
    Sighting,
    Unreadable,
)
from presswork.worker.reconciliation import Unknown


def stored(value: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the value after a round trip through JSON, as the database stores it."""
    again: dict[str, JsonValue] = json.loads(json.dumps(dict(value)))
    return again


async def work(platform: Platform, job: MemoryJob) -> Present | Unknown:
    """Publish like the worker, see `drive`, but with any number of calls, so that the connector's own bounds are met.

    Raises the error that ends the post, or for which it still waits.
    """
    end = await drive(platform.connector, job, platform.retry_policy, live_calls=1_000)
    assert not isinstance(end, CanceledByPlatform), "TikTok accepts nothing back"
    if isinstance(end, Present | Unknown):
        return end
    raise end


async def look(connector: Connector, job: MemoryJob, prepared: Mapping[str, JsonValue]) -> Sighting:
    """Return what the connector sees; a read that fails is Unreadable."""
    try:
        return await connector.look_up(job, prepared)
    except PlatformError as error:
        return Unreadable(error=error)


@dataclass(frozen=True, slots=True)
class CutConnection:
    """Receive the request, then cut the connection."""


@dataclass(frozen=True, slots=True)
class Respond:
    """One response: a JSON value or raw bytes."""

    status: int = 200
    body: JsonValue | bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def ok(**data: JsonValue) -> Respond:
    """A successful response in TikTok's envelope."""
    return Respond(200, {"data": data, "error": {"code": "ok", "message": "", "log_id": "L"}})


def refused(status: int, code: str) -> Respond:
    """An error in TikTok's envelope."""
    return Respond(status, {"data": {}, "error": {"code": code, "message": "words", "log_id": "L"}})


def status(name: str, **more: JsonValue) -> Respond:
    """The response to a status read."""
    return ok(status=name, **more)


def visible_text(job: MemoryJob, *errors: PlatformError) -> str:
    """Return every message about a job that a person could read."""
    notes = [f"{note.event} {note.message} {json.dumps(dict(note.detail))}" for note in job.notes]
    return "\n".join([*notes, *(f"{error} {error.message} {error.platform_message}" for error in errors)])


CREATOR = ok(
    creator_username="brand",
    privacy_level_options=["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
    comment_disabled=False,
    duet_disabled=False,
    stitch_disabled=False,
    max_video_post_duration_sec=300,
)
FRESH: Respond = Respond(
    200, {"access_token": "act.new", "expires_in": 7200, "refresh_token": "rft.new", "refresh_expires_in": 9000}
)
"""The response to a token refresh."""
OPERATIONS = {
    "/v2/post/publish/creator_info/query/": "creator_info",
    "/v2/post/publish/video/init/": "video_init",
    "/v2/post/publish/content/init/": "content_init",
    "/v2/post/publish/status/fetch/": "status_fetch",
    "/v2/oauth/token/": "token",
    "/v2/oauth/revoke/": "revoke",
    "/v2/user/info/": "user_info",
    "/upload": "upload",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One recorded request."""

    operation: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str]

    @property
    def json(self) -> dict[str, JsonValue]:
        """The body as a JSON object."""
        value: dict[str, JsonValue] = json.loads(self.body)
        return value


class Script:
    """A TikTok that responds to each operation from a list; its last response repeats."""

    def __init__(self) -> None:
        """Create an empty script; enter it to listen."""
        self.answers: dict[str, list[Respond | CutConnection]] = {"creator_info": [CREATOR]}
        self.calls: list[Call] = []
        self.address = ""
        self.on_call: Callable[[Call], Awaitable[None]] | None = None
        self._given: dict[str, int] = defaultdict(int)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Listen on a free port; uploads are sent to the same server."""
        application = web.Application(client_max_size=100_000_000)
        application.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        self.answers["video_init"] = [self.upload_opened("p1")]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    def once(self, is_time: Callable[[], bool], operation: str, answer: Respond) -> None:
        """Respond to an operation with `answer` as soon as `is_time` holds."""

        async def check(_: Call) -> None:
            if is_time():
                self.answers[operation] = [answer]

        self.on_call = check

    def restart(self) -> None:
        """Restart every list of responses."""
        self._given.clear()

    def upload_opened(self, publish_id: str) -> Respond:
        """The response to a video init."""
        return ok(publish_id=publish_id, upload_url=f"{self.address}/upload?upload_token=secret")

    def sent(self, operation: str) -> list[Call]:
        """Return the calls of one operation."""
        return [call for call in self.calls if call.operation == operation]

    def operation_of(self, request: web.Request) -> str:
        """Return the name of the operation that a request is for."""
        return OPERATIONS[request.path]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        operation = self.operation_of(request)
        body = await request.read()
        call = Call(operation, dict(request.headers), body, dict(request.query))
        self.calls.append(call)
        if self.on_call is not None:
            await self.on_call(call)
        script = self.answers[operation]
        answer = script[min(self._given[operation], len(script) - 1)]
        self._given[operation] += 1
        if isinstance(answer, CutConnection):
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        raw = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        return web.Response(status=answer.status, body=raw, headers=dict(answer.headers))
