"""What the page shows of the post that it made, until the post has ended and has its link. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from pydantic import JsonValue

_LINK_WAIT: Final = timedelta(hours=1)
"""How long the page looks for the link of a published post. TikTok gives it after its moderation, to public posts only."""


class Stage(StrEnum):
    """How far the post is, in words of the page."""

    ACCEPTED = "accepted"  # no worker has begun
    HELD = "held"  # its content was edited and waits for approval
    PROCESSING = "processing"  # sent to TikTok, which has not finished
    PUBLISHED = "published"
    FAILED = "failed"
    CANCELED = "canceled"


_STAGES: Final[Mapping[str, Stage]] = {
    "queued": Stage.ACCEPTED,
    "publishing": Stage.PROCESSING,
    "published": Stage.PUBLISHED,
    "failed": Stage.FAILED,
    "canceled": Stage.CANCELED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The post of a link, as its page shows it."""

    stage: Stage
    url: str | None
    """Where a published post is, once TikTok has said so; that of a test project is in the sandbox."""
    is_in_sandbox: bool
    reason: str | None
    """Why a failed post failed: Presswork's sentence, with TikTok's words."""
    is_over: bool
    """Whether nothing that the page shows will change."""

    @classmethod
    def of(cls, post: Mapping[str, JsonValue], *, now: datetime) -> Self:
        """Read the document of a post."""
        stage = Stage.HELD if post["gateStatus"] is not None else _STAGES[str(post["status"])]
        error = post["lastError"]
        url = (post["sandboxUrl"] or post["externalUrl"]) if stage is Stage.PUBLISHED else None
        published_at = post["publishedAt"]
        has_waited = isinstance(published_at, str) and now - datetime.fromisoformat(published_at) > _LINK_WAIT
        return cls(
            stage=stage,
            url=url if isinstance(url, str) else None,
            is_in_sandbox=post["sandboxUrl"] is not None,
            reason=str(error["message"]) if stage is Stage.FAILED and isinstance(error, dict) else None,
            is_over=stage in (Stage.FAILED, Stage.CANCELED)
            or (stage is Stage.PUBLISHED and (url is not None or has_waited)),
        )

    @property
    def has_failed(self) -> bool:
        """Whether there is no post on TikTok."""
        return self.stage in (Stage.FAILED, Stage.CANCELED)
