"""The calls of a login: each once, or retried on temporary errors where that is harmless."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Literal

from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater
from presswork.platforms.graph.client import Brand
from presswork.platforms.graph.responses import GraphError, GraphResponse, JsonObject, first_of, read_response
from presswork.platforms.transport import CallFailed, Transport

TOKEN: Final = "token"  # noqa: S105  the name of a step, not a secret
AGAIN: Final = "Start connecting the account again."
_READ_TRIES: Final = 3
"""Attempts for the reads that follow the code exchange: its code works once, so a failure requires a new login."""


class LoginCalls:
    """The login calls to one platform host."""

    def __init__(self, brand: Brand, *, transport: Transport, timeout: timedelta) -> None:
        """Store the platform, the transport, and the time-out of one call."""
        self._brand: Final = brand
        self._transport: Final = transport
        self._timeout: Final = timeout

    async def call(
        self,
        method: Literal["GET", "POST", "DELETE"],
        url: str,
        step: str,
        parameters: Mapping[str, str],
        *,
        token: str | None = None,
    ) -> GraphResponse:
        """Make one call, once; a POST sends its parameters as a form. Raises TryLater when no response arrived."""
        try:
            reply = await self._transport.call(
                method,
                url,
                operation=step,
                timeout=self._timeout,
                token=token,
                params=None if method == "POST" else parameters,
                form=parameters if method == "POST" else None,
            )
        except CallFailed as failed:
            raise self._brand.no_response(failed, step=step) from failed
        return read_response(reply)

    async def exchange(self, method: Literal["GET", "POST"], url: str, parameters: Mapping[str, str]) -> JsonObject:
        """Exchange the code of the redirect, which works once. Raises Rejected, TryLater."""
        response = await self.call(method, url, TOKEN, parameters)
        if isinstance(response, GraphError) and not self._brand.is_temporary(response):
            raise Rejected(
                f"{self._brand.name} did not accept the login: “{response.message}”. A login works once and for an hour. {AGAIN}",
                step=TOKEN,
                **response.reported,
            )
        return first_of(self._brand.object_of(response, step=TOKEN))

    async def read(self, url: str, step: str, parameters: Mapping[str, str], token: str | None = None) -> JsonObject:
        """Make a read call of the login, retried on temporary errors. Raises Rejected, TryLater."""
        for left in reversed(range(_READ_TRIES)):
            try:
                return self._brand.object_of(await self.call("GET", url, step, parameters, token=token), step=step)
            except TryLater:
                if not left:
                    raise
            except CredentialInvalid as error:
                raise Rejected(
                    f"{self._brand.name} revoked its permission immediately. {AGAIN}", step=step, **error.reported
                ) from error
        raise AssertionError("the last try returns or raises")
