"""A client of X's documented calls, which uses no Presswork code."""

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx2
from tests.sandbox.running_sandbox import BACK, JSON, RunningSandbox

SCOPES = "tweet.read tweet.write tweet.moderate.write users.read media.write offline.access"
API = "/sandbox/api.x.com/2"
VERIFIER = "v" * 43


async def code_of(sandbox: RunningSandbox, handle: str, **more: str) -> str:
    """Approve the authorize page and return the code."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    ask = {"client_id": "app", "redirect_uri": BACK, "response_type": "code", "scope": SCOPES, "state": "s"}
    ask |= {"code_challenge": challenge, "code_challenge_method": "S256", "account": handle, "decision": "approve"}
    return (await sandbox.consent("x.com/i/oauth2/authorize", ask | more))["code"]


async def token_call(sandbox: RunningSandbox, **form: str) -> httpx2.Response:
    """Call the token endpoint as a confidential app."""
    return await sandbox.http.post(f"{API}/oauth2/token", data=form, auth=("app", "secret"))


async def exchange(sandbox: RunningSandbox, code: str, **more: str) -> httpx2.Response:
    """Exchange a code."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return await token_call(sandbox, **(form | more))


async def login(sandbox: RunningSandbox, handle: str = "luna") -> "X":
    """Connect an account."""
    answer = await exchange(sandbox, await code_of(sandbox, handle))
    assert answer.status_code == 200, answer.text
    body: JSON = answer.json()
    return X(sandbox, body["access_token"], body["refresh_token"])


@dataclass
class X:
    """The calls of one account."""

    sandbox: RunningSandbox
    token: str
    refresh_token: str

    async def call(self, method: str, path: str, body: object = None, **more: object) -> httpx2.Response:
        """Call the API."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.sandbox.http.request(method, f"{API}/{path}", json=body, headers=headers, **more)  # type: ignore[arg-type]  # options of the client

    async def get(self, path: str, **query: str) -> JSON:
        """Read something."""
        answer = await self.call("GET", f"{path}?{urlencode(query)}")
        assert answer.status_code == 200, answer.text
        body: JSON = answer.json()
        return body

    async def me(self) -> str:
        """Return the id of the account."""
        return str((await self.get("users/me"))["data"]["id"])

    async def initialize(
        self, size: int, media_type: str = "video/mp4", category: str = "tweet_video"
    ) -> httpx2.Response:
        """Announce a file."""
        body = {"media_type": media_type, "total_bytes": size, "media_category": category}
        return await self.call("POST", "media/upload/initialize", body)

    async def append(self, media_id: str, data: bytes, segment: int = 0) -> httpx2.Response:
        """Send a segment."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.sandbox.http.post(
            f"{API}/media/upload/{media_id}/append",
            data={"segment_index": str(segment)},
            files={"media": ("blob", data, "application/octet-stream")},
            headers=headers,
        )

    async def finalize(self, media_id: str) -> httpx2.Response:
        """Finish an upload."""
        return await self.call("POST", f"media/upload/{media_id}/finalize")

    async def status(self, media_id: str) -> httpx2.Response:
        """Ask how far a file is."""
        return await self.call("GET", f"media/upload?command=STATUS&media_id={media_id}")

    async def upload(
        self, data: bytes, media_type: str = "image/jpeg", category: str = "tweet_image", part: int = 4_000_000
    ) -> JSON:
        """Upload a file in segments, let the time pass until it is ready, and return what finalize said."""
        begun = await self.initialize(len(data), media_type, category)
        assert begun.status_code == 200, begun.text
        media_id = begun.json()["data"]["id"]
        for number, start in enumerate(range(0, len(data), part)):
            assert (await self.append(media_id, data[start : start + part], number)).status_code == 200
        answer = await self.finalize(media_id)
        assert answer.status_code == 200, answer.text
        if "processing_info" in answer.json()["data"]:
            await self.sandbox.advance(3)
        data_of: JSON = answer.json()["data"]
        return data_of

    async def post(self, text: str, **more: object) -> httpx2.Response:
        """Post a text, and what more the body has."""
        return await self.call("POST", "tweets", {"text": text, **more})

    async def posted(self, text: str, **more: object) -> str:
        """Post and return the id."""
        answer = await self.post(text, **more)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    async def reply(self, text: str, target: str, **more: object) -> httpx2.Response:
        """Reply to a post."""
        return await self.post(text, reply={"in_reply_to_tweet_id": target}, **more)
