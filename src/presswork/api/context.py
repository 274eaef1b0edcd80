"""The dependencies of the routes, created once per process, and the FastAPI dependencies that provide them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from presswork.accounts.creator_info import CreatorInfoReader
from presswork.accounts.quota import QuotaReader
from presswork.api.http.error_guide import ErrorLinks
from presswork.apps.stored_apps import AppsWatch
from presswork.content.intake import Intake
from presswork.core.clock import Clock
from presswork.core.settings import Settings
from presswork.crypto.keyring import Keyring
from presswork.db.listener import Listener
from presswork.db.pool import Pool
from presswork.doctor.run_checks import Checks
from presswork.events.feed import EventFeed
from presswork.inbound_webhooks.call_rate import CallRate
from presswork.media.links import MediaLinks
from presswork.media.pool import MediaPool
from presswork.media.store import MediaStore
from presswork.media.temp_space import TempSpace
from presswork.orgs.keys import KeyCache
from presswork.people.passwords import Passwords
from presswork.people.sessions import SessionCache
from presswork.platforms.registry import Platforms
from presswork.telemetry.queue_metrics import QueueMetrics

if TYPE_CHECKING:
    from presswork.people.oidc import IdentityProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The dependencies of one API process."""

    settings: Settings
    pool: Pool
    clock: Clock
    listener: Listener
    keyring: Keyring
    keys: KeyCache
    platforms: Platforms
    apps: AppsWatch
    """Keeps `platforms` at the stored credentials of apps."""
    store: MediaStore
    media_pool: MediaPool
    queue_metrics: QueueMetrics
    checks: Checks
    """Runs the checks of the installation."""
    quotas: QuotaReader
    creators: CreatorInfoReader
    event_feed: EventFeed
    base_url: str
    """URL at which clients reach this API, without a trailing slash."""
    sessions: SessionCache
    passwords: Passwords = field(default_factory=Passwords)
    identity_provider: "IdentityProvider | None" = None
    """The issuer of OpenID Connect, if one is configured."""
    temp_space: TempSpace = field(default_factory=TempSpace)
    """Room for the media files that this process receives."""
    webhook_calls: CallRate = field(default_factory=CallRate)
    """Calls without a key at /webhooks, by address."""

    @property
    def error_links(self) -> ErrorLinks:
        """Addresses of the pages about error codes."""
        return ErrorLinks.of(self.settings, self.base_url)

    @property
    def intake(self) -> Intake:
        """The dependencies of uploads."""
        return Intake(
            pool=self.pool,
            store=self.store,
            media_pool=self.media_pool,
            temp_space=self.temp_space,
            clock=self.clock,
            keyring=self.keyring,
            allow_private=self.settings.allow_private_media,
            quota_bytes=self.settings.media_quota_bytes,
        )

    @property
    def media_links(self) -> MediaLinks:
        """Signs links to media."""
        return MediaLinks(self.base_url, self.keyring, self.settings.media_url_lifetime)


async def context_of(request: Request) -> Context:
    """Return the context of the process. Raises RuntimeError if the request carries none."""
    context = request.scope.get("context")
    if not isinstance(context, Context):
        raise TypeError("the application was started without its context")
    return context


async def now_of(context: Annotated[Context, Depends(context_of)]) -> datetime:
    """Return the instant of the call, UTC."""
    return context.clock.now().astimezone(UTC)


Ctx = Annotated[Context, Depends(context_of)]
Now = Annotated[datetime, Depends(now_of)]
