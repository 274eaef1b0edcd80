"""Fixtures: separate machines with a primary and a standby behind links that can be cut, started once per module."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from chaos.machines import Machines, open_machines
from chaos.outage import Callers, World, create_world
from chaos.pair import open_pair

LEASE = timedelta(seconds=4)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Two APIs and two workers on PostgreSQL with a synchronous standby."""
    folder: Path = tmp_path_factory.mktemp("machines")
    with open_pair() as pair, open_machines(folder, pair, lease=LEASE, republish_after_test="3") as machines:
        yield machines


@pytest.fixture(scope="module")
def world(machines: Machines) -> World:
    """A key, a picture and three accounts."""

    async def set_once() -> World:
        async with aiohttp.ClientSession() as session:
            return await create_world(machines, session, accounts=3)

    return asyncio.run(set_once())


@pytest.fixture
async def callers(machines: Machines, world: World) -> AsyncIterator[Callers]:
    """Clients of both APIs that send unique posts."""
    async with aiohttp.ClientSession() as session:
        yield Callers(machines, session, world)
