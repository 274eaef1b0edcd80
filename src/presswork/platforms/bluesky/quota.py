"""Bluesky's limits on writing, and on videos.

A PDS counts points: 5,000 an hour and 35,000 a day, of which putRecord takes two. Presswork keeps to the first by counting
posts of at most four records each (the post, its reply and quote control, the first comment), and leaves room for what the
person writes in the app; where a server still refuses a call, its headers say how long to wait.
Source: docs.bsky.app, "Rate Limits"; bluesky-social/atproto, packages/pds; read 2026-11.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Findings, Problem
from presswork.platforms.port import Draft, Limit

POINTS_AN_HOUR: Final = 5000
POINTS_OF_A_PUT: Final = 2
RECORDS_OF_A_POST: Final = 4
_SHARE: Final = 0.8
"""The part of the points that Presswork uses."""

POSTS: Final = Limit(
    call="put_record",
    most=int(POINTS_AN_HOUR * _SHARE) // (POINTS_OF_A_PUT * RECORDS_OF_A_POST),
    window=timedelta(hours=1, seconds=4),
    late_by=timedelta(minutes=2),
    sentence="Bluesky lets an account write a limited number of records an hour, and other posts of this account come first.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoQuota:
    """Whether the account may upload a video now, as the video service reports it."""

    can_upload: bool
    message: str
    """Why not, in the service's words."""
    is_used_up: bool = False
    """Whether that is because the videos, or the bytes, of a day are used up."""

    def validate(self, draft: Draft) -> Findings:
        """Return the reason for which Bluesky would refuse a video from this account now."""
        if self.can_upload or not any(media.is_video for media in draft.media):
            return Findings()
        said = f" Bluesky says: “{self.message}”" if self.message else ""
        return Findings(
            [
                Problem(
                    FailureCode.ACCOUNT_NOT_ELIGIBLE,
                    f"The account may upload no video to Bluesky now.{said} Confirm the account's e-mail address in the "
                    "Bluesky app, or publish the video tomorrow.",
                    {"reason": "video_upload"},
                )
            ]
        )
