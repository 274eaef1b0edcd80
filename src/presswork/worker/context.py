"""The dependencies that every job of a worker uses."""

from collections.abc import Callable
from dataclasses import dataclass

from presswork.core.clock import Clock
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.media.links import PageLinks
from presswork.platforms.port import ProviderAccess
from presswork.worker.renditions import Renditions
from presswork.worker.store import WorkStore


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerContext:
    """What every job of a worker uses."""

    pool: Pool
    store: WorkStore
    clock: Clock
    keyring: Keyring
    renditions: Renditions
    pages: PageLinks
    base_url: str
    """Base of the URLs for callbacks, without a slash at the end."""
    at_point: Callable[[str], None] = lambda _point: None
    """Receives the name of each step of a follow-up when it is reached."""
    sandbox_provider: ProviderAccess | None = None
    """The provider `sandbox` of test projects."""
