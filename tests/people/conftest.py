"""Fixtures of the tests about people."""

import pytest
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.people.factors import Factors
from tests.people.people import People


@pytest.fixture
def people(api: Api) -> People:
    """Invites people and signs them in."""
    return People(api)


@pytest.fixture
def factors(api: Api, people: People, clock: MovableClock) -> Factors:
    """Gives people second factors."""
    return Factors(api, people, clock)
