"""Metrics that are read from the process when it is scraped: database connections and event loop lag."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from presswork.db.listener import Listener
from presswork.db.pool import Pool, parts_of, waiting_for
from presswork.telemetry import meters

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
_LOOP_CHECK_INTERVAL: Final = timedelta(seconds=1)


class Pools(Collector):
    """The pools of database connections of this process, by name."""

    def __init__(self, pools: Mapping[str, Pool]) -> None:
        self._pools: Final = pools

    def collect(self) -> Iterator[Metric]:
        """Yield the current values."""
        connections = GaugeMetricFamily(
            "presswork_db_pool_connections", "Connections to the database.", labels=["pool", "state"]
        )
        max_connections = GaugeMetricFamily(
            "presswork_db_pool_max_connections", "Maximum number of connections.", labels=["pool"]
        )
        waiting = GaugeMetricFamily(
            "presswork_db_pool_waiting", "Statements that wait for a free connection.", labels=["pool"]
        )
        for name, pool in self._pools.items():
            parts = parts_of(pool)
            idle = sum(part.get_idle_size() for part in parts)
            connections.add_metric([name, "idle"], idle)
            connections.add_metric([name, "in_use"], sum(part.get_size() for part in parts) - idle)
            max_connections.add_metric([name], sum(part.get_max_size() for part in parts))
            waiting.add_metric([name], waiting_for(pool))
        yield from (connections, max_connections, waiting)


def show_listener(listener: Listener) -> None:
    """Show in this process's metrics whether a listener is connected."""
    meters.listener_connected.labels(listener.channel).set_function(lambda: float(listener.is_connected))


class Families(Collector):
    """Metric families that were read elsewhere, to be rendered once."""

    def __init__(self, families: Iterator[Metric]) -> None:
        self._families: Final = families

    def collect(self) -> Iterator[Metric]:
        """Yield the families."""
        return self._families


def render(*parts: Collector | CollectorRegistry) -> bytes:
    """Return metrics in Prometheus' text format."""
    return b"".join(generate_latest(part) for part in parts)


async def render_in_thread(*parts: Collector | CollectorRegistry) -> bytes:
    """Render in a thread: several hundred series take milliseconds, which would block the event loop."""
    return await asyncio.to_thread(render, *parts)


async def watch_loop() -> None:
    """Measure every second how late the event loop wakes up. Runs until cancelled."""
    loop, pause = asyncio.get_running_loop(), _LOOP_CHECK_INTERVAL.total_seconds()
    while True:
        asked_at = loop.time()
        await asyncio.sleep(pause)
        meters.loop_lag_seconds.observe(max(0.0, loop.time() - asked_at - pause))
