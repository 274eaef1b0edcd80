"""What a webhook tells, by its type.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

from presswork_client import models

WebhookEvent: TypeAlias = models.ContentEvent | models.PingEvent | models.PostEvent | models.SocialAccountEvent
"""One of the events; `type` tells which."""

BY_TYPE: Final[Mapping[str, type[WebhookEvent]]] = {
    "post.scheduled": models.PostEvent,
    "post.publishing": models.PostEvent,
    "post.published": models.PostEvent,
    "post.drafted": models.PostEvent,
    "post.failed": models.PostEvent,
    "post.canceled": models.PostEvent,
    "content.approved": models.ContentEvent,
    "content.rejected": models.ContentEvent,
    "social_account.connected": models.SocialAccountEvent,
    "social_account.needs_reauth": models.SocialAccountEvent,
    "social_account.revoked": models.SocialAccountEvent,
    "test.ping": models.PingEvent,
}
"""Which model an event of a type is."""
