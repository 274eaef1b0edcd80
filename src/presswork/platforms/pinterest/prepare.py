"""Prepares a Pin: uploads its video and waits until Pinterest has processed it, or makes the URLs of its pictures. Nothing of it is
visible.

Source: pinterest/api-description 5.23.0 (2025-12), `media` and `pins`, read 2026-12.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from pydantic import JsonValue

from presswork.platforms.api_client import ApiError, JsonObject
from presswork.platforms.errors import FailureCode, Rejected, TryLater, unavailable
from presswork.platforms.job_state import JobState
from presswork.platforms.json_values import items_of, part_of, text_of
from presswork.platforms.pinterest.api import MEDIA, PINS, Api, media
from presswork.platforms.pinterest.error_mapping import PINTEREST
from presswork.platforms.pinterest.options import settings_of
from presswork.platforms.pinterest.rules import IMAGE, MAX_ALT_TEXT, VIDEO, check
from presswork.platforms.port import Job, draft_of
from presswork.platforms.uploads.form import form_with_file
from presswork.platforms.uploads.processing import SMALLER_FILE, poll
from presswork.platforms.uploads.ranges import upload_timeout

REGISTER: Final = "media"
UPLOAD: Final = "upload"
STATUS: Final = "media_status"
LIST: Final = "pins_list"
A_READ: Final = 100
"""Pins of one call, newest first."""
_MAX_FAILURES: Final = 3
_DONE: Final = frozenset({"succeeded", "failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(JobState):
    """What is stored of a Pin while it is prepared."""

    media_id: str | None = None
    """The uploaded video."""
    keep_failures: int = 0
    """How often Pinterest could not fetch or process the media."""


def marked(link: str, job: Job) -> str:
    """Return a link with a mark by which its Pin is recognized. One with a fragment stays as it is: the page may need that."""
    return link if "#" in link else f"{link}#pw-{job.post_id.hex[-10:]}"


@dataclass(frozen=True, slots=True)
class Preparation:
    """The work before the call that makes a Pin live."""

    api: Api
    job: Job

    async def run(self) -> Mapping[str, JsonValue]:
        """Return the `pin` as `make_live` sends it, and the ids of the account's newest Pins before it as `known`. Raises Rejected,
        TryLater, CredentialInvalid.
        """
        job = self.job
        check(draft_of(job)).require_none(step=PINS)
        failures = Progress.load(job.state).keep_failures
        if failures >= _MAX_FAILURES:
            what = f"Pinterest could not fetch or process the media {failures} times. Nothing was published."
            advice = "Replace the file, then publish again."
            raise Rejected(what, advice=advice, step=STATUS, failure=FailureCode.MEDIA_REJECTED)
        settings = settings_of(job.options)
        alt_text = next((one.alt_text for one in job.media if one.alt_text), None)
        fields: dict[str, JsonValue] = {
            "board_id": settings.board_id,
            "board_section_id": settings.board_section_id,
            "title": settings.title,
            "description": job.caption,
            "link": settings.link and marked(settings.link, job),
            "alt_text": alt_text and alt_text[:MAX_ALT_TEXT],
            "media_source": await self._make_source(),
        }
        pins, _ = await list_pins(self.api, job)
        return {
            "pin": {name: value for name, value in fields.items() if value},
            "known": [pin_id for one in pins if (pin_id := text_of(one.get("id")))],
        }

    async def _make_source(self) -> dict[str, JsonValue]:
        first, *more = self.job.media
        if first.is_video:
            settings = settings_of(self.job.options)
            cover: dict[str, JsonValue] = {"cover_image_url": settings.cover_url}
            if settings.cover_url is None:
                cover = {"cover_image_key_frame_time": (settings.cover_timestamp_ms or 0) / 1000}
            return {"source_type": "video_id", "media_id": await self._upload_video(), **cover}
        urls = [await self.job.media_url(one, IMAGE) for one in self.job.media]
        if more:
            return {"source_type": "multiple_image_urls", "items": [{"url": url} for url in urls], "index": 0}
        return {"source_type": "image_url", "url": urls[0]}

    async def _upload_video(self) -> str:
        """Upload the video, unless the state has it, and wait until it is processed; return its id."""
        job = self.job
        media_id = Progress.load(job.state).media_id
        if media_id is None:
            media_id = await self._send_video()
            job.note_later("preparing", "Pinterest has the video.")
            await replace(Progress.load(job.state), media_id=media_id).save(job)
        status = await poll(
            job,
            self.api.retry_policy,
            lambda: self._read_status(media_id),
            until=lambda status: status in _DONE,
            since=job.now(),
        )
        if status == "failed":
            await forget_media(job)
            failure = FailureCode.MEDIA_REJECTED
            raise TryLater("Pinterest could not process the video.", step=STATUS, starts_over=True, failure=failure)
        if status not in _DONE:
            what = "Pinterest did not process the video in time. Nothing was published."
            raise unavailable(what, advice=SMALLER_FILE, step=STATUS)
        return media_id

    async def _send_video(self) -> str:
        """Register a video and send its bytes to the storage that Pinterest names; return its id."""
        job, api = self.job, self.api
        async with job.media_file(job.media[0], VIDEO) as file:
            made = await api.ask(job, "POST", MEDIA, step=REGISTER, now=job.now(), body={"media_type": "video"})
            media_id, url = text_of(made.get("media_id")), text_of(made.get("upload_url"))
            if media_id is None or url is None or not api.endpoints.accepts_upload_url(url):
                raise TryLater(
                    "Pinterest's response to the upload names no video, or no storage of its own.", step=REGISTER
                )
            fields = {
                name: text for name, value in part_of(made, "upload_parameters").items() if (text := text_of(value))
            }
            stream, headers = form_with_file(fields, file)
            with PINTEREST.lost(step=UPLOAD):
                reply = await api.transport.call(
                    "POST",
                    url,
                    operation=UPLOAD,
                    timeout=upload_timeout(api.retry_policy, file.size_bytes),
                    data=stream(),
                    headers=headers,
                )
        if reply.status >= 300:
            raise TryLater(f"Pinterest's storage answered HTTP {reply.status} to the upload.", step=UPLOAD)
        return media_id

    async def _read_status(self, media_id: str) -> str:
        with PINTEREST.lost(step=STATUS):
            _, response = await self.api.send(self.job, "GET", media(media_id), step=STATUS)
        if isinstance(response, ApiError) and response.status == 404:
            await forget_media(self.job)
            raise TryLater(response.explained, step=STATUS, starts_over=True, **response.reported)
        return text_of(PINTEREST.object_of(response, step=STATUS, now=self.job.now()).get("status")) or ""


async def forget_media(job: Job) -> None:
    """Store that Pinterest could not fetch or process the media."""
    await Progress(keep_failures=Progress.load(job.state).keep_failures + 1).save(job)


async def list_pins(api: Api, job: Job) -> tuple[list[JsonObject], bool]:
    """Return the account's newest Pins, newest first, and whether there are more. Raises Rejected, TryLater, CredentialInvalid."""
    body = await api.ask(job, "GET", PINS, {"page_size": str(A_READ)}, step=LIST, now=job.now())
    if not isinstance(body.get("items"), list):
        raise TryLater("Pinterest's response contains no list of Pins.", step=LIST)
    return items_of(body, "items"), text_of(body.get("bookmark")) is not None
