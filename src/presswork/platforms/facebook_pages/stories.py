"""Stories of Pages: how a picture becomes one, and the list that shows which picture or video each story has.

A picture is uploaded unpublished, as for a post; the video of a story is uploaded like a reel (`videos`). The list names the media of
each story, so a lost response can be looked up for as long as stories live, which is a day.
Source: Meta, "Page Stories" (updated 2026-05-06), read 2026-11.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.facebook_pages.error_mapping import FACEBOOK, PUBLISHED_BEFORE
from presswork.platforms.graph.client import Graph, items_of, next_page, text_of
from presswork.platforms.graph.containers import ContainerApi, Status, StatusCode
from presswork.platforms.port import Absent, Ambiguous, Job, Located, Present

KIND: Final = "kind"
"""Where a prepared post has its kind."""
PHOTO_STORY: Final = "photo_story"
"""The kind of a prepared picture."""
PHOTO_STORY_API: Final = ContainerApi(
    create="photos",
    publish="photo_stories",
    meaning_of_status=lambda _message: (FACEBOOK.errors.unknown, None),  # pictures have no status
    unsure_calls=2,
    is_witness=False,  # how late a story is listed is not documented
    published_before=PUBLISHED_BEFORE,
)
_EARLIER: Final = timedelta(seconds=120)
"""How long before the call a story's time may be that the call made live."""
_LISTED_WITHIN: Final = timedelta(minutes=5)
"""How long a live story may be missing from the list (not documented)."""
_LIFETIME: Final = timedelta(days=1)
_A_READ: Final = 50
_CUT: Final = "The Page has many newer stories, and Facebook's list ends before this one."


@dataclass(frozen=True, slots=True)
class StoryStatus:
    """What the Page's list of stories shows."""

    graph: Graph
    job: Job

    async def read(self, media_id: str) -> Status:
        """Return PUBLISHED with the story's id, or FINISHED. Raises TryLater, Rejected, CredentialInvalid."""
        story, is_cut = await self._find("media_id", media_id)
        if story is not None:
            return Status(StatusCode.PUBLISHED, "", text_of(story.get("post_id")))
        return Status(StatusCode.FINISHED, "", doubt=_CUT if is_cut else None)

    async def find(self, known: Sequence[str] | None) -> str | None:
        """Return None, since the list names the story with the media."""

    async def locate(self, media_id: str) -> Located:
        """Return the id and the URL of the story with a picture or video. Raises TryLater, Rejected, CredentialInvalid."""
        story, _ = await self._find("media_id", media_id)
        if story is None:
            return Located(external_id=None, external_url=None)
        return Located(external_id=text_of(story.get("post_id")), external_url=text_of(story.get("url")))

    async def see(self, post_id: str) -> Present | Absent | Ambiguous:
        """Report whether a story is live: for a day, unless it is deleted. Raises TryLater, Rejected, CredentialInvalid."""
        story, is_cut = await self._find("post_id", post_id)
        if story is not None:
            return Present(external_id=post_id, external_url=text_of(story.get("url")))
        called_at = self.job.live_call_at
        if is_cut or (called_at is not None and self.job.now() - called_at < _LISTED_WITHIN):
            return Ambiguous(
                message=_CUT if is_cut else "The Page lists no such story, and it may be too new to be listed."
            )
        return Absent(message="The Page has no such story any more.")

    async def _find(self, field: str, value: str) -> tuple[JsonObject | None, bool]:
        """Return the story with this id of itself or of its media, and whether the list was cut off before it could be on it."""
        since = (self.job.live_call_at or self.job.now() - _LIFETIME) - _EARLIER
        parameters = {
            "status": "PUBLISHED",
            "since": str(int(since.timestamp())),
            "fields": "post_id,media_id,url",
            "limit": str(_A_READ),
        }
        body = await self.graph.read(self.job, f"{self.job.account.external_id}/stories", parameters, step="stories")
        story = next((item for item in items_of(body) if text_of(item.get(field)) == value), None)
        return story, next_page(body) is not None


def outcome_of(response: JsonObject) -> Present | None:
    """Return the outcome of the call that makes a picture a story, or None where its response does not confirm it."""
    return Present(external_id=text_of(response.get("post_id"))) if response.get("success") is True else None
