"""Who you are, and how the service is.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from presswork_client import models
from presswork_client._absent import NOT_GIVEN, NotGiven
from presswork_client._calls import Options
from presswork_client._generated import calls

if TYPE_CHECKING:
    from presswork_client._client import AsyncPresswork, Presswork


class Service:
    """Who you are, and how the service is."""

    def __init__(self, client: Presswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def whoami(
        self,
        *,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Caller:
        """Show who is calling.

        Tell which organization and environment the key belongs to, and what it may do. Any key will do.

        Raises: InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError, UnavailableError.
        """
        return self._client.call(
            calls.WHOAMI,
            path={},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def get_health(
        self,
        *,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Health:
        """Is the process alive?.

        Answer 200 as long as the process runs.

        Raises: InternalError, MethodNotAllowedError.
        """
        return self._client.call(
            calls.HEALTHZ,
            path={},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def get_readiness(
        self,
        *,
        part: Literal["all", "api"] | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Readiness:
        """Can it do its work?.

        Answer 200 when the database is there and migrated, a worker was seen lately and no post is late, else
        503 with why.

        Args:
            part: `api`: only what accepting calls needs, for a balancer; `all`: what publishing needs, too.

        Raises: InternalError, ValidationError.
        """
        return self._client.call(
            calls.READYZ,
            path={},
            query={"part": part},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )


class AsyncService:
    """Who you are, and how the service is."""

    def __init__(self, client: AsyncPresswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    async def whoami(
        self,
        *,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Caller:
        """Show who is calling.

        Tell which organization and environment the key belongs to, and what it may do. Any key will do.

        Raises: InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError, UnavailableError.
        """
        return await self._client.call(
            calls.WHOAMI,
            path={},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def get_health(
        self,
        *,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Health:
        """Is the process alive?.

        Answer 200 as long as the process runs.

        Raises: InternalError, MethodNotAllowedError.
        """
        return await self._client.call(
            calls.HEALTHZ,
            path={},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def get_readiness(
        self,
        *,
        part: Literal["all", "api"] | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Readiness:
        """Can it do its work?.

        Answer 200 when the database is there and migrated, a worker was seen lately and no post is late, else
        503 with why.

        Args:
            part: `api`: only what accepting calls needs, for a balancer; `all`: what publishing needs, too.

        Raises: InternalError, ValidationError.
        """
        return await self._client.call(
            calls.READYZ,
            path={},
            query={"part": part},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )
