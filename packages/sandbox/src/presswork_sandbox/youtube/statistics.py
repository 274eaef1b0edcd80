"""The statistics of videos and channels in the Data API: strings, and without the keys of what is hidden.

Source: Google, "Videos", "Channels" (statistics), read 2026-11. That a key is missing where likes are hidden or comments are
off is what clients report.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.core import Sandbox
from presswork_sandbox.numbers import MAX_SUMMED_POSTS
from presswork_sandbox.posts import Post
from presswork_sandbox.quantities import Quantity
from presswork_sandbox.wire import JSONValue
from presswork_sandbox.youtube.facts import FACTS
from presswork_sandbox.youtube.metrics import STATISTICS
from presswork_sandbox.youtube.videos import Video, Videos

ROUNDED_FIGURES: Final = 3  # of a subscriber count, for all but the owner


class Statistics:
    """Count what people did with videos."""

    def __init__(self, sandbox: Sandbox, videos: Videos) -> None:
        self._sandbox = sandbox
        self._videos = videos

    def post_of(self, video: Video) -> Post | None:
        """Return the post that counts a video, as old as the video is for people; a private one is new."""
        post = self._sandbox.posts.by_external_id(FACTS.name, video.video_id)
        if post is None:
            return None
        is_private = video.privacy == "private"
        seen_since = self._sandbox.clock.now() if is_private else video.published_at or video.uploaded_at
        return replace(post, created_at=seen_since)

    def video(self, video: Video, owner: Account) -> dict[str, JSONValue]:
        """Return the statistics of a video, without those that are hidden or removed."""
        post = self.post_of(video)
        hidden = set(self._sandbox.numbers.removed(FACTS.name))
        if owner.settings.get("likesHidden") is True:
            hidden.add("likeCount")
        # A video for children has no comments.
        is_for_kids = video.resource["status"].get("selfDeclaredMadeForKids") is True
        if owner.settings.get("commentsDisabled") is True or is_for_kids:
            hidden.add("commentCount")
        counts: Mapping[Quantity, int] = {} if post is None else self._sandbox.numbers.counts(post)
        return {name: str(counts.get(quantity, 0)) for name, quantity in STATISTICS.items() if name not in hidden}

    def channel(self, channel: Account, *, is_own: bool) -> dict[str, JSONValue]:
        """Return the statistics of a channel; others than its owner see a rounded number of subscribers."""
        now = self._sandbox.clock.now()
        posts = (self.post_of(video) for video in self._videos.of_channel(channel.id, now, MAX_SUMMED_POSTS, 0))
        views = sum(self._sandbox.numbers.count(post, Quantity.VIEWS) for post in posts if post is not None)
        followers = self._sandbox.numbers.followers(channel)
        is_hidden = channel.settings.get("subscribersHidden") is True
        shown = followers if is_own else _round_down(followers)
        return {
            "viewCount": str(views),
            **({} if is_hidden and not is_own else {"subscriberCount": str(shown)}),
            "hiddenSubscriberCount": is_hidden,
            "videoCount": str(self._videos.count(channel.id, now)),
        }


def _round_down(number: int) -> int:
    unit: int = 10 ** max(0, len(str(number)) - ROUNDED_FIGURES)
    return number // unit * unit
