"""An endpoint whose URL is changed: what is sent where, and which failures count."""

from typing import Any

import pytest
from tests.webhooks.conftest import WebhookWorld

from presswork.webhooks.model import RETRIES
from presswork.worker.lanes import LaneStore


async def test_a_new_url_gets_later_events(webhook_world: WebhookWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """URL and secret change between two batches of a lease: the second batch has the new URL and the new secret."""
    endpoint, _ = await webhook_world.subscribe()
    take, secrets = LaneStore.take_batch, list[str]()

    async def changing(self: LaneStore, *arguments: Any, **how: Any) -> Any:
        if webhook_world.receiver.got and not secrets:
            await webhook_world.change(endpoint, url=f"{webhook_world.receiver.url}/new")
            response = await webhook_world.client.post(f"/v1/webhook-endpoints/{endpoint}/rotate-secret")
            secrets.append(response.json()["signingSecret"])
            await webhook_world.ping(endpoint)
        return await take(self, *arguments, **how)

    monkeypatch.setattr(LaneStore, "take_batch", changing)
    await webhook_world.ping(endpoint)
    await webhook_world.deliver()
    assert [message.path for message in webhook_world.receiver.got] == ["/hooks", "/hooks/new"]
    assert webhook_world.receiver.got[1].verified(secrets[0])["type"] == "test.ping"


async def test_a_new_url_starts_without_failures(webhook_world: WebhookWorld) -> None:
    """The former URL's failures in a row and its rest don't apply to the new one; another change keeps them."""
    endpoint, _ = await webhook_world.subscribe()
    webhook_world.receiver.respond = lambda message: 500 if message.path == "/hooks" else 204
    for _ in range(4):
        await webhook_world.ping(endpoint)
    await webhook_world.deliver()
    failures = (await webhook_world.endpoint(endpoint))["failuresInRow"]
    assert failures >= 3
    await webhook_world.change(endpoint, description="Newsroom")
    assert (await webhook_world.endpoint(endpoint))["failuresInRow"] == failures
    await webhook_world.change(endpoint, url=f"{webhook_world.receiver.url}/new")
    assert (await webhook_world.endpoint(endpoint))["failuresInRow"] == 0
    await webhook_world.ping(endpoint)
    await webhook_world.deliver()
    assert webhook_world.receiver.got[-1].path == "/hooks/new"


async def test_a_new_url_is_not_gone(webhook_world: WebhookWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 410 of the former URL arrives after the change: the endpoint stays active, and the retry goes to the new URL."""
    endpoint, _ = await webhook_world.subscribe()
    store = LaneStore.not_delivered

    async def not_delivered(self: LaneStore, *arguments: Any, **how: Any) -> bool:
        await webhook_world.change(endpoint, url=f"{webhook_world.receiver.url}/new")
        return await store(self, *arguments, **how)

    monkeypatch.setattr(LaneStore, "not_delivered", not_delivered)
    webhook_world.receiver.respond = lambda message: 410 if message.path == "/hooks" else 204
    await webhook_world.ping(endpoint)
    await webhook_world.deliver()
    changed = await webhook_world.endpoint(endpoint)
    assert (changed["status"], changed["failuresInRow"]) == ("active", 0)
    webhook_world.clock.advance(RETRIES[0])
    await webhook_world.deliver()
    assert [message.path for message in webhook_world.receiver.got] == ["/hooks", "/hooks/new"]
