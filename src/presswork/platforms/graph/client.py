"""Calls to the Graph API: URLs, the token, and the errors of calls that are harmless to repeat."""

from collections.abc import Mapping
from typing import Final, Literal

from presswork.platforms.errors import TryLater
from presswork.platforms.graph.brand import Brand
from presswork.platforms.graph.error_table import PERMISSION
from presswork.platforms.graph.responses import GraphError, GraphResponse, JsonObject, read_response
from presswork.platforms.port import Credentials, RetryPolicy
from presswork.platforms.transport import CallFailed, Transport

Method = Literal["GET", "POST"]


class Graph:
    """A platform's Graph API at one address and version. The token is sent in the Authorization header."""

    def __init__(
        self, brand: Brand, *, base: str, api_version: str, transport: Transport, retry_policy: RetryPolicy
    ) -> None:
        """Store the platform, the base address, a version like v27.0, and the retry policy."""
        self.brand: Final = brand
        self._root: Final = f"{base.rstrip('/')}/{api_version}"
        self._transport: Final = transport
        self._retry_policy: Final = retry_policy

    async def call(
        self,
        method: Method,
        path: str,
        parameters: Mapping[str, str],
        *,
        step: str,
        token: str,
        is_live_call: bool = False,
    ) -> GraphResponse:
        """Make one call, once; a POST sends its parameters as a form. Raises CallFailed when no response arrived."""
        timeouts = self._retry_policy.timeouts
        reply = await self._transport.call(
            method,
            f"{self._root}/{path}",
            operation=step,
            timeout=(timeouts.live_call if is_live_call else None) or timeouts.call,
            token=token,
            params=parameters if method == "GET" else None,
            form=parameters if method == "POST" else None,
        )
        return read_response(reply)

    async def send(
        self, account: Credentials, method: Method, path: str, parameters: Mapping[str, str], *, step: str
    ) -> GraphResponse:
        """Make a call that is harmless to repeat, as an account; a refused token is renewed, once.

        Raises TryLater when no response arrived, CredentialInvalid (with the message of the first response) when there
        is no other token.
        """
        token = await account.access_token()
        try:
            response = await self.call(method, path, parameters, step=step, token=token)
            if isinstance(response, GraphError) and self.brand.is_token_invalid(response):
                token = await self.brand.renewed(account, token, response, step=step)
                response = await self.call(method, path, parameters, step=step, token=token)
        except CallFailed as failed:
            raise self.brand.no_response(failed, step=step) from failed
        return response

    async def read(self, account: Credentials, path: str, parameters: Mapping[str, str], *, step: str) -> JsonObject:
        """Return the object at a path. Raises TryLater, Rejected, CredentialInvalid."""
        return self.object_read(await self.send(account, "GET", path, parameters, step=step), step=step)

    def object_read(self, response: GraphResponse, *, step: str) -> JsonObject:
        """Return the object in the response to a read. Raises TryLater, Rejected, CredentialInvalid.

        A missing permission is TryLater: during outages, Graph reports it about everything that it is asked to read.
        """
        if isinstance(response, GraphError) and response.code == PERMISSION:
            meaning = self.brand.meaning(response)
            raise TryLater(
                f"{self.brand.quote(response)} {meaning.sentence} {self.brand.name} also reports this during outages.",
                advice=meaning.advice,
                step=step,
                lasts_at_most=self._retry_policy.denied_limit,
                failure=meaning.failure,
                **response.reported,
            )
        return self.brand.object_of(response, step=step)
