"""Have content looked at before it goes out.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from presswork_client import choices, models
from presswork_client._absent import NOT_GIVEN, NotGiven
from presswork_client._calls import Options
from presswork_client._generated import calls

if TYPE_CHECKING:
    from presswork_client._client import AsyncPresswork, Presswork


class Approval:
    """Have content looked at before it goes out."""

    def __init__(self, client: Presswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def approve(
        self,
        *,
        container_id: str,
        note: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ApprovedContent:
        """Approve content.

        Let content that waits go out. Schedule calls that waited for it become posts with the same breath.

        Each of those calls is checked again as if it came now. One that fails is dropped and told under
        `pendingSchedulePromotion`; the approval stands. What has fallen due meanwhile goes out at once.

        Scope: `content:approve`.

        Args:
            container_id: Id of the content container, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.APPROVE_CONTENT,
            path={"containerId": container_id},
            query={},
            body={"note": note},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def reject(
        self,
        *,
        container_id: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.RejectedContent:
        """Reject content.

        Keep content that waits from ever going out. Schedule calls that waited for it are dropped.

        Scope: `content:approve`.

        Args:
            container_id: Id of the content container, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.REJECT_CONTENT,
            path={"containerId": container_id},
            query={},
            body={"reason": reason},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def get_policy(
        self,
        *,
        project_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ContentReviewPolicy:
        """Read the content review policy.

        Tell which new content of the project waits for approval, and how much waits now.

        Scope: `content:read`.

        Args:
            project_id: Id of the project, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return self._client.call(
            calls.GET_CONTENT_REVIEW_POLICY,
            path={"projectId": project_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def update_policy(
        self,
        *,
        project_id: str,
        policy: choices.ReviewPolicy,
        first_n: int | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ContentReviewPolicy:
        """Set the content review policy.

        Say which new content waits for approval. Content that exists stays as it is.

        Scope: `content:approve`.

        Args:
            project_id: Id of the project, with or without its prefix.
            policy: `auto_approve`: none. `review_all`: all. `review_first_n`: until that many were decided on.
            first_n: Exactly with `review_first_n`: how many decisions it takes until new content is approved by
                itself.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.UPDATE_CONTENT_REVIEW_POLICY,
            path={"projectId": project_id},
            query={},
            body={"policy": policy, "firstN": first_n},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )


class AsyncApproval:
    """Have content looked at before it goes out."""

    def __init__(self, client: AsyncPresswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    async def approve(
        self,
        *,
        container_id: str,
        note: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ApprovedContent:
        """Approve content.

        Let content that waits go out. Schedule calls that waited for it become posts with the same breath.

        Each of those calls is checked again as if it came now. One that fails is dropped and told under
        `pendingSchedulePromotion`; the approval stands. What has fallen due meanwhile goes out at once.

        Scope: `content:approve`.

        Args:
            container_id: Id of the content container, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.APPROVE_CONTENT,
            path={"containerId": container_id},
            query={},
            body={"note": note},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def reject(
        self,
        *,
        container_id: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.RejectedContent:
        """Reject content.

        Keep content that waits from ever going out. Schedule calls that waited for it are dropped.

        Scope: `content:approve`.

        Args:
            container_id: Id of the content container, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.REJECT_CONTENT,
            path={"containerId": container_id},
            query={},
            body={"reason": reason},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def get_policy(
        self,
        *,
        project_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ContentReviewPolicy:
        """Read the content review policy.

        Tell which new content of the project waits for approval, and how much waits now.

        Scope: `content:read`.

        Args:
            project_id: Id of the project, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return await self._client.call(
            calls.GET_CONTENT_REVIEW_POLICY,
            path={"projectId": project_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def update_policy(
        self,
        *,
        project_id: str,
        policy: choices.ReviewPolicy,
        first_n: int | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ContentReviewPolicy:
        """Set the content review policy.

        Say which new content waits for approval. Content that exists stays as it is.

        Scope: `content:approve`.

        Args:
            project_id: Id of the project, with or without its prefix.
            policy: `auto_approve`: none. `review_all`: all. `review_first_n`: until that many were decided on.
            first_n: Exactly with `review_first_n`: how many decisions it takes until new content is approved by
                itself.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.UPDATE_CONTENT_REVIEW_POLICY,
            path={"projectId": project_id},
            query={},
            body={"policy": policy, "firstN": first_n},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )
