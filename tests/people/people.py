"""People of the tests: invited by an administrator's key, accepted with a password, as a browser does it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
from tests.api.wire import ALL
from tests.api_server import Api

PASSWORD: Final = "correct horse battery staple"
CONSOLE: Final = "X-Presswork-Console"


def token_of(link: str) -> str:
    """Return the token of a one-time link, which is in the fragment alone."""
    address, _, token = link.partition("#token=")
    assert "?" not in address
    assert address.endswith("/console/accept")
    return token


def headers_of(api: Api, environment: str | None = "test") -> dict[str, str]:
    """Return what the console sends with a write."""
    named = {} if environment is None else {"X-Presswork-Environment": environment}
    return {"Origin": api.base_url, CONSOLE: "1", **named}


@dataclass(slots=True)
class People:
    """Invites people to organizations and signs them in."""

    api: Api
    _keys: dict[str, httpx2.AsyncClient] = field(default_factory=dict)
    _count: int = 0

    async def key(self, organization: str = "Acme") -> httpx2.AsyncClient:
        """Return a client with an org:admin key."""
        if organization not in self._keys:
            self._keys[organization] = await self.api.client(organization=organization, scopes=ALL)
        return self._keys[organization]

    async def invite(
        self,
        role: str = "viewer",
        *,
        email: str | None = None,
        organization: str = "Acme",
        **more: object,
    ) -> dict[str, Any]:
        """Invite a person and return the answer."""
        self._count += 1
        key = await self.key(organization)
        body = {"email": email or f"{role}-{self._count}@example.com", "role": role, **more}
        answer = await key.post("/v1/users", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def browser(self, environment: str | None = "test") -> httpx2.AsyncClient:
        """Return a browser without a session that opens the console."""
        return await self.api.anonymous(headers=headers_of(self.api, environment))

    async def signed_in(
        self,
        role: str = "viewer",
        *,
        environment: str | None = "test",
        organization: str = "Acme",
        project_ids: Sequence[str] | None = None,
        email: str | None = None,
        **more: object,
    ) -> httpx2.AsyncClient:
        """Return a browser with the session of a new user."""
        if project_ids is not None:
            more["projectIds"] = list(project_ids)
        invited = await self.invite(role, email=email, organization=organization, **more)
        browser = await self.browser(environment)
        answer = await browser.post("/v1/auth/accept", json={"token": token_of(invited["link"]), "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return browser


async def user_id_of(client: httpx2.AsyncClient) -> str:
    """Return the id of the user whose session a browser has."""
    return str((await client.get("/v1/auth/session")).json()["user"]["id"])
