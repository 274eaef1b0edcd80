"""Fixtures of the tests about people."""

import pytest
from tests.conftest import Api
from tests.people.people import People


@pytest.fixture
def people(api: Api) -> People:
    """Invites people and signs them in."""
    return People(api)
