"""Fixtures of the tests about people."""

import pytest
from tests.api_server import Api
from tests.people.people import People


@pytest.fixture
def people(api: Api) -> People:
    """Invites people and signs them in."""
    return People(api)
