"""The demo's view of the sandbox: what the fake platforms received, and what account owners do there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import httpx2

from presswork.cli.demo.server import DemoFailed

Item: TypeAlias = Mapping[str, Any]
"""One object of the sandbox's control surface; Any, because each list has its own fields (docs/sandbox.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A connected sandbox account."""

    id: str
    platform: str
    handle: str

    def __str__(self) -> str:
        """Return the account as a person writes it."""
        return f"{self.platform} @{self.handle}"


class Sandbox:
    """Calls the sandbox's control surface and its login pages. Raises DemoFailed where a call is not answered with 2xx."""

    def __init__(self, url: str, http: httpx2.AsyncClient) -> None:
        """Use an HTTP client, which the caller closes."""
        self._url: Final = f"{url}/sandbox/control"
        self._http: Final = http

    async def posts(self, account: Account) -> Sequence[Item]:
        """Return the posts that a viewer of the account sees."""
        return await self.items("posts", platform=account.platform, handle=account.handle)

    async def items(self, kind: str, **query: str) -> Sequence[Item]:
        """Return a list: `posts`, `drafts`, `messages`, `dispatches`, or the pages of `requests`, newest first."""
        found: list[Item] = []
        while True:
            page = (await self._call("GET", f"{self._url}/{kind}", params=query)).json()
            found += page["items"]
            if (cursor := page.get("nextCursor")) is None:
                return found
            query["cursor"] = cursor

    async def post_draft(self, publish_id: str) -> str:
        """Post a draft as its creator does in the TikTok app, and return the id of the live post."""
        reply = await self._call("POST", f"{self._url}/drafts/{publish_id}/post", json={})
        return str(reply.json()["externalId"])

    async def fail_next(self, account: Account, operation: str, *, code: int, subcode: int) -> None:
        """Make the next call of an operation for an account fail with an error of the platform."""
        fault = {"fault": "platform_error", "value": {"code": code, "subcode": subcode}}
        where = {"platform": account.platform, "handle": account.handle, "operation": operation}
        await self._call("POST", f"{self._url}/faults", json={**where, **fault})

    async def approve_login(self, authorize_url: str, handle: str) -> None:
        """Approve a login as the account's owner does in a browser, and follow the redirect to the API."""
        joint = "&" if urlsplit(authorize_url).query else "?"
        consent = await self._call("GET", f"{authorize_url}{joint}account={handle}&decision=approve")
        await self._call("GET", consent.headers["Location"])

    async def _call(self, method: str, url: str, **request: Any) -> httpx2.Response:  # Any: what httpx2 accepts
        try:
            reply = await self._http.request(method, url, **request)
        except httpx2.HTTPError as error:
            raise DemoFailed(f"{method} {url} failed: {error}") from error
        if reply.is_error:
            raise DemoFailed(f"{method} {url} returned {reply.status_code}: {reply.text[:300]}")
        return reply
