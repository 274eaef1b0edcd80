"""The webhooks resource, with the verification of webhook requests."""

from collections.abc import Mapping
from datetime import timedelta

from presswork_client import webhooks
from presswork_client._generated.events import WebhookEvent
from presswork_client._generated.webhooks import AsyncWebhooksCalls, WebhooksCalls


class Webhooks(WebhooksCalls):
    """Manage webhook endpoints, and verify webhook requests."""

    def verify(
        self, body: bytes | str, headers: Mapping[str, str], secret: str, *, tolerance: timedelta = webhooks.TOLERANCE
    ) -> WebhookEvent | webhooks.UnknownEvent:
        """Verify a webhook request and return its event, as `presswork_client.webhooks.verify` does.

        Raises WebhookVerificationError; respond to such a request with 400.
        """
        return webhooks.verify(body, headers, secret, tolerance=tolerance)


class AsyncWebhooks(AsyncWebhooksCalls):
    """Manage webhook endpoints, and verify webhook requests."""

    def verify(
        self, body: bytes | str, headers: Mapping[str, str], secret: str, *, tolerance: timedelta = webhooks.TOLERANCE
    ) -> WebhookEvent | webhooks.UnknownEvent:
        """Verify a webhook request and return its event, as `presswork_client.webhooks.verify` does. Not awaited.

        Raises WebhookVerificationError; respond to such a request with 400.
        """
        return webhooks.verify(body, headers, secret, tolerance=tolerance)
