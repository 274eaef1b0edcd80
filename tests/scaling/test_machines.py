"""Several APIs and workers on separate machines, while machines die, links are cut and the database fails over.

All tests of this file share one world and run in this order: the last one leaves the standby as the primary.
"""

import asyncio
import signal
from dataclasses import replace
from datetime import timedelta

import pytest
from chaos.machines import Machines
from chaos.outage import Callers, World, make_key, now

pytestmark = [pytest.mark.exhaustive, pytest.mark.slow, pytest.mark.timeout(600)]

SOON = timedelta(seconds=90)
BOUND = timedelta(seconds=30)
"""The maximum time of a call, whatever link is cut: connecting, the response and cleaning up."""


async def _check(callers: Callers) -> None:
    """Assert that each accepted post is published, and once on the platform."""
    states = await callers.wait_until_final(callers.machines.cluster.dsn, within=SOON)
    assert {caption: states[caption] for caption in callers.accepted} == dict.fromkeys(callers.accepted, "published")
    shown = await callers.shown()
    assert {caption: shown.get(caption, 0) for caption in callers.accepted} == dict.fromkeys(callers.accepted, 1)


async def test_all_apis_share_their_state(machines: Machines, callers: Callers, world: World) -> None:
    """Another API replays a repeated call, both count calls of a key together, and a key that both have cached is
    refused by both once it is revoked."""
    callers.world = replace(world, key=await asyncio.to_thread(make_key, machines, tier="partner"))
    one, other = machines.urls
    first = await callers.attempt(one, 0, "once")
    assert first[0] == 200
    assert await callers.attempt(other, 0, "once") == first
    limited = []
    headers = {"Authorization": f"Bearer {callers.world.key}"}
    for url in (one, other, one, other):
        async with callers.session.get(f"{url}/v1/whoami", headers=headers) as reply:
            limited.append((int(reply.headers["RateLimit-Reset"]), int(reply.headers["RateLimit-Remaining"])))
    counted = [left for reset, left in limited if reset <= limited[0][0]]  # the calls of one minute
    assert counted == list(range(counted[0], counted[0] - len(counted), -1))
    assert len(counted) > 1
    await asyncio.to_thread(machines.cluster.admin, "key", "revoke", callers.world.key.split("_")[2])
    for url in machines.urls:
        async with asyncio.timeout(SOON.total_seconds()):
            while (await callers.call("GET", f"{url}/v1/whoami"))[0] != 401:
                pass  # each call is a round trip and within the rate limit of this key
    assert (await callers.shown())[callers.caption(0)] <= 1


async def test_a_killed_worker_loses_nothing(machines: Machines, callers: Callers) -> None:
    """After a worker with leased posts is killed, the other one takes them over, and each goes live once."""
    await asyncio.gather(*(callers.publish() for _ in range(9)))
    machines.cluster.workers[0].kill()
    await _check(callers)
    _, started_at = now()
    machines.cluster.workers[0].start()
    assert await callers.wait_for_worker(since=started_at, within=SOON)


async def test_disconnected_machines_recover(machines: Machines, callers: Callers) -> None:
    """An API and a worker are cut off in both directions for longer than a lease, without a RST: the API answers 503
    in bounded time, the other worker takes over the leased posts, and both work again once the link is restored."""
    stop = asyncio.Event()
    publishing = asyncio.create_task(callers.keep_publishing(stop))
    await callers.wait_until_accepted(3)
    for name in ("api-2", "worker-1"):
        machines.cut(name)
    status, answer = await callers.call("GET", f"{machines.urls[1]}/v1/projects")
    assert status == 503
    assert "Try again shortly" in str(answer)
    stop.set()
    for name in ("api-2", "worker-1"):
        assert sum(link.lost_bytes for link in machines.links[name]) > 0
        machines.heal(name)
    await publishing
    async with asyncio.timeout(SOON.total_seconds()):
        while (await callers.call("GET", f"{machines.urls[1]}/v1/projects"))[0] != 200:
            pass  # each call is a round trip
    await _check(callers)
    assert max(one.took_seconds for one in callers.attempts) < BOUND.total_seconds()
    assert all(one.status in (200, 503) for one in callers.attempts)


async def test_the_standby_takes_over(machines: Machines, callers: Callers) -> None:
    """The primary restarts, then dies with posts in flight and the standby is promoted: publishing resumes, no
    accepted post is lost, and each is live once."""
    stop = asyncio.Event()
    publishing = asyncio.create_task(callers.keep_publishing(stop))
    pair = machines.pair
    for cause_outage in (lambda: pair.restart(pair.primary), lambda: pair.stop(pair.primary, signal.SIGKILL)):
        await callers.wait_until_accepted(5)
        await asyncio.to_thread(cause_outage)
    await asyncio.to_thread(pair.promote)
    await callers.wait_until_accepted(5)
    stop.set()
    await publishing
    await _check(callers)
    assert {one.status for one in callers.attempts} <= {200, 503}
