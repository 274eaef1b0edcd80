"""Calls of Bluesky's servers: with a proof of possession and its nonce, as an account or without one."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar

from pydantic import JsonValue

from presswork.platforms.bluesky.endpoints import Endpoints
from presswork.platforms.bluesky.error_mapping import Action
from presswork.platforms.bluesky.proofs import SigningKey
from presswork.platforms.bluesky.responses import Answer, read_answer, refusal
from presswork.platforms.bluesky.session import Session
from presswork.platforms.errors import CredentialInvalid, TryLater
from presswork.platforms.port import Credentials, RetryPolicy
from presswork.platforms.transport import CallFailed, Transport

_NONCE_TRIES: Final = 2
"""How often a request is repeated with the nonce that the server returned; the first is usually enough."""
_PATHS: Final = re.compile(r"(?:/xrpc|/oauth)/")
"""Where the path at a server begins. In a sandbox, several servers share an origin, and each has nonces of its own."""
_MOST_SERVERS: Final = 1000
"""Servers whose last nonce and clock are known, in one process. A server without a nonce costs a second request."""
_UNTIMELY: Final = frozenset({"invalid_dpop_proof", "invalid_client"})
"""Errors of a proof or an assertion that a server may find too old, or from the future."""
_SAME_TIME: Final = timedelta(seconds=30)
"""A smaller difference between two clocks is not why a proof was refused."""

Known = TypeVar("Known")
Form = Callable[[], Mapping[str, str]]
"""Makes the fields of a form: a repeated request needs another assertion."""


class Api:
    """Bluesky's servers in one environment."""

    def __init__(
        self, endpoints: Endpoints, transport: Transport, retry_policy: RetryPolicy, now: Callable[[], datetime]
    ) -> None:
        """Store the endpoints, the transport, the time-outs, and the clock that dates proofs."""
        self.endpoints: Final = endpoints
        self._transport = transport
        self._retry_policy = retry_policy
        self.now: Final = now
        self._nonces: dict[str, str] = {}
        self._ahead: dict[str, timedelta] = {}
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
        params: Mapping[str, str] | None = None,
        json: JsonValue = None,
        form: Form | None = None,
        data: bytes | AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: timedelta | None = None,  # noqa: ASYNC109  the transport enforces it
    ) -> Answer:
        """Send one request; with a key, it carries a proof, and is repeated where the server wants another nonce or time.

        A request that was refused for its proof had no effect. Raises CallFailed.
        """
        server = _server_of(url)

        async def once() -> Answer:
            sent = dict(headers or {})
            if key is not None:
                sent["DPoP"] = key.proof(
                    method, url, now=self.time_at(url), nonce=self._nonces.get(server), token=token
                )
            if token is not None:
                sent["Authorization"] = f"DPoP {token}"
            reply = await self._transport.call(
                method,
                url,
                operation=step,
                timeout=timeout or self._retry_policy.timeouts.call,
                params=params,
                json=json,
                form=None if form is None else form(),
                data=data,
                headers=sent,
                is_guarded=not self.endpoints.is_trusted(url),
            )
            answer = read_answer(reply, now=self.now())
            if answer.nonce is not None:
                _keep(self._nonces, server, answer.nonce)
            return answer

        answer = await once()
        for _ in range(_NONCE_TRIES):
            has_nonce = answer.wants_nonce and answer.nonce is not None
            if key is None or not (has_nonce or self._sets_clock(server, answer)):
                break
            answer = await once()
        return answer

    async def get(self, url: str, *, step: str, params: Mapping[str, str] | None = None) -> Answer:
        """Send a GET that needs no access and return its successful response. Raises Rejected, TryLater."""
        try:
            answer = await self.call("GET", url, step=step, params=params)
        except CallFailed as error:
            raise unreachable(error, step=step) from error
        if not answer.is_ok:
            raise refusal(answer, step=step)
        return answer

    async def send(
        self,
        account: Credentials,
        method: str,
        name: str,
        *,
        step: str,
        params: Mapping[str, str] | None = None,
        json: JsonValue = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: timedelta | None = None,  # noqa: ASYNC109  the transport enforces it
    ) -> tuple[Answer, Session]:
        """Call a method of the account's server as the account; refused access is renewed and the call sent once more.

        That is safe for every call: one that was refused for its token, or on a server that has no such account, had no
        effect. Renewing the access also reads which server has the account.
        Raises CallFailed when the response is lost, CredentialInvalid or TryLater when there is no valid token (then the
        call had no effect either).
        """

        async def once(session: Session) -> Answer:
            return await self.call(
                method,
                f"{session.pds}/xrpc/{name}",
                step=step,
                key=session.key,
                token=session.token,
                params=params,
                json=json,
                data=data,
                headers=headers,
                timeout=timeout,
            )

        stored = await account.access_token()
        session = Session.read(stored, step=step)
        answer = await once(session)
        if not answer.is_ok and answer.meaning.action in (Action.RECONNECT, Action.MOVED):
            session = Session.read(await _renewed(account, stored, answer, step=step), step=step)
            answer = await once(session)
        return answer, session

    async def ask(
        self,
        account: Credentials,
        method: str,
        name: str,
        *,
        step: str,
        params: Mapping[str, str] | None = None,
        json: JsonValue = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: timedelta | None = None,  # noqa: ASYNC109  the transport enforces it
    ) -> tuple[Answer, Session]:
        """Make a call that is safe to repeat and return its successful response. Raises Rejected, CredentialInvalid, TryLater."""
        try:
            answer, session = await self.send(
                account, method, name, step=step, params=params, json=json, data=data, headers=headers, timeout=timeout
            )
        except CallFailed as error:
            raise unreachable(error, step=step) from error
        if not answer.is_ok:
            raise refusal(answer, step=step)
        return answer, session

    def _sets_clock(self, server: str, refused: Answer) -> bool:
        """Take the time from a refusal that may be due to it; return whether it is another time than that of the request."""
        if refused.error not in _UNTIMELY or refused.sent_at is None:
            return False
        ahead = refused.sent_at - self.now()
        if abs(ahead - self._ahead.pop(server, timedelta())) < _SAME_TIME:
            return False  # it was not the time: forget it, and trust our own clock again
        _keep(self._ahead, server, ahead)
        return True


def _keep(known: dict[str, Known], server: str, value: Known) -> None:
    """Store a value about a server; the oldest makes room."""
    if server not in known and len(known) >= _MOST_SERVERS:
        del known[next(iter(known))]
    known[server] = value


def _server_of(url: str) -> str:
    return _PATHS.split(url, maxsplit=1)[0]


async def _renewed(account: Credentials, stored: str, refused: Answer, *, step: str) -> str:
    """Return other access than the refused one. Raises CredentialInvalid with Bluesky's response where there is none."""
    try:
        return await account.renew_token(stored)
    except CredentialInvalid as error:
        if refused.meaning.action is Action.RECONNECT:
            raise refusal(refused, step=step) from error
        raise


def unreachable(error: CallFailed, *, step: str) -> TryLater:
    """Return the error for a repeatable call that got no response."""
    return TryLater(f"Bluesky could not be reached: {error.reason}.", step=step)
