"""`python -m chaos.namespace`: pull the cable of machines in network namespaces. Needs root and iproute2.

The links in the tests are in user space, where the kernel still acknowledges packets. Here packets are dropped, as when a cable
is pulled, and only the kernel's time-outs end a connection. See docs/scaling.md.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import aiohttp
from rich.console import Console

from chaos.machines import Machines, NetworkLocation, open_machines
from chaos.outage import Callers, create_world
from chaos.pair import open_pair

_LEASE: Final = timedelta(seconds=10)
_CUT_FOR: Final = timedelta(seconds=25)
"""Longer than a lease and than the kernel's time-out for a silent connection."""
_WITHIN: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A machine with two network interfaces: one for the database, which can be cut, one for everything else."""

    namespace: str
    number: int

    @property
    def location(self) -> NetworkLocation:
        """Return its addresses."""
        return NetworkLocation(
            prefix=("ip", "netns", "exec", self.namespace),
            address=self._address(1, 2),
            database=self._address(0, 1),
            services=self._address(1, 1),
        )

    def connect(self) -> None:
        """Create both interfaces."""
        for cable in (0, 1):
            here, there = self._card(cable, "h"), self._card(cable, "t")
            _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", self.namespace)
            _ip("address", "add", f"{self._address(cable, 1)}/24", "dev", here)
            _ip("link", "set", here, "up")
            _ip("-n", self.namespace, "address", "add", f"{self._address(cable, 2)}/24", "dev", there)
            _ip("-n", self.namespace, "link", "set", there, "up")
        _ip("-n", self.namespace, "link", "set", "lo", "up")

    def cut(self) -> None:
        """Disconnect it from the database: packets are dropped without an error."""
        _ip("link", "set", self._card(0, "h"), "down")

    def heal(self) -> None:
        """Connect it again."""
        _ip("link", "set", self._card(0, "h"), "up")

    def _card(self, cable: int, end: str) -> str:
        return f"pw{os.getpid() % 1_000_000}{end}{self.number}{cable}"

    def _address(self, cable: int, host: int) -> str:
        return f"10.213.{self.number * 2 + cable}.{host}"


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)  # noqa: S603, S607  iproute2, with fixed arguments


@contextlib.contextmanager
def open_remote(number: int) -> Iterator[Remote]:
    """Create a machine for the duration of a block."""
    remote = Remote(namespace=f"presswork{os.getpid()}n{number}", number=number)
    _ip("netns", "add", remote.namespace)
    try:
        remote.connect()
        yield remote
    finally:
        _ip("netns", "delete", remote.namespace)


async def _run(machines: Machines, remotes: Sequence[Remote], console: Console) -> list[str]:
    async with aiohttp.ClientSession(headers=machines.sandbox_headers) as session:
        callers = Callers(machines, session, await create_world(machines, session, accounts=4))
        stop = asyncio.Event()
        publishing = asyncio.create_task(callers.keep_publishing(stop))
        await callers.wait_until_accepted(10)
        console.print("Disconnecting an API and a worker from the database.")
        for remote in remotes:
            await asyncio.to_thread(remote.cut)
        await asyncio.sleep(_CUT_FOR.total_seconds())
        for remote in remotes:
            await asyncio.to_thread(remote.heal)
        plugged_in = time.monotonic()
        status = None
        while status != 200:
            status, _ = await callers.call("GET", f"{machines.urls[0]}/v1/projects")
        api_after = time.monotonic() - plugged_in
        stop.set()
        await publishing
        states, shown = await callers.wait_until_final(machines.cluster.dsn, within=_WITHIN), await callers.shown()
    slowest = max(one.took_seconds for one in callers.attempts)
    console.print(
        f"{len(callers.accepted)} posts; a call to the disconnected API succeeds {api_after:.1f} s after it is connected again."
    )
    console.print(f"Slowest call {slowest:.1f} s; statuses {sorted({str(one.status) for one in callers.attempts})}.")
    faults = [
        f"{caption} is {states.get(caption)}" for caption in callers.accepted if states.get(caption) != "published"
    ]
    return faults + [
        f"{caption} was published {shown[caption]} times" for caption in callers.accepted if shown[caption] != 1
    ]


def main() -> int:
    """Run once. Return 0 only if no post was lost or duplicated."""
    console = Console()
    with (
        tempfile.TemporaryDirectory(prefix="presswork-namespace-") as folder,
        open_pair() as pair,
        contextlib.ExitStack() as stack,
    ):
        remotes = [stack.enter_context(open_remote(number)) for number in (1, 2)]
        locations = {"api-1": remotes[0].location, "worker-1": remotes[1].location}
        machines = stack.enter_context(open_machines(Path(folder), pair, lease=_LEASE, locations=locations))
        faults = asyncio.run(_run(machines, remotes, console))
    for fault in faults:
        console.print(fault, style="bold red", markup=False)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
