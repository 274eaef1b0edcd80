"""Bluesky's servers, and calls of them: with a proof of possession and its nonce, as an account or without one; and their responses.

An account's own server (its PDS) is not among the `Endpoints`: it is found in the account's DID document, which its owner controls.
"""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypedDict, TypeVar, Unpack
from urllib.parse import urlsplit

from pydantic import JsonValue

from presswork.core.timestamps import read_header_date
from presswork.platforms import api_client
from presswork.platforms.api_client import Action, ApiError, ErrorMeaning, JsonObject
from presswork.platforms.bluesky.client import Session, SigningKey
from presswork.platforms.bluesky.error_mapping import BLUESKY, UNKNOWN, meaning_of
from presswork.platforms.errors import CredentialInvalid, OutcomeUnknown, PlatformError, Reported
from presswork.platforms.json_values import part_of, text_of
from presswork.platforms.port import Credentials, RetryPolicy
from presswork.platforms.transport import Reply, Transport

_LIVE: Final = "https://bsky.social"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base URLs, without a slash at the end; for test projects all but the last are the sandbox's."""

    entryway: str = _LIVE
    """The server where logins begin: Bluesky's own, or the operator's PDS."""
    directory: str = "https://plc.directory"
    """The directory of `did:plc` documents."""
    video: str = "https://video.bsky.app"
    links: str = "https://bsky.app"
    """Prefix of links to posts: the real site in every environment, since a link is part of the API's response."""

    def is_trusted(self, url: str) -> bool:
        """Whether the operator's settings name the server of a URL, whatever its scheme: a proxy may end TLS before a sandbox.

        Every other server is called through the guard against addresses of the operator's own network.
        """
        try:
            host = urlsplit(url).netloc.lower()
        except ValueError:
            return False
        return host in {urlsplit(base).netloc.lower() for base in (self.entryway, self.directory, self.video)}

    def accepts_server(self, url: str) -> bool:
        """Whether a server named in a DID document may be called: over TLS, at a URL without a query or user name.

        A server that the settings name may be called as they are: the sandbox has no TLS.
        """
        try:
            parts = urlsplit(url)
            has_extras = bool(parts.query or parts.fragment or parts.username or parts.password)
            is_host = bool(parts.hostname)
        except ValueError:
            return False
        if has_extras or not is_host or parts.scheme not in ("http", "https"):
            return False
        return self.is_trusted(url) or (parts.scheme == "https" and parts.path in ("", "/"))

    def document_of(self, did: str) -> str | None:
        """Return the URL of an account's DID document, or None for a method of DIDs that Bluesky does not use."""
        method, _, name = did.removeprefix("did:").partition(":")
        if method == "plc":
            return f"{self.directory}/{did}"
        if method == "web" and name and not set(name) & set("/?#@\\"):
            return f"https://{name.replace('%3A', ':').replace('%3a', ':')}/.well-known/did.json"
        return None

    def post(self, profile: str, rkey: str) -> str:
        """Return the public URL of a post; `profile` is the account's handle or its DID."""
        return f"{self.links}/profile/{profile}/post/{rkey}"

    def post_of(self, handle: str, did: str, rkey: str) -> str:
        """Return the public URL of an account's post; what is stored as its handle may be none."""
        return self.post(handle if "." in handle and ":" not in handle else did, rkey)


def service_did(server: str) -> str:
    """Return the DID of a PDS, as the audience of a service token: its host's.

    A sandbox serves each host as a path, so the last segment of the path names the host there.
    """
    parts = urlsplit(server)
    host = parts.path.rstrip("/").rpartition("/")[2] or parts.netloc
    return f"did:web:{host.replace(':', '%3A')}"


_NONCE_TRIES: Final = 2
"""How often a request is repeated with the nonce that the server returned; the first is usually enough."""
_PATHS: Final = re.compile(r"(?:/xrpc|/oauth)/")
"""Where the path at a server begins. In a sandbox, several servers share an origin, and each has nonces of its own."""
_MAX_SERVERS: Final = 1000
"""Servers whose last nonce and clock are known, in one process. A server without a nonce costs a second request."""
_TIME_ERRORS: Final = frozenset({"invalid_dpop_proof", "invalid_client"})
"""Errors of a proof or an assertion that a server may find too old, or from the future."""
_SAME_TIME: Final = timedelta(seconds=30)
"""A smaller difference between two clocks is not why a proof was refused."""
_MAX_WAIT: Final = timedelta(days=1)
_NONCE: Final = "use_dpop_nonce"
_UNREADABLE: Final = ErrorMeaning(Action.RETRY, UNKNOWN.sentence)
"""For an error page, with a status of a refusal."""

Known = TypeVar("Known")
Form = Callable[[], Mapping[str, str]]
"""Makes the fields of a form: a repeated request needs another assertion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response of any of Bluesky's servers: a JSON object, an error, or nothing usable."""

    status: int
    body: JsonObject | None
    """None where the body is not a JSON object: an error page, for example."""
    error: str = ""
    """The error's name; empty where the response has none."""
    message: str = ""
    """The platform's own message, without secrets."""
    wait: timedelta | None = None
    """How long the server asks to wait."""
    wants_nonce: bool = False
    """Whether the request was refused for its nonce alone."""
    nonce: str | None = None
    """The nonce for the next proof at this server."""
    sent_at: datetime | None = None
    """When the server sent it, by its own clock, UTC; None where it succeeded or has no date."""

    @property
    def is_ok(self) -> bool:
        """Whether the call succeeded."""
        return 200 <= self.status < 300 and self.body is not None and not self.error

    @property
    def meaning(self) -> ErrorMeaning:
        """The entry of the error table for this response."""
        meaning = meaning_of(self.error, self.status, self.message)
        return _UNREADABLE if meaning is UNKNOWN and self.body is None else meaning

    @property
    def label(self) -> str:
        """The error as a post reports it."""
        return self.error or f"HTTP {self.status}"

    @property
    def refused(self) -> ApiError:
        """The response as an error."""
        status = f", HTTP {self.status}" if self.status >= 500 and self.error else ""
        label = f"{self.label}{status}"
        return ApiError(
            status=self.status,
            code=self.label,
            message=self.message,
            meaning=self.meaning,
            quoted=BLUESKY.quotation(self.message, label=label, unsaid=f"with {label} and no message"),
            wait=self.wait,
        )

    @property
    def reported(self) -> Reported:
        """The error and the message, for an error of Presswork."""
        return self.refused.reported

    @property
    def proves_nothing_written(self) -> bool:
        """Whether a refused putRecord certainly wrote nothing: the server named a reason that it finds before it writes."""
        is_refusal = 400 <= self.status < 500 and self.status != 408
        return is_refusal and bool(self.error) and self.meaning.action not in {Action.RETRY, Action.LOOK}

    def text(self, name: str) -> str | None:
        """Return a text of the body, or None where there is none."""
        return text_of((self.body or {}).get(name))

    def object(self, name: str) -> JsonObject:
        """Return an object of the body; empty where there is none."""
        return part_of(self.body or {}, name)


def read_response(reply: Reply, *, now: datetime) -> Response:
    """Parse a response; `now` turns the end of a limit into a wait where the response has no date."""
    sent_at = None if reply.status < 400 else read_header_date(reply.header("date") or "")
    body = reply.json_object()
    fields = body or {}
    message = text_of(fields.get("message")) or text_of(fields.get("error_description")) or ""
    # The state of a job has a field of this name, too.
    name = (text_of(fields.get("error")) or "") if reply.status >= 400 else ""
    challenge = (reply.header("www-authenticate") or "").lower()
    return Response(
        status=reply.status,
        body=body,
        error=name[:100],
        message=BLUESKY.without_secrets(message),
        wait=_read_wait(reply, sent_at or now) if reply.status in (429, 503) or name == "RateLimitExceeded" else None,
        wants_nonce=reply.status in (400, 401) and (name == _NONCE or _NONCE in challenge),
        nonce=reply.header("dpop-nonce"),
        sent_at=sent_at,
    )


def _read_wait(reply: Reply, now: datetime) -> timedelta | None:
    """Return how long a limit lasts: until `RateLimit-Reset` (a Unix time), or as Retry-After says."""
    text = reply.header("ratelimit-reset") or ""
    if text.isascii() and text.isdigit() and len(text) < 12:
        ends_at = datetime.fromtimestamp(int(text), UTC)
        return min(max(ends_at - now, timedelta(seconds=1)), _MAX_WAIT)
    return reply.retry_after


def refusal(response: Response, *, step: str) -> PlatformError:
    """Return the error for a call that did not succeed and is harmless to repeat."""
    return api_client.refusal(response.refused, step=step)


def outcome_unknown(reason: str, *, step: str, response: Response | None = None) -> OutcomeUnknown:
    """Return the error for a call with a public effect whose response does not show whether it happened."""
    unsure = "It is not certain whether it was published."
    if response is not None and response.error:
        return OutcomeUnknown(f"{response.refused.quoted} {unsure}", step=step, **response.reported)
    return OutcomeUnknown(f"Bluesky was called, and its response was lost: {reason}. {unsure}", step=step)


class CallOptions(TypedDict, total=False):
    """What a call may send besides its URL, and another time-out than that of most calls."""

    params: Mapping[str, str]
    json: JsonValue
    data: bytes | AsyncIterator[bytes]
    headers: Mapping[str, str]
    timeout: timedelta


@dataclass(frozen=True, slots=True, eq=False)
class Api:
    """Bluesky's servers in one environment."""

    endpoints: Endpoints
    transport: Transport
    retry_policy: RetryPolicy
    now: Callable[[], datetime]
    """The clock that dates proofs."""
    _nonces: dict[str, str] = field(default_factory=dict, init=False)
    _ahead: dict[str, timedelta] = field(default_factory=dict, init=False)
    """How far the clock of a server is ahead of ours, where it refused a proof for its time."""

    def time_at(self, url: str) -> datetime:
        """Return the current instant by the clock of the server at a URL, UTC."""
        return self.now() + self._ahead.get(_server_of(url), timedelta())

    async def call(
        self,
        method: str,
        url: str,
        *,
        step: str,
        key: SigningKey | None = None,
        token: str | None = None,
        form: Form | None = None,
        **options: Unpack[CallOptions],
    ) -> Response:
        """Send one request; with a key, it carries a proof, and is repeated where the server wants another nonce or time.

        A request that was refused for its proof had no effect. Raises CallFailed.
        """
        server = _server_of(url)

        async def send_once() -> Response:
            sent = dict(options.get("headers", {}))
            if key is not None:
                sent["DPoP"] = key.proof(
                    method, url, now=self.time_at(url), nonce=self._nonces.get(server), token=token
                )
            if token is not None:
                sent["Authorization"] = f"DPoP {token}"
            reply = await self.transport.call(
                method,
                url,
                operation=step,
                timeout=options.get("timeout", self.retry_policy.timeouts.call),
                params=options.get("params"),
                json=options.get("json"),
                form=None if form is None else form(),
                data=options.get("data"),
                headers=sent,
                is_guarded=not self.endpoints.is_trusted(url),
            )
            response = read_response(reply, now=self.now())
            if response.nonce is not None:
                _store_value(self._nonces, server, response.nonce)
            return response

        response = await send_once()
        for _ in range(_NONCE_TRIES):
            has_nonce = response.wants_nonce and response.nonce is not None
            if key is None or not (has_nonce or self._sets_clock(server, response)):
                break
            response = await send_once()
        return response

    async def get(self, url: str, *, step: str, **options: Unpack[CallOptions]) -> Response:
        """Send a GET that needs no access and return its successful response. Raises Rejected, TryLater."""
        with BLUESKY.lost(step=step):
            response = await self.call("GET", url, step=step, **options)
        if not response.is_ok:
            raise refusal(response, step=step)
        return response

    async def send(
        self, account: Credentials, method: str, name: str, *, step: str, **options: Unpack[CallOptions]
    ) -> tuple[Response, Session]:
        """Call a method of the account's server as the account; refused access is renewed and the call sent once more.

        That is safe for every call: one that was refused for its token, or on a server that has no such account, had no
        effect. Renewing the access also reads which server has the account.
        Raises CallFailed when the response is lost, CredentialInvalid or TryLater when there is no valid token (then the
        call had no effect either).
        """

        async def send_once(session: Session) -> Response:
            return await self.call(
                method, f"{session.pds}/xrpc/{name}", step=step, key=session.key, token=session.token, **options
            )

        stored = await account.access_token()
        session = Session.read(stored, step=step)
        response = await send_once(session)
        if not response.is_ok and response.meaning.action in (Action.RECONNECT, Action.MOVED):
            session = Session.read(await _renew_token(account, stored, response, step=step), step=step)
            response = await send_once(session)
        return response, session

    async def send_repeatable(
        self, account: Credentials, method: str, name: str, *, step: str, **options: Unpack[CallOptions]
    ) -> tuple[Response, Session]:
        """Make a call that is safe to repeat and return its successful response. Raises Rejected, CredentialInvalid, TryLater."""
        with BLUESKY.lost(step=step):
            response, session = await self.send(account, method, name, step=step, **options)
        if not response.is_ok:
            raise refusal(response, step=step)
        return response, session

    def _sets_clock(self, server: str, refused: Response) -> bool:
        """Take the time from a refusal that may be due to it; return whether it is another time than that of the request."""
        if refused.error not in _TIME_ERRORS or refused.sent_at is None:
            return False
        ahead = refused.sent_at - self.now()
        if abs(ahead - self._ahead.pop(server, timedelta())) < _SAME_TIME:
            return False  # it was not the time: forget it, and trust our own clock again
        _store_value(self._ahead, server, ahead)
        return True


def _store_value(known: dict[str, Known], server: str, value: Known) -> None:
    """Store a value about a server; the oldest makes room."""
    if server not in known and len(known) >= _MAX_SERVERS:
        del known[next(iter(known))]
    known[server] = value


def _server_of(url: str) -> str:
    return _PATHS.split(url, maxsplit=1)[0]


async def _renew_token(account: Credentials, stored: str, refused: Response, *, step: str) -> str:
    """Return other access than the refused one. Raises CredentialInvalid with Bluesky's response where there is none."""
    try:
        return await account.renew_token(stored)
    except CredentialInvalid as error:
        if refused.meaning.action is Action.RECONNECT:
            raise refusal(refused, step=step) from error
        raise
