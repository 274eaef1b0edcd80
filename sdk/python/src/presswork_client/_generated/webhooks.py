"""Be told what happens, and check who tells it.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from presswork_client import choices, models
from presswork_client._absent import NOT_GIVEN, NotGiven
from presswork_client._calls import Options
from presswork_client._generated import calls
from presswork_client._pages import AsyncPages, Page

if TYPE_CHECKING:
    from presswork_client._client import AsyncPresswork, Presswork


class WebhooksCalls:
    """Be told what happens, and check who tells it."""

    def __init__(self, client: Presswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def create_endpoint(
        self,
        *,
        url: str,
        events: Sequence[choices.EventType],
        description: str | NotGiven | None = NOT_GIVEN,
        project_id: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.CreatedWebhookEndpoint:
        """Make a webhook endpoint.

        Say where you want to be told what happens. The answer shows the signing secret, once.

        Messages are signed as Standard Webhooks has it. What happens from now on is told; nothing that happened
        before.

        Scope: `webhooks:write`.

        Args:
            url: Where events are posted to: an https URL that the internet reaches, without user name and
                password. In the test environment plain http will do.
            events: What to be told; at least one.
            description: A note for yourself.
            project_id: Only what happens in this project. Left out: in every project that the key sees.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.CREATE_WEBHOOK_ENDPOINT,
            path={},
            query={},
            body={"url": url, "events": events, "description": description, "projectId": project_id},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def list_endpoints(
        self,
        *,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Page[models.WebhookEndpoint, models.WebhookEndpointPage]:
        """List webhook endpoints.

        Return the endpoints of the key's organization and environment, oldest first.

        Scope: `webhooks:read`.

        Args:
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
        UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_WEBHOOK_ENDPOINTS,
            lambda answer: answer.items,
            path={},
            query={"limit": limit},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def get_endpoint(
        self,
        *,
        endpoint_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.WebhookEndpoint:
        """Read a webhook endpoint.

        Return one endpoint, and whether it is paused and why.

        Scope: `webhooks:read`.

        Args:
            endpoint_id: Id of the webhook endpoint, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return self._client.call(
            calls.GET_WEBHOOK_ENDPOINT,
            path={"endpointId": endpoint_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def update_endpoint(
        self,
        *,
        endpoint_id: str,
        url: str | NotGiven = NOT_GIVEN,
        events: Sequence[choices.EventType] | NotGiven = NOT_GIVEN,
        description: str | NotGiven | None = NOT_GIVEN,
        status: choices.EndpointStatus | NotGiven = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.WebhookEndpoint:
        """Change a webhook endpoint.

        Change what is named, leave the rest. A paused endpoint is resumed with `{"status": "active"}`.

        While it is paused, events are kept for it, seven days at most; they go out when it is resumed.

        Scope: `webhooks:write`.

        Args:
            endpoint_id: Id of the webhook endpoint, with or without its prefix.
            url: Where events are posted to: an https URL that the internet reaches, without user name and
                password. In the test environment plain http will do.
            events: All that is to be told from now on.
            description: null removes it.
            status: `paused` keeps deliveries for seven days; `active` lets them go out.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.UPDATE_WEBHOOK_ENDPOINT,
            path={"endpointId": endpoint_id},
            query={},
            body={"url": url, "events": events, "description": description, "status": status},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def delete_endpoint(
        self,
        *,
        endpoint_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.DeletedWebhookEndpoint:
        """Remove a webhook endpoint.

        Remove an endpoint, its log, and what was still to be delivered to it.

        Scope: `webhooks:write`.

        Args:
            endpoint_id: Id of the webhook endpoint, with or without its prefix.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        RateLimitedError, UnauthenticatedError, UnavailableError, ValidationError.
        """
        return self._client.call(
            calls.DELETE_WEBHOOK_ENDPOINT,
            path={"endpointId": endpoint_id},
            query={},
            body=None,
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def send_test(
        self,
        *,
        endpoint_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.WebhookDelivery:
        """Test a webhook endpoint.

        Have a `test.ping` delivered, whatever the endpoint is subscribed to, and even while it is paused.

        What became of it stands among the endpoint's deliveries.

        Scope: `webhooks:write`.

        Args:
            endpoint_id: Id of the webhook endpoint, with or without its prefix.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.SEND_WEBHOOK_TEST,
            path={"endpointId": endpoint_id},
            query={},
            body={},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def rotate_secret(
        self,
        *,
        endpoint_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.RotatedSecret:
        """Change an endpoint's signing secret.

        Give the endpoint another secret, which the answer shows, once.

        For 24 hours messages carry two signatures, one by each secret, so that the receiver can be changed over
        in peace. A second rotation within that time ends the overlap of the first.

        Scope: `webhooks:write`.

        Args:
            endpoint_id: Id of the webhook endpoint, with or without its prefix.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.ROTATE_WEBHOOK_SECRET,
            path={"endpointId": endpoint_id},
            query={},
            body={},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def list_deliveries(
        self,
        *,
        endpoint_id: str,
        status: Sequence[choices.DeliveryStatus] | NotGiven = NOT_GIVEN,
        event_type: Sequence[choices.EventType] | NotGiven = NOT_GIVEN,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Page[models.WebhookDelivery, models.WebhookDeliveryPage]:
        """List an endpoint's deliveries.

        Return what was delivered, or is to be, latest first, with every attempt. It is kept for 30 days.

        Scope: `webhooks:read`.

        Args:
            endpoint_id: Id of the webhook endpoint, with or without its prefix.
            status: Only these states; repeat it for several.
            event_type: Only these; repeat it for several.
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_WEBHOOK_DELIVERIES,
            lambda answer: answer.items,
            path={"endpointId": endpoint_id},
            query={"status": status, "eventType": event_type, "limit": limit},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def replay_delivery(
        self,
        *,
        delivery_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.WebhookDelivery:
        """Deliver an event again.

        Have the same event delivered once more, under the same `webhook-id` and with the same body.

        Where the delivery is over, the answer is a new one; where it is still pending, it goes out at once.

        Scope: `webhooks:write`.

        Args:
            delivery_id: Id of the webhook delivery, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.REPLAY_WEBHOOK_DELIVERY,
            path={"deliveryId": delivery_id},
            query={},
            body={},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )


class AsyncWebhooksCalls:
    """Be told what happens, and check who tells it."""

    def __init__(self, client: AsyncPresswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    async def create_endpoint(
        self,
        *,
        url: str,
        events: Sequence[choices.EventType],
        description: str | NotGiven | None = NOT_GIVEN,
        project_id: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.CreatedWebhookEndpoint:
        """Make a webhook endpoint.

        Say where you want to be told what happens. The answer shows the signing secret, once.

        Messages are signed as Standard Webhooks has it. What happens from now on is told; nothing that happened
        before.

        Scope: `webhooks:write`.

        Args:
            url: Where events are posted to: an https URL that the internet reaches, without user name and
                password. In the test environment plain http will do.
            events: What to be told; at least one.
            description: A note for yourself.
            project_id: Only what happens in this project. Left out: in every project that the key sees.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.CREATE_WEBHOOK_ENDPOINT,
            path={},
            query={},
            body={"url": url, "events": events, "description": description, "projectId": project_id},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def list_endpoints(
        self,
        *,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncPages[models.WebhookEndpoint, models.WebhookEndpointPage]:
        """List webhook endpoints.

        Return the endpoints of the key's organization and environment, oldest first.

        Scope: `webhooks:read`.

        Args:
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
        UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_WEBHOOK_ENDPOINTS,
            lambda answer: answer.items,
            path={},
            query={"limit": limit},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def get_endpoint(
        self,
        *,
        endpoint_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.WebhookEndpoint:
        """Read a webhook endpoint.

        Return one endpoint, and whether it is paused and why.

        Scope: `webhooks:read`.

        Args:
            endpoint_id: Id of the webhook endpoint, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return await self._client.call(
            calls.GET_WEBHOOK_ENDPOINT,
            path={"endpointId": endpoint_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def update_endpoint(
        self,
        *,
        endpoint_id: str,
        url: str | NotGiven = NOT_GIVEN,
        events: Sequence[choices.EventType] | NotGiven = NOT_GIVEN,
        description: str | NotGiven | None = NOT_GIVEN,
        status: choices.EndpointStatus | NotGiven = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.WebhookEndpoint:
        """Change a webhook endpoint.

        Change what is named, leave the rest. A paused endpoint is resumed with `{"status": "active"}`.

        While it is paused, events are kept for it, seven days at most; they go out when it is resumed.

        Scope: `webhooks:write`.

        Args:
            endpoint_id: Id of the webhook endpoint, with or without its prefix.
            url: Where events are posted to: an https URL that the internet reaches, without user name and
                password. In the test environment plain http will do.
            events: All that is to be told from now on.
            description: null removes it.
            status: `paused` keeps deliveries for seven days; `active` lets them go out.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.UPDATE_WEBHOOK_ENDPOINT,
            path={"endpointId": endpoint_id},
            query={},
            body={"url": url, "events": events, "description": description, "status": status},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def delete_endpoint(
        self,
        *,
        endpoint_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.DeletedWebhookEndpoint:
        """Remove a webhook endpoint.

        Remove an endpoint, its log, and what was still to be delivered to it.

        Scope: `webhooks:write`.

        Args:
            endpoint_id: Id of the webhook endpoint, with or without its prefix.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        RateLimitedError, UnauthenticatedError, UnavailableError, ValidationError.
        """
        return await self._client.call(
            calls.DELETE_WEBHOOK_ENDPOINT,
            path={"endpointId": endpoint_id},
            query={},
            body=None,
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def send_test(
        self,
        *,
        endpoint_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.WebhookDelivery:
        """Test a webhook endpoint.

        Have a `test.ping` delivered, whatever the endpoint is subscribed to, and even while it is paused.

        What became of it stands among the endpoint's deliveries.

        Scope: `webhooks:write`.

        Args:
            endpoint_id: Id of the webhook endpoint, with or without its prefix.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.SEND_WEBHOOK_TEST,
            path={"endpointId": endpoint_id},
            query={},
            body={},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def rotate_secret(
        self,
        *,
        endpoint_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.RotatedSecret:
        """Change an endpoint's signing secret.

        Give the endpoint another secret, which the answer shows, once.

        For 24 hours messages carry two signatures, one by each secret, so that the receiver can be changed over
        in peace. A second rotation within that time ends the overlap of the first.

        Scope: `webhooks:write`.

        Args:
            endpoint_id: Id of the webhook endpoint, with or without its prefix.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.ROTATE_WEBHOOK_SECRET,
            path={"endpointId": endpoint_id},
            query={},
            body={},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def list_deliveries(
        self,
        *,
        endpoint_id: str,
        status: Sequence[choices.DeliveryStatus] | NotGiven = NOT_GIVEN,
        event_type: Sequence[choices.EventType] | NotGiven = NOT_GIVEN,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncPages[models.WebhookDelivery, models.WebhookDeliveryPage]:
        """List an endpoint's deliveries.

        Return what was delivered, or is to be, latest first, with every attempt. It is kept for 30 days.

        Scope: `webhooks:read`.

        Args:
            endpoint_id: Id of the webhook endpoint, with or without its prefix.
            status: Only these states; repeat it for several.
            event_type: Only these; repeat it for several.
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_WEBHOOK_DELIVERIES,
            lambda answer: answer.items,
            path={"endpointId": endpoint_id},
            query={"status": status, "eventType": event_type, "limit": limit},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def replay_delivery(
        self,
        *,
        delivery_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.WebhookDelivery:
        """Deliver an event again.

        Have the same event delivered once more, under the same `webhook-id` and with the same body.

        Where the delivery is over, the answer is a new one; where it is still pending, it goes out at once.

        Scope: `webhooks:write`.

        Args:
            delivery_id: Id of the webhook delivery, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.REPLAY_WEBHOOK_DELIVERY,
            path={"deliveryId": delivery_id},
            query={},
            body={},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )
