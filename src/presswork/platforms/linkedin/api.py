"""One call of LinkedIn's API, as an account: its headers, the token, its renewal, and the errors of lost or refused calls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import CredentialInvalid, TryLater
from presswork.platforms.linkedin.endpoints import Endpoints
from presswork.platforms.linkedin.responses import ApiError, ApiResponse, JsonObject, object_of, read_response
from presswork.platforms.port import Credentials, RetryPolicy
from presswork.platforms.transport import CallFailed, Reply, Transport


class Api:
    """LinkedIn's API in one environment. The token is sent in the Authorization header."""

    def __init__(self, endpoints: Endpoints, transport: Transport, retry_policy: RetryPolicy, *, version: str) -> None:
        """Store the endpoints, the transport, the time-out of one call, and the version like 202609."""
        self.endpoints: Final = endpoints
        self._transport: Final = transport
        self._retry_policy: Final = retry_policy
        self._headers: Final = {"LinkedIn-Version": version, "X-Restli-Protocol-Version": "2.0.0"}

    async def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        step: str,
        token: str,
        body: JsonValue = None,
        rest_method: str | None = None,
        is_fresh: bool = False,
    ) -> Reply:
        """Make one call, once. `rest_method` is Rest.li's own name of a call; `is_fresh` as for a transport. Raises CallFailed
        when no response arrived.
        """
        return await self._transport.call(
            method,
            self.endpoints.api(path),
            operation=step,
            timeout=self._retry_policy.timeouts.call,
            token=token,
            params=params,
            json=body,
            headers={**self._headers, **({} if rest_method is None else {"X-RestLi-Method": rest_method})},
            is_fresh=is_fresh,
        )

    async def send(
        self,
        account: Credentials,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        step: str,
        body: JsonValue = None,
        rest_method: str | None = None,
        is_fresh: bool = False,
    ) -> tuple[Reply, ApiResponse]:
        """Make a call as an account; a refused token is renewed and the call sent once more, since it had no effect.

        Raises CallFailed when the response is lost, and CredentialInvalid (with LinkedIn's response) or TryLater when there
        is no other token.
        """

        async def call(token: str) -> Reply:
            return await self.call(
                method, path, params, step=step, token=token, body=body, rest_method=rest_method, is_fresh=is_fresh
            )

        token = await account.access_token()
        reply = await call(token)
        response = read_response(reply)
        if isinstance(response, ApiError) and response.is_token_refused:
            reply = await call(await renewed(account, token, response, step=step))
            response = read_response(reply)
        return reply, response

    async def ask(
        self,
        account: Credentials,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        step: str,
        now: datetime,
        body: JsonValue = None,
        rest_method: str | None = None,
    ) -> JsonObject:
        """Return the object that a call returns which is harmless to repeat. Raises TryLater, Rejected, CredentialInvalid."""
        try:
            _, response = await self.send(account, method, path, params, step=step, body=body, rest_method=rest_method)
        except CallFailed as failed:
            raise no_response(failed, step=step) from failed
        return object_of(response, step=step, now=now)


def no_response(failed: CallFailed, *, step: str) -> TryLater:
    """Return the error for a call without a response, where repeating it is harmless."""
    return TryLater(f"LinkedIn did not answer: {failed.reason}.", step=step)


async def renewed(account: Credentials, token: str, refused: ApiError, *, step: str) -> str:
    """Return another token than the refused one.

    Raises CredentialInvalid with LinkedIn's first response: it explains more than the failed renewal.
    """
    try:
        return await account.renew_token(token)
    except CredentialInvalid as error:
        raise CredentialInvalid(
            f"{error.what} {refused.meaning.sentence}", advice=refused.meaning.advice, step=step, **refused.reported
        ) from error
