"""The publish call over HTTP against its bare statement, at 1, 10 and 50 targets, with and without an idempotency key."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from pydantic import JsonValue

from bench.figures import Budget, Figure, quantile
from bench.scenery import Scene, set_scene
from bench.site import Child, Scale, Site
from presswork.db.pool import pool_of
from presswork.keyring import load_keyring

_CONNECTIONS: Final = 16
_ROUNDS: Final = 2
_WARM_UP_SECONDS: Final = 0.2
_ACCOUNTS: Final = 2000
_BUDGET: Final = Budget(of="ratio", sign="≥", limit=0.6)


@dataclass(slots=True)
class Sample:
    """Calls of one kind, over all rounds."""

    took: list[float] = field(default_factory=list)
    elapsed: float = 0.0

    def add(self, found: JsonValue) -> None:
        """Add what a child process found."""
        if not isinstance(found, dict) or not isinstance(found["took"], list):
            raise TypeError("a child process answered something else")
        self.took += [float(str(one)) for one in found["took"]]
        self.elapsed += float(str(found["elapsed"]))

    @property
    def per_second(self) -> float:
        """Calls a second."""
        return len(self.took) / self.elapsed

    def milliseconds(self, share: float) -> float:
        """The time that so many of the calls do not exceed."""
        return quantile(self.took, share) * 1000


async def measure(site: Site, scale: Scale) -> list[Figure]:
    """Measure in turns, so that both sides see the same machine."""
    dsn = await site.database()
    async with pool_of(dsn) as pool:
        scene = await set_scene(pool, load_keyring(site.settings), accounts=_ACCOUNTS)
    figures = []
    with site.api(dsn) as address, Child("bench.bare") as floor, Child("bench.load") as caller:
        for is_idempotent in (False, True):
            for targets in scale.targets:
                call, bare = Sample(), Sample()
                rounds = 0
                while rounds < _ROUNDS or not (call.took and bare.took):  # a slice may be too short for one call
                    rounds += 1
                    bare.add(await floor.ask(bare_job(site, dsn, scene, scale, targets, is_idempotent)))
                    call.add(await caller.ask(load_job(address, scene, scale, targets, is_idempotent)))
                figures += _figures(call, bare, targets, is_idempotent)
    return figures


def _figures(call: Sample, bare: Sample, targets: int, is_idempotent: bool) -> list[Figure]:
    name = f"publish, {targets} target{'s' if targets > 1 else ''}{', idempotency key' if is_idempotent else ''}"
    rates = Figure(
        measure=f"{name}: throughput",
        value=call.per_second,
        unit="calls/s",
        floor=bare.per_second,
        budget=_BUDGET if targets == 10 else None,
    )
    rows = Figure(
        measure=f"{name}: rows",
        value=call.per_second * targets,
        unit="rows/s",
        floor=bare.per_second * targets,
    )
    times = [
        Figure(measure=f"{name}: {word}", value=call.milliseconds(share), unit="ms", floor=bare.milliseconds(share))
        for word, share in (("median", 0.5), ("p99", 0.99))
    ]
    return [rates, *([rows] if targets > 1 else []), *times]


def _shared(scene: Scene, scale: Scale, targets: int, is_idempotent: bool) -> dict[str, JsonValue]:
    return {
        "container": f"cnt_{scene.containers[0]}",
        "accounts": [f"sa_{account}" for account in scene.accounts],
        "targets": targets,
        "connections": _CONNECTIONS,
        "seconds": scale.seconds,
        "warm_up_seconds": min(_WARM_UP_SECONDS, scale.seconds),
        "is_idempotent": is_idempotent,
    }


def load_job(address: str, scene: Scene, scale: Scale, targets: int, is_idempotent: bool) -> dict[str, JsonValue]:
    place = urlsplit(address)
    where: dict[str, JsonValue] = {"host": place.hostname, "port": place.port, "key": scene.key, "rate": None}
    return where | _shared(scene, scale, targets, is_idempotent)


def bare_job(
    site: Site,
    dsn: str,
    scene: Scene,
    scale: Scale,
    targets: int,
    is_idempotent: bool,
) -> dict[str, JsonValue]:
    where: dict[str, JsonValue] = {
        "dsn": dsn,
        "data_dir": str(site.folder),
        "key_id": str(scene.key_id),
        "organization": str(scene.organization),
    }
    return where | _shared(scene, scale, targets, is_idempotent) | {"container": str(scene.containers[0])}
