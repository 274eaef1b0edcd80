"""Fixtures: a project to connect accounts to."""

import httpx2
import pytest
from tests.accounts.login_flow import LoginFlow
from tests.api_server import Api
from tests.clocks import MovableClock


@pytest.fixture
async def login_flow(api: Api, clock: MovableClock) -> LoginFlow:
    """A test project of Acme, and a browser that follows no redirect."""
    client = await api.client()
    return LoginFlow(
        api=api,
        clock=clock,
        client=client,
        browser=await api.anonymous(),
        project_id=await new_project(client),
    )


async def new_project(client: httpx2.AsyncClient) -> str:
    """Create a project; return its id."""
    answer = await client.post("/v1/projects", json={"name": "Bakery", "timezone": "Europe/Lisbon"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
