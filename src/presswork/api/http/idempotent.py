"""Run the use case of a write route in one transaction, once per idempotency key, and replay stored responses."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import caller_of
from presswork.api.http.body import fingerprint_of
from presswork.api.http.ids import canonical_path
from presswork.api.http.responses import reply_of, response_of
from presswork.callers.model import Principal
from presswork.core.enums import Environment
from presswork.db.pool import Connection
from presswork.idempotency.stored_replies import IdempotentCall, IdempotentRequest, Reply, read_key, run_idempotent

Result = TypeVar("Result")


@dataclass(frozen=True)
class ReadIdempotencyKey:
    """Dependency that reads the Idempotency-Key header; the OpenAPI document adds the parameter to its routes."""

    async def __call__(self, request: Request) -> str | None:
        """Return the key, or None. Raises Invalid."""
        return read_key(request.headers.getlist("idempotency-key"))


@dataclass(frozen=True, slots=True)
class IdempotentRoute:
    """Runs a route's use case once per caller, route and idempotency key, and builds the response from its result."""

    context: Context
    request: Request
    caller: Principal
    idempotency_key: str | None
    now: datetime

    async def run(
        self,
        use_case: Callable[[Connection], Awaitable[Result]],
        shape: Callable[[Result], BaseModel | Reply],
        *,
        status: int = 200,
        exclude_none: bool = False,
        is_secret: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Run a use case in one transaction. `is_secret`: the stored reply is encrypted, since it contains a secret."""

        async def call(call: IdempotentCall[Result]) -> Result:
            return await call.run(use_case)

        return await self.call(
            call, shape, status=status, exclude_none=exclude_none, is_secret=is_secret, headers=headers
        )

    async def call(
        self,
        use_case: Callable[[IdempotentCall[Result]], Awaitable[Result]],
        shape: Callable[[Result], BaseModel | Reply],
        *,
        status: int = 200,
        exclude_none: bool = False,
        is_secret: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Run a use case that uses several transactions and opens the last one itself.

        A model that `shape` returns is sent with `status`, a Reply unchanged.
        """

        def reply(result: Result) -> Reply:
            shaped = shape(result)
            return shaped if isinstance(shaped, Reply) else reply_of(shaped, status=status, exclude_none=exclude_none)

        return response_of(
            await run_idempotent(self.context.pool, self._idempotent_request(is_secret=is_secret), use_case, reply),
            headers,
        )

    def _idempotent_request(self, *, is_secret: bool) -> IdempotentRequest | None:
        if self.idempotency_key is None:
            return None
        route = f"{self.request.method} {self.request.scope['route'].path}"
        if self.caller.key_id is None and self.caller.environment is Environment.TEST:
            route += " (test)"  # a key has one environment, a user has both
        if self.caller.client_id is not None:
            route += f" ({self.caller.client_id})"  # a user may have several programs, which choose keys independently
        query = urlencode(sorted(self.request.query_params.multi_items()))
        path = canonical_path(self.request)
        return IdempotentRequest(
            key_id=self.caller.id,
            route=route,
            idempotency_key=self.idempotency_key,
            fingerprint=fingerprint_of(self.request, f"{path}?{query}" if query else path),
            now=self.now,
            keyring=self.context.keyring if is_secret else None,
        )


async def idempotent_route(
    request: Request,
    caller: Annotated[Principal, Depends(caller_of)],
    idempotency_key: Annotated[str | None, Depends(ReadIdempotencyKey())],
    context: Ctx,
    now: Now,
) -> IdempotentRoute:
    """Return the IdempotentRoute of one request."""
    return IdempotentRoute(context, request, caller, idempotency_key, now)


Idempotent = Annotated[IdempotentRoute, Depends(idempotent_route)]
