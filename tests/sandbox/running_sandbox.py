"""A sandbox on a real port, a media server, and an HTTP client that uses no Presswork code."""

import asyncio
import io
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit

import av
import httpx2
import uvicorn
from aiohttp import web
from PIL import Image, ImageDraw
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tests.servers import shut

from presswork_sandbox.access import Access
from presswork_sandbox.app import create_standalone_app

BACK = "http://localhost:9/back"
IG_SCOPES = "instagram_business_basic,instagram_business_content_publish,instagram_business_manage_comments"
FB_SCOPES = "instagram_basic,instagram_content_publish,instagram_manage_comments,pages_show_list,pages_read_engagement"
TIKTOK_SCOPES = "user.info.basic,video.publish,video.upload,video.list"

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


def picture(width: int = 1080, height: int = 1080, kind: str = "JPEG", hue: int = 200) -> bytes:
    """Return an encoded picture."""
    image = Image.new("RGB", (width, height), f"hsl({hue}, 60%, 55%)")
    ImageDraw.Draw(image).ellipse((width // 4, height // 4, width * 3 // 4, height * 3 // 4), fill="white")
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def clip(
    seconds: float = 3.0,
    *,
    width: int = 360,
    height: int = 640,
    fps: int = 24,
    codec: str = "libx264",
    kind: str = "mp4",
) -> bytes:
    """Return an encoded video without sound."""
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as media:
        stream = media.add_stream(codec, rate=fps)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = Fraction(1, fps)
        for number in range(int(seconds * fps)):
            image = Image.new("RGB", (width, height), f"hsl({number * 3 % 360}, 60%, 50%)")
            frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]  # untyped in PyAV
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

    async def answer(self, request: web.Request) -> web.Response:
        """Return the bytes, a redirect for /moved/<name>, or 404 for an unknown name."""
        name = request.match_info["name"]
        self.fetched.append(name)
        self.agents.append(request.headers.get("user-agent", ""))
        if self.refused_agent is not None and self.refused_agent in self.agents[-1]:
            return web.Response(status=403, text="<html>no crawlers</html>", content_type="text/html")
        if name in self.never:
            await self.never[name].wait()
        if request.path.startswith("/moved/"):
            raise web.HTTPFound(f"/{name}")
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
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def answer(self, request: web.Request) -> web.Response:
        """Store a report."""
        body = await request.read()
        async with self.came:
            self.reports.append(Report(path=request.path_qs, headers=request.headers, body=body))
            self.came.notify_all()
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def until(self, enough: Callable[[list[Report]], bool]) -> list[Report]:
        """Wait until the reports satisfy a condition. Raises TimeoutError after 20 seconds."""
        async with asyncio.timeout(20), self.came:
            await self.came.wait_for(lambda: enough(self.reports))
        return list(self.reports)


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

    async def account(self, platform: str, handle: str, **more: object) -> JSON:
        """Create or update an account."""
        answer = await self.control("POST", "accounts", {"platform": platform, "handle": handle, **more})
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

    async def facebook_code(self, *handles: str, scope: str = FB_SCOPES) -> str:
        """Submit the dialog of Facebook and return the code."""
        ask = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": scope, "state": "s"}
        ask |= {"account": ",".join(handles), "decision": "approve"}
        return (await self.consent("www.facebook.com/v25.0/dialog/oauth", ask))["code"]

    async def facebook_token(self, **params: str) -> httpx2.Response:
        """Call the token endpoint of Facebook."""
        ask = {"client_id": "1", "client_secret": "x", **params}
        return await self.http.get("/sandbox/graph.facebook.com/v25.0/oauth/access_token", params=ask)

    async def facebook_login(self, *handles: str, scope: str = FB_SCOPES, long: bool = True) -> str:
        """Connect the Pages of Instagram accounts and return the user token."""
        code = await self.facebook_code(*handles, scope=scope)
        short = await self.facebook_token(redirect_uri=BACK, code=code)
        assert short.status_code == 200, short.text
        token = str(short.json()["access_token"])
        if not long:
            return token
        answer = await self.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=token)
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

    async def finished(self, token: str, container: str, most: int = 400) -> list[str]:
        """Poll a container until it is no longer in progress; return each status_code."""
        await self.advance(0)  # returns once the media is checked
        seen: list[str] = []
        while len(seen) < most and (not seen or seen[-1] == "IN_PROGRESS"):
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


class Sandboxes:
    """Starts and stops sandboxes, each on its own port."""

    def __init__(self, media: MediaServer) -> None:
        self._media = media
        self._running: dict[str, AsyncExitStack] = {}

    async def start(
        self,
        state_file: Path,
        http: Literal["httptools", "h11"] = "httptools",
        *,
        wrapped: bool = False,
        access: Access = Access(),  # noqa: B008  frozen
        is_seed_random: bool = False,
        with_sample_accounts: bool = False,
    ) -> RunningSandbox:
        """Serve a sandbox with uvicorn in this process, optionally behind a middleware that wraps `receive`."""
        stack = AsyncExitStack()
        listener = listening()
        stack.callback(listener.close)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app: ASGIApp = create_standalone_app(
            state_file, access=access, is_seed_random=is_seed_random, with_sample_accounts=with_sample_accounts
        )
        config = uvicorn.Config(Wrapping(app) if wrapped else app, log_level="critical", http=http, lifespan="on")
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listener])
        stack.push_async_callback(shut, server)
        client = await stack.enter_async_context(httpx2.AsyncClient(base_url=address, timeout=30, verify=False))
        self._running[address] = stack
        return RunningSandbox(address=address, state_file=state_file, http=client, media=self._media)

    async def stop(self, sandbox: RunningSandbox) -> None:
        """Stop a sandbox as Ctrl-C does."""
        await self._running.pop(sandbox.address).aclose()

    async def stop_all(self) -> None:
        """Stop all running sandboxes."""
        for stack in list(self._running.values()):
            await stack.aclose()
        self._running.clear()
