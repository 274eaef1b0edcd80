"""Keep the content and accounts of one customer together.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from presswork_client import choices, models
from presswork_client._absent import NOT_GIVEN, NotGiven
from presswork_client._calls import Options
from presswork_client._generated import calls
from presswork_client._pages import AsyncPages, Page

if TYPE_CHECKING:
    from presswork_client._client import AsyncPresswork, Presswork


class Projects:
    """Keep the content and accounts of one customer together."""

    def __init__(self, client: Presswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def create(
        self,
        *,
        name: str,
        timezone: str,
        customer_external_id: str | NotGiven | None = NOT_GIVEN,
        metadata: Mapping[str, object] | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Project:
        """Make a project.

        Make a project. It belongs to the key's environment: keys of the other one never see it.

        Scope: `projects:write`.

        Args:
            name: What people call it.
            timezone: Where its customer lives, as an IANA time zone.
            customer_external_id: Your own id of the customer.
            metadata: Any JSON object of your own, up to 16384 bytes as JSON.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.CREATE_PROJECT,
            path={},
            query={},
            body={"name": name, "timezone": timezone, "customerExternalId": customer_external_id, "metadata": metadata},
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
        status: choices.ProjectStatus | NotGiven = NOT_GIVEN,
        customer_external_id: str | NotGiven = NOT_GIVEN,
        order: Literal["desc", "asc"] | NotGiven = NOT_GIVEN,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Page[models.Project, models.ProjectPage]:
        """List projects.

        List the projects of the key's organization and environment, newest first.

        Scope: `projects:read`.

        Args:
            status: Only projects in this status.
            customer_external_id: Only projects of this customer.
            order: By age: newest or oldest first.
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
        UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_PROJECTS,
            lambda answer: answer.items,
            path={},
            query={"status": status, "customerExternalId": customer_external_id, "order": order, "limit": limit},
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
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Project:
        """Read a project.

        Read one project.

        Scope: `projects:read`.

        Args:
            project_id: Id of the project, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return self._client.call(
            calls.GET_PROJECT,
            path={"projectId": project_id},
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
        name: str | NotGiven = NOT_GIVEN,
        timezone: str | NotGiven = NOT_GIVEN,
        customer_external_id: str | NotGiven | None = NOT_GIVEN,
        metadata: Mapping[str, object] | NotGiven | None = NOT_GIVEN,
        status: Literal["archived"] | NotGiven = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Project:
        """Change or archive a project.

        Change what is named, leave the rest. Archiving is final and cancels the project's queued posts.

        Scope: `projects:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            name: What people call it.
            timezone: Where its customer lives, as an IANA time zone.
            customer_external_id: Your own id of the customer; null removes it.
            metadata: Any JSON object of your own, up to 16384 bytes as JSON. Replaces the whole; null empties
                it.
            status: `archived` archives the project for good and cancels its queued posts.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.UPDATE_PROJECT,
            path={"projectId": project_id},
            query={},
            body={
                "name": name,
                "timezone": timezone,
                "customerExternalId": customer_external_id,
                "metadata": metadata,
                "status": status,
            },
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )


class AsyncProjects:
    """Keep the content and accounts of one customer together."""

    def __init__(self, client: AsyncPresswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    async def create(
        self,
        *,
        name: str,
        timezone: str,
        customer_external_id: str | NotGiven | None = NOT_GIVEN,
        metadata: Mapping[str, object] | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Project:
        """Make a project.

        Make a project. It belongs to the key's environment: keys of the other one never see it.

        Scope: `projects:write`.

        Args:
            name: What people call it.
            timezone: Where its customer lives, as an IANA time zone.
            customer_external_id: Your own id of the customer.
            metadata: Any JSON object of your own, up to 16384 bytes as JSON.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.CREATE_PROJECT,
            path={},
            query={},
            body={"name": name, "timezone": timezone, "customerExternalId": customer_external_id, "metadata": metadata},
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
        status: choices.ProjectStatus | NotGiven = NOT_GIVEN,
        customer_external_id: str | NotGiven = NOT_GIVEN,
        order: Literal["desc", "asc"] | NotGiven = NOT_GIVEN,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncPages[models.Project, models.ProjectPage]:
        """List projects.

        List the projects of the key's organization and environment, newest first.

        Scope: `projects:read`.

        Args:
            status: Only projects in this status.
            customer_external_id: Only projects of this customer.
            order: By age: newest or oldest first.
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
        UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_PROJECTS,
            lambda answer: answer.items,
            path={},
            query={"status": status, "customerExternalId": customer_external_id, "order": order, "limit": limit},
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
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Project:
        """Read a project.

        Read one project.

        Scope: `projects:read`.

        Args:
            project_id: Id of the project, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return await self._client.call(
            calls.GET_PROJECT,
            path={"projectId": project_id},
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
        name: str | NotGiven = NOT_GIVEN,
        timezone: str | NotGiven = NOT_GIVEN,
        customer_external_id: str | NotGiven | None = NOT_GIVEN,
        metadata: Mapping[str, object] | NotGiven | None = NOT_GIVEN,
        status: Literal["archived"] | NotGiven = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Project:
        """Change or archive a project.

        Change what is named, leave the rest. Archiving is final and cancels the project's queued posts.

        Scope: `projects:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            name: What people call it.
            timezone: Where its customer lives, as an IANA time zone.
            customer_external_id: Your own id of the customer; null removes it.
            metadata: Any JSON object of your own, up to 16384 bytes as JSON. Replaces the whole; null empties
                it.
            status: `archived` archives the project for good and cancels its queued posts.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.UPDATE_PROJECT,
            path={"projectId": project_id},
            query={},
            body={
                "name": name,
                "timezone": timezone,
                "customerExternalId": customer_external_id,
                "metadata": metadata,
                "status": status,
            },
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )
