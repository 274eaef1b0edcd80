"""Photo posts: one picture or a slideshow, which TikTok downloads from one-off URLs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import OutcomeUnknown
from presswork.platforms.json_values import text_of
from presswork.platforms.port import Ambiguous, Job, Processing, Sighting, draft_of
from presswork.platforms.rate_limits import reserve
from presswork.platforms.tiktok.api import CONTENT_INIT, Api, ApiResponse, refusal
from presswork.platforms.tiktok.delivery import Delivery, post_fields
from presswork.platforms.tiktok.error_mapping import TIKTOK
from presswork.platforms.tiktok.inbound_webhooks import reports_delivery
from presswork.platforms.tiktok.rules import CONTENT_INITS, PHOTO_SPEC, check
from presswork.platforms.tiktok.status import COMPLETE, IN_INBOX, PUBLISH_ID, StatusPoller, begin_attempt, start_over

STEP: Final = "content_init"


@dataclass(frozen=True, slots=True)
class PhotoPost:
    """The port's three calls for pictures. The init call itself makes them live, so it is the irreversible call."""

    api: Api
    poller: StatusPoller
    delivery: Delivery

    async def prepare(self, job: Job) -> dict[str, JsonValue]:
        """Choose the settings and create one-off URLs of the pictures. Only read calls are made."""
        begin_attempt(job, step=STEP)
        check(draft_of(job)).require_none(step=STEP)
        fields = await post_fields(self.api, self.delivery, job)
        urls: list[JsonValue] = [await job.media_url(picture, PHOTO_SPEC, is_one_off=True) for picture in job.media]
        await reserve(job, CONTENT_INITS, step=STEP)
        return {
            "kind": "photo",
            "username": fields.username,
            "prepared_at": job.now().isoformat(),
            "body": {
                "media_type": "PHOTO",
                "post_mode": self.delivery.photo_mode,
                "post_info": dict(fields.post_info or {}),
                "source_info": {
                    "source": "PULL_FROM_URL",
                    "photo_images": urls,
                    "photo_cover_index": fields.photo.cover_index,
                },
                **fields.photo.label,
            },
        }

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Processing:
        """Ask TikTok to post. See the port for the errors."""
        body = prepared["body"]
        if not isinstance(body, dict):
            raise TypeError("a prepared photo post has a body")
        with TIKTOK.lost(step=STEP, unknown=_explain_lost_response):
            response = await self.api.send(job, CONTENT_INIT, body, step=STEP)
        publish_id = text_of(response.data.get("publish_id"))
        if not response.is_ok or publish_id is None:
            raise refusal(response, step=STEP) or _explain_ambiguous_response(response)
        job.note_later("going_live", "TikTok accepted the post and downloads its pictures.", publishId=publish_id)
        await job.save(**{PUBLISH_ID: publish_id})
        return Processing(message="TikTok is downloading the pictures.", check_after=self.api.retry_policy.poll_first)

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Fetch the status by the publish id; without one, find out whether TikTok can still have the pictures."""
        publish_id = job.state.get(PUBLISH_ID)
        if isinstance(publish_id, str):
            return await self.poller.sighting(job, prepared, await self.poller.read(job, publish_id))
        # TikTok's response is lost, and with it the only id to ask by. TikTok needs our pictures to post anything: if it
        # has not fetched one, and now never can, then an init that it may have accepted ends in a failed download.
        lost = "TikTok's response was lost"
        if await job.revoke_media_urls():
            what = f"The post is not live: {lost}, but it had fetched no picture, and now it no longer can."
            return start_over(job, self.api.retry_policy, what)
        message = f"{lost} after it had fetched pictures, and it has no call that returns what became of them."
        return await self._look_up_by_webhook(job, prepared) or Ambiguous(message=message)

    async def _look_up_by_webhook(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting | None:
        """Find the publish id in TikTok's webhooks, where it must be this post's, or None if it is unknown. Raises as `StatusPoller.read`.

        TikTok fetched the pictures, and reports a delivery for this account since the call that matches no other post
        of this installation. It is accepted only if its status confirms it: a failure may be an earlier attempt's, and
        starting over because of it could publish the post twice.
        """
        if job.live_call_at is None:
            return None
        notices = await job.notices(job.live_call_at)
        named = {notice.reference for notice in notices if reports_delivery(notice, job.mode)}
        if len(named) != 1 or (publish_id := named.pop()) is None:
            return None
        status = await self.poller.read(job, publish_id)
        if status.name not in (COMPLETE, IN_INBOX):
            return None
        sentence = "TikTok reported a delivery for this account that can only be this post."
        job.note_later("reconciled", sentence, publishId=publish_id)
        await job.save(**{PUBLISH_ID: publish_id})
        return await self.poller.sighting(job, prepared, status)


def _explain_lost_response(reason: str) -> OutcomeUnknown:
    return OutcomeUnknown(f"TikTok was asked to post, but its response was lost: {reason}.", step=STEP)


def _explain_ambiguous_response(response: ApiResponse) -> OutcomeUnknown:
    named = f", {response.code}" if response.code else " with a text that can not be read"
    what = (
        f"TikTok was asked to post, but it is not certain whether it will: it returned HTTP {response.status}{named}."
    )
    return OutcomeUnknown(what, step=STEP, **response.error.reported)
