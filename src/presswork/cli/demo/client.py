"""The demo's client of the public HTTP API: what an answer has to be, and trying again as any good client does."""

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Self, TypeVar
from uuid import uuid4

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from presswork.core.errors import Code, Unavailable

_CALL_WITHIN: Final = timedelta(seconds=30)
_TRY_WITHIN: Final = timedelta(seconds=10)
"""How long a call is repeated that was lost or answered 5xx."""
_TRY_AGAIN_AFTER: Final = timedelta(milliseconds=150)


class DemoFailed(Unavailable):
    """The demo could not go on; the message says where it stopped."""


class Answer(BaseModel):
    """What the demo reads of an answer; fields that it does not need are passed over."""

    model_config = ConfigDict(alias_generator=to_camel)


class Refusal(Answer):
    """What a refusal says."""

    code: str
    message: str
    details: dict[str, object] = {}


class _Refused(Answer):
    error: Refusal


Shape = TypeVar("Shape", bound=Answer)


class Client:
    """One caller of the API. Every method raises DemoFailed when a call does not go as it should."""

    def __init__(self, url: str, key: str) -> None:
        """Take the API's address and a key for it."""
        self._url: Final = url
        # Addresses in answers (uploads, logins) are absolute; the key goes to the API's own routes only.
        self._open: Final = httpx2.AsyncClient(timeout=_CALL_WITHIN.total_seconds(), trust_env=False)
        self._key: Final = {"Authorization": f"Bearer {key}"}

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._open.aclose()

    async def call(
        self, shape: type[Shape], method: str, path: str, body: object = None, *, status: int | None = None
    ) -> Shape:
        """Return the answer of a call that has to succeed, with `status` if that is given."""
        reply = await self._send(method, path, body)
        if not reply.is_success or status not in (None, reply.status_code):
            raise _unexpected(method, path, reply, wanted="" if status is None else f", not {status}")
        return _read(shape, method, path, reply)

    async def refused(self, method: str, path: str, body: object = None, *, status: int, code: Code) -> Refusal:
        """Return what is said to a call that has to be refused, with exactly this status and code."""
        reply = await self._send(method, path, body)
        if reply.status_code == status:
            refusal = _read(_Refused, method, path, reply).error
            if refusal.code == code:
                return refusal
        raise _unexpected(method, path, reply, wanted=f", not {status} {code}")

    async def put(self, name: str, data: bytes, *, url: str, headers: Mapping[str, str]) -> None:
        """Send a file's bytes to a presigned address, which no message repeats: it is signed."""
        try:
            reply = await self._open.put(url, content=data, headers=headers)
        except httpx2.HTTPError as error:
            raise DemoFailed(f"Uploading {name} failed: {error}") from error
        if not reply.is_success:
            raise DemoFailed(f"Uploading {name} was answered {reply.status_code}: {reply.text[:300]}")

    async def redirect(self, url: str) -> str:
        """Return where an address, called without the key, redirects to."""
        try:
            reply = await self._open.get(url)
        except httpx2.HTTPError as error:
            raise DemoFailed(f"{url} did not answer: {error}") from error
        if not reply.is_redirect:
            raise DemoFailed(f"{url} was answered {reply.status_code} and not with a redirect: {reply.text[:300]}")
        return reply.headers["Location"]

    async def _send(self, method: str, path: str, body: object) -> httpx2.Response:
        headers = dict(self._key)
        if method in ("POST", "PATCH") and not path.endswith("oauth-url"):
            headers["Idempotency-Key"] = str(uuid4())
        end = time.monotonic() + _TRY_WITHIN.total_seconds()
        while (reply := await self._attempt(method, path, headers, body)) is None or reply.is_server_error:
            # The same call once more is safe: a write carries a key under which it happens once.
            if time.monotonic() > end:
                told = "not answered" if reply is None else f"answered {reply.status_code}: {reply.text[:500]}"
                raise DemoFailed(f"{method} {path} was {told}")
            await asyncio.sleep(_TRY_AGAIN_AFTER.total_seconds())
        return reply

    async def _attempt(
        self, method: str, path: str, headers: Mapping[str, str], body: object
    ) -> httpx2.Response | None:
        try:
            return await self._open.request(method, f"{self._url}{path}", headers=headers, json=body)
        except httpx2.HTTPError:
            return None


def _read(shape: type[Shape], method: str, path: str, reply: httpx2.Response) -> Shape:
    try:
        return shape.model_validate_json(reply.content)
    except ValidationError as error:
        raise DemoFailed(f"{method} {path} was answered in an unknown form: {error}") from error


def _unexpected(method: str, path: str, reply: httpx2.Response, *, wanted: str) -> DemoFailed:
    return DemoFailed(f"{method} {path} was answered {reply.status_code}{wanted}: {reply.text[:500]}")
