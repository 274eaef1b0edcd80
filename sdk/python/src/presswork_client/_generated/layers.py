"""Hand accounts to a managed provider.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from presswork_client import models
from presswork_client._absent import NOT_GIVEN, NotGiven
from presswork_client._calls import Options
from presswork_client._generated import calls
from presswork_client._pages import AsyncPages, Page

if TYPE_CHECKING:
    from presswork_client._client import AsyncPresswork, Presswork


class Layers:
    """Hand accounts to a managed provider."""

    def __init__(self, client: Presswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def create(
        self,
        *,
        project_id: str,
        template_id: str,
        config: Mapping[str, object] | NotGiven = NOT_GIVEN,
        social_account_ids: Sequence[str] | NotGiven = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Layer:
        """Make a layer.

        Make a layer of a project's accounts. An account belongs to one layer at most.

        An account that is not a connected one of the project is 404, one of another layer 409; `details` names
        it.

        Scope: `projects:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            template_id: What the layer is for. `af058068-ad85-4fb8-92a1-f531b40bfcbc` is managed distribution.
            config: Any JSON object, up to 16384 bytes as JSON. With managed distribution, `provider` names the
                provider.
            social_account_ids: Connected accounts of the project that belong to no other layer.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.CREATE_LAYER,
            path={"projectId": project_id},
            query={},
            body={"templateId": template_id, "config": config, "socialAccountIds": social_account_ids},
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
        project_id: str,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Page[models.Layer, models.LayerPage]:
        """List a project's layers.

        Return layers, oldest first.

        Scope: `projects:read`.

        Args:
            project_id: Id of the project, with or without its prefix.
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_LAYERS,
            lambda answer: answer.items,
            path={"projectId": project_id},
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
        project_id: str,
        layer_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Layer:
        """Read a layer.

        Return one layer.

        Scope: `projects:read`.

        Args:
            project_id: Id of the project, with or without its prefix.
            layer_id: Id of the layer, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return self._client.call(
            calls.GET_LAYER,
            path={"projectId": project_id, "layerId": layer_id},
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
        project_id: str,
        layer_id: str,
        template_id: str | NotGiven = NOT_GIVEN,
        config: Mapping[str, object] | NotGiven = NOT_GIVEN,
        social_account_ids: Sequence[str] | NotGiven = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Layer:
        """Change a layer.

        Change what is named, leave the rest. Posts that a provider has already stay with it.

        Scope: `projects:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            layer_id: Id of the layer, with or without its prefix.
            template_id: What the layer is for. `af058068-ad85-4fb8-92a1-f531b40bfcbc` is managed distribution.
            config: Any JSON object, up to 16384 bytes as JSON. With managed distribution, `provider` names the
                provider. Replaces the whole.
            social_account_ids: All accounts that the layer has afterwards; the others leave it. One that it has
                already may be named whatever its state.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.UPDATE_LAYER,
            path={"projectId": project_id, "layerId": layer_id},
            query={},
            body={"templateId": template_id, "config": config, "socialAccountIds": social_account_ids},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def delete(
        self,
        *,
        project_id: str,
        layer_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.DeletedLayer:
        """Take a layer away.

        Take a layer away; its accounts stay connected, without one. Posts that a provider has already stay with
        it.

        Scope: `projects:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            layer_id: Id of the layer, with or without its prefix.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        RateLimitedError, UnauthenticatedError, UnavailableError, ValidationError.
        """
        return self._client.call(
            calls.DELETE_LAYER,
            path={"projectId": project_id, "layerId": layer_id},
            query={},
            body=None,
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )


class AsyncLayers:
    """Hand accounts to a managed provider."""

    def __init__(self, client: AsyncPresswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    async def create(
        self,
        *,
        project_id: str,
        template_id: str,
        config: Mapping[str, object] | NotGiven = NOT_GIVEN,
        social_account_ids: Sequence[str] | NotGiven = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Layer:
        """Make a layer.

        Make a layer of a project's accounts. An account belongs to one layer at most.

        An account that is not a connected one of the project is 404, one of another layer 409; `details` names
        it.

        Scope: `projects:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            template_id: What the layer is for. `af058068-ad85-4fb8-92a1-f531b40bfcbc` is managed distribution.
            config: Any JSON object, up to 16384 bytes as JSON. With managed distribution, `provider` names the
                provider.
            social_account_ids: Connected accounts of the project that belong to no other layer.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.CREATE_LAYER,
            path={"projectId": project_id},
            query={},
            body={"templateId": template_id, "config": config, "socialAccountIds": social_account_ids},
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
        project_id: str,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncPages[models.Layer, models.LayerPage]:
        """List a project's layers.

        Return layers, oldest first.

        Scope: `projects:read`.

        Args:
            project_id: Id of the project, with or without its prefix.
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_LAYERS,
            lambda answer: answer.items,
            path={"projectId": project_id},
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
        project_id: str,
        layer_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Layer:
        """Read a layer.

        Return one layer.

        Scope: `projects:read`.

        Args:
            project_id: Id of the project, with or without its prefix.
            layer_id: Id of the layer, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return await self._client.call(
            calls.GET_LAYER,
            path={"projectId": project_id, "layerId": layer_id},
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
        project_id: str,
        layer_id: str,
        template_id: str | NotGiven = NOT_GIVEN,
        config: Mapping[str, object] | NotGiven = NOT_GIVEN,
        social_account_ids: Sequence[str] | NotGiven = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Layer:
        """Change a layer.

        Change what is named, leave the rest. Posts that a provider has already stay with it.

        Scope: `projects:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            layer_id: Id of the layer, with or without its prefix.
            template_id: What the layer is for. `af058068-ad85-4fb8-92a1-f531b40bfcbc` is managed distribution.
            config: Any JSON object, up to 16384 bytes as JSON. With managed distribution, `provider` names the
                provider. Replaces the whole.
            social_account_ids: All accounts that the layer has afterwards; the others leave it. One that it has
                already may be named whatever its state.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.UPDATE_LAYER,
            path={"projectId": project_id, "layerId": layer_id},
            query={},
            body={"templateId": template_id, "config": config, "socialAccountIds": social_account_ids},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def delete(
        self,
        *,
        project_id: str,
        layer_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.DeletedLayer:
        """Take a layer away.

        Take a layer away; its accounts stay connected, without one. Posts that a provider has already stay with
        it.

        Scope: `projects:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            layer_id: Id of the layer, with or without its prefix.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        RateLimitedError, UnauthenticatedError, UnavailableError, ValidationError.
        """
        return await self._client.call(
            calls.DELETE_LAYER,
            path={"projectId": project_id, "layerId": layer_id},
            query={},
            body=None,
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )
