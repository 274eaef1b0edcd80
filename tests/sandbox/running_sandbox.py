"""A sandbox on a real port, a media server, and an HTTP client that uses no Presswork code."""

import asyncio
import functools
import io
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any, Final, Literal, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import av
import httpx2
import uvicorn
from aiohttp import web
from PIL import Image, ImageDraw
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tests.sandbox_journal import read_journal
from tests.servers import shut

from presswork_sandbox.access import TOKEN_HEADER, Access
from presswork_sandbox.app import create_standalone_app
from presswork_sandbox.late_effects import REPUBLISH_AFTER

BACK = "http://localhost:9/back"
IG_SCOPES = "instagram_business_basic,instagram_business_content_publish,instagram_business_manage_comments"
FB_SCOPES = "instagram_basic,instagram_content_publish,instagram_manage_comments,pages_show_list,pages_read_engagement"
TIKTOK_SCOPES = "user.info.basic,video.publish,video.upload,video.list"

RESET_WITHIN_SECONDS = 10.0
"""How long the last requests of a test and the reset may take."""

JSON = dict[str, Any]  # responses of the fake platforms; each test states what it expects


async def polls() -> AsyncIterator[None]:
    """Yield until half a minute has passed, after short pauses: `async for _ in polls()` asks until something is so."""
    loop = asyncio.get_running_loop()
    until = loop.time() + 30
    while loop.time() < until:
        yield
        await asyncio.sleep(0.005)


def listening() -> socket.socket:
    """Return a socket on a free port. Because the protocol is named, asyncio sets TCP_NODELAY: 40 ms less per call."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    return listener


@functools.cache
def picture(width: int = 1080, height: int = 1080, kind: str = "JPEG", hue: int = 200) -> bytes:
    """Return an encoded picture."""
    image = Image.new("RGB", (width, height), f"hsl({hue}, 60%, 55%)")
    ImageDraw.Draw(image).ellipse((width // 4, height // 4, width * 3 // 4, height * 3 // 4), fill="white")
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


_FAST: Final[dict[str, dict[str, object]]] = {
    "libx264": {"preset": "ultrafast"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8"},
}


@functools.cache
def clip(
    seconds: float = 3.0,
    *,
    width: int = 360,
    height: int = 640,
    fps: int = 24,
    codec: str = "libx264",
    kind: str = "mp4",
) -> bytes:
    """Return an encoded video without sound. All its frames are the same picture: encoders need less time for them."""
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as media:
        stream = media.add_stream(codec, rate=fps)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = Fraction(1, fps)
        stream.options = _FAST.get(codec, {})
        image = Image.new("RGB", (width, height), "hsl(200, 60%, 50%)")
        frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]  # untyped in PyAV
        for number in range(int(seconds * fps)):
            frame.pts = number
            for packet in stream.encode(frame):
                media.mux(packet)
        for packet in stream.encode():
            media.mux(packet)
    return out.getvalue()


@dataclass
class MediaServer:
    """Serves bytes by name, records the fetched names and the user agents, and can refuse one of those."""

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    refused_agent: str | None = None
    never: dict[str, asyncio.Event] = field(default_factory=dict)

    def put(self, name: str, data: bytes) -> str:
        """Serve bytes and return their URL."""
        self.files[name] = data
        return f"{self.address}/{name}"

    def put_json(self, name: str, document: object) -> str:
        """Serve a JSON document and return its URL."""
        self.kinds[name] = "application/json"
        return self.put(name, json.dumps(document).encode())

    async def hang(self, name: str) -> str:
        """Return a URL that accepts a request and never answers."""
        self.never.setdefault(name, asyncio.Event())
        return f"{self.address}/{name}"

    def release(self) -> None:
        """Answer the requests that hang."""
        for waiting in self.never.values():
            waiting.set()

    async def answer(self, request: web.Request) -> web.Response:
        """Return the bytes, a redirect for /moved/<name>, or 404 for an unknown name."""
        name = request.match_info["name"]
        self.fetched.append(name)
        self.agents.append(request.headers.get("user-agent", ""))
        if self.refused_agent is not None and self.refused_agent in self.agents[-1]:
            return web.Response(status=403, text="<html>no crawlers</html>", content_type="text/html")
        if name in self.never:
            await self.never[name].wait()
        if request.path.endswith(f"/moved/{name}"):
            raise web.HTTPFound(f"{self.address}/{name}")
        if name not in self.files:
            return web.Response(status=404, text="<html>not here</html>", content_type="text/html")
        return web.Response(body=self.files[name], content_type=self.kinds.get(name, "application/octet-stream"))


@dataclass(frozen=True)
class Report:
    """A webhook or status callback from a fake platform."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The body of a status callback."""
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}

    @property
    def json(self) -> JSON:
        """The body of a webhook."""
        read: JSON = json.loads(self.body)
        return read


@dataclass
class WebhookReceiver:
    """Receives status callbacks and webhooks; returns the statuses in `answers` first, then 200."""

    address: str
    reports: list[Report] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    handshake: Callable[[Mapping[str, str]], tuple[int, str]] = lambda _: (404, "")
    """Returns status and body of the response to a handshake, whose query it is given."""
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def answer(self, request: web.Request) -> web.Response:
        """Store a report."""
        body = await request.read()
        async with self.came:
            path = request.path_qs.removeprefix(urlsplit(self.address).path)
            self.reports.append(Report(path=path, headers=request.headers, body=body))
            self.came.notify_all()
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def shake(self, request: web.Request) -> web.Response:
        """Answer a handshake."""
        status, body = self.handshake(dict(request.query))
        return web.Response(status=status, text=body)

    async def until(self, enough: Callable[[list[Report]], bool]) -> list[Report]:
        """Wait until the reports satisfy a condition. Raises TimeoutError after 20 seconds."""
        async with asyncio.timeout(20), self.came:
            await self.came.wait_for(lambda: enough(self.reports))
        return list(self.reports)


class PeerServer:
    """What the sandbox calls: a web server whose media servers and webhook receivers each have a path of their own.

    So a call that an earlier test caused reaches no later one.
    """

    def __init__(self, url: str) -> None:
        self._url: Final = url
        self._media: Final[list[MediaServer]] = []
        self._receivers: Final[list[WebhookReceiver]] = []

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[Self]:
        """Serve until the block ends."""
        listener = listening()
        server = cls(f"http://127.0.0.1:{listener.getsockname()[1]}")
        app = web.Application()
        app.router.add_get(r"/media/{number:\d+}/{name}", server._serve_media)
        app.router.add_get(r"/media/{number:\d+}/moved/{name}", server._serve_media)
        app.router.add_post(r"/receiver/{number:\d+}{path:.*}", server._receive)
        app.router.add_get(r"/receiver/{number:\d+}{path:.*}", server._shake)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        yield server
        for media in server._media:
            media.release()
        await runner.cleanup()

    def media(self) -> MediaServer:
        """Return a media server without files."""
        self._media.append(MediaServer(address=f"{self._url}/media/{len(self._media)}"))
        return self._media[-1]

    def webhook_receiver(self) -> WebhookReceiver:
        """Return a receiver without reports."""
        self._receivers.append(WebhookReceiver(address=f"{self._url}/receiver/{len(self._receivers)}"))
        return self._receivers[-1]

    async def _serve_media(self, request: web.Request) -> web.Response:
        return await self._media[int(request.match_info["number"])].answer(request)

    async def _receive(self, request: web.Request) -> web.Response:
        return await self._receivers[int(request.match_info["number"])].answer(request)

    async def _shake(self, request: web.Request) -> web.Response:
        return await self._receivers[int(request.match_info["number"])].shake(request)


@dataclass
class RunningSandbox:
    """A running sandbox with the calls of a platform client."""

    address: str
    state_file: Path
    http: httpx2.AsyncClient
    media: MediaServer

    async def control(self, method: str, path: str, body: object = None) -> httpx2.Response:
        """Call the control surface."""
        return await self.http.request(method, f"/sandbox/control/{path}", json=body)

    async def items(self, path: str) -> list[JSON]:
        """Return the items of a list of the control surface."""
        answer = await self.http.get(f"/sandbox/control/{path}")
        assert answer.status_code == 200, answer.text
        found: list[JSON] = answer.json()["items"]
        return found

    async def calls(self, **filters: str) -> list[JSON]:
        """Return the recorded calls that match, oldest first."""
        return await read_journal(self.http.get, **filters)

    async def fault(self, platform: str, operation: str, fault: str, **more: object) -> JSON:
        """Set a fault."""
        body = {"platform": platform, "operation": operation, "fault": fault, **more}
        answer = await self.control("POST", "faults", body)
        assert answer.status_code == 200, answer.text
        made: JSON = answer.json()
        return made

    async def advance(self, seconds: float) -> None:
        """Advance the clock of the sandbox."""
        answer = await self.control("POST", "clock", {"advanceSeconds": seconds})
        assert answer.status_code == 200, answer.text

    async def reset(self) -> None:
        """Delete all state, between two rows of a table that leave some."""
        answer = await self.control("POST", "reset")
        assert answer.status_code == 200, answer.text

    async def account(self, platform: str, handle: str, **more: object) -> JSON:
        """Create or update an account."""
        answer = await self.control("POST", "accounts", {"platform": platform, "handle": handle, **more})
        assert answer.status_code == 200, answer.text
        made: JSON = answer.json()
        return made

    async def comment(self, platform: str, external_id: str, text: str = "Open on Sunday?", **more: object) -> JSON:
        """Let another account comment on a post, and return the comment."""
        body = {"platform": platform, "externalId": external_id, "text": text, **more}
        answer = await self.control("POST", "comments", body)
        assert answer.status_code == 200, answer.text
        made: JSON = answer.json()
        return made

    async def consent(self, host_path: str, params: Mapping[str, str]) -> dict[str, str]:
        """Submit an authorize page and return the query of the redirect."""
        answer = await self.http.get(f"/sandbox/{host_path}?{urlencode(params)}")
        assert answer.status_code == 302, answer.text
        query = urlsplit(answer.headers["location"]).query
        return {name: values[0] for name, values in parse_qs(query).items()}

    async def graph_login(self, handle: str, scope: str = IG_SCOPES, *, long: bool = True) -> str:
        """Connect an Instagram account and return its token."""
        ask = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": scope, "state": "s"}
        back = await self.consent("www.instagram.com/oauth/authorize", ask | {"account": handle, "decision": "approve"})
        form = {"client_id": "1", "client_secret": "x", "grant_type": "authorization_code", "redirect_uri": BACK}
        short = await self.http.post(
            "/sandbox/api.instagram.com/oauth/access_token", data=form | {"code": back["code"]}
        )
        assert short.status_code == 200, short.text
        token = str(short.json()["access_token"])
        if not long:
            return token
        query = {"grant_type": "ig_exchange_token", "client_secret": "x", "access_token": token}
        answer = await self.http.get("/sandbox/graph.instagram.com/access_token", params=query)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def facebook_code(self, *handles: str, scope: str = FB_SCOPES, app: str = "1") -> str:
        """Submit the dialog of Facebook and return the code."""
        ask = {"client_id": app, "redirect_uri": BACK, "response_type": "code", "scope": scope, "state": "s"}
        ask |= {"account": ",".join(handles), "decision": "approve"}
        return (await self.consent("www.facebook.com/v25.0/dialog/oauth", ask))["code"]

    async def facebook_token(self, **params: str) -> httpx2.Response:
        """Call the token endpoint of Facebook."""
        ask = {"client_id": "1", "client_secret": "x", **params}
        return await self.http.get("/sandbox/graph.facebook.com/v25.0/oauth/access_token", params=ask)

    async def facebook_login(
        self, *handles: str, scope: str = FB_SCOPES, long: bool = True, app: str = "1", **more: str
    ) -> str:
        """Connect the Pages of Instagram accounts and return the user token; `more`: of both token calls."""
        code = await self.facebook_code(*handles, scope=scope, app=app)
        credentials = {"client_id": app, **more}
        short = await self.facebook_token(redirect_uri=BACK, code=code, **credentials)
        assert short.status_code == 200, short.text
        token = str(short.json()["access_token"])
        if not long:
            return token
        answer = await self.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=token, **credentials)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def facebook(self, token: str, method: str, path: str, **params: object) -> httpx2.Response:
        """Call graph.facebook.com with a bearer token; parameters are sent in the query or, for POST, as JSON."""
        url = f"/sandbox/graph.facebook.com/v25.0/{path}"
        headers = {"authorization": f"Bearer {token}"}
        if method == "POST":
            return await self.http.post(url, json=params, headers=headers)
        query = {name: str(value) for name, value in params.items()}
        return await self.http.request(method, url, params=query, headers=headers)

    async def graph(self, token: str, method: str, path: str, **params: object) -> httpx2.Response:
        """Call graph.instagram.com with a bearer token; parameters are sent in the query or, for POST, as JSON."""
        url = f"/sandbox/graph.instagram.com/v25.0/{path}"
        headers = {"authorization": f"Bearer {token}"}
        if method == "POST":
            return await self.http.post(url, json=params, headers=headers)
        query = {name: str(value) for name, value in params.items()}
        return await self.http.request(method, url, params=query, headers=headers)

    async def container(self, token: str, **params: object) -> str:
        """Create a container and return its id."""
        answer = await self.graph(token, "POST", "me/media", **params)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def finished(self, token: str, container: str, max_count: int = 400) -> list[str]:
        """Poll a container until it is no longer in progress; return each status_code."""
        await self.advance(0)  # returns once the media is checked
        seen: list[str] = []
        while len(seen) < max_count and (not seen or seen[-1] == "IN_PROGRESS"):
            answer = await self.graph(token, "GET", container, fields="status_code,status")
            seen.append(answer.json()["status_code"])
        return seen

    async def publish(self, token: str, container: str) -> httpx2.Response:
        """Call media_publish."""
        return await self.graph(token, "POST", "me/media_publish", creation_id=container)

    async def post_picture(self, token: str, **params: object) -> str:
        """Publish a picture and return the media id."""
        url = self.media.put("picture.jpg", picture())
        container = await self.container(token, image_url=url, **params)
        assert await self.finished(token, container) == ["FINISHED"]
        answer = await self.publish(token, container)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def tiktok_login(self, handle: str, scope: str = TIKTOK_SCOPES, **more: str) -> JSON:
        """Connect a TikTok account and return the response of the token endpoint."""
        ask = {"client_key": "k", "redirect_uri": BACK, "response_type": "code", "scope": scope, "state": "s"}
        back = await self.consent(
            "www.tiktok.com/v2/auth/authorize/", ask | {"account": handle, "decision": "approve"} | more
        )
        answer = await self.tiktok_token(grant_type="authorization_code", redirect_uri=BACK, code=back["code"])
        assert answer.status_code == 200, answer.text
        made: JSON = answer.json()
        return made

    async def tiktok_token(self, **form: str) -> httpx2.Response:
        """Call the token endpoint of TikTok."""
        return await self.http.post(
            "/sandbox/open.tiktokapis.com/v2/oauth/token/", data={"client_key": "k", "client_secret": "x", **form}
        )

    async def tiktok(self, token: str, path: str, body: object = None, query: str = "") -> httpx2.Response:
        """POST to open.tiktokapis.com with a bearer token."""
        url = f"/sandbox/open.tiktokapis.com/v2/{path}/{query}"
        headers = {"authorization": f"Bearer {token}"}
        return await self.http.post(url, json=body, headers=headers)

    async def video_init(self, token: str, size: int, *, inbox: bool = False, **info: object) -> JSON:
        """Initiate an upload of one chunk; return `data`."""
        source = {"source": "FILE_UPLOAD", "video_size": size, "chunk_size": size, "total_chunk_count": 1}
        body = {"post_info": {"privacy_level": "PUBLIC_TO_EVERYONE", "title": "hi", **info}, "source_info": source}
        path = "post/publish/inbox/video/init" if inbox else "post/publish/video/init"
        answer = await self.tiktok(token, path, body)
        assert answer.status_code == 200, answer.text
        data: JSON = answer.json()["data"]
        return data

    async def put(self, url: str, data: bytes, first: int = 0, total: int | None = None) -> httpx2.Response:
        """Send one chunk."""
        total = len(data) if total is None else total
        span = f"bytes {first}-{first + len(data) - 1}/{total}"
        return await self.http.put(url, content=data, headers={"content-type": "video/mp4", "content-range": span})

    async def status(self, token: str, publish_id: str) -> JSON:
        """Fetch the status of a publish job; return `data`."""
        answer = await self.tiktok(token, "post/publish/status/fetch", {"publish_id": publish_id})
        assert answer.status_code == 200, answer.text
        data: JSON = answer.json()["data"]
        return data

    async def over(self, token: str, publish_id: str) -> JSON:
        """Advance the clock until a publish job is over; return its last status."""
        data = await self.status(token, publish_id)
        for _ in range(20):  # more than 30 status calls a minute are refused
            if not data["status"].startswith("PROCESSING"):
                break
            await self.advance(3)  # returns once the media is checked
            data = await self.status(token, publish_id)
        return data

    async def post_clip(self, token: str, data: bytes, **info: object) -> str:
        """Post a video, wait until the job is over, and return its publish_id."""
        begun = await self.video_init(token, len(data), inbox=False, **info)
        assert (await self.put(begun["upload_url"], data)).status_code == 201
        assert (await self.over(token, begun["publish_id"]))["status"] == "PUBLISH_COMPLETE"
        return str(begun["publish_id"])


class Wrapping:
    """A middleware that passes its own `receive` to the app instead of the one of the server."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the call with a wrapped `receive`."""

        async def wrapped() -> Message:
            return await receive()

        await self._app(scope, wrapped, send)


def start_process(program: str, state_file: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Run a program that serves a sandbox, in a new process; its socket is already listening.

    The program gets the state file and the number of the socket as arguments. Returns the process and its URL.
    """
    with listening() as listener:
        listener.listen()
        listener.set_inheritable(True)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        command = [sys.executable, "-c", program, str(state_file), str(listener.fileno())]
        return subprocess.Popen(command, pass_fds=[listener.fileno()]), address


@dataclass(frozen=True, slots=True, kw_only=True)
class _ServedSandbox:
    """A sandbox that uvicorn serves in this process."""

    address: str
    state_file: Path
    server: uvicorn.Server

    @asynccontextmanager
    async def client(self, media: MediaServer) -> AsyncIterator[RunningSandbox]:
        """Return the calls of a client of this sandbox, without cookies and connections of earlier ones."""
        async with httpx2.AsyncClient(base_url=self.address, timeout=30, verify=False) as http:
            yield RunningSandbox(address=self.address, state_file=self.state_file, http=http, media=media)


@asynccontextmanager
async def _served(
    state_file: Path,
    http: Literal["httptools", "h11"] = "httptools",
    *,
    wrapped: bool = False,
    access: Access = Access(),  # noqa: B008  frozen
    is_seed_random: bool = False,
    with_sample_accounts: bool = False,
    republish_after: timedelta = REPUBLISH_AFTER,
) -> AsyncIterator[_ServedSandbox]:
    """Serve a sandbox with uvicorn in this process, optionally behind a middleware that wraps `receive`."""
    with listening() as listener:
        app: ASGIApp = create_standalone_app(
            state_file,
            access=access,
            is_seed_random=is_seed_random,
            with_sample_accounts=with_sample_accounts,
            republish_after=republish_after,
        )
        config = uvicorn.Config(Wrapping(app) if wrapped else app, log_level="critical", http=http, lifespan="on")
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listener])
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            yield _ServedSandbox(address=address, state_file=state_file, server=server)
        finally:
            await shut(server)


class Sandboxes:
    """Starts and stops sandboxes, each on its own port."""

    def __init__(self, media: MediaServer) -> None:
        self._media = media
        self._running: dict[str, AsyncExitStack] = {}

    async def start(
        self,
        state_file: Path,
        *,
        access: Access = Access(),  # noqa: B008  frozen
        is_seed_random: bool = False,
        with_sample_accounts: bool = False,
        republish_after: timedelta = REPUBLISH_AFTER,
    ) -> RunningSandbox:
        """Serve a sandbox."""
        async with AsyncExitStack() as stack:
            served = await stack.enter_async_context(
                _served(
                    state_file,
                    access=access,
                    is_seed_random=is_seed_random,
                    with_sample_accounts=with_sample_accounts,
                    republish_after=republish_after,
                )
            )
            sandbox = await stack.enter_async_context(served.client(self._media))
            self._running[sandbox.address] = stack.pop_all()
            return sandbox

    async def stop(self, sandbox: RunningSandbox) -> None:
        """Stop a sandbox as Ctrl-C does."""
        await self._running.pop(sandbox.address).aclose()

    async def stop_all(self) -> None:
        """Stop all running sandboxes."""
        for stack in list(self._running.values()):
            await stack.aclose()
        self._running.clear()


class SharedSandbox:
    """A sandbox that tests use one after the other, each without the data of the others.

    One that a test has left with a request that does not end, or that can't be reset, ends, and the next test gets a new one.
    """

    def __init__(
        self,
        folder: Path,
        http: Literal["httptools", "h11"] = "httptools",
        *,
        wrapped: bool = False,
        access: Access = Access(),  # noqa: B008  frozen
        token: str = "",
    ) -> None:
        """Create without a sandbox; the first `lend` starts it. The state files are in `folder`; `token` permits the reset."""
        self._folder: Final = folder
        self._http: Final = http
        self._wrapped: Final = wrapped
        self._access: Final = access
        self._token: Final = token
        self._running: Final = AsyncExitStack()
        self._numbers: Final = count(1)
        self._served: _ServedSandbox | None = None

    @property
    def server(self) -> uvicorn.Server | None:
        """The server of the running sandbox."""
        return None if self._served is None else self._served.server

    @asynccontextmanager
    async def lend(self, media: MediaServer) -> AsyncIterator[RunningSandbox]:
        """Lend the sandbox to a test, and delete what the test has left in it."""
        if self._served is None:
            state_file = self._folder / f"{next(self._numbers)}.sqlite3"
            self._served = await self._running.enter_async_context(
                _served(state_file, self._http, wrapped=self._wrapped, access=self._access)
            )
        served = self._served
        async with served.client(media) as sandbox:
            try:
                yield sandbox
            finally:
                media.release()
                if not await _reset(sandbox, served.server, self._token):
                    await self.close()

    async def close(self) -> None:
        """Stop the sandbox."""
        self._served = None
        await self._running.aclose()


async def _reset(sandbox: RunningSandbox, server: uvicorn.Server, token: str) -> bool:
    """Wait for the requests in progress and delete the state; return whether both succeeded."""
    try:
        async with asyncio.timeout(RESET_WITHIN_SECONDS):
            while tasks := set(server.server_state.tasks):
                await asyncio.wait(tasks)
            answer = await sandbox.http.post("/sandbox/control/reset", json={}, headers={TOKEN_HEADER: token})
            return answer.status_code == 200
    except (TimeoutError, httpx2.HTTPError):
        return False
