"""One call of TikTok's posting API, as an account: the token, its renewal, and the errors of lost or refused calls."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import CredentialInvalid, TryLater
from presswork.platforms.port import Credentials, RetryPolicy
from presswork.platforms.tiktok.endpoints import Endpoints
from presswork.platforms.tiktok.responses import ApiResponse, read_response, refusal, unavailable
from presswork.platforms.transport import CallFailed, Transport

JSON_TYPE: Final = {"Content-Type": "application/json; charset=UTF-8"}


class Api:
    """TikTok's posting API in one environment."""

    def __init__(self, endpoints: Endpoints, transport: Transport, retry_policy: RetryPolicy) -> None:
        """Store the endpoints, the transport, and the time-out of one call."""
        self.endpoints: Final = endpoints
        self._transport = transport
        self._retry_policy = retry_policy

    async def post(self, path: str, body: Mapping[str, JsonValue], *, step: str, token: str) -> ApiResponse:
        """Send one POST. Raises CallFailed."""
        return read_response(
            await self._transport.call(
                "POST",
                self.endpoints.api(path),
                operation=step,
                timeout=self._retry_policy.timeouts.call,
                token=token,
                json=dict(body),
                headers=JSON_TYPE,
            )
        )

    async def send(self, account: Credentials, path: str, body: Mapping[str, JsonValue], *, step: str) -> ApiResponse:
        """Send one POST as an account; a refused token is renewed and the call sent once more.

        That is safe for every call: one that was refused for its token had no effect. Raises CallFailed when the
        response is lost, CredentialInvalid or TryLater when there is no valid token (then the call had no effect either).
        """
        token = await account.access_token()
        response = await self.post(path, body, step=step, token=token)
        if response.is_token_refused:
            response = await self.post(path, body, step=step, token=await _renewed(account, token, response, step=step))
        return response

    async def ask(self, account: Credentials, path: str, body: Mapping[str, JsonValue], *, step: str) -> ApiResponse:
        """Send a POST that is safe to repeat and return its successful response.

        Raises Rejected, CredentialInvalid or TryLater as the response says; a lost or unreadable one is TryLater.
        """
        try:
            response = await self.send(account, path, body, step=step)
        except CallFailed as error:
            raise unreachable(error, step=step) from error
        if response.is_ok:
            return response
        raise refusal(response, step=step) or unavailable(response, step=step)


async def _renewed(account: Credentials, token: str, refused: ApiResponse, *, step: str) -> str:
    """Return another token than the refused one. Raises CredentialInvalid with TikTok's response where there is none."""
    try:
        return await account.renew_token(token)
    except CredentialInvalid as error:
        raise refusal(refused, step=step) or error from error


def unreachable(error: CallFailed, *, step: str) -> TryLater:
    """Return the error for a repeatable call that got no response."""
    return TryLater(f"TikTok could not be reached: {error.reason}.", step=step)
