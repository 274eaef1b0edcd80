"""A client of Mastodon's API as its documentation shows the calls: no Presswork code, and nothing of the sandbox but its URL."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
from tests.sandbox.running_sandbox import BACK, JSON, RunningSandbox

HOST = "mastodon.example"
SCOPES = "profile read:statuses write:statuses write:media"
APP = {"client_name": "Bakery", "redirect_uris": BACK, "scopes": f"{SCOPES} read write", "website": "https://b.example"}


async def register(sandbox: RunningSandbox, host: str = HOST, **more: str) -> httpx2.Response:
    """Register an app at a server."""
    return await sandbox.http.post(f"/sandbox/{host}/api/v1/apps", data=APP | more)


async def authorize(sandbox: RunningSandbox, client_id: str, handle: str, host: str = HOST, **more: str) -> str:
    """Approve the authorize page for an account and return the code."""
    ask = {"client_id": client_id, "redirect_uri": BACK, "response_type": "code", "scope": SCOPES, "state": "s"}
    ask |= {"account": handle, "decision": "approve", **more}
    return (await sandbox.consent(f"{host}/oauth/authorize", ask))["code"]


async def exchange(
    sandbox: RunningSandbox, app: Mapping[str, str], code: str, host: str = HOST, **more: str
) -> httpx2.Response:
    """Exchange a code for a token."""
    form = {name: str(app[name]) for name in ("client_id", "client_secret")}
    form |= {"grant_type": "authorization_code", "redirect_uri": BACK, "code": code, **more}
    return await sandbox.http.post(f"/sandbox/{host}/oauth/token", data=form)


async def login(sandbox: RunningSandbox, handle: str = "luna", host: str = HOST, scope: str = SCOPES) -> "Mastodon":
    """Register an app at a server, and connect an account of it."""
    app: JSON = (await register(sandbox, host)).json()
    code = await authorize(sandbox, app["client_id"], handle, host, scope=scope)
    answer = await exchange(sandbox, app, code, host)
    assert answer.status_code == 200, answer.text
    return Mastodon(sandbox, app, answer.json()["access_token"], host)


@dataclass
class Mastodon:
    """The calls of one account at one server."""

    sandbox: RunningSandbox
    app: JSON
    token: str
    host: str = HOST

    async def call(
        self, method: str, path: str, body: Mapping[str, object] | None = None, **more: str
    ) -> httpx2.Response:
        """Call the API; a body goes as JSON, `more` are headers with underscores."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        url = f"/sandbox/{self.host}/api/v1/{path}"
        return await self.sandbox.http.request(method, url, json=body, headers=headers)

    async def read(self, path: str) -> JSON:
        """Return the JSON of a GET."""
        answer = await self.call("GET", path)
        assert answer.status_code == 200, answer.text
        found: JSON = answer.json()
        return found

    async def upload(self, data: bytes, **fields: str) -> httpx2.Response:
        """Upload a file."""
        url, headers = f"/sandbox/{self.host}/api/v2/media", {"authorization": f"Bearer {self.token}"}
        return await self.sandbox.http.post(url, files={"file": ("file", data)}, data=fields, headers=headers)

    async def post(self, status: str = "Hello", *, key: str = "", **fields: object) -> httpx2.Response:
        """Publish a post, with an idempotency key where one is given."""
        more = {"idempotency_key": key} if key else {}
        return await self.call("POST", "statuses", {"status": status, **fields}, **more)

    async def posted(self, status: str = "Hello", *, key: str = "", **fields: object) -> JSON:
        """Publish a post and return it."""
        answer = await self.post(status, key=key, **fields)
        assert answer.status_code == 200, answer.text
        found: JSON = answer.json()
        return found
