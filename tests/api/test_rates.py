"""Rate limits: how many calls a key may make a minute, and how it is told."""

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from tests.api.wire import error, refusal
from tests.conftest import Api, MovableClock, beside, serving

from presswork.core.settings import Settings
from presswork.orgs.model import Tier
from presswork.orgs.rates import RateClass

LIMITS = [
    (Tier.STANDARD, RateClass.READ, 120),
    (Tier.STANDARD, RateClass.WRITE, 60),
    (Tier.PILOT, RateClass.READ, 1200),
    (Tier.PILOT, RateClass.WRITE, 600),
    (Tier.PARTNER, RateClass.READ, 6000),
    (Tier.PARTNER, RateClass.WRITE, 3000),
]


async def call(client: httpx2.AsyncClient, kind: RateClass) -> httpx2.Response:
    """Make one call of a class."""
    return await (client.get("/v1/whoami") if kind is RateClass.READ else client.delete("/v1/social-accounts/x"))


def told(answer: httpx2.Response) -> tuple[int, int, int]:
    """Return limit, remaining calls and seconds until the reset, as the headers tell them."""
    limit, remaining, reset = (answer.headers[f"ratelimit-{name}"] for name in ("limit", "remaining", "reset"))
    return int(limit), int(remaining), int(reset)


@pytest.mark.parametrize(("tier", "kind", "limit"), LIMITS)
async def test_each_tier_has_its_limits(api: Api, tier: Tier, kind: RateClass, limit: int) -> None:
    """The last call of the minute passes with nothing remaining, the next is refused with a time to wait."""
    client = await api.client(tier=tier)
    assert told(await call(client, kind)) == (limit, limit - 1, 60)
    await api.context.pool.execute("UPDATE rate_windows SET calls = $1", limit - 1)
    last = await call(client, kind)
    assert (last.status_code == 429, told(last)) == (False, (limit, 0, 60))
    over = await call(client, kind)
    assert (refusal(over), told(over)) == ((429, "RATE_LIMITED"), (limit, 0, 60))
    assert over.headers["retry-after"] == "60"
    assert error(over)["details"] == {"retryAfterSeconds": 60}


async def test_the_minute_begins_with_its_first_call(api: Api, clock: MovableClock) -> None:
    """The wait shrinks as the minute passes; after it all calls are back."""
    client = await api.client(tier=Tier.STANDARD)
    answers = [await call(client, RateClass.READ) for _ in range(3)]
    assert [told(answer) for answer in answers] == [(120, 119, 60), (120, 118, 60), (120, 117, 60)]
    await api.context.pool.execute("UPDATE rate_windows SET calls = 120")
    clock.advance(timedelta(seconds=59))
    refused = await call(client, RateClass.READ)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    clock.advance(timedelta(seconds=0.75))
    refused = await call(client, RateClass.READ)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    clock.advance(timedelta(seconds=0.25))
    assert told(await call(client, RateClass.READ)) == (120, 119, 60)


async def test_who_waits_as_long_as_told_gets_through(api: Api, clock: MovableClock) -> None:
    """Retry-After is never too short, at whatever fraction of a second it was asked for."""
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
    """A key that has used up its reads may still write, and another key of the organization may still read."""
    client, colleague = await api.client(tier=Tier.STANDARD), await api.client(tier=Tier.STANDARD)
    await call(client, RateClass.READ)
    await api.context.pool.execute("UPDATE rate_windows SET calls = 120")
    assert (await call(client, RateClass.READ)).status_code == 429
    assert (await call(client, RateClass.WRITE)).status_code == 404
    assert (await call(colleague, RateClass.READ)).status_code == 200


async def test_calls_at_the_same_time_are_all_counted(api: Api) -> None:
    """Of seventy writes at once exactly sixty pass."""
    client = await api.client(tier=Tier.STANDARD)
    answers = await asyncio.gather(*(call(client, RateClass.WRITE) for _ in range(70)))
    assert sorted(answer.status_code for answer in answers) == [404] * 60 + [429] * 10


async def test_two_processes_share_the_count(
    api: Api, settings: Settings, dsn: str, clock: MovableClock, tmp_path: Path
) -> None:
    """Called at once, two API processes let exactly the tier's number through together, and their headers agree."""
    client = await api.client(tier=Tier.STANDARD)
    async with serving(beside(settings, tmp_path / "second"), dsn=dsn, clock=clock) as second:
        other = await second.anonymous(headers={"Authorization": client.headers["authorization"]})
        answers = await asyncio.gather(*(call(which, RateClass.WRITE) for which in (client, other) * 35))
        assert sorted(answer.status_code for answer in answers) == [404] * 60 + [429] * 10
        passed = [told(answer) for answer in answers if answer.status_code == 404]
        assert sorted(passed) == [(60, left, 60) for left in range(60)], "each call that passed has a number of its own"
        assert {told(answer) for answer in answers if answer.status_code == 429} == {(60, 0, 60)}
        clock.advance(timedelta(seconds=60))
        assert told(await call(other, RateClass.WRITE)) == (60, 59, 60)
        assert told(await call(client, RateClass.WRITE)) == (60, 58, 60)


async def test_every_answer_of_a_good_key_tells_how_it_stands(api: Api) -> None:
    """Success, refusal and replay alike; a call that never got past the key's check has nothing to tell."""
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
    assert [told(answer)[1] for answer in answers] == [119, 118, 117, 116, 59, 115, 58]
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
    """Keys for self-hosting are not even counted, and still carry the headers."""
    client = await api.client(tier=Tier.UNLIMITED)
    answers = await asyncio.gather(*(call(client, RateClass.READ) for _ in range(130)))
    assert {answer.status_code for answer in answers} == {200}
    limit, remaining, _ = told(answers[-1])
    assert limit == remaining >= 1_000_000
    assert await api.context.pool.fetchval("SELECT count(*) FROM rate_windows") == 0
