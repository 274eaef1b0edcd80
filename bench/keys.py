"""What the audit log and the rate limits cost a publish call: with and without, in turns, in one run."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import psutil

from bench.figures import Budget, Figure
from bench.publish_call import Sample, bare_job, load_job
from bench.scenery import Scene, set_scene
from bench.site import Child, Scale, Site
from presswork.db.pool import Pool, pool_of
from presswork.keyring import load_keyring
from presswork.orgs.model import Tier

_ROUNDS: Final = 8
_ACCOUNTS: Final = 2000
_AUDIT_BUDGET: Final = Budget(of="ratio", sign="≥", limit=0.9)


async def measure_audit(site: Site, scale: Scale) -> list[Figure]:
    """The bare statement with a line for the call, against the same statement that writes none."""
    dsn, scene = await _scene(site)
    figures = []
    with Child("bench.bare") as child:
        for targets in scale.targets:
            audited, silent = Sample(), Sample()
            for _ in range(_ROUNDS):
                job = bare_job(site, dsn, scene, scale, targets, is_idempotent=False)
                silent.add(await child.ask({**job, "is_audited": False}))
                audited.add(await child.ask({**job, "is_audited": True}))
            figures.append(
                Figure(
                    measure=f"publish statement with its audit line, {targets} target{'s' if targets > 1 else ''}",
                    value=audited.per_second,
                    unit="calls/s",
                    floor=silent.per_second,
                    budget=_AUDIT_BUDGET if targets == 10 else None,
                )
            )
    return figures


async def measure_rate(site: Site, scale: Scale) -> list[Figure]:
    """A publish call to one account with a key of a limited tier, against one of an unlimited key."""
    dsn, scene = await _scene(site)
    figures: list[Figure] = []
    async with pool_of(dsn) as pool:
        with site.api(dsn) as address, Child("bench.load") as caller:
            api = _process("api")
            for connections in (1, 16):
                job = load_job(address, scene, replace(scale, seconds=min(scale.seconds, 0.6)), 1, is_idempotent=False)
                job |= {"connections": connections, "warm_up_seconds": 0.0}
                tiers = (Tier.UNLIMITED, Tier.PARTNER)
                samples, cpu = {tier: Sample() for tier in tiers}, dict.fromkeys(tiers, 0.0)
                for number in range(_ROUNDS + 1):
                    for tier in tiers:
                        await _set_tier(pool, tier)
                        before, sample = _cpu_seconds(api), Sample()
                        sample.add(await caller.ask(job))
                        if number > 0:  # the first round warms up
                            cpu[tier] += _cpu_seconds(api) - before
                            samples[tier].took += sample.took
                            samples[tier].elapsed += sample.elapsed
                figures += _figures(
                    connections, samples[Tier.PARTNER], samples[Tier.UNLIMITED], [cpu[one] for one in tiers]
                )
    return figures


def _figures(connections: int, limited: Sample, unlimited: Sample, cpu: Sequence[float]) -> list[Figure]:
    name = f"call of a limited key, {connections} at a time"
    return [
        Figure(measure=f"{name}: throughput", value=limited.per_second, unit="calls/s", floor=unlimited.per_second),
        Figure(
            measure=f"{name}: median", value=limited.milliseconds(0.5), unit="ms", floor=unlimited.milliseconds(0.5)
        ),
        Figure(
            measure=f"{name}: CPU of the API",
            value=cpu[1] / len(limited.took) * 1e6,
            unit="µs",
            floor=cpu[0] / len(unlimited.took) * 1e6,
        ),
    ]


async def _scene(site: Site) -> tuple[str, Scene]:
    dsn = await site.database()
    async with pool_of(dsn) as pool:
        return dsn, await set_scene(pool, load_keyring(site.settings), accounts=_ACCOUNTS)


async def _set_tier(pool: Pool, tier: Tier) -> None:
    """Change the key's tier on every node, and give it a fresh minute."""
    await pool.execute("UPDATE api_keys SET tier = $1", tier.value)
    await pool.execute("DELETE FROM rate_windows")
    await pool.execute("SELECT pg_notify('presswork_keys', lookup) FROM api_keys")
    time.sleep(0.05)  # noqa: ASYNC251  the announcement arrives meanwhile; nothing else runs here


def _process(command: str) -> psutil.Process:
    """Return the process of this run that runs `presswork <command>`."""
    return next(child for child in psutil.Process().children() if command in child.cmdline())


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
