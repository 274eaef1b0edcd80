"""Run a cluster as on several machines: each part has a separate data folder, address and links to the database."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

from chaos.cluster import Cluster, Part, base_environment
from chaos.link import Link, Links
from chaos.pair import Pair
from chaos.ports import free_port
from presswork.crypto.keyring import new_key_text
from presswork.platforms.sandbox_access import TOKEN_HEADER


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkLocation:
    """The network addresses of a machine."""

    prefix: Sequence[str] = ()
    """Command prefix that runs a program there."""
    address: str = "127.0.0.1"
    """Its address, seen from this machine."""
    database: str = "127.0.0.1"
    """The address at which it reaches this machine for the database."""
    services: str = "127.0.0.1"
    """The address at which it reaches this machine for everything else."""


@dataclass(slots=True, kw_only=True)
class Machines:
    """API machines, worker machines and one with the sandbox. All share the media folder and the secret keys."""

    cluster: Cluster
    pair: Pair
    urls: Sequence[str]
    """One per API."""
    links: Mapping[str, Sequence[Link]] = field(repr=False)
    """By part: to the first and the second server."""

    @property
    def sandbox_headers(self) -> Mapping[str, str]:
        """Headers of a caller that may call the sandbox from any machine."""
        return {TOKEN_HEADER: self.cluster.environment["PRESSWORK_SANDBOX_TOKEN"]}

    def cut(self, name: str) -> None:
        """Cut a machine off from the database."""
        for link in self.links[name]:
            link.cut()

    def heal(self, name: str) -> None:
        """Restore its links."""
        for link in self.links[name]:
            link.heal()

    def log_of(self, name: str) -> str:
        """Return the log of a part."""
        return (self.cluster.folder / f"{name}.log").read_text()

    def cut_from_primary(self) -> None:
        """Cut all links to the primary, as when its machine loses power."""
        for to_first, _ in self.links.values():
            to_first.cut()


@contextlib.contextmanager
def open_machines(
    folder: Path,
    pair: Pair,
    *,
    lease: timedelta,
    apis: int = 2,
    workers: int = 2,
    locations: Mapping[str, NetworkLocation] | None = None,
    **settings: str,
) -> Iterator[Machines]:
    """Run a cluster in an empty folder within a block, and stop all of its processes at the end.

    The sandbox is a separate part. `locations` are the addresses of parts on other machines; `settings` are more settings by name.
    """
    sandbox_port = free_port()
    links = Links()
    here = NetworkLocation()
    known = locations or {}
    shared = base_environment() | {
        "PRESSWORK_SANDBOX_URL": f"http://127.0.0.1:{sandbox_port}/sandbox",
        "PRESSWORK_WORKER_LEASE": str(lease.total_seconds()),
        "PRESSWORK_MEDIA_STORE": str(folder / "media"),
        "PRESSWORK_SECRET_KEYS": new_key_text(),
        "PRESSWORK_SANDBOX_TOKEN": new_key_text(),
        **{f"PRESSWORK_{name.upper()}": value for name, value in settings.items()},
    }
    ports = [free_port() for _ in range(apis)]
    names = [f"api-{number + 1}" for number in range(apis)]
    addresses = [known.get(name, here).address for name in names]
    urls = [f"http://{address}:{port}" for address, port in zip(addresses, ports, strict=True)]
    shared["PRESSWORK_PUBLIC_URL"] = urls[-1]  # the last API is never cut off
    wires: dict[str, Sequence[Link]] = {}

    def part(name: str, *arguments: str) -> Part:
        home = folder / name
        home.mkdir()
        location = known.get(name, here)
        wires[name] = [
            links.add(partial(asyncio.open_connection, "127.0.0.1", server.port), host=location.database)
            for server in (pair.primary, pair.standby)
        ]
        environment = shared | {
            "PRESSWORK_DATA_DIR": str(home),
            "PRESSWORK_DATABASE_URL": pair.dsn(*(link.port for link in wires[name]), host=location.database),
            "PRESSWORK_SANDBOX_URL": f"http://{location.services}:{sandbox_port}/sandbox",
        }
        return Part(name=name, arguments=arguments, environment=environment, folder=folder, prefix=location.prefix)

    try:
        cluster = Cluster(
            folder=folder,
            dsn=pair.dsn(),
            url=urls[0],
            sandbox_url=shared["PRESSWORK_SANDBOX_URL"],
            apis=[
                part(name, "api", "--host", address, "--port", str(port))
                for name, address, port in zip(names, addresses, ports, strict=True)
            ],
            workers=[part(f"worker-{n + 1}", "worker") for n in range(workers)],
            sandbox=part(
                "sandbox",
                "sandbox",
                "--host",
                "0.0.0.0" if known else "127.0.0.1",  # noqa: S104  for the other machines
                "--port",
                str(sandbox_port),
            ),
            environment=shared | {"PRESSWORK_DATA_DIR": str(folder / "admin"), "PRESSWORK_DATABASE_URL": pair.dsn()},
            pair=pair,
        )
        cluster.admin("migrate")
        with cluster.running():
            yield Machines(cluster=cluster, pair=pair, urls=urls, links=wires)
    finally:
        links.close()
