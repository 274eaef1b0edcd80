"""Drives a connector like the worker does, and scripts TikTok's responses."""

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from aiohttp import web
from pydantic import JsonValue
from tests.contract.job import MemoryJob

from presswork.platforms.errors import OutcomeUnknown, PlatformError, TryLater
from presswork.platforms.port import CanceledByPlatform, CannotTell, Connector, Live, NotLive, Processing

MAX_STEPS = 400
"""A post that makes more calls than this loops."""


def stored(value: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the value after a round trip through JSON, as the database stores it."""
    again: dict[str, JsonValue] = json.loads(json.dumps(dict(value)))
    return again


async def work(connector: Connector, job: MemoryJob, *, limit: timedelta = timedelta(hours=2)) -> Live | CannotTell:
    """Publish like the worker: prepare, make it live once, look it up until there is an outcome.

    Returns Live, or the final CannotTell. Otherwise raises the error that ends the post, and the last TryLater when
    `limit` has passed by the job's clock.
    """
    deadline = job.now() + limit
    prepared: dict[str, JsonValue] | None = None
    is_asked = False
    for _ in range(MAX_STEPS):
        try:
            if prepared is None:
                prepared = stored(await connector.prepare(job))
            if is_asked:
                outcome = await connector.look_up(job, prepared)
            else:
                job.live_call_at = job.live_call_at or job.now()
                outcome = await connector.make_live(job, prepared)
        except TryLater as error:
            if job.now() >= deadline:
                raise
            prepared, is_asked, job.live_call_at = None, False, None
            await job.sleep(error.retry_after or timedelta(seconds=1))
            continue
        except OutcomeUnknown:
            is_asked = True
            continue
        is_asked = True
        job.state = stored(job.state)
        match outcome:
            case Live():
                return outcome
            case CannotTell(check_after=None):
                return outcome
            case NotLive():
                prepared, is_asked, job.live_call_at = None, False, None
                await job.sleep(_wait_at(outcome.limit))
            case CannotTell() | Processing():
                assert outcome.check_after is not None
                await job.sleep(outcome.check_after)
            case CanceledByPlatform():
                raise AssertionError("TikTok accepts nothing back")
    raise AssertionError("the post goes round in circles")


def _wait_at(limit: TryLater | None) -> timedelta:
    return timedelta() if limit is None else limit.retry_after or limit.first_wait or timedelta(minutes=1)


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
