"""Fixtures of the tests about SCIM: an identity provider of an organization."""

from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from tests.api_server import Api
from tests.people.people import People

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider with its token, and an administrator's key of the same organization."""

    client: httpx2.AsyncClient
    key: httpx2.AsyncClient
    token: dict[str, Any]

    async def create(self, user_name: str, **more: object) -> dict[str, Any]:
        """Create a user and return it."""
        body = {"schemas": [USER], "userName": user_name, "active": True, **more}
        answer = await self.client.post("/Users", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def group(self, name: str, *members: dict[str, Any], **more: object) -> dict[str, Any]:
        """Create a group and return it."""
        listed = [{"value": member["id"]} for member in members]
        answer = await self.client.post(
            "/Groups", json={"schemas": [GROUP], "displayName": name, "members": listed, **more}
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> httpx2.Response:
        """Change a user or a group."""
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return await self.client.patch(path, json=body, headers=headers)

    async def found(self, path: str, condition: str) -> list[dict[str, Any]]:
        """Return what a filter finds."""
        answer = await self.client.get(path, params={"filter": condition})
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["totalResults"] == len(found["Resources"])
        return list(found["Resources"])

    async def user(self, user: dict[str, Any]) -> dict[str, Any]:
        """Return a user as an administrator sees it."""
        answer = await self.key.get(f"/v1/users/{user['id']}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def refused(answer: httpx2.Response) -> tuple[int, str | None]:
    """Return status and keyword of an error in the form of SCIM."""
    assert answer.headers["content-type"].startswith("application/scim+json"), answer.text
    body = answer.json()
    assert body["schemas"] == [ERROR]
    assert body["detail"]
    assert int(body["status"]) == answer.status_code
    return answer.status_code, body.get("scimType")


async def provider_of(api: Api, people: People, organization: str = "Acme", **more: object) -> Provider:
    """Return an identity provider of an organization, with a new token."""
    key = await people.key(organization)
    made = (await key.post("/v1/scim-tokens", json={"name": "Okta", **more})).json()
    client = httpx2.AsyncClient(
        base_url=f"{api.base_url}/scim/v2",
        headers={"Authorization": f"Bearer {made['token']}", "Content-Type": "application/scim+json"},
        timeout=30,
        trust_env=False,
    )
    return Provider(await api.clients.enter_async_context(client), key, made["scimToken"])


@pytest.fixture
def people(api: Api) -> People:
    """Invites people and signs them in."""
    return People(api)


@pytest.fixture
async def provider(api: Api, people: People) -> Provider:
    """The identity provider of the organization Acme, which has an administrator."""
    await people.signed_in("admin", email="owner@example.com")
    return await provider_of(api, people)
