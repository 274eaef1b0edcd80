"""Webhooks, with the check of what they bring."""

from collections.abc import Mapping
from datetime import timedelta

from presswork_client import webhooks
from presswork_client._generated.events import WebhookEvent
from presswork_client._generated.webhooks import AsyncWebhooksCalls, WebhooksCalls


class Webhooks(WebhooksCalls):
    """Be told what happens, and check who tells it."""

    def verify(
        self, body: bytes | str, headers: Mapping[str, str], secret: str, *, tolerance: timedelta = webhooks.TOLERANCE
    ) -> WebhookEvent | webhooks.UnknownEvent:
        """Check a webhook request and return its event; the same as `presswork_client.webhooks.verify`.

        Raises WebhookVerificationError; answer such a request with 400.
        """
        return webhooks.verify(body, headers, secret, tolerance=tolerance)


class AsyncWebhooks(AsyncWebhooksCalls):
    """Be told what happens, and check who tells it."""

    def verify(
        self, body: bytes | str, headers: Mapping[str, str], secret: str, *, tolerance: timedelta = webhooks.TOLERANCE
    ) -> WebhookEvent | webhooks.UnknownEvent:
        """Check a webhook request and return its event; the same as `presswork_client.webhooks.verify`. Not awaited.

        Raises WebhookVerificationError; answer such a request with 400.
        """
        return webhooks.verify(body, headers, secret, tolerance=tolerance)
