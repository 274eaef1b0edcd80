"""What reading and answering need, apart from the publishing of a post: access to an account, and the live posts to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from pydantic import JsonValue

from presswork.core.enums import MediaType
from presswork.platforms.port import Credentials, TargetAccount


class AccountAccess(Credentials, Protocol):
    """Access to an account outside of a post."""

    @property
    def account(self) -> TargetAccount: ...

    def now(self) -> datetime:
        """Return the current instant, UTC."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePost:
    """A post that is live, as it was stored."""

    post_id: UUID
    external_id: str
    """The platform's id of the post; of a thread of posts, of its first part."""
    part_ids: Sequence[str] = ()
    """The platform's ids of the further parts of a thread that are live, in order."""
    media_type: MediaType
    published_at: datetime
    """UTC."""
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    """The post's options by the API's names, as stored (whether it is a story, for example)."""
    prepared: Mapping[str, JsonValue] = field(default_factory=dict)
    """What `Connector.prepare` returned for it; empty where it is not kept."""
