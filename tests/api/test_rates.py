"""Rate limits: requests per minute of a key, and the headers that report them."""

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from tests.api.wire import error, refusal
from tests.api_server import Api, beside, serving
from tests.clocks import MovableClock

from presswork.callers.model import Tier
from presswork.orgs.rates import RateClass
from presswork.platforms.settings import Settings

LIMITS = [
    (Tier.STANDARD, RateClass.READ, 120),
    (Tier.STANDARD, RateClass.WRITE, 60),
    (Tier.PILOT, RateClass.READ, 1200),
    (Tier.PILOT, RateClass.WRITE, 600),
    (Tier.PARTNER, RateClass.READ, 6000),
    (Tier.PARTNER, RateClass.WRITE, 3000),
]


async def call(client: httpx2.AsyncClient, kind: RateClass) -> httpx2.Response:
    """Send one request of a rate class."""
    return await (client.get("/v1/whoami") if kind is RateClass.READ else client.delete("/v1/social-accounts/x"))


def rate_headers(answer: httpx2.Response) -> tuple[int, int, int]:
    """Return limit, remaining requests and seconds until the reset from the headers."""
    limit, remaining, reset = (answer.headers[f"ratelimit-{name}"] for name in ("limit", "remaining", "reset"))
    return int(limit), int(remaining), int(reset)


@pytest.mark.parametrize(("tier", "kind", "limit"), LIMITS)
async def test_each_tier_has_its_limits(api: Api, tier: Tier, kind: RateClass, limit: int) -> None:
    """The last request of the minute succeeds with nothing remaining, the next returns 429 with a time to wait."""
    client = await api.client(tier=tier)
    assert rate_headers(await call(client, kind)) == (limit, limit - 1, 60)
    await api.context.pool.execute("UPDATE rate_windows SET calls = $1", limit - 1)
    last = await call(client, kind)
    assert (last.status_code == 429, rate_headers(last)) == (False, (limit, 0, 60))
    over = await call(client, kind)
    assert (refusal(over), rate_headers(over)) == ((429, "RATE_LIMITED"), (limit, 0, 60))
    assert over.headers["retry-after"] == "60"
    assert error(over)["details"] == {"retryAfterSeconds": 60}


async def test_the_window_begins_with_the_first_request(api: Api, clock: MovableClock) -> None:
    """The wait decreases during the minute; after it the limit is reset."""
    client = await api.client(tier=Tier.STANDARD)
    answers = [await call(client, RateClass.READ) for _ in range(3)]
    assert [rate_headers(answer) for answer in answers] == [(120, 119, 60), (120, 118, 60), (120, 117, 60)]
    await api.context.pool.execute("UPDATE rate_windows SET calls = 120")
    clock.advance(timedelta(seconds=59))
    refused = await call(client, RateClass.READ)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    clock.advance(timedelta(seconds=0.75))
    refused = await call(client, RateClass.READ)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    clock.advance(timedelta(seconds=0.25))
    assert rate_headers(await call(client, RateClass.READ)) == (120, 119, 60)


async def test_request_after_the_wait_succeeds(api: Api, clock: MovableClock) -> None:
    """Retry-After is never too short, at any fraction of a second."""
    for fraction in (0.0, 0.001, 0.5, 0.999):
        client = await api.client(tier=Tier.STANDARD)
        await call(client, RateClass.WRITE)
        await api.context.pool.execute("UPDATE rate_windows SET calls = 60")
        clock.advance(timedelta(seconds=17 + fraction))
        refused = await call(client, RateClass.WRITE)
        assert refused.status_code == 429
        clock.advance(timedelta(seconds=int(refused.headers["retry-after"])))
        assert (await call(client, RateClass.WRITE)).status_code == 404


async def test_classes_and_keys_are_counted_apart(api: Api) -> None:
    """A key that has exceeded its read limit can still write, and another key of the organization can still read."""
    client, colleague = await api.client(tier=Tier.STANDARD), await api.client(tier=Tier.STANDARD)
    await call(client, RateClass.READ)
    await api.context.pool.execute("UPDATE rate_windows SET calls = 120")
    assert (await call(client, RateClass.READ)).status_code == 429
    assert (await call(client, RateClass.WRITE)).status_code == 404
    assert (await call(colleague, RateClass.READ)).status_code == 200


async def test_calls_at_the_same_time_are_all_counted(api: Api) -> None:
    """Of seventy concurrent writes exactly sixty succeed."""
    client = await api.client(tier=Tier.STANDARD)
    answers = await asyncio.gather(*(call(client, RateClass.WRITE) for _ in range(70)))
    assert sorted(answer.status_code for answer in answers) == [404] * 60 + [429] * 10


async def test_two_processes_share_the_count(
    api: Api, settings: Settings, dsn: str, clock: MovableClock, tmp_path: Path
) -> None:
    """Two API processes together accept exactly the limit of the tier, and their headers are consistent."""
    client = await api.client(tier=Tier.STANDARD)
    async with serving(beside(settings, tmp_path / "second"), dsn=dsn, clock=clock) as second:
        other = await second.anonymous(headers={"Authorization": client.headers["authorization"]})
        answers = await asyncio.gather(*(call(which, RateClass.WRITE) for which in (client, other) * 35))
        assert sorted(answer.status_code for answer in answers) == [404] * 60 + [429] * 10
        passed = [rate_headers(answer) for answer in answers if answer.status_code == 404]
        assert sorted(passed) == [(60, left, 60) for left in range(60)], (
            "each accepted request has a different remaining count"
        )
        assert {rate_headers(answer) for answer in answers if answer.status_code == 429} == {(60, 0, 60)}
        clock.advance(timedelta(seconds=60))
        assert rate_headers(await call(other, RateClass.WRITE)) == (60, 59, 60)
        assert rate_headers(await call(client, RateClass.WRITE)) == (60, 58, 60)


async def test_every_authenticated_response_has_rate_headers(api: Api) -> None:
    """Success, error and replay have the headers; an unauthenticated request has none."""
    client = await api.client(tier=Tier.STANDARD, scopes=["projects:read"])
    answers = [
        await client.get("/v1/whoami"),
        await client.get("/v1/projects/x"),
        await client.get("/v1/projects", params={"limit": 0}),
        await client.get("/v1/tiktok-music"),
        await client.post("/v1/projects", content=b"{"),
        await client.get("/v1/nowhere"),
        await client.put("/v1/projects", content=b"{"),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 422, 403, 403, 404, 405]
    assert [rate_headers(answer)[1] for answer in answers] == [119, 118, 117, 116, 59, 115, 58]
    assert not any("retry-after" in answer.headers for answer in answers)
    assert "ratelimit-limit" not in (await client.get("/healthz")).headers
    anonymous = await api.anonymous()
    for headers in ({}, {"Authorization": "Bearer lp_test_x"}):
        for path, status in (("/v1/nowhere", 404), ("/v1/whoami", 401)):
            answer = await anonymous.get(path, headers=headers)
            assert (answer.status_code, "ratelimit-limit" in answer.headers) == (status, False)
    await api.context.pool.execute("UPDATE rate_windows SET calls = 120")
    assert refusal(await client.get("/v1/nowhere")) == (429, "RATE_LIMITED")


async def test_an_unlimited_key_has_no_limit_and_costs_no_write(api: Api) -> None:
    """Requests of unlimited keys are not counted; every response reports the same, errors included."""
    client = await api.client(tier=Tier.UNLIMITED)
    answers = await asyncio.gather(*(call(client, RateClass.READ) for _ in range(130)))
    assert {answer.status_code for answer in answers} == {200}
    answers += [await client.get("/v1/nowhere"), await client.get("/v1/projects/x"), await client.put("/v1/projects")]
    assert {rate_headers(answer) for answer in answers} == {(60_000, 60_000, 60)}
    assert await api.context.pool.fetchval("SELECT count(*) FROM rate_windows") == 0
