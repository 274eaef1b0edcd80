"""One call of YouTube's API, as an account: the token, its renewal, and the errors of lost or refused calls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import CredentialInvalid, TryLater
from presswork.platforms.port import Credentials, RetryPolicy
from presswork.platforms.transport import CallFailed, Reply, Transport
from presswork.platforms.youtube.endpoints import Endpoints
from presswork.platforms.youtube.responses import ApiError, ApiResponse, JsonObject, object_of, read_response


class Api:
    """YouTube's Data API in one environment. The token is sent in the Authorization header."""

    def __init__(self, endpoints: Endpoints, transport: Transport, retry_policy: RetryPolicy) -> None:
        """Store the endpoints, the transport, and the time-out of one call."""
        self.endpoints: Final = endpoints
        self._transport: Final = transport
        self._retry_policy: Final = retry_policy

    async def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        *,
        step: str,
        token: str,
        body: JsonValue = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Make one call, once. Raises CallFailed when no response arrived."""
        json_type = {} if body is None else {"Content-Type": "application/json; charset=UTF-8"}
        return await self._transport.call(
            method,
            self.endpoints.api(path),
            operation=step,
            timeout=self._retry_policy.timeouts.call,
            token=token,
            params=params,
            json=body,
            headers={**json_type, **(headers or {})},
        )

    async def send(
        self,
        account: Credentials,
        method: str,
        path: str,
        params: Mapping[str, str],
        *,
        step: str,
        body: JsonValue = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Reply, ApiResponse]:
        """Make a call as an account; a refused token is renewed and the call sent once more, since it had no effect.

        Raises CallFailed when the response is lost, and CredentialInvalid (with YouTube's response) or TryLater when there
        is no other token.
        """
        token = await account.access_token()
        reply = await self.call(method, path, params, step=step, token=token, body=body, headers=headers)
        response = read_response(reply)
        if isinstance(response, ApiError) and response.is_token_refused:
            token = await renewed(account, token, response, step=step)
            reply = await self.call(method, path, params, step=step, token=token, body=body, headers=headers)
            response = read_response(reply)
        return reply, response

    async def read(
        self, account: Credentials, path: str, params: Mapping[str, str], *, step: str, now: datetime | None
    ) -> JsonObject:
        """Return the object at a path. `now` is for errors that say how long to wait. Raises TryLater, Rejected, CredentialInvalid."""
        try:
            _, response = await self.send(account, "GET", path, params, step=step)
        except CallFailed as failed:
            raise no_response(failed, step=step) from failed
        return object_of(response, step=step, now=now)


def no_response(failed: CallFailed, *, step: str) -> TryLater:
    """Return the error for a call without a response, where repeating it is harmless."""
    return TryLater(f"YouTube did not answer: {failed.reason}.", step=step)


async def renewed(account: Credentials, token: str, refused: ApiError, *, step: str) -> str:
    """Return another token than the refused one.

    Raises CredentialInvalid with YouTube's first response: it explains more than the failed renewal.
    """
    try:
        return await account.renew_token(token)
    except CredentialInvalid as error:
        raise CredentialInvalid(
            f"{error.what} {refused.meaning.sentence}", advice=refused.meaning.advice, step=step, **refused.reported
        ) from error
