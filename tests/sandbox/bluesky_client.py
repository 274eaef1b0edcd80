"""A client of Bluesky's API as another program would write it, for the tests of the sandbox."""

import base64
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.sandbox.running_sandbox import BACK, JSON, RunningSandbox

SOCIAL: Final = "bsky.social"
PDS: Final = "morel.us-east.host.bsky.network"
VIDEO: Final = "video.bsky.app"
POST: Final = "app.bsky.feed.post"
PASSWORD: Final = "abcd-efgh-ijkl-mnop"
RKEYS: Final = [f"3m6aaaaaaaa2{letter}" for letter in "abcdefghijklmnop"]  # valid, and in order
CREATED_AT: Final = "2026-11-26T09:00:00.000Z"
VERIFIER: Final = "v" * 64
NUMBERS: Final = count(1)  # of proofs and assertions, which work once
GENERIC: Final = "atproto transition:generic"


def challenge_of(verifier: str = VERIFIER) -> str:
    """Return the S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def post_record(text: str = "Hello", **fields: object) -> JSON:
    """Return a post's record."""
    return {"$type": POST, "text": text, "createdAt": CREATED_AT, **fields}


@dataclass
class Session:
    """A session by app password."""

    sandbox: RunningSandbox
    did: str
    handle: str
    access: str
    refresh: str
    host: str = PDS

    @property
    def headers(self) -> dict[str, str]:
        """The header of a call."""
        return {"authorization": f"Bearer {self.access}"}

    async def get(self, method: str, **params: str) -> httpx2.Response:
        """Call a query."""
        url = f"/sandbox/{self.host}/xrpc/{method}"
        return await self.sandbox.http.get(url, params=params, headers=self.headers)

    async def post(self, method: str, body: object) -> httpx2.Response:
        """Call a procedure with JSON."""
        return await self.sandbox.http.post(f"/sandbox/{self.host}/xrpc/{method}", json=body, headers=self.headers)

    async def put(self, rkey: str, record: JSON, *, collection: str = POST, **more: object) -> httpx2.Response:
        """Put a record."""
        body = {"repo": self.did, "collection": collection, "rkey": rkey, "record": record, **more}
        return await self.post("com.atproto.repo.putRecord", body)

    async def record(self, rkey: str, collection: str = POST) -> httpx2.Response:
        """Get a record, without a token."""
        query = {"repo": self.did, "collection": collection, "rkey": rkey}
        return await self.sandbox.http.get(f"/sandbox/{self.host}/xrpc/com.atproto.repo.getRecord", params=query)

    async def upload(self, data: bytes, kind: str = "image/jpeg") -> httpx2.Response:
        """Upload a blob."""
        return await self.sandbox.http.post(
            f"/sandbox/{self.host}/xrpc/com.atproto.repo.uploadBlob",
            content=data,
            headers={**self.headers, "content-type": kind},
        )

    async def blob(self, data: bytes, kind: str = "image/jpeg") -> JSON:
        """Upload a blob and return the reference to it."""
        answer = await self.upload(data, kind)
        assert answer.status_code == 200, answer.text
        made: JSON = answer.json()["blob"]
        return made

    async def service_token(self, audience: str = f"did:web:{PDS}", lxm: str = "com.atproto.repo.uploadBlob") -> str:
        """Return a token for a service."""
        until = int(time.time()) + 1800
        answer = await self.get("com.atproto.server.getServiceAuth", aud=audience, lxm=lxm, exp=str(until))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    async def upload_video(self, data: bytes, token: str | None = None, **params: str) -> httpx2.Response:
        """Send a video to the video service."""
        token = await self.service_token() if token is None else token
        return await self.sandbox.http.post(
            f"/sandbox/{VIDEO}/xrpc/app.bsky.video.uploadVideo",
            params={"did": self.did, "name": "clip.mp4", **params},
            content=data,
            headers={"authorization": f"Bearer {token}", "content-type": "video/mp4"},
        )

    async def video_call(self, method: str, body: JSON, token: str | None = None) -> httpx2.Response:
        """Call a procedure of the video service with JSON."""
        token = await self.service_token() if token is None else token
        url = f"/sandbox/{VIDEO}/xrpc/app.bsky.video.{method}"
        return await self.sandbox.http.post(url, json=body, headers={"authorization": f"Bearer {token}"})

    async def start_upload(self, size: int, **fields: object) -> httpx2.Response:
        """Announce a video that is sent in parts."""
        return await self.video_call("startUpload", {"sizeBytes": size, "mimeType": "video/mp4", **fields})

    async def send_part(self, job_id: str, number: int | str, data: bytes) -> httpx2.Response:
        """Send one part."""
        return await self.sandbox.http.post(
            f"/sandbox/{VIDEO}/xrpc/app.bsky.video.uploadPart",
            params={"jobId": job_id, "partNumber": number},
            content=data,
            headers={
                "authorization": f"Bearer {await self.service_token()}",
                "content-type": "application/octet-stream",
            },
        )

    async def upload_status(self, job_id: str) -> httpx2.Response:
        """Ask which parts are there."""
        url = f"/sandbox/{VIDEO}/xrpc/app.bsky.video.getUploadStatus"
        return await self.sandbox.http.get(url, params={"jobId": job_id})

    async def job(self, job_id: str) -> JSON:
        """Return the status of a video."""
        answer = await self.sandbox.http.get(
            f"/sandbox/{VIDEO}/xrpc/app.bsky.video.getJobStatus", params={"jobId": job_id}
        )
        assert answer.status_code == 200, answer.text
        status: JSON = answer.json()["jobStatus"]
        return status


async def sign_in(sandbox: RunningSandbox, identifier: str = "brand.bsky.social", host: str = PDS) -> Session:
    """Create a session by app password."""
    answer = await create_session(sandbox, identifier)
    assert answer.status_code == 200, answer.text
    made = answer.json()
    return Session(sandbox, made["did"], made["handle"], made["accessJwt"], made["refreshJwt"], host)


async def create_session(
    sandbox: RunningSandbox, identifier: str, password: str = PASSWORD, **more: str
) -> httpx2.Response:
    """Call createSession."""
    body = {"identifier": identifier, "password": password, **more}
    return await sandbox.http.post(f"/sandbox/{SOCIAL}/xrpc/com.atproto.server.createSession", json=body)


@dataclass
class App:
    """An app with OAuth: its id, the key of its proofs, and its own key if it has one."""

    sandbox: RunningSandbox
    client_id: str
    redirect_uri: str = BACK
    own_key: ECKey | None = None
    proof_key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    nonces: dict[str, str] = field(default_factory=dict)

    def proof(self, method: str, url: str, token: str | None = None, **claims: object) -> str:
        """Return a DPoP proof; claims of `claims` replace others, and those that are None are left out."""
        host = urlsplit(url).path.split("/")[2]
        body: dict[str, object] = {
            "jti": f"id-{next(NUMBERS)}",
            "htm": method,
            "htu": url,
            "iat": int(time.time()),
            "nonce": self.nonces.get(host),
            "ath": None if token is None else challenge_of(token),
        } | claims
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.proof_key.as_dict(private=False)}
        return jwt.encode(header, {name: value for name, value in body.items() if value is not None}, self.proof_key)

    def assertion(self, **claims: object) -> dict[str, str]:
        """Return the form fields with which the app proves who it is."""
        if self.own_key is None:
            return {}
        issuer = f"{self.sandbox.address}/sandbox/{SOCIAL}"
        body: dict[str, object] = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": issuer,
            "jti": f"id-{next(NUMBERS)}",
            "iat": int(time.time()),
        } | claims
        header = {"alg": "ES256", "kid": self.own_key.kid}
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return {"client_assertion_type": kind, "client_assertion": jwt.encode(header, body, self.own_key)}

    async def form(self, path: str, fields: Mapping[str, str], proof: str | None = None) -> httpx2.Response:
        """POST a form to the OAuth server once, with a proof."""
        url = f"{self.sandbox.address}/sandbox/{SOCIAL}/oauth/{path}"
        proof = self.proof("POST", url) if proof is None else proof
        answer = await self.sandbox.http.post(url, data=dict(fields), headers={"dpop": proof} if proof else {})
        self.nonces[SOCIAL] = answer.headers.get("dpop-nonce", "")
        return answer

    async def send(self, path: str, fields: Mapping[str, str]) -> httpx2.Response:
        """POST a form to the OAuth server, and once more if the nonce is missing."""
        answer = await self.form(path, {"client_id": self.client_id, **self.assertion(), **fields})
        if answer.status_code == 400 and answer.json()["error"] == "use_dpop_nonce":
            answer = await self.form(path, {"client_id": self.client_id, **self.assertion(), **fields})
        return answer

    async def push(self, **fields: str) -> httpx2.Response:
        """Push an authorization request."""
        ask = {
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": GENERIC,
            "state": "s",
            "code_challenge": challenge_of(),
            "code_challenge_method": "S256",
        }
        return await self.send("par", ask | fields)

    async def approve(self, handle: str = "brand.bsky.social", **fields: str) -> dict[str, str]:
        """Push a request, approve it, and return what the redirect carries."""
        pushed = await self.push(**fields)
        assert pushed.status_code == 201, pushed.text
        return await self.answer(pushed.json()["request_uri"], handle)

    async def answer(
        self, request_uri: str, handle: str = "brand.bsky.social", decision: str = "approve"
    ) -> dict[str, str]:
        """Answer the authorize page."""
        ask = {"client_id": self.client_id, "request_uri": request_uri, "account": handle, "decision": decision}
        return await self.sandbox.consent(f"{SOCIAL}/oauth/authorize", ask)

    async def exchange(self, code: str, **fields: str) -> httpx2.Response:
        """Exchange a code."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        return await self.send("token", form | {"code_verifier": VERIFIER} | fields)

    async def refresh(self, token: str) -> httpx2.Response:
        """Refresh tokens."""
        return await self.send("token", {"grant_type": "refresh_token", "refresh_token": token})

    async def log_in(self, handle: str = "brand.bsky.social", **fields: str) -> JSON:
        """Log in and return the tokens."""
        back = await self.approve(handle, **fields)
        answer = await self.exchange(back["code"])
        assert answer.status_code == 200, answer.text
        made: JSON = answer.json()
        return made

    async def call(
        self,
        token: str,
        verb: str,
        method: str,
        body: object = None,
        query: Mapping[str, str] | None = None,
        host: str = PDS,
    ) -> httpx2.Response:
        """Call the account server with a proof, and once more if the nonce is missing."""
        url = f"{self.sandbox.address}/sandbox/{host}/xrpc/{method}"
        address = f"{url}?{urlencode(query)}" if query else url

        async def once() -> httpx2.Response:
            headers = {"authorization": f"DPoP {token}", "dpop": self.proof(verb, url, token)}
            answer = await self.sandbox.http.request(verb, address, json=body, headers=headers)
            self.nonces[host] = answer.headers.get("dpop-nonce", "")
            return answer

        answer = await once()
        wants_nonce = answer.status_code == 401 and answer.json()["error"] == "use_dpop_nonce"
        return await once() if wants_nonce else answer


def development_app(sandbox: RunningSandbox, scope: str = GENERIC) -> App:
    """Return an app in development, without a metadata document."""
    redirect = "http://127.0.0.1:9/back"
    query = urlencode({"redirect_uri": redirect, "scope": scope})
    return App(sandbox, f"http://localhost?{query}", redirect)


def confidential_app(sandbox: RunningSandbox, **changes: object) -> App:
    """Return an app with its own key, whose metadata the media server serves; `changes` replace fields of it."""
    own = ECKey.generate_key("P-256", auto_kid=True)
    app = App(sandbox, f"{sandbox.media.address}/client.json", "https://app.example.com/back", own)
    document: JSON = {
        "client_id": app.client_id,
        "application_type": "web",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "redirect_uris": [app.redirect_uri],
        "scope": f"{GENERIC} repo:{POST} blob:*/*",
        "dpop_bound_access_tokens": True,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks_uri": f"{sandbox.media.address}/jwks.json",
        **changes,
    }
    sandbox.media.put_json("client.json", document)
    sandbox.media.put_json("jwks.json", {"keys": [own.as_dict(private=False)]})
    return app


def query_of(address: str) -> dict[str, str]:
    """Return the query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
