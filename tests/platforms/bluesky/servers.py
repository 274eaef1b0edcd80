"""Bluesky's servers as a script: an authorization server and a PDS with their checks, whose answers a test replaces."""

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Final, Self
from urllib.parse import parse_qsl

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry, deserialize_compact
from pydantic import JsonValue
from tests.clocks import JumpingClock

DID: Final = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
OTHER_DID: Final = "did:plc:z72i7hdynmk6r22z27h6tvur"
HANDLE: Final = "luna.example.com"
Json = dict[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer in place of the server's own. `is_after`: the call has its effect first; status 0: the connection is cut."""

    status: int = 0
    body: JsonValue = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_after: bool = False


CUT: Final = Reply()
CUT_AFTER: Final = Reply(is_after=True)
HTML: Final = Reply(status=502, body="<html>Bad gateway</html>")


def error(status: int, name: str, message: str = "", **headers: str) -> Reply:
    """Return an error of the AT Protocol; underscores in the names of headers stand for hyphens."""
    return Reply(
        status=status,
        body={"error": name, "message": message},
        headers={header.replace("_", "-"): value for header, value in headers.items()},
    )


@dataclass(slots=True)
class Call:
    """A request that arrived."""

    name: str
    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        """The body of a call of XRPC."""
        document: Json = json.loads(self.body)
        return document


class Servers:
    """All of them at one address: `/bsky.social`, `/pds`, `/plc.directory` and `/video.bsky.app`."""

    def __init__(self, clock: JumpingClock, client_key: ECKey) -> None:
        """Store the clock that proofs are checked against, and the client's public key."""
        self.clock = clock
        self.client_key = client_key
        self.address = ""
        self.records: dict[tuple[str, str], JsonValue] = {}
        self.blobs: list[bytes] = []
        self.calls: list[Call] = []
        self.scripted: dict[str, list[Reply]] = defaultdict(list)
        self.identity: Json = {}
        self.jobs: dict[str, Json] = {}
        self.handles = {HANDLE: DID}
        self.pds_issuer: str | None = None
        self.nonce = "nonce-1"
        self.ahead = timedelta()
        """How far the servers' clock is ahead of the caller's."""
        self.tokens = 0
        self._valid: dict[str, str] = {}
        self._refresh: dict[str, str] = {}
        self._challenge = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        app = web.Application(client_max_size=200_000_000)
        app.router.add_route("*", "/{host}/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.identity = {
            "id": DID,
            "alsoKnownAs": [f"at://{HANDLE}"],
            "service": [
                {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": f"{self.address}/pds"}
            ],
        }
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def issuer(self) -> str:
        """The authorization server's name."""
        return f"{self.address}/bsky.social"

    def script(self, name: str, *replies: Reply) -> None:
        """Answer the next calls of a method or path so."""
        self.scripted[name] += replies

    def count(self, name: str) -> int:
        """Return how often a method or path was called."""
        return sum(call.name == name for call in self.calls)

    def of(self, name: str) -> list[Call]:
        """Return the calls of a method or path."""
        return [call for call in self.calls if call.name == name]

    def expire(self) -> None:
        """Refuse every access token from now on."""
        self._valid.clear()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name = request.path.rpartition("/")[2]
        call = Call(name, request.method, request.headers, request.query, await request.read())
        self.calls.append(call)
        reply = self.scripted[name].pop(0) if self.scripted[name] else None
        if reply is None or reply.is_after:
            own = self._own(request, call)
            if reply is None:
                own.headers["Date"] = self._date()
                return own
        if reply.status == 0:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(reply.body, str):
            return web.Response(status=reply.status, text=reply.body, content_type="text/html")
        return web.json_response(reply.body, status=reply.status, headers={"Date": self._date(), **reply.headers})

    def now(self) -> datetime:
        """Return the servers' time, UTC."""
        return self.clock.now() + self.ahead

    def _date(self) -> str:
        return format_datetime(self.now(), usegmt=True)

    def _own(self, request: web.Request, call: Call) -> web.Response:
        host = request.match_info["host"]
        if call.name in _BOUND and (refused := self._refused_proof(request, call)) is not None:
            return refused
        handlers: Mapping[str, Callable[[Call], web.Response]] = {
            "oauth-authorization-server": self._metadata,
            "oauth-protected-resource": lambda _: _json({"authorization_servers": [self.pds_issuer or self.issuer]}),
            "par": self._par,
            "token": self._token,
            "revoke": lambda _: _json({}),
            "com.atproto.identity.resolveHandle": self._resolve,
            "com.atproto.repo.uploadBlob": self._upload,
            "com.atproto.repo.putRecord": self._put,
            "com.atproto.repo.getRecord": self._get,
            "com.atproto.server.getServiceAuth": lambda call: _json({"token": f"service {call.query['lxm']}"}),
            "app.bsky.actor.getProfile": lambda _: _json({"displayName": "Luna", "avatar": "https://cdn.test/luna"}),
            "app.bsky.video.getUploadLimits": lambda _: _json({"canUpload": True}),
            "app.bsky.video.uploadVideo": self._video,
            "app.bsky.video.getJobStatus": lambda call: _json({"jobStatus": self.jobs[call.query["jobId"]]}),
        }
        if host == "plc.directory":
            return _json(self.identity)
        return handlers[call.name](call)

    def _refused_proof(self, request: web.Request, call: Call) -> web.Response | None:
        """Check the proof of possession as RFC 9449 demands, and the access token that it belongs to."""
        header = deserialize_compact(
            request.headers["DPoP"].encode(), _key_of(request.headers["DPoP"]), registry=_REGISTRY
        ).headers()
        key = ECKey.import_key(dict(header["jwk"]))
        claims = jwt.decode(request.headers["DPoP"], key, algorithms=["ES256"], registry=_REGISTRY).claims
        is_resource = call.name not in ("par", "token", "revoke")
        assert header["typ"] == "dpop+jwt"
        assert "d" not in header["jwk"]
        assert (claims["htm"], claims["htu"]) == (request.method, f"{self.address}{request.path}")
        if abs(claims["iat"] - self.now().timestamp()) > 60:
            return web.json_response({"error": "invalid_dpop_proof", "message": '"iat" claim'}, status=401)
        if claims.get("nonce") != self.nonce:
            status, challenge = (401, {"WWW-Authenticate": 'DPoP error="use_dpop_nonce"'}) if is_resource else (400, {})
            return web.json_response(
                {"error": "use_dpop_nonce"}, status=status, headers={"DPoP-Nonce": self.nonce, **challenge}
            )
        if not is_resource:
            self._check_client(call)
            return None
        token = request.headers["Authorization"].removeprefix("DPoP ")
        assert claims["ath"] == _s256(token)
        if self._valid.get(token) != key.thumbprint():
            return web.json_response({"error": "invalid_token", "message": "exp claim"}, status=401)
        return None

    def _check_client(self, call: Call) -> None:
        form = _form(call)
        claims = jwt.decode(form["client_assertion"], self.client_key, algorithms=["ES256"]).claims
        assert claims["iss"] == claims["sub"] == form["client_id"]
        assert claims["aud"] == self.issuer
        assert abs(claims["iat"] - self.now().timestamp()) < 60

    def _metadata(self, _: Call) -> web.Response:
        return _json(
            {
                "issuer": self.issuer,
                "pushed_authorization_request_endpoint": f"{self.issuer}/oauth/par",
                "authorization_endpoint": f"{self.issuer}/oauth/authorize",
                "token_endpoint": f"{self.issuer}/oauth/token",
                "revocation_endpoint": f"{self.issuer}/oauth/revoke",
            }
        )

    def _par(self, call: Call) -> web.Response:
        form = _form(call)
        assert form["code_challenge_method"] == "S256"
        self._challenge = form["code_challenge"]
        return web.json_response({"request_uri": "urn:request:1", "expires_in": 299}, status=201)

    def _token(self, call: Call) -> web.Response:
        form = _form(call)
        if form["grant_type"] == "authorization_code":
            assert _s256(form["code_verifier"]) == self._challenge
            if form["code"] != "the-code":
                return web.json_response({"error": "invalid_grant", "error_description": "no such code"}, status=400)
        elif self._refresh.pop(form["refresh_token"], None) is None:
            return web.json_response({"error": "invalid_grant", "error_description": "replayed"}, status=400)
        self.tokens += 1
        access, refresh = f"access-{self.tokens}", f"refresh-{self.tokens}"
        self._valid[access] = _key_of(call.headers["DPoP"]).thumbprint()
        self._refresh[refresh] = access
        return _json(
            {
                "access_token": access,
                "token_type": "DPoP",
                "expires_in": 3600,
                "refresh_token": refresh,
                "scope": "atproto transition:generic",
                "sub": DID,
            }
        )

    def _resolve(self, call: Call) -> web.Response:
        did = self.handles.get(call.query["handle"])
        return _json({"did": did}) if did else web.json_response({"error": "InvalidRequest"}, status=400)

    def _upload(self, call: Call) -> web.Response:
        self.blobs.append(call.body)
        return _json({"blob": _blob(call.body, call.headers["Content-Type"])})

    def _video(self, call: Call) -> web.Response:
        assert call.headers["Authorization"] == "Bearer service com.atproto.repo.uploadBlob"
        done: Json = {"jobId": "job-1", "state": "JOB_STATE_COMPLETED", "blob": _blob(call.body, "video/mp4")}
        self.jobs.setdefault("job-1", done)
        return _json({"jobId": "job-1", "state": "JOB_STATE_CREATED"})

    def _put(self, call: Call) -> web.Response:
        body = call.json
        place = (str(body["collection"]), str(body["rkey"]))
        there = self.records.get(place)
        if there is not None and there != body["record"] and "swapRecord" in body:
            return web.json_response({"error": "InvalidSwap", "message": "Record was at bafyold"}, status=400)
        self.records[place] = body["record"]
        return _json({"uri": f"at://{DID}/{place[0]}/{place[1]}", "cid": _cid(body["record"])})

    def _get(self, call: Call) -> web.Response:
        place = (call.query["collection"], call.query["rkey"])
        if place not in self.records:
            return web.json_response({"error": "RecordNotFound", "message": "Could not locate record"}, status=400)
        record = self.records[place]
        return _json({"uri": f"at://{DID}/{place[0]}/{place[1]}", "cid": _cid(record), "value": record})


_REGISTRY: Final = JWSRegistry(algorithms=["ES256"], strict_check_header=False)
_BOUND: Final = frozenset(
    {
        "par",
        "token",
        "com.atproto.repo.uploadBlob",
        "com.atproto.repo.putRecord",
        "com.atproto.server.getServiceAuth",
        "app.bsky.actor.getProfile",
    }
)


def _json(body: JsonValue) -> web.Response:
    return web.json_response(body)


def _form(call: Call) -> dict[str, str]:
    return dict(parse_qsl(call.body.decode()))


def _key_of(proof: str) -> ECKey:
    head = proof.split(".", maxsplit=1)[0]
    return ECKey.import_key(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["jwk"])


def _s256(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def _cid(record: JsonValue) -> str:
    return "bafyrei" + hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:40]


def _blob(body: bytes, content_type: str) -> Json:
    ref: JsonValue = {"$link": f"bafkrei{hashlib.sha256(body).hexdigest()[:40]}"}
    return {"$type": "blob", "ref": ref, "mimeType": content_type, "size": len(body)}
