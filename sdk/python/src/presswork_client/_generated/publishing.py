"""Send content to accounts, now or later, and watch it go live.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from presswork_client import choices, models, params
from presswork_client._absent import NOT_GIVEN, NotGiven
from presswork_client._calls import Options
from presswork_client._generated import calls
from presswork_client._pages import AsyncPages, Page

if TYPE_CHECKING:
    from presswork_client._client import AsyncPresswork, Presswork


class PublishingCalls:
    """Send content to accounts, now or later, and watch it go live."""

    def __init__(self, client: Presswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def publish_now(
        self,
        *,
        container_id: str,
        targets: Sequence[params.TargetParam],
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.PublishAnswer:
        """Publish now.

        Send a completed container to 1–50 accounts. Every target is accepted, or none and nothing is written.

        A container that waits for approval is refused; the call is not remembered for later.

        Scope: `publish:write`.

        Args:
            container_id: Id of the content container, with or without its prefix.
            targets: 1–50 targets, all or nothing.

        Raises: ApprovalRequiredError, ConflictError, ConflictDuplicateIdError, ContentRejectedError,
        ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        PayloadTooLargeError, RateLimitedError, SocialAccountNotPublishReadyError, UnauthenticatedError,
        UnavailableError, UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.PUBLISH_CONTENT,
            path={"containerId": container_id},
            query={},
            body={"targets": targets},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def schedule(
        self,
        *,
        container_id: str,
        targets: Sequence[params.TargetParam],
        scheduled_for: datetime | str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ScheduleAnswer:
        """Publish later.

        Send a completed container to 1–50 accounts at an instant. Every target is accepted, or none.

        Where the container waits for approval, the call is checked and kept: approving makes its posts,
        rejecting drops it.

        Scope: `publish:write`.

        Args:
            container_id: Id of the content container, with or without its prefix.
            targets: 1–50 targets, all or nothing.
            scheduled_for: At most 30 seconds ago (then it goes at once) and 365 days ahead.

        Raises: ConflictError, ConflictDuplicateIdError, ContentRejectedError, ForbiddenScopeError,
        IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError, PayloadTooLargeError,
        RateLimitedError, SocialAccountNotPublishReadyError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.SCHEDULE_CONTENT,
            path={"containerId": container_id},
            query={},
            body={"targets": targets, "scheduledFor": scheduled_for},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def preflight(
        self,
        *,
        container_id: str,
        targets: Sequence[params.TargetParam],
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.PreflightAnswer:
        """Check without publishing.

        Return a verdict for every target: all that publishing would refuse, and the platforms' own limits.
        Writes nothing.

        The platforms are asked what they allow each account now; one that does not answer gives a warning.

        Scope: `publish:read`.

        Args:
            container_id: Id of the content container, with or without its prefix.
            targets: 1–50 targets, all or nothing.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, PayloadTooLargeError,
        RateLimitedError, UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.PREFLIGHT_CONTENT,
            path={"containerId": container_id},
            query={},
            body={"targets": targets},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def get_post(
        self,
        *,
        post_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ScheduledPost:
        """Read a post.

        Return where a post is. Poll it with If-None-Match: an unchanged post costs an empty answer.

        Scope: `publish:read`.

        Args:
            post_id: Id of the scheduled post, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return self._client.call(
            calls.GET_SCHEDULED_POST,
            path={"postId": post_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def list_posts(
        self,
        *,
        project_id: str,
        status: Sequence[choices.Status] | NotGiven = NOT_GIVEN,
        social_account_id: str | NotGiven = NOT_GIVEN,
        container_id: str | NotGiven = NOT_GIVEN,
        since: datetime | str | NotGiven = NOT_GIVEN,
        until: datetime | str | NotGiven = NOT_GIVEN,
        order: Literal["asc", "desc"] | NotGiven = NOT_GIVEN,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Page[models.ScheduledPost, models.ScheduledPostPage]:
        """List a project's posts.

        Return posts by the time they are due. Rows that arrive meanwhile move nothing on the pages to come.

        Scope: `publish:read`.

        Args:
            project_id: Id of the project, with or without its prefix.
            status: Only these states; repeat it for several.
            social_account_id: Only posts to this account.
            container_id: Only posts of this container.
            since: First `scheduledFor`, inclusive.
            until: Last `scheduledFor`, inclusive.
            order: By `scheduledFor`.
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_SCHEDULED_POSTS,
            lambda answer: answer.items,
            path={"projectId": project_id},
            query={
                "status": status,
                "socialAccountId": social_account_id,
                "containerId": container_id,
                "since": since,
                "until": until,
                "order": order,
                "limit": limit,
            },
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def cancel_post(
        self,
        *,
        post_id: str,
        reason: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.CanceledPost:
        """Cancel a post.

        Cancel a post that its platform was not asked to make live yet. A post that is over, or may be live, is
        a conflict.

        A managed post that its provider has already is canceled if the provider takes it back. Once this has
        answered, the post never goes live.

        Scope: `publish:write`.

        Args:
            post_id: Id of the scheduled post, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.CANCEL_SCHEDULED_POST,
            path={"postId": post_id},
            query={},
            body={"reason": reason},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def reschedule_post(
        self,
        *,
        post_id: str,
        scheduled_for: datetime | str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.RescheduledPost:
        """Give a queued post another time.

        Move a post that no worker has taken yet. An instant up to 30 seconds ago lets it go at once.

        Scope: `publish:write`.

        Args:
            post_id: Id of the scheduled post, with or without its prefix.
            scheduled_for: At most 30 seconds ago (then it goes at once) and 365 days ahead.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.RESCHEDULE_SCHEDULED_POST,
            path={"postId": post_id},
            query={},
            body={"scheduledFor": scheduled_for},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def get_timeline(
        self,
        *,
        post_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Timeline:
        """What happened to a post.

        Return everything that happened to a post, oldest first, in words for people and facts for programs.

        Scope: `publish:read`.

        Args:
            post_id: Id of the scheduled post, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return self._client.call(
            calls.GET_SCHEDULED_POST_TIMELINE,
            path={"postId": post_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def notify_device(
        self,
        *,
        container_id: str,
        phone_number: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.DeviceNotice:
        """Text content to a phone.

        Text a container to a phone, to be posted by hand: the media, the caption by itself, then the steps.

        The three messages go out one after the other. No post is made of it.

        Scope: `publish:write`.

        Args:
            container_id: Id of the content container, with or without its prefix.
            phone_number: In E.164: a plus, the country, the number, nothing between.

        Raises: ApprovalRequiredError, ConflictError, ContentRejectedError, ForbiddenScopeError,
        IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError, OwnerPhoneUnverifiedError,
        PayloadTooLargeError, PhoneRequiredError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.NOTIFY_CONTENT_DEVICE,
            path={"containerId": container_id},
            query={},
            body={"phoneNumber": phone_number},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )


class AsyncPublishingCalls:
    """Send content to accounts, now or later, and watch it go live."""

    def __init__(self, client: AsyncPresswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    async def publish_now(
        self,
        *,
        container_id: str,
        targets: Sequence[params.TargetParam],
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.PublishAnswer:
        """Publish now.

        Send a completed container to 1–50 accounts. Every target is accepted, or none and nothing is written.

        A container that waits for approval is refused; the call is not remembered for later.

        Scope: `publish:write`.

        Args:
            container_id: Id of the content container, with or without its prefix.
            targets: 1–50 targets, all or nothing.

        Raises: ApprovalRequiredError, ConflictError, ConflictDuplicateIdError, ContentRejectedError,
        ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        PayloadTooLargeError, RateLimitedError, SocialAccountNotPublishReadyError, UnauthenticatedError,
        UnavailableError, UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.PUBLISH_CONTENT,
            path={"containerId": container_id},
            query={},
            body={"targets": targets},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def schedule(
        self,
        *,
        container_id: str,
        targets: Sequence[params.TargetParam],
        scheduled_for: datetime | str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ScheduleAnswer:
        """Publish later.

        Send a completed container to 1–50 accounts at an instant. Every target is accepted, or none.

        Where the container waits for approval, the call is checked and kept: approving makes its posts,
        rejecting drops it.

        Scope: `publish:write`.

        Args:
            container_id: Id of the content container, with or without its prefix.
            targets: 1–50 targets, all or nothing.
            scheduled_for: At most 30 seconds ago (then it goes at once) and 365 days ahead.

        Raises: ConflictError, ConflictDuplicateIdError, ContentRejectedError, ForbiddenScopeError,
        IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError, PayloadTooLargeError,
        RateLimitedError, SocialAccountNotPublishReadyError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.SCHEDULE_CONTENT,
            path={"containerId": container_id},
            query={},
            body={"targets": targets, "scheduledFor": scheduled_for},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def preflight(
        self,
        *,
        container_id: str,
        targets: Sequence[params.TargetParam],
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.PreflightAnswer:
        """Check without publishing.

        Return a verdict for every target: all that publishing would refuse, and the platforms' own limits.
        Writes nothing.

        The platforms are asked what they allow each account now; one that does not answer gives a warning.

        Scope: `publish:read`.

        Args:
            container_id: Id of the content container, with or without its prefix.
            targets: 1–50 targets, all or nothing.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, PayloadTooLargeError,
        RateLimitedError, UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.PREFLIGHT_CONTENT,
            path={"containerId": container_id},
            query={},
            body={"targets": targets},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def get_post(
        self,
        *,
        post_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.ScheduledPost:
        """Read a post.

        Return where a post is. Poll it with If-None-Match: an unchanged post costs an empty answer.

        Scope: `publish:read`.

        Args:
            post_id: Id of the scheduled post, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return await self._client.call(
            calls.GET_SCHEDULED_POST,
            path={"postId": post_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def list_posts(
        self,
        *,
        project_id: str,
        status: Sequence[choices.Status] | NotGiven = NOT_GIVEN,
        social_account_id: str | NotGiven = NOT_GIVEN,
        container_id: str | NotGiven = NOT_GIVEN,
        since: datetime | str | NotGiven = NOT_GIVEN,
        until: datetime | str | NotGiven = NOT_GIVEN,
        order: Literal["asc", "desc"] | NotGiven = NOT_GIVEN,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncPages[models.ScheduledPost, models.ScheduledPostPage]:
        """List a project's posts.

        Return posts by the time they are due. Rows that arrive meanwhile move nothing on the pages to come.

        Scope: `publish:read`.

        Args:
            project_id: Id of the project, with or without its prefix.
            status: Only these states; repeat it for several.
            social_account_id: Only posts to this account.
            container_id: Only posts of this container.
            since: First `scheduledFor`, inclusive.
            until: Last `scheduledFor`, inclusive.
            order: By `scheduledFor`.
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_SCHEDULED_POSTS,
            lambda answer: answer.items,
            path={"projectId": project_id},
            query={
                "status": status,
                "socialAccountId": social_account_id,
                "containerId": container_id,
                "since": since,
                "until": until,
                "order": order,
                "limit": limit,
            },
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def cancel_post(
        self,
        *,
        post_id: str,
        reason: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.CanceledPost:
        """Cancel a post.

        Cancel a post that its platform was not asked to make live yet. A post that is over, or may be live, is
        a conflict.

        A managed post that its provider has already is canceled if the provider takes it back. Once this has
        answered, the post never goes live.

        Scope: `publish:write`.

        Args:
            post_id: Id of the scheduled post, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.CANCEL_SCHEDULED_POST,
            path={"postId": post_id},
            query={},
            body={"reason": reason},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def reschedule_post(
        self,
        *,
        post_id: str,
        scheduled_for: datetime | str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.RescheduledPost:
        """Give a queued post another time.

        Move a post that no worker has taken yet. An instant up to 30 seconds ago lets it go at once.

        Scope: `publish:write`.

        Args:
            post_id: Id of the scheduled post, with or without its prefix.
            scheduled_for: At most 30 seconds ago (then it goes at once) and 365 days ahead.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.RESCHEDULE_SCHEDULED_POST,
            path={"postId": post_id},
            query={},
            body={"scheduledFor": scheduled_for},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def get_timeline(
        self,
        *,
        post_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Timeline:
        """What happened to a post.

        Return everything that happened to a post, oldest first, in words for people and facts for programs.

        Scope: `publish:read`.

        Args:
            post_id: Id of the scheduled post, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return await self._client.call(
            calls.GET_SCHEDULED_POST_TIMELINE,
            path={"postId": post_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def notify_device(
        self,
        *,
        container_id: str,
        phone_number: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.DeviceNotice:
        """Text content to a phone.

        Text a container to a phone, to be posted by hand: the media, the caption by itself, then the steps.

        The three messages go out one after the other. No post is made of it.

        Scope: `publish:write`.

        Args:
            container_id: Id of the content container, with or without its prefix.
            phone_number: In E.164: a plus, the country, the number, nothing between.

        Raises: ApprovalRequiredError, ConflictError, ContentRejectedError, ForbiddenScopeError,
        IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError, OwnerPhoneUnverifiedError,
        PayloadTooLargeError, PhoneRequiredError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.NOTIFY_CONTENT_DEVICE,
            path={"containerId": container_id},
            query={},
            body={"phoneNumber": phone_number},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )
