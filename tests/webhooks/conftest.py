"""Fixtures of the webhook tests: receivers on loopback, an API that allows them, and deliveries on the test's clock."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
import pytest
from aiohttp import web
from standardwebhooks import Webhook
from tests.api.tenants import insert_container
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.world import World

from presswork.core.clock import SystemClock
from presswork.jobs.runner import Runner
from presswork.platforms.settings import Settings
from presswork.safe_http.client import GuardedClient, PostLimits
from presswork.safe_http.guard import AddressGuard
from presswork.worker.deliveries import WebhookJobs
from presswork.worker.lanes import LaneStore

HANGS: Final = 0
"""Instead of a status: the receiver never responses."""
ALL_EVENTS: Final = (
    "post.scheduled",
    "post.publishing",
    "post.published",
    "post.partial",
    "post.drafted",
    "post.failed",
    "post.outcome_unknown",
    "post.canceled",
    "post.taken_down",
    "post.take_down_failed",
    "post.edited",
    "post.insights",
    "content.pending",
    "content.changes_requested",
    "content.approved",
    "content.rejected",
    "content.reminder",
    "content.deleted",
    "draft.changed",
    "content.commented",
    "content.mentioned",
    "comment.received",
    "comment.replied",
    "comment.reply_failed",
    "social_account.connected",
    "social_account.needs_reauth",
    "social_account.revoked",
    "social_account.token_expiring",
    "webhook.paused",
    "quota.media",
    "usage.near_limit",
    "usage.limit_reached",
    "test.ping",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One request that a receiver got."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body, not verified."""
        return dict(httpx2.Response(200, content=self.body).json())

    def verified(self, secret: str) -> dict[str, Any]:
        """The body, verified by the reference library. Raises WebhookVerificationError."""
        return dict(Webhook(secret).verify(self.body, dict(self.headers)))


@dataclass(slots=True)
class Receiver:
    """A web server on loopback that stores the messages it receives and responds as configured."""

    url: str
    got: list[Message] = field(default_factory=list)
    respond: Callable[[Message], int | web.Response] = lambda _message: 204
    is_over: asyncio.Event = field(default_factory=asyncio.Event)

    def types(self) -> list[str]:
        """The types of the received messages, in order."""
        return [message.json["type"] for message in self.got]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Handle a message."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        message = Message(path=request.path, headers=headers, body=await request.read())
        self.got.append(message)
        response = self.respond(message)
        if response == HANGS:
            await self.is_over.wait()
        return response if isinstance(response, web.Response) else web.Response(status=response or 500)


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run a receiver in a block."""
    app = web.Application()
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    receiver = Receiver("")
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    receiver.url = f"http://{host}:{port}/hooks"
    try:
        yield receiver
    finally:
        receiver.is_over.set()
        await runner.cleanup()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that accepts everything."""
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings that allow receivers on loopback."""
    return settings.model_copy(update={"allow_private_webhooks": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookWorld:
    """An API, a receiver, and a deliverer that runs when the test calls it."""

    world: World
    receiver: Receiver
    deliverer: Runner
    clock: MovableClock
    project: str
    account: str
    container: str

    @property
    def client(self) -> httpx2.AsyncClient:
        """The client of the key that owns the endpoints."""
        return self.world.client

    async def subscribe(
        self, *events: str, url: str | None = None, client: httpx2.AsyncClient | None = None, **more: object
    ) -> tuple[str, str]:
        """Create an endpoint for events, by default all; return its id and its secret."""
        body = {"url": url or self.receiver.url, "events": events or ALL_EVENTS, **more}
        response = await (client or self.client).post("/v1/webhook-endpoints", json=body)
        assert response.status_code == 201, response.text
        return str(response.json()["endpoint"]["id"]), str(response.json()["signingSecret"])

    async def publish(self) -> str:
        """Publish a post and return its id."""
        (post_id,) = await self.world.publish(self.container, self.account)
        return post_id

    async def cancel(self, post_id: str) -> None:
        """Cancel a post."""
        response = await self.client.delete(f"/v1/scheduled-posts/{post_id}")
        assert response.status_code == 200, response.text

    async def ping(self, endpoint: str) -> dict[str, Any]:
        """Test an endpoint and return the delivery."""
        response = await self.client.post(f"/v1/webhook-endpoints/{endpoint}/test")
        assert response.status_code == 202, response.text
        return dict(response.json())

    async def deliver(self) -> None:
        """Deliver everything that is due."""
        await self.deliverer.run_until_idle()

    async def endpoint(self, endpoint: str) -> dict[str, Any]:
        """Read an endpoint."""
        response = await self.client.get(f"/v1/webhook-endpoints/{endpoint}")
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def change(self, endpoint: str, **changes: object) -> dict[str, Any]:
        """Update an endpoint."""
        response = await self.client.patch(f"/v1/webhook-endpoints/{endpoint}", json=changes)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def log(self, endpoint: str, **query: str) -> Sequence[dict[str, Any]]:
        """Return an endpoint's deliveries, oldest first."""
        response = await self.client.get(f"/v1/webhook-endpoints/{endpoint}/deliveries", params=query)
        assert response.status_code == 200, response.text
        return list(reversed(response.json()["items"]))


@contextlib.asynccontextmanager
async def delivering(
    api: Api, settings: Settings, clock: MovableClock, *, name: str = "tester", limits: PostLimits | None = None
) -> AsyncIterator[Runner]:
    """Run a deliverer whose waits have no jitter."""
    guard = AddressGuard.for_setting(allow_private=settings.allow_private_webhooks)
    async with GuardedClient(guard, limits, user_agent="Presswork/1 (webhooks)") as client:
        store = LaneStore(api.context.pool, worker_id=name)
        jobs = WebhookJobs(
            store,
            client,
            api.context.keyring,
            clock,
            concurrency=100,
            public_url=api.base_url,
            chance=lambda: 0.0,
        )
        async with Runner([jobs], SystemClock()) as runner:
            yield runner


@pytest.fixture
async def webhook_world(
    api: Api, settings: Settings, clock: MovableClock, receiver: Receiver
) -> AsyncIterator[WebhookWorld]:
    """A project with an account and content, a receiver, and a deliverer on the test's clock."""
    world = World(api=api, client=await api.client())
    project = await world.project()
    async with delivering(api, settings, clock) as deliverer:
        yield WebhookWorld(
            world=world,
            receiver=receiver,
            deliverer=deliverer,
            clock=clock,
            project=project,
            account=await world.account(project, "instagram", "brand"),
            container=await insert_container(api.context.pool, project),
        )
