"""The publish call over HTTP against its bare statement, at 1, 10 and 50 targets, with and without an idempotency key.

The statement is held against the plain-insert floor: the same rows by one plain INSERT per table, no checks. All sides take short turns, and the ratio is that of each pair of turns, so that whatever else the machine does meets
all. Processor time per call is less disturbed still: it says where the time goes when the cores are shared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final
from urllib.parse import urlsplit

import psutil
from pydantic import JsonValue

from bench.child import Child
from bench.figures import Budget, Figure, quantile
from bench.site import Scale, Site, cpu_seconds
from bench.world import World, create_world
from presswork.crypto.keyring import load_keyring
from presswork.db.pool import pool_of

_CONNECTIONS: Final = 16
_ROUNDS: Final = 6
_WARM_UP_SECONDS: Final = 0.2
_ACCOUNTS: Final = 2000
_BUDGET: Final = Budget(of="ratio", sign="≥", limit=0.6)
_PLAIN_BUDGETS: Final = {
    targets: Budget(of="ratio", sign="≥", limit=limit) for targets, limit in ((1, 0.25), (10, 0.4), (50, 0.75))
}


@dataclass(slots=True)
class Turn:
    """One slice of calls: what the calling process found, and the processor time of those that it called."""

    took: list[float]
    elapsed: float
    calls: int
    caller_seconds: float
    api_seconds: float
    database_seconds: float
    plans_per_call: float = 0.0
    planning_ms: float = 0.0

    @property
    def per_second(self) -> float:
        """Calls a second."""
        return len(self.took) / self.elapsed


@dataclass(slots=True)
class Turns:
    """Calls of one kind."""

    turns: list[Turn] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Calls a second in the middle one of the turns."""
        return median(turn.per_second for turn in self.turns)

    def milliseconds(self, share: float) -> float:
        """The time that so many of the calls do not exceed."""
        return quantile([took for turn in self.turns for took in turn.took], share) * 1000

    def processor_microseconds(self, part: str) -> float:
        """Processor time per call of one part: caller, api or database."""
        used: float = sum(getattr(turn, f"{part}_seconds") for turn in self.turns)
        return used / sum(turn.calls for turn in self.turns) * 1e6


async def measure(site: Site, scale: Scale) -> list[Figure]:
    """Measure in turns, so that both sides see the same machine."""
    dsn, world = await create_world_for_calls(site)
    database = await site.database_server()
    figures: list[Figure] = []
    with site.api(dsn) as api, Child("bench.bare") as floor, Child("bench.load") as caller:
        for is_idempotent in (False, True):
            for targets in scale.targets:
                call, bare, plain = Turns(), Turns(), Turns()
                floor_job = bare_job(site, dsn, world, scale, targets, is_idempotent=is_idempotent)
                call_job = load_job(api.address, world, scale, targets, is_idempotent=is_idempotent)
                while len(call.turns) < _ROUNDS:
                    inserts = await run_turn(floor, {**floor_job, "is_plain": True}, database)
                    one, other = (
                        await run_turn(floor, floor_job, database),
                        await run_turn(caller, call_job, database, api.process),
                    )
                    if inserts.took and one.took and other.took:  # a slice may be too short for one call
                        plain.turns.append(inserts)
                        bare.turns.append(one)
                        call.turns.append(other)
                figures += _figures(call, bare, targets, is_idempotent=is_idempotent)
                figures += _plain_figures(call, bare, plain, targets, is_idempotent=is_idempotent)
    return figures


async def create_world_for_calls(site: Site) -> tuple[str, World]:
    """Return a fresh database's address, with one project of many accounts in it."""
    dsn = await site.database()
    async with pool_of(dsn) as pool:
        return dsn, await create_world(pool, load_keyring(site.settings), accounts=_ACCOUNTS)


async def run_turn(
    caller: Child, job: dict[str, JsonValue], database: psutil.Process, api: psutil.Process | None = None
) -> Turn:
    """Have a child do a job, and take the processor time of the others meanwhile."""
    database_before, api_before = cpu_seconds(database), cpu_seconds(api) if api else 0.0
    found = await caller.ask(job)
    took = found["took"]
    if not isinstance(took, list):
        raise TypeError("a child process answered something else")
    return Turn(
        took=[float(str(one)) for one in took],
        elapsed=float(str(found["elapsed"])),
        calls=int(str(found["calls"])),
        caller_seconds=float(str(found["cpu_seconds"])),
        api_seconds=cpu_seconds(api) - api_before if api else 0.0,
        database_seconds=cpu_seconds(database) - database_before,
        plans_per_call=float(str(found.get("plans_per_call", 0))),
        planning_ms=float(str(found.get("planning_ms", 0))),
    )


def _figures(call: Turns, bare: Turns, targets: int, *, is_idempotent: bool) -> Sequence[Figure]:
    name = _name(targets, is_idempotent=is_idempotent)
    ratio = _ratio(call, bare)
    rates = Figure(
        measure=f"{name}: throughput",
        value=call.per_second,
        unit="calls/s",
        floor=call.per_second / ratio,
        budget=_BUDGET if targets == 10 else None,
    )
    rows = Figure(
        measure=f"{name}: rows",
        value=call.per_second * targets,
        unit="rows/s",
        floor=call.per_second / ratio * targets,
    )
    times = [
        Figure(measure=f"{name}: {word}", value=call.milliseconds(share), unit="ms", floor=bare.milliseconds(share))
        for word, share in (("median", 0.5), ("p99", 0.99))
    ]
    return [rates, *([rows] if targets > 1 else []), *times, *_processor_figures(name, call, bare)]


def _name(targets: int, *, is_idempotent: bool) -> str:
    return f"publish, {targets} target{'s' if targets > 1 else ''}{', idempotency key' if is_idempotent else ''}"


def _ratio(of: Turns, to: Turns) -> float:
    return median(one.per_second / other.per_second for one, other in zip(of.turns, to.turns, strict=True))


def _plain_figures(call: Turns, bare: Turns, plain: Turns, targets: int, *, is_idempotent: bool) -> Sequence[Figure]:
    """Hold the call and its statement against plain inserts, and planning against planning at each call."""
    name = _name(targets, is_idempotent=is_idempotent)
    planning = median(turn.planning_ms for turn in bare.turns)
    return [
        Figure(
            measure=f"{name}: calls against plain inserts",
            value=call.per_second,
            unit="calls/s",
            floor=call.per_second / _ratio(call, plain),
            budget=_PLAIN_BUDGETS.get(targets),
        ),
        Figure(
            measure=f"{name}: statement against plain inserts",
            value=bare.per_second,
            unit="calls/s",
            floor=bare.per_second / _ratio(bare, plain),
        ),
        Figure(
            measure=f"{name}: statement against plain inserts, processor time, PostgreSQL",
            value=bare.processor_microseconds("database"),
            unit="µs",
            floor=plain.processor_microseconds("database"),
        ),
        Figure(
            measure=f"{name}: planning a call, against planning at each call",
            value=planning * 1000 * bare.turns[-1].plans_per_call,
            unit="µs",
            floor=planning * 1000,
        ),
    ]


def _processor_figures(name: str, call: Turns, bare: Turns) -> Sequence[Figure]:
    """Where the time goes. The statement's own caller does what the API does last: it is that one's floor."""
    api, load, database = (call.processor_microseconds(part) for part in ("api", "caller", "database"))
    driver, bare_database = bare.processor_microseconds("caller"), bare.processor_microseconds("database")
    return [
        Figure(measure=f"{name}: processor time, API", value=api, unit="µs", floor=driver),
        Figure(measure=f"{name}: processor time, PostgreSQL", value=database, unit="µs", floor=bare_database),
        Figure(measure=f"{name}: processor time, load generator", value=load, unit="µs"),
        Figure(
            measure=f"{name}: processor time, all", value=api + load + database, unit="µs", floor=driver + bare_database
        ),
    ]


def _shared(world: World, scale: Scale, targets: int, *, is_idempotent: bool) -> dict[str, JsonValue]:
    return {
        "container": f"cnt_{world.containers[0]}",
        "accounts": [f"sa_{account}" for account in world.accounts],
        "targets": targets,
        "connections": _CONNECTIONS,
        "seconds": scale.seconds,
        "warm_up_seconds": min(_WARM_UP_SECONDS, scale.seconds),
        "is_idempotent": is_idempotent,
    }


def load_job(address: str, world: World, scale: Scale, targets: int, *, is_idempotent: bool) -> dict[str, JsonValue]:
    """Return what the load generator is to do: publish as fast as the answers come."""
    place = urlsplit(address)
    where: dict[str, JsonValue] = {"host": place.hostname, "port": place.port, "key": world.key, "rate": None}
    return where | _shared(world, scale, targets, is_idempotent=is_idempotent)


def bare_job(
    site: Site, dsn: str, world: World, scale: Scale, targets: int, *, is_idempotent: bool
) -> dict[str, JsonValue]:
    where: dict[str, JsonValue] = {
        "dsn": dsn,
        "data_dir": str(site.folder),
        "key_id": str(world.key_id),
        "organization": str(world.organization),
    }
    shared = _shared(world, scale, targets, is_idempotent=is_idempotent)
    return where | shared | {"container": str(world.containers[0])}
