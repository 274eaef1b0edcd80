"""Measure the cost of the audit log and of rate limits for a publish call, with and without, in alternation in one run."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Final

from bench.child import Child
from bench.figures import Budget, Figure
from bench.publish_call import Case, Turns, bare_job, create_world_for_calls, load_job, run_turn
from bench.site import Scale, Site
from presswork.callers.model import Tier
from presswork.db.pool import Pool, pool_of

_AUDIT_BUDGET: Final = Budget(of="ratio", sign="≥", limit=0.9)
_ANNOUNCED_WITHIN_SECONDS: Final = 0.05


async def measure_audit(site: Site, scale: Scale) -> list[Figure]:
    """Measure the bare statement with its audit entry against the same statement without it."""
    dsn, world = await create_world_for_calls(site)
    database = await site.database_server()
    figures = []
    with Child("bench.bare") as child:
        for targets in scale.targets:
            audited, silent = Turns(), Turns()
            job = bare_job(site, dsn, world, scale, Case(targets=targets))
            while len(audited.turns) < scale.rounds:
                without = await run_turn(child, {**job, "is_audited": False}, database)
                with_line = await run_turn(child, {**job, "is_audited": True}, database)
                if without.took and with_line.took:  # a slice may be too short for one call
                    silent.turns.append(without)
                    audited.turns.append(with_line)
            figures.append(
                Figure(
                    measure=f"publish statement with its audit line, {targets} target{'s' if targets > 1 else ''}",
                    value=audited.per_second,
                    unit="calls/s",
                    floor=audited.per_second / _ratio(audited, silent),
                    budget=_AUDIT_BUDGET if targets == 10 else None,
                )
            )
    return figures


async def measure_rate(site: Site, scale: Scale) -> list[Figure]:
    """Measure a publish call to one account with a limited key against the same call with an unlimited key."""
    dsn, world = await create_world_for_calls(site)
    database = await site.database_server()
    figures: list[Figure] = []
    async with pool_of(dsn) as pool:
        with site.api(dsn) as api, Child("bench.load") as caller:
            for connections in (1, 16):
                short = replace(scale, seconds=min(scale.seconds, 0.6))
                job = load_job(api.url, world, short, Case(targets=1, connections=connections))
                turns = {Tier.UNLIMITED: Turns(), Tier.PARTNER: Turns()}
                while len(turns[Tier.PARTNER].turns) < scale.rounds:
                    pair = {}
                    for tier in turns:
                        await _set_tier(pool, tier)
                        pair[tier] = await run_turn(caller, job, database, api.process)
                    if all(turn.took for turn in pair.values()):  # a slice may be too short for one call
                        for tier, turn in pair.items():
                            turns[tier].turns.append(turn)
                figures += _figures(connections, turns[Tier.PARTNER], turns[Tier.UNLIMITED])
    return figures


def _figures(connections: int, limited: Turns, unlimited: Turns) -> Sequence[Figure]:
    name = f"call of a limited key, {connections} at a time"
    rate = limited.per_second
    cost, floor = limited.processor_microseconds("api"), unlimited.processor_microseconds("api")
    times = limited.milliseconds(0.5), unlimited.milliseconds(0.5)
    return [
        Figure(measure=f"{name}: throughput", value=rate, unit="calls/s", floor=rate / _ratio(limited, unlimited)),
        Figure(measure=f"{name}: median", value=times[0], unit="ms", floor=times[1]),
        Figure(measure=f"{name}: processor time, API", value=cost, unit="µs", floor=floor),
    ]


def _ratio(of: Turns, to: Turns) -> float:
    return median(one.per_second / other.per_second for one, other in zip(of.turns, to.turns, strict=True))


async def _set_tier(pool: Pool, tier: Tier) -> None:
    """Change the key's tier in all processes, and reset its rate limit window."""
    await pool.execute("UPDATE api_keys SET tier = $1", tier.value)
    await pool.execute("DELETE FROM rate_windows")
    await pool.execute("SELECT pg_notify('presswork_keys', lookup) FROM api_keys")
    await asyncio.sleep(_ANNOUNCED_WITHIN_SECONDS)
