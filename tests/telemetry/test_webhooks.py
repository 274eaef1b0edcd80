"""Metrics of webhook deliveries."""

from datetime import timedelta

from tests.telemetry.reading import value
from tests.webhooks.conftest import WebhookWorld
from tests.webhooks.conftest import receiver as receiver
from tests.webhooks.conftest import settings as settings
from tests.webhooks.conftest import webhook_world as webhook_world

from presswork.doctor.checks.work import webhooks
from presswork.doctor.model import CheckStatus
from presswork.telemetry import meters
from presswork.telemetry.process import render
from presswork.telemetry.queue_metrics import Backlog, read_backlog


async def _read(webhook_world: WebhookWorld) -> Backlog:
    async with webhook_world.world.api.context.pool.acquire() as connection:
        return await read_backlog(connection, now=webhook_world.clock.now())


def _outcomes() -> list[float]:
    text = render(meters.WORKER).decode()
    return [value(text, "presswork_webhook_deliveries_total", outcome=one) for one in ("delivered", "retried")]


async def test_pending_messages_and_outcomes_are_counted(webhook_world: WebhookWorld) -> None:
    """A message that is refused once and then delivered is counted in the backlog and under each outcome."""
    endpoint, _ = await webhook_world.subscribe()
    delivered, retried = _outcomes()
    await webhook_world.ping(endpoint)
    webhook_world.clock.advance(timedelta(minutes=6))
    read = await _read(webhook_world)
    assert (read.webhooks_pending, read.oldest_webhook_for) == (1, timedelta(minutes=6))
    assert webhooks(read).status is CheckStatus.WARN
    webhook_world.receiver.respond = lambda _: 500
    await webhook_world.deliver()
    read = await _read(webhook_world)
    assert (read.webhooks_pending, read.oldest_webhook_for) == (1, timedelta()), "it waits for its retry"
    webhook_world.receiver.respond = lambda _: 204
    webhook_world.clock.advance(timedelta(seconds=5))
    await webhook_world.deliver()
    assert (await _read(webhook_world)).webhooks_pending == 0
    assert _outcomes() == [delivered + 1, retried + 1]


async def test_a_paused_endpoint_is_counted(webhook_world: WebhookWorld) -> None:
    """After a 410 the endpoint is counted as paused, its messages are not in the backlog, and `doctor` warns."""
    endpoint, _ = await webhook_world.subscribe()
    webhook_world.receiver.respond = lambda _: 410
    await webhook_world.ping(endpoint)
    await webhook_world.deliver()
    read = await _read(webhook_world)
    assert (read.webhook_endpoints_paused, read.webhooks_pending) == (1, 0)
    assert webhooks(read).status is CheckStatus.WARN
