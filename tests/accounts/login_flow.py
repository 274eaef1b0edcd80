"""Actions of the account tests: begin a login, answer it at the sandbox, follow the redirect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.sandbox_journal import read_journal

RETURN_URL: Final = "http://localhost:3000/done?customer=4711"

Json = dict[str, Any]  # Any: nested JSON


@dataclass(frozen=True, kw_only=True)
class LoginFlow:
    """A project, a client with all scopes, and a browser."""

    api: Api
    clock: MovableClock
    client: httpx2.AsyncClient
    browser: httpx2.AsyncClient
    project_id: str

    async def begin(self, platform: str, return_url: str | None = RETURN_URL, *, login: str | None = None) -> Json:
        """Begin connecting an account, with the platform's default login or the given one; None: without a return URL."""
        optional = {"returnUrl": return_url, "login": login}
        answer = await self.client.post(
            f"/v1/projects/{self.project_id}/social/oauth-url",
            json={"platform": platform, **{name: value for name, value in optional.items() if value is not None}},
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def begin_again(self, account_id: str, return_url: str | None = RETURN_URL) -> Json:
        """Begin connecting an account again; None: without a return URL."""
        returns = {} if return_url is None else {"returnUrl": return_url}
        answer = await self.client.post(
            f"/v1/projects/{self.project_id}/social/reauth-url", json={"socialAccountId": account_id, **returns}
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def decide(self, login: Json, handle: str, *, decision: str = "approve") -> str:
        """Answer the authorize page; return the platform's redirect to the callback."""
        answer = await self.browser.get(f"{login['authorizeUrl']}&account={handle}&decision={decision}")
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def come_back(self, callback: str) -> httpx2.Response:
        """Follow the platform's redirect, but not the one of Presswork."""
        return await self.browser.get(callback.partition("#")[0])

    async def finish(self, login: Json, handle: str, *, decision: str = "approve") -> str:
        """Answer the authorize page and follow its redirect; return the redirect of Presswork."""
        answer = await self.come_back(await self.decide(login, handle, decision=decision))
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def connect(self, platform: str, handle: str, *, login: str | None = None) -> Json:
        """Connect an account; return its API representation."""
        begun = await self.begin(platform, login=login)
        assert await self.finish(begun, handle) == RETURN_URL
        return await self.account((await self.status(begun))["socialAccountId"])

    async def status(self, login: Json) -> Json:
        """Return the status of a login."""
        answer = await self.client.get(f"/v1/social/oauth-status/{login['state']}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def account(self, account_id: str) -> Json:
        """Return an account."""
        answer = await self.client.get(f"/v1/social-accounts/{account_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def accounts(self, **query: str) -> Sequence[Json]:
        """Return the project's accounts."""
        answer = await self.client.get(f"/v1/projects/{self.project_id}/social-accounts", params=query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    async def sandbox(self, method: str, path: str, body: Mapping[str, object] | None = None, **query: str) -> Json:
        """Send a request to the sandbox's control surface."""
        answer = await self.browser.request(method, f"/sandbox/control/{path}", json=body, params=query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def fault(self, platform: str, operation: str, fault: str, **more: object) -> None:
        """Inject a fault into the sandbox."""
        await self.sandbox("POST", "faults", {"platform": platform, "operation": operation, "fault": fault, **more})

    async def calls(self, platform: str, operation: str) -> Sequence[Json]:
        """Return the sandbox's log of one operation, oldest first."""
        return await read_journal(self.browser.get, platform=platform, operation=operation)

    async def pass_time(self, duration: timedelta) -> None:
        """Advance the clocks of Presswork and the sandbox."""
        self.clock.advance(duration)
        await self.sandbox("POST", "clock", {"advanceSeconds": duration.total_seconds()})


def error_of(location: str) -> str | None:
    """Return the `layers_oauth_error` of a redirect, or None."""
    found = parse_qs(urlsplit(location).query).get("layers_oauth_error")
    return None if found is None else found[0]


def uuid_of(account: Json) -> UUID:
    """Return an account's id as a UUID."""
    return UUID(account["socialAccountId"].removeprefix("sa_"))
