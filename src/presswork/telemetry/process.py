"""What is looked at in a process when it is asked: its connections, and how late its event loop is."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from presswork.db.listener import Listener
from presswork.db.pool import Pool, waiting_for
from presswork.telemetry import meters

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
_LOOP_LOOKED_AT_EVERY: Final = timedelta(seconds=1)


class Pools(Collector):
    """The pools of database connections of this process, by name."""

    def __init__(self, pools: Mapping[str, Pool]) -> None:
        """Take the pools."""
        self._pools: Final = pools

    def collect(self) -> Iterator[Metric]:
        """Yield the figures as they are now."""
        connections = GaugeMetricFamily(
            "presswork_db_pool_connections", "Connections to the database.", labels=["pool", "state"]
        )
        most = GaugeMetricFamily(
            "presswork_db_pool_max_connections", "Connections that there can be at most.", labels=["pool"]
        )
        waiting = GaugeMetricFamily(
            "presswork_db_pool_waiting", "Statements that wait for a connection to be free.", labels=["pool"]
        )
        for name, pool in self._pools.items():
            idle = pool.get_idle_size()
            connections.add_metric([name, "idle"], idle)
            connections.add_metric([name, "in_use"], pool.get_size() - idle)
            most.add_metric([name], pool.get_max_size())
            waiting.add_metric([name], waiting_for(pool))
        yield from (connections, most, waiting)


def show_listener(listener: Listener) -> None:
    """Show in this process's metrics whether a listener is connected."""
    meters.listener_connected.labels(listener.channel).set_function(lambda: float(listener.is_connected))


class Families(Collector):
    """Families that were read elsewhere, to be shown once."""

    def __init__(self, families: Iterator[Metric]) -> None:
        """Take them."""
        self._families: Final = families

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        return self._families


def shown(*parts: Collector | CollectorRegistry) -> bytes:
    """Return families in Prometheus' text format."""
    return b"".join(generate_latest(part) for part in parts)


async def shown_aside(*parts: Collector | CollectorRegistry) -> bytes:
    """Do the same in a thread: some hundred series take milliseconds, for which nobody else should have to wait."""
    return await asyncio.to_thread(shown, *parts)


async def watch_loop() -> None:
    """Look every second how much later than asked for the event loop comes back. Runs until cancelled."""
    loop, pause = asyncio.get_running_loop(), _LOOP_LOOKED_AT_EVERY.total_seconds()
    while True:
        asked_at = loop.time()
        await asyncio.sleep(pause)
        meters.loop_lag_seconds.observe(max(0.0, loop.time() - asked_at - pause))
