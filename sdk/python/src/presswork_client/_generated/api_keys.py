"""Make, change and end API keys.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from presswork_client import choices, models
from presswork_client._absent import NOT_GIVEN, NotGiven
from presswork_client._calls import Options
from presswork_client._generated import calls
from presswork_client._pages import AsyncPages, Page

if TYPE_CHECKING:
    from presswork_client._client import AsyncPresswork, Presswork


class ApiKeys:
    """Make, change and end API keys."""

    def __init__(self, client: Presswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def create(
        self,
        *,
        scopes: Sequence[
            Literal[
                "*",
                "content:approve",
                "content:read",
                "content:write",
                "metrics:read",
                "org:admin",
                "projects:read",
                "projects:write",
                "publish:read",
                "publish:write",
                "social:read",
                "social:write",
                "webhooks:read",
                "webhooks:write",
            ]
        ],
        name: str | NotGiven = NOT_GIVEN,
        tier: choices.Tier | NotGiven | None = NOT_GIVEN,
        return_domains: Sequence[str] | NotGiven = NOT_GIVEN,
        operator_id: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.CreatedApiKey:
        """Make a key.

        Make a key of the calling key's organization and environment. What its holder sends is shown this once.

        A repetition under the same Idempotency-Key shows it again, for 24 hours; until then the answer is kept
        sealed.

        Scope: `org:admin`.

        Args:
            scopes: What it may do. `*` is everything but `org:admin`, which has to be given by name.
            name: What you call it.
            tier: How many calls a minute it may make; at most what the calling key may, and that unless told.
            return_domains: Hosts that people may be sent back to after connecting.
            operator_id: Whom it belongs to; the calling key's operator unless told.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.CREATE_API_KEY,
            path={},
            query={},
            body={
                "name": name,
                "scopes": scopes,
                "tier": tier,
                "returnDomains": return_domains,
                "operatorId": operator_id,
            },
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def list(
        self,
        *,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Page[models.ApiKey, models.ApiKeyPage]:
        """List keys.

        List the keys of the calling key's organization and environment, oldest first, those that have ended
        too.

        Scope: `org:admin`.

        Args:
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
        UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_API_KEYS,
            lambda answer: answer.items,
            path={},
            query={"limit": limit},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def get(
        self,
        *,
        key_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ApiKey:
        """Read a key.

        Read one key.

        Scope: `org:admin`.

        Args:
            key_id: Id of the key, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return self._client.call(
            calls.GET_API_KEY,
            path={"keyId": key_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def update(
        self,
        *,
        key_id: str,
        name: str | NotGiven = NOT_GIVEN,
        tier: choices.Tier | NotGiven = NOT_GIVEN,
        return_domains: Sequence[str] | NotGiven = NOT_GIVEN,
        operator_id: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ApiKey:
        """Change a key.

        Change what is named, leave the rest; it counts from the next call on, on every node.

        Scope: `org:admin`.

        Args:
            key_id: Id of the key, with or without its prefix.
            name: What you call it.
            tier: At most the calling key's own, if it is another one.
            return_domains: Hosts that people may be sent back to after connecting.
            operator_id: Whom it belongs to; null: to nobody.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.UPDATE_API_KEY,
            path={"keyId": key_id},
            query={},
            body={"name": name, "tier": tier, "returnDomains": return_domains, "operatorId": operator_id},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def revoke(
        self,
        *,
        key_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ApiKey:
        """Revoke a key.

        End a key for good, on every node at once: calls with it answer 401. A second call tells the same.

        The calling key can't end itself.

        Scope: `org:admin`.

        Args:
            key_id: Id of the key, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, RateLimitedError, UnauthenticatedError, UnavailableError, ValidationError.
        """
        return self._client.call(
            calls.REVOKE_API_KEY,
            path={"keyId": key_id},
            query={},
            body=None,
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def kill(
        self,
        *,
        key_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ApiKey:
        """Switch a key off.

        Switch a key off in an emergency, on every node at once: calls with it answer 503 `KILL_SWITCH`.

        The calling key can't switch itself off.

        Scope: `org:admin`.

        Args:
            key_id: Id of the key, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.KILL_API_KEY,
            path={"keyId": key_id},
            query={},
            body={},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def revive(
        self,
        *,
        key_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ApiKey:
        """Switch a key on again.

        Switch a key on again that was switched off by this API. What the operator of the service switched off
        stays off.

        Scope: `org:admin`.

        Args:
            key_id: Id of the key, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.REVIVE_API_KEY,
            path={"keyId": key_id},
            query={},
            body={},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )


class AsyncApiKeys:
    """Make, change and end API keys."""

    def __init__(self, client: AsyncPresswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    async def create(
        self,
        *,
        scopes: Sequence[
            Literal[
                "*",
                "content:approve",
                "content:read",
                "content:write",
                "metrics:read",
                "org:admin",
                "projects:read",
                "projects:write",
                "publish:read",
                "publish:write",
                "social:read",
                "social:write",
                "webhooks:read",
                "webhooks:write",
            ]
        ],
        name: str | NotGiven = NOT_GIVEN,
        tier: choices.Tier | NotGiven | None = NOT_GIVEN,
        return_domains: Sequence[str] | NotGiven = NOT_GIVEN,
        operator_id: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.CreatedApiKey:
        """Make a key.

        Make a key of the calling key's organization and environment. What its holder sends is shown this once.

        A repetition under the same Idempotency-Key shows it again, for 24 hours; until then the answer is kept
        sealed.

        Scope: `org:admin`.

        Args:
            scopes: What it may do. `*` is everything but `org:admin`, which has to be given by name.
            name: What you call it.
            tier: How many calls a minute it may make; at most what the calling key may, and that unless told.
            return_domains: Hosts that people may be sent back to after connecting.
            operator_id: Whom it belongs to; the calling key's operator unless told.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.CREATE_API_KEY,
            path={},
            query={},
            body={
                "name": name,
                "scopes": scopes,
                "tier": tier,
                "returnDomains": return_domains,
                "operatorId": operator_id,
            },
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def list(
        self,
        *,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncPages[models.ApiKey, models.ApiKeyPage]:
        """List keys.

        List the keys of the calling key's organization and environment, oldest first, those that have ended
        too.

        Scope: `org:admin`.

        Args:
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
        UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_API_KEYS,
            lambda answer: answer.items,
            path={},
            query={"limit": limit},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def get(
        self,
        *,
        key_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ApiKey:
        """Read a key.

        Read one key.

        Scope: `org:admin`.

        Args:
            key_id: Id of the key, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return await self._client.call(
            calls.GET_API_KEY,
            path={"keyId": key_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def update(
        self,
        *,
        key_id: str,
        name: str | NotGiven = NOT_GIVEN,
        tier: choices.Tier | NotGiven = NOT_GIVEN,
        return_domains: Sequence[str] | NotGiven = NOT_GIVEN,
        operator_id: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ApiKey:
        """Change a key.

        Change what is named, leave the rest; it counts from the next call on, on every node.

        Scope: `org:admin`.

        Args:
            key_id: Id of the key, with or without its prefix.
            name: What you call it.
            tier: At most the calling key's own, if it is another one.
            return_domains: Hosts that people may be sent back to after connecting.
            operator_id: Whom it belongs to; null: to nobody.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.UPDATE_API_KEY,
            path={"keyId": key_id},
            query={},
            body={"name": name, "tier": tier, "returnDomains": return_domains, "operatorId": operator_id},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def revoke(
        self,
        *,
        key_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ApiKey:
        """Revoke a key.

        End a key for good, on every node at once: calls with it answer 401. A second call tells the same.

        The calling key can't end itself.

        Scope: `org:admin`.

        Args:
            key_id: Id of the key, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, RateLimitedError, UnauthenticatedError, UnavailableError, ValidationError.
        """
        return await self._client.call(
            calls.REVOKE_API_KEY,
            path={"keyId": key_id},
            query={},
            body=None,
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def kill(
        self,
        *,
        key_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ApiKey:
        """Switch a key off.

        Switch a key off in an emergency, on every node at once: calls with it answer 503 `KILL_SWITCH`.

        The calling key can't switch itself off.

        Scope: `org:admin`.

        Args:
            key_id: Id of the key, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.KILL_API_KEY,
            path={"keyId": key_id},
            query={},
            body={},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def revive(
        self,
        *,
        key_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ApiKey:
        """Switch a key on again.

        Switch a key on again that was switched off by this API. What the operator of the service switched off
        stays off.

        Scope: `org:admin`.

        Args:
            key_id: Id of the key, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.REVIVE_API_KEY,
            path={"keyId": key_id},
            query={},
            body={},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )
