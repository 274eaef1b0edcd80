"""The publish call over HTTP against plain inserts of the same rows, at 1, 10 and 50 targets.

The floor is one plain INSERT per table in one commit: no check, no look-up, no HTTP. The statement of the call is measured
too, with the same arguments and nothing else. All sides take short turns, and a ratio is that of each pair of turns, so that
whatever else the machine does meets all. Processor time per call is less disturbed still: it says where the time goes when
the cores are shared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final
from urllib.parse import urlsplit

import asyncpg
import psutil
from pydantic import JsonValue

from bench.child import Child
from bench.figures import Budget, Figure, quantile
from bench.site import Api, Scale, Site, cpu_seconds
from bench.world import World, create_world, insert_archive
from presswork.crypto.keyring import load_keyring
from presswork.db.pool import Connection, pool_of

_CONNECTIONS: Final = 16
_OTHER_CONNECTIONS: Final = (1, 4, 64)
_WARM_UP_SECONDS: Final = 0.2
_WAL: Final = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"
_ACCOUNTS: Final = 2000
_BUDGETS: Final = {
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
    wal_bytes: int = 0
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

    @property
    def wal_kib(self) -> float:
        """WAL that a call writes."""
        return sum(turn.wal_bytes for turn in self.turns) / sum(turn.calls for turn in self.turns) / 1024

    def processor_microseconds(self, part: str) -> float:
        """Processor time per call of one part: caller, api or database."""
        used: float = sum(getattr(turn, f"{part}_seconds") for turn in self.turns)
        return used / sum(turn.calls for turn in self.turns) * 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One kind of call."""

    targets: int
    is_idempotent: bool = False
    connections: int = _CONNECTIONS
    processes: int = 1
    posts_before: int = 0

    @property
    def name(self) -> str:
        """What its figures begin with."""
        name = f"publish, {self.targets} target{'s' if self.targets > 1 else ''}"
        name += ", idempotency key" if self.is_idempotent else ""
        name += f", {self.connections} at a time" if self.connections != _CONNECTIONS else ""
        name += f", {self.processes} API processes" if self.processes > 1 else ""
        return name + (f", {self.posts_before:,} posts before" if self.posts_before else "")


async def measure(site: Site, scale: Scale) -> list[Figure]:
    """Measure in an almost empty database, with other numbers of connections, and with many posts."""
    dsn, world = await create_world_for_calls(site)
    database = await site.database_server()
    figures: list[Figure] = []
    watching = await asyncpg.connect(dsn)
    kinds = [(targets, is_idempotent) for is_idempotent in (False, True) for targets in scale.targets]
    middle = sorted(scale.targets)[len(scale.targets) // 2]
    few = [Case(targets=targets, is_idempotent=is_idempotent) for targets, is_idempotent in kinds]
    few += [Case(targets=middle, connections=connections) for connections in _OTHER_CONNECTIONS]
    many = [
        Case(targets=targets, is_idempotent=is_idempotent, posts_before=scale.rows) for targets, is_idempotent in kinds
    ]
    with Child("bench.bare") as floor, Child("bench.load") as caller:

        async def compare(case: Case, api: Api) -> None:
            call, bare, plain = Turns(), Turns(), Turns()
            floor_job = bare_job(site, dsn, world, scale, case)
            call_job = load_job(api.url, world, scale, case)
            while len(call.turns) < scale.rounds:
                inserts = await run_turn(floor, {**floor_job, "is_plain": True}, database, watching=watching)
                one = await run_turn(floor, floor_job, database)
                other = await run_turn(caller, call_job, database, api.process, watching=watching)
                if inserts.took and one.took and other.took:  # a slice may be too short for one call
                    plain.turns.append(inserts)
                    bare.turns.append(one)
                    call.turns.append(other)
            figures.extend(_figures(case, call, bare, plain))

        with site.api(dsn, processes=2) as api:
            for targets in scale.targets:
                await compare(Case(targets=targets, processes=2), api)
        with site.api(dsn) as api:
            for case in few:
                await compare(case, api)
            async with pool_of(dsn) as pool:
                await insert_archive(pool, world, scale.rows)
            for case in many:  # API and floor keep their connections, and the plans in them until ANALYZE
                await compare(case, api)
    await watching.close()
    return figures


async def create_world_for_calls(site: Site) -> tuple[str, World]:
    """Return a fresh database's URL, with one project of many accounts in it."""
    dsn = await site.database()
    async with pool_of(dsn) as pool:
        return dsn, await create_world(pool, load_keyring(site.settings), accounts=_ACCOUNTS)


async def run_turn(
    caller: Child,
    job: dict[str, JsonValue],
    database: psutil.Process,
    api: psutil.Process | None = None,
    *,
    watching: Connection | None = None,
) -> Turn:
    """Have a child do a job, and take the processor time of the others meanwhile; with a connection, also the WAL."""
    database_before, api_before = cpu_seconds(database), cpu_seconds(api) if api else 0.0
    wal_before = await watching.fetchval(_WAL) if watching else 0
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
        wal_bytes=await watching.fetchval(_WAL) - wal_before if watching else 0,
        plans_per_call=float(str(found.get("plans_per_call", 0))),
        planning_ms=float(str(found.get("planning_ms", 0))),
    )


def _figures(case: Case, call: Turns, bare: Turns, plain: Turns) -> Sequence[Figure]:
    name, budget = case.name, _BUDGETS.get(case.targets)
    ratio = _ratio(call, plain)
    planning = median(turn.planning_ms for turn in bare.turns)
    times = [
        Figure(measure=f"{name}: {word}", value=call.milliseconds(share), unit="ms", floor=plain.milliseconds(share))
        for word, share in (("median", 0.5), ("p99", 0.99))
    ]
    parts = {"API": "api", "PostgreSQL": "database", "load generator": "caller"}
    processor = {part: call.processor_microseconds(field) for part, field in parts.items()}
    floors = {
        "API": plain.processor_microseconds("caller"),
        "PostgreSQL": plain.processor_microseconds("database"),
        "load generator": None,
    }
    return [
        Figure(
            measure=f"{name}: throughput",
            value=call.per_second,
            unit="calls/s",
            floor=call.per_second / ratio,
            budget=budget,
        ),
        *times,
        *(
            Figure(measure=f"{name}: processor time, {part}", value=processor[part], unit="µs", floor=floors[part])
            for part in parts
        ),
        Figure(measure=f"{name}: WAL", value=call.wal_kib, unit="KiB", floor=plain.wal_kib),
        Figure(
            measure=f"{name}: statement alone",
            value=bare.per_second,
            unit="calls/s",
            floor=bare.per_second / _ratio(bare, plain),
        ),
        Figure(
            measure=f"{name}: statement alone, processor time, PostgreSQL",
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


def _ratio(of: Turns, to: Turns) -> float:
    return median(one.per_second / other.per_second for one, other in zip(of.turns, to.turns, strict=True))


def _shared(world: World, scale: Scale, case: Case) -> dict[str, JsonValue]:
    return {
        "container": f"cnt_{world.containers[0]}",
        "accounts": [f"sa_{account}" for account in world.accounts],
        "targets": case.targets,
        "connections": case.connections,
        "seconds": scale.seconds,
        "warm_up_seconds": min(_WARM_UP_SECONDS, scale.seconds),
        "is_idempotent": case.is_idempotent,
    }


def load_job(url: str, world: World, scale: Scale, case: Case) -> dict[str, JsonValue]:
    """Return what the load generator is to do: publish as fast as the responses come."""
    place = urlsplit(url)
    where: dict[str, JsonValue] = {"host": place.hostname, "port": place.port, "key": world.key, "rate": None}
    return where | _shared(world, scale, case)


def bare_job(site: Site, dsn: str, world: World, scale: Scale, case: Case) -> dict[str, JsonValue]:
    """Return what the floor's process is to do: run the statement of the same calls."""
    where: dict[str, JsonValue] = {
        "dsn": dsn,
        "data_dir": str(site.folder),
        "key_id": str(world.key_id),
        "organization": str(world.organization),
    }
    return where | _shared(world, scale, case) | {"container": str(world.containers[0])}
