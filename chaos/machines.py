"""A cluster as on several machines: each part has a data folder, an address and links to the database of its own."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

from chaos.cluster import Cluster, Part, base_environment
from chaos.link import Link, Links
from chaos.pair import Pair, free_port
from presswork.crypto.keyring import new_key_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a machine is."""

    prefix: Sequence[str] = ()
    """What runs a program there."""
    address: str = "127.0.0.1"
    """Its own, seen from here."""
    database: str = "127.0.0.1"
    """Where it reaches this machine for the database."""
    services: str = "127.0.0.1"
    """Where it reaches this machine for anything else."""


@dataclass(slots=True, kw_only=True)
class Machines:
    """Two kinds of machine, and one that has the sandbox. All share the media folder and the secret keys."""

    cluster: Cluster
    pair: Pair
    urls: Sequence[str]
    """Of each API."""
    links: Mapping[str, Sequence[Link]] = field(repr=False)
    """Of each part: to the first server and to the second one."""

    def cut(self, name: str) -> None:
        """Cut a machine off the database."""
        for link in self.links[name]:
            link.cut()

    def heal(self, name: str) -> None:
        """Mend its links."""
        for link in self.links[name]:
            link.heal()

    def log_of(self, name: str) -> str:
        """Return what a part has logged so far."""
        return (self.cluster.folder / f"{name}.log").read_text()

    def cut_from_primary(self) -> None:
        """Let the primary vanish as a machine without power does: no machine hears from it any more."""
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
    places: Mapping[str, Place] | None = None,
    **settings: str,
) -> Iterator[Machines]:
    """Run a cluster in an empty folder for the length of a block. Nothing of it is left running.

    The sandbox is apart. `places` says where a part is if not here; `settings` are further ones, by their names.
    """
    sandbox_port = free_port()
    links = Links()
    here = Place()
    known = places or {}
    shared = base_environment() | {
        "PRESSWORK_SANDBOX_URL": f"http://127.0.0.1:{sandbox_port}/sandbox",
        "PRESSWORK_WORKER_LEASE": str(lease.total_seconds()),
        "PRESSWORK_MEDIA_STORE": str(folder / "media"),
        "PRESSWORK_SECRET_KEYS": new_key_text(),
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
        place = known.get(name, here)
        wires[name] = [
            links.add(partial(asyncio.open_connection, "127.0.0.1", server.port), host=place.database)
            for server in (pair.primary, pair.standby)
        ]
        environment = shared | {
            "PRESSWORK_DATA_DIR": str(home),
            "PRESSWORK_DATABASE_URL": pair.dsn(*(link.port for link in wires[name]), host=place.database),
            "PRESSWORK_SANDBOX_URL": f"http://{place.services}:{sandbox_port}/sandbox",
        }
        return Part(name=name, arguments=arguments, environment=environment, folder=folder, prefix=place.prefix)

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
        )
        cluster.admin("migrate")
        with cluster.running():
            yield Machines(cluster=cluster, pair=pair, urls=urls, links=wires)
    finally:
        links.close()
