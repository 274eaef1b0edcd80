"""Fixtures of the tests about people."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.api_server import Api, beside, serving
from tests.clocks import MovableClock
from tests.people.factors import Factors
from tests.people.people import People

from presswork.platforms.settings import Settings


@pytest.fixture
def people(api: Api) -> People:
    """Invites people and signs them in."""
    return People(api)


@pytest.fixture
def factors(api: Api, people: People, clock: MovableClock) -> Factors:
    """Gives people second factors."""
    return Factors(api, people, clock)


@pytest.fixture
async def https_api(settings: Settings, dsn: str, clock: MovableClock, tmp_path: Path) -> AsyncIterator[Api]:
    """The API as browsers reach it over https, behind a proxy that ends TLS."""
    public = beside(settings, tmp_path / "https").model_copy(update={"public_url": "https://press.example.com"})
    async with serving(public, dsn=dsn, clock=clock) as api:
        object.__setattr__(api.context, "base_url", "https://press.example.com")
        yield api
