"""A client of the fake YouTube: its calls as the API's documentation has them, in a few lines each."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
from tests.sandbox.running_sandbox import BACK, JSON, RunningSandbox

AUTHORIZE = "accounts.google.com/o/oauth2/v2/auth"
PREFIX = "https://www.googleapis.com/auth/"
SCOPES = f"{PREFIX}youtube.upload {PREFIX}youtube.readonly {PREFIX}youtube.force-ssl"
CLIENT = "4711-abc.apps.googleusercontent.com"
BLOCK = 256 * 1024
SRT = b"1\r\n00:00:00,000 --> 00:00:01,500\r\nHallo\r\n"
VERIFIER = "a-verifier-of-more-than-forty-three-characters-is-needed"


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


@dataclass
class YouTube:
    """The calls of one client, with the token of the channel that logged in last."""

    sandbox: RunningSandbox
    token: str = ""
    refresh_token: str = ""
    host: str = "www.googleapis.com"
    client_id: str = CLIENT

    async def ask(self, handle: str = "lens", scope: str = SCOPES, **more: str) -> dict[str, str]:
        """Submit the consent page and return the query of the redirect."""
        ask = {
            "client_id": self.client_id,
            "redirect_uri": BACK,
            "response_type": "code",
            "scope": scope,
            "state": "s",
            "access_type": "offline",
            "prompt": "consent",
            "account": handle,
            "decision": "approve",
        }
        return await self.sandbox.consent(AUTHORIZE, ask | more)

    async def post_token(self, **form: str) -> httpx2.Response:
        """Call the token endpoint; a field with an empty value is not sent."""
        whole = {"client_id": self.client_id, "client_secret": "x", **form}
        sent = {name: value for name, value in whole.items() if value}
        return await self.sandbox.http.post("/sandbox/oauth2.googleapis.com/token", data=sent)

    async def exchange(self, code: str, /, **more: str) -> httpx2.Response:
        """Exchange a code."""
        return await self.post_token(**{"grant_type": "authorization_code", "redirect_uri": BACK, "code": code} | more)

    async def refresh(self, token: str = "", **more: str) -> httpx2.Response:
        """Refresh the access token."""
        return await self.post_token(
            **{"grant_type": "refresh_token", "refresh_token": token or self.refresh_token} | more
        )

    async def login(self, handle: str = "lens", scope: str = SCOPES, **more: str) -> JSON:
        """Connect a channel, use its token from now on, and return the response of the token endpoint."""
        answer = await self.exchange((await self.ask(handle, scope, **more))["code"])
        assert answer.status_code == 200, answer.text
        made: JSON = answer.json()
        self.token, self.refresh_token = made["access_token"], made.get("refresh_token", "")
        return made

    async def request(
        self, method: str, path: str, body: object, headers: Mapping[str, str], query: Mapping[str, object]
    ) -> httpx2.Response:
        """Call the API with the token and more headers."""
        return await self.sandbox.http.request(
            method,
            f"/sandbox/{self.host}/{path}",
            params={name: str(value) for name, value in query.items()},
            json=body,
            headers={"authorization": f"Bearer {self.token}", **headers},
        )

    async def call(self, method: str, path: str, body: object = None, **query: object) -> httpx2.Response:
        """Call the API with the token."""
        return await self.request(method, path, body, {}, query)

    async def ok(self, method: str, path: str, body: object = None, **query: object) -> JSON:
        """Call the API and return the body of a response with 200."""
        answer = await self.call(method, path, body, **query)
        assert answer.status_code == 200, answer.text
        read: JSON = answer.json()
        return read

    async def start(self, size: int | None, body: object = None, **query: object) -> httpx2.Response:
        """Start an upload session."""
        body = video() if body is None else body
        headers = {"x-upload-content-type": "video/mp4"}
        if size is not None:
            headers["x-upload-content-length"] = str(size)
        query = {"uploadType": "resumable", "part": "snippet,status", **query}
        return await self.request("POST", "upload/youtube/v3/videos", body, headers, query)

    async def session(self, size: int | None, body: object = None, **query: object) -> str:
        """Start an upload session and return its URL."""
        answer = await self.start(size, body, **query)
        assert (answer.status_code, answer.content) == (200, b""), answer.text
        return str(answer.headers["location"])

    async def put(self, url: str, data: bytes, span: str | None) -> httpx2.Response:
        """Send a chunk to a session; `span` is the Content-Range after `bytes `."""
        headers = {"content-type": "video/mp4"} | ({} if span is None else {"content-range": f"bytes {span}"})
        return await self.sandbox.http.put(url, content=data, headers=headers)

    async def probe(self, url: str, size: int) -> httpx2.Response:
        """Ask a session how far it is."""
        return await self.put(url, b"", f"*/{size}")

    async def upload(self, data: bytes, body: object = None, **query: object) -> JSON:
        """Upload a video in one chunk and return it."""
        url = await self.session(len(data), body, **query)
        answer = await self.put(url, data, f"0-{len(data) - 1}/{len(data)}")
        assert answer.status_code == 201, answer.text
        made: JSON = answer.json()
        return made

    async def channel_id(self) -> str:
        """Return the id of the channel."""
        return str((await self.ok("GET", "youtube/v3/channels", part="id", mine="true"))["items"][0]["id"])

    async def status(self, video_id: str) -> JSON:
        """Return the status of a video."""
        [item] = (await self.ok("GET", "youtube/v3/videos", part="status", id=video_id))["items"]
        status: JSON = item["status"]
        return status

    async def set_status(self, video_id: str, **status: object) -> httpx2.Response:
        """Replace the status part of a video."""
        return await self.call("PUT", "youtube/v3/videos", {"id": video_id, "status": status}, part="status")

    async def comment(self, video_id: str, text: str = "First") -> httpx2.Response:
        """Post a comment."""
        snippet = {"videoId": video_id, "topLevelComment": {"snippet": {"textOriginal": text}}}
        return await self.call("POST", "youtube/v3/commentThreads", {"snippet": snippet}, part="snippet")

    async def add(self, playlist: str, video_id: object, **more: object) -> httpx2.Response:
        """Put a video into a playlist; `kind`, `position` and `note` as they are named."""
        resource = {"kind": more.pop("kind", "youtube#video"), "videoId": video_id}
        details = {"contentDetails": {"note": more.pop("note")}} if "note" in more else {}
        body = {"snippet": {"playlistId": playlist, "resourceId": resource, **more}, **details}
        return await self.call("POST", "youtube/v3/playlistItems", body, part="snippet,contentDetails")

    async def caption(self, data: bytes = SRT, how: str = "multipart", **snippet: object) -> httpx2.Response:
        """Upload a track."""
        head = json.dumps({"snippet": {"language": "de", "name": "", "isDraft": False, **snippet}}).encode()
        parts = ((b"application/json", head), (b"application/octet-stream", data))
        body = b"".join(b"--x\r\nContent-Type: %b\r\n\r\n%b\r\n" % part for part in parts) + b"--x--\r\n"
        return await self.sandbox.http.post(
            f"/sandbox/{self.host}/upload/youtube/v3/captions",
            params={"part": "snippet", "uploadType": how},
            content=body,
            headers={"authorization": f"Bearer {self.token}", "content-type": "multipart/related; boundary=x"},
        )

    async def settings(self, **settings: object) -> None:
        """Set something for all Google Cloud projects."""
        answer = await self.sandbox.control("POST", "youtube", settings)
        assert answer.status_code == 200, answer.text


def video(title: str = "A walk", privacy: str | None = "private", **more: object) -> JSON:
    """Return the body of videos.insert."""
    status: JSON = {} if privacy is None else {"privacyStatus": privacy, "selfDeclaredMadeForKids": False}
    return {"snippet": {"title": title, "description": "Along the river", **more}, "status": status}


def reason_of(answer: httpx2.Response) -> tuple[int, str]:
    """Return the status and the reason of a refusal; they are those of its body too."""
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    assert error["message"] == error["errors"][0]["message"]
    return answer.status_code, error["errors"][0]["reason"]
