"""A client of the Threads API as Meta's documentation shows the calls: no Presswork code, and nothing of the sandbox but its URL."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
from tests.sandbox.running_sandbox import BACK, JSON, RunningSandbox

SCOPES = "threads_basic,threads_content_publish,threads_manage_replies,threads_read_replies,threads_delete"
GRAPH = "/sandbox/graph.threads.net"


async def authorize(sandbox: RunningSandbox, handle: str, scope: str = SCOPES, **more: str) -> str:
    """Approve the authorization window for an account and return the code."""
    ask = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": scope, "state": "s"}
    ask |= {"account": handle, "decision": "approve", **more}
    return (await sandbox.consent("threads.com/oauth/authorize", ask))["code"]


async def exchange(sandbox: RunningSandbox, code: str, **more: str) -> httpx2.Response:
    """Exchange a code for a short-lived token."""
    form = {"client_id": "1", "client_secret": "x", "grant_type": "authorization_code", "redirect_uri": BACK}
    return await sandbox.http.post(f"{GRAPH}/oauth/access_token", data=form | {"code": code, **more})


async def lengthen(sandbox: RunningSandbox, token: str, **more: str) -> httpx2.Response:
    """Exchange a short-lived token for a long-lived one."""
    query = {"grant_type": "th_exchange_token", "client_secret": "x", "access_token": token, **more}
    return await sandbox.http.get(f"{GRAPH}/access_token", params=query)


async def refresh(sandbox: RunningSandbox, token: str) -> httpx2.Response:
    """Refresh a long-lived token."""
    query = {"grant_type": "th_refresh_token", "access_token": token}
    return await sandbox.http.get(f"{GRAPH}/refresh_access_token", params=query)


def refusal(answer: httpx2.Response) -> tuple[int, int | None]:
    """Return code and subcode of a refused call."""
    assert answer.status_code >= 400, answer.text
    error: JSON = answer.json()["error"]
    return error["code"], error.get("error_subcode")


@dataclass
class Threads:
    """The calls of one profile, with its token in a header."""

    sandbox: RunningSandbox
    token: str
    host: str = "graph.threads.net"

    async def call(self, method: str, path: str, params: Mapping[str, object] | None = None) -> httpx2.Response:
        """Send parameters in the query, or as a form with POST."""
        url, headers = f"/sandbox/{self.host}/v1.0/{path}", {"authorization": f"Bearer {self.token}"}
        text = {name: str(value) for name, value in (params or {}).items()}
        if method == "POST":
            return await self.sandbox.http.post(url, data=text, headers=headers)
        return await self.sandbox.http.request(method, url, params=text, headers=headers)

    async def create(self, **params: object) -> httpx2.Response:
        """Create a container."""
        return await self.call("POST", "me/threads", params)

    async def container(self, **params: object) -> str:
        """Create a container and return its id."""
        answer = await self.create(**params)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def status(self, container: str) -> JSON:
        """Return the status of a container."""
        answer = await self.call("GET", container, {"fields": "status,error_message"})
        assert answer.status_code == 200, answer.text
        read: JSON = answer.json()
        return read

    async def finished(self, container: str) -> list[str]:
        """Poll a container until it is no longer in progress; return each status."""
        await self.sandbox.advance(0)  # returns once the media is checked
        seen: list[str] = []
        while len(seen) < 400 and (not seen or seen[-1] == "IN_PROGRESS"):
            seen.append((await self.status(container))["status"])
        return seen

    async def publish(self, container: str) -> httpx2.Response:
        """Publish a container."""
        return await self.call("POST", "me/threads_publish", {"creation_id": container})

    async def post(self, **params: object) -> str:
        """Create, poll and publish; return the id of the media."""
        container = await self.container(**params)
        assert (await self.finished(container))[-1] == "FINISHED"
        answer = await self.publish(container)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def read_limit(self, fields: str) -> httpx2.Response:
        """Read the quotas."""
        return await self.call("GET", "me/threads_publishing_limit", {"fields": fields})

    async def read(self, path: str, fields: str, **params: object) -> JSON:
        """Read an object or a list."""
        answer = await self.call("GET", path, {"fields": fields, **params})
        assert answer.status_code == 200, answer.text
        read: JSON = answer.json()
        return read


async def login(sandbox: RunningSandbox, handle: str = "brand", scope: str = SCOPES) -> Threads:
    """Connect a profile, up to its long-lived token."""
    short = await exchange(sandbox, await authorize(sandbox, handle, scope))
    assert short.status_code == 200, short.text
    long = await lengthen(sandbox, short.json()["access_token"])
    assert long.status_code == 200, long.text
    return Threads(sandbox=sandbox, token=str(long.json()["access_token"]))
