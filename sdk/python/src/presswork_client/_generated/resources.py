"""Every resource of a client, by name.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from presswork_client._content import AsyncContent, Content
from presswork_client._generated.api_keys import ApiKeys, AsyncApiKeys
from presswork_client._generated.approval import Approval, AsyncApproval
from presswork_client._generated.audit_log import AsyncAuditLog, AuditLog
from presswork_client._generated.layers import AsyncLayers, Layers
from presswork_client._generated.music import AsyncMusic, Music
from presswork_client._generated.operators import AsyncOperators, Operators
from presswork_client._generated.projects import AsyncProjects, Projects
from presswork_client._generated.service import AsyncService, Service
from presswork_client._generated.social_accounts import AsyncSocialAccounts, SocialAccounts
from presswork_client._publishing import AsyncPublishing, Publishing
from presswork_client._webhooks import AsyncWebhooks, Webhooks

if TYPE_CHECKING:
    from presswork_client._client import AsyncPresswork, Presswork


class Resources:
    """Every resource of a client, by name."""

    def __init__(self, client: Presswork) -> None:
        """Take the client that makes the calls."""
        self.publishing = Publishing(client)
        """Send content to accounts, now or later, and watch it go live."""
        self.content = Content(client)
        """Bring videos, pictures and slideshows in."""
        self.approval = Approval(client)
        """Have content looked at before it goes out."""
        self.social_accounts = SocialAccounts(client)
        """Connect Instagram and TikTok accounts."""
        self.projects = Projects(client)
        """Keep the content and accounts of one customer together."""
        self.layers = Layers(client)
        """Hand accounts to a managed provider."""
        self.operators = Operators(client)
        """People who are reached by phone."""
        self.webhooks = Webhooks(client)
        """Be told what happens, and check who tells it."""
        self.music = Music(client)
        """The catalogue of TikTok tracks."""
        self.api_keys = ApiKeys(client)
        """Make, change and end API keys."""
        self.audit_log = AuditLog(client)
        """Who changed what, and when."""
        self.service = Service(client)
        """Who you are, and how the service is."""


class AsyncResources:
    """Every resource of a client, by name."""

    def __init__(self, client: AsyncPresswork) -> None:
        """Take the client that makes the calls."""
        self.publishing = AsyncPublishing(client)
        """Send content to accounts, now or later, and watch it go live."""
        self.content = AsyncContent(client)
        """Bring videos, pictures and slideshows in."""
        self.approval = AsyncApproval(client)
        """Have content looked at before it goes out."""
        self.social_accounts = AsyncSocialAccounts(client)
        """Connect Instagram and TikTok accounts."""
        self.projects = AsyncProjects(client)
        """Keep the content and accounts of one customer together."""
        self.layers = AsyncLayers(client)
        """Hand accounts to a managed provider."""
        self.operators = AsyncOperators(client)
        """People who are reached by phone."""
        self.webhooks = AsyncWebhooks(client)
        """Be told what happens, and check who tells it."""
        self.music = AsyncMusic(client)
        """The catalogue of TikTok tracks."""
        self.api_keys = AsyncApiKeys(client)
        """Make, change and end API keys."""
        self.audit_log = AsyncAuditLog(client)
        """Who changed what, and when."""
        self.service = AsyncService(client)
        """Who you are, and how the service is."""
