"""A client of Pinterest's API v5 as its documentation shows the calls: no Presswork code, and nothing of the sandbox but its URL."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
from tests.sandbox.running_sandbox import BACK, JSON, RunningSandbox, picture

LIVE = "api.pinterest.com"
OWN_SANDBOX = "api-sandbox.pinterest.com"
SCOPES = "boards:read,boards:write,pins:read,pins:write,user_accounts:read"


async def authorize(sandbox: RunningSandbox, handle: str, scope: str = SCOPES) -> str:
    """Approve the authorize page for an account and return the code."""
    ask = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": scope, "state": "s"}
    ask |= {"account": handle, "decision": "approve"}
    return (await sandbox.consent("www.pinterest.com/oauth/", ask))["code"]


async def ask_token(sandbox: RunningSandbox, host: str = LIVE, **form: str) -> httpx2.Response:
    """Call the token endpoint, with the app's credentials in Basic authentication."""
    return await sandbox.http.post(f"/sandbox/{host}/v5/oauth/token", data=form, auth=("1", "x"))


async def exchange(sandbox: RunningSandbox, code: str, host: str = LIVE, **more: str) -> httpx2.Response:
    """Exchange a code for tokens."""
    return await ask_token(sandbox, host, grant_type="authorization_code", redirect_uri=BACK, code=code, **more)


async def login(
    sandbox: RunningSandbox, handle: str = "luna", host: str = LIVE, scope: str = SCOPES, **more: str
) -> "Pinterest":
    """Connect an account."""
    answer = await exchange(sandbox, await authorize(sandbox, handle, scope), host, **more)
    assert answer.status_code == 200, answer.text
    return Pinterest(sandbox, answer.json(), host)


@dataclass
class Pinterest:
    """The calls of one account at one API host."""

    sandbox: RunningSandbox
    tokens: JSON
    host: str = LIVE

    async def call(self, method: str, path: str, body: object = None, **query: str) -> httpx2.Response:
        """Call the API with JSON."""
        headers = {"authorization": f"Bearer {self.tokens['access_token']}"}
        url = f"/sandbox/{self.host}/v5/{path}"
        return await self.sandbox.http.request(method, url, json=body, params=query, headers=headers)

    async def read(self, path: str, **query: str) -> JSON:
        """Return the JSON of a GET."""
        answer = await self.call("GET", path, **query)
        assert answer.status_code == 200, answer.text
        found: JSON = answer.json()
        return found

    async def board(self) -> str:
        """Return the id of the first board."""
        return str((await self.read("boards"))["items"][0]["id"])

    async def pin(self, source: Mapping[str, object] | None = None, **fields: object) -> httpx2.Response:
        """Create a Pin, of a picture unless there is another source."""
        if source is None:
            url = self.sandbox.media.put("picture.jpg", picture())
            source = {"source_type": "image_url", "url": url}
        return await self.call("POST", "pins", {"board_id": await self.board(), "media_source": source, **fields})

    async def pinned(self, source: Mapping[str, object] | None = None, **fields: object) -> JSON:
        """Create a Pin and return it."""
        answer = await self.pin(source, **fields)
        assert answer.status_code == 201, answer.text
        found: JSON = answer.json()
        return found

    async def register(self) -> JSON:
        """Announce a video."""
        answer = await self.call("POST", "media", {"media_type": "video"})
        assert answer.status_code == 201, answer.text
        found: JSON = answer.json()
        return found

    async def send(self, registered: JSON, data: bytes) -> httpx2.Response:
        """Send the bytes of a video, behind all parameters."""
        fields = registered["upload_parameters"]
        return await self.sandbox.http.post(registered["upload_url"], data=fields, files={"file": ("v.mp4", data)})

    async def status(self, media_id: str) -> str:
        """Return how far a video is."""
        return str((await self.read(f"media/{media_id}"))["status"])

    async def uploaded(self, data: bytes) -> str:
        """Upload a video and return its id once it is ready."""
        registered = await self.register()
        assert (await self.send(registered, data)).status_code == 204
        await self.sandbox.advance(2)
        assert await self.status(registered["media_id"]) == "succeeded"
        return str(registered["media_id"])
