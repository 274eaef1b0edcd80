"""Publishing on TikTok: selects the flow for a post, and what the flows share."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.errors import Rejected, TryLater
from presswork.platforms.findings import Findings
from presswork.platforms.insights import AccountRead, PostsRead
from presswork.platforms.port import (
    CreatorInfo,
    Credentials,
    Draft,
    Job,
    Located,
    MediaType,
    Present,
    Processing,
    Sighting,
    TargetAccount,
    Validator,
)
from presswork.platforms.tiktok import insights
from presswork.platforms.tiktok.api import Api
from presswork.platforms.tiktok.delivery import Delivery, creator_info, fetch_validator, username_of_draft
from presswork.platforms.tiktok.photo import PhotoPost
from presswork.platforms.tiktok.rules import check, with_wait_until_room
from presswork.platforms.tiktok.status import PUBLISH_ID, StatusPoller
from presswork.platforms.tiktok.video import ChunkRule, VideoPost


class TikTokConnector:
    """The port's `Connector` for TikTok's Content Posting API: for posts, or for drafts."""

    can_comment: Final = False

    def __init__(self, api: Api, rule: ChunkRule, delivery: Delivery) -> None:
        """Store the API client, the chunk rule, and the delivery (post or draft)."""
        self._api: Final = api
        self._delivery: Final = delivery
        self._poller: Final = StatusPoller(api)
        photo = PhotoPost(api, self._poller, delivery)
        self._flows: Final[Mapping[MediaType, PhotoPost | VideoPost]] = {
            MediaType.VIDEO: VideoPost(api, self._poller, rule, delivery),
            MediaType.IMAGE: photo,
            MediaType.MULTI: photo,
        }

    def check(self, draft: Draft) -> Findings:
        """Check a post against TikTok's fixed limits."""
        return check(draft)

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:  # noqa: ARG002  TikTok knows it by its token
        """Fetch what TikTok allows the account now. Raises Rejected, CredentialInvalid, TryLater (a daily cap, for example)."""
        return await fetch_validator(self._api, self._delivery, credentials)

    async def fetch_creator_info(self, account: TargetAccount, credentials: Credentials) -> CreatorInfo:  # noqa: ARG002  as above
        """Fetch what the form of a post must show. Raises Rejected, CredentialInvalid, TryLater (a daily cap, for example)."""
        return await creator_info(self._api, credentials)

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Check the post, and upload what does not post it yet. Raises Rejected, TryLater, CredentialInvalid."""
        try:
            return await self._flows[job.media_type].prepare(job)
        except TryLater as refused:
            raise await with_wait_until_room(job, refused) from refused

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        """Send the last chunk of a video, or the init of a photo post. See the port for the errors."""
        try:
            return await self._flows[job.media_type].make_live(job, prepared)
        except TryLater as refused:
            raise await with_wait_until_room(job, refused) from refused

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Fetch the status of the post. Raises TryLater, CredentialInvalid, Rejected where it can't be read."""
        return await self._flows[job.media_type].look_up(job, prepared)

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Fetch the id of a live post where it is unknown. Raises TryLater, Rejected, CredentialInvalid."""
        if external_id is not None:
            return Located(external_id=external_id, external_url=self._poller.link(prepared, external_id))
        publish_id = prepared.get(PUBLISH_ID, job.state.get(PUBLISH_ID))
        found = await self._poller.locate(job, prepared, publish_id if isinstance(publish_id, str) else None)
        if found.external_id is None or found.external_url is not None:
            return found
        username = await username_of_draft(self._api, job) if self._delivery.is_draft else None
        named = {**prepared, "username": username}
        return Located(external_id=found.external_id, external_url=self._poller.link(named, found.external_id))

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:  # noqa: ARG002  the port's form
        """Raise Rejected: TikTok's API has no comments."""
        raise Rejected(
            "TikTok's API does not support comments.", advice="Write the comment in the app.", step="comments"
        )

    async def read_posts(
        self,
        access: AccountAccess,
        posts: Sequence[LivePost],
        *,
        removed: AbstractSet[str],  # noqa: ARG002  TikTok removes none
    ) -> PostsRead:
        """Read the counters of posts. Raises TryLater, CredentialInvalid, Rejected."""
        return await insights.read_posts(self._api, access, posts)

    async def read_account(self, access: AccountAccess, *, since: date, removed: AbstractSet[str]) -> AccountRead:  # noqa: ARG002  as above
        """Read the account's followers: TikTok has no numbers by day. Raises TryLater, CredentialInvalid, Rejected."""
        return await insights.read_account(self._api, access)
