"""Prepares a post: uploads its media and waits until the server has processed them. Nothing of it is visible, and files that no post
has are removed by the server after about a day.

Source: mastodon/documentation, methods/media (2026-07), read 2026-12.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import JsonValue

from presswork.platforms.api_client import ApiError, JsonObject
from presswork.platforms.errors import TryLater, unavailable
from presswork.platforms.job_state import JobState
from presswork.platforms.json_values import items_of, text_of
from presswork.platforms.mastodon.api import ITEMS, MEDIA, Api, media
from presswork.platforms.mastodon.error_mapping import MASTODON, NOT_FOUND
from presswork.platforms.mastodon.options import settings_of, status_fields
from presswork.platforms.mastodon.rules import VIDEO, ServerLimits, check
from presswork.platforms.mastodon.text import text_with
from presswork.platforms.port import Job, Media, RetryPolicy, draft_of
from presswork.platforms.uploads.form import form_with_file
from presswork.platforms.uploads.processing import SMALLER_FILE, poll

UPLOAD: Final = "media"
STATUS: Final = "media_status"
OWN: Final = "account_statuses"
PUBLISH: Final = "statuses"
_MAX_LOST: Final = 3
_PARTIAL: Final = 206


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(JobState):
    """What is stored of a post while it is prepared."""

    media_ids: list[str] = field(default_factory=list)
    """The uploaded files, in order."""
    keep_lost: int = 0
    """How often the server no longer had, or could not process, what was uploaded."""
    is_taken: bool = False
    """Whether the server has refused the files because a post has them, or because they are gone."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """The work before the call that makes a post, or one part of a thread, live."""

    api: Api
    retry_policy: RetryPolicy
    job: Job

    async def run(self) -> Mapping[str, JsonValue]:
        """Return the `status` as `make_live` sends it, its `key`, the instant `preparedAt`, and the `newest` post of the account before
        it. Raises Rejected, TryLater, CredentialInvalid.
        """
        job = self.job
        draft = draft_of(job)
        check(draft).require_none(step=UPLOAD)
        limits = await self.api.limits_of(job)
        limits.check(draft).require_none(step=UPLOAD)
        lost = Progress.load(job.state).keep_lost
        if lost >= _MAX_LOST:
            what = f"The server lost or could not process the uploaded media {lost} times. Nothing was published."
            raise unavailable(what, advice="Publish again later; if it happens again, replace the file.", step=UPLOAD)
        media_ids: list[JsonValue] = [*await self._upload_all(limits)]
        thread = job.thread
        fields: dict[str, JsonValue] = {
            "status": text_with(job.caption, job.link),
            **status_fields(settings_of(job.options)),
            **({"media_ids": media_ids} if media_ids else {}),
            **({"in_reply_to_id": thread.live_ids[-1]} if thread is not None and thread.is_begun else {}),
        }
        part = "" if thread is None else f"-{thread.current}"
        return {
            "status": fields,
            "key": f"{job.post_id}{part}",
            "preparedAt": job.now().isoformat(),
            "newest": None if media_ids else await read_newest(self.api, job),
        }

    async def _upload_all(self, limits: ServerLimits) -> list[str]:
        """Upload the media that the state does not have; return the ids of all, once they are processed."""
        job = self.job
        progress = Progress.load(job.state)
        for one in job.media[len(progress.media_ids) :]:
            media_id = await self._upload(one, limits)
            progress = replace(progress, media_ids=[*progress.media_ids, media_id])
            job.note_later("preparing", f"The server has file {len(progress.media_ids)} of {len(job.media)}.")
            await progress.save(job)
        for one, media_id in zip(job.media, progress.media_ids, strict=True):
            if one.is_video:
                await self._await_processing(media_id)
        return progress.media_ids

    async def _upload(self, one: Media, limits: ServerLimits) -> str:
        spec = VIDEO if one.is_video else limits.image_spec(one)
        fields = {"description": one.alt_text[: limits.description]} if one.alt_text else {}
        async with self.job.media_file(one, spec) as file:
            stream, headers = form_with_file(fields, file)
            made = await self.api.ask(
                self.job,
                "POST",
                MEDIA,
                step=UPLOAD,
                now=self.job.now(),
                upload=stream,
                headers=headers,
            )
        media_id = text_of(made.get("id"))
        if media_id is None:
            raise TryLater("The server's response to the upload names no file.", step=UPLOAD)
        return media_id

    async def _await_processing(self, media_id: str) -> None:
        """Wait until the server has processed a file. Raises Rejected, TryLater, CredentialInvalid."""
        job = self.job
        ready = await poll(
            job,
            self.retry_policy,
            lambda: self._is_ready(media_id),
            until=lambda is_ready: is_ready,
            since=job.now(),
        )
        if not ready:
            what = "The server did not process the media in time. Nothing was published."
            raise unavailable(what, advice=SMALLER_FILE, step=STATUS)

    async def _is_ready(self, media_id: str) -> bool:
        with MASTODON.lost(step=STATUS):
            reply, response = await self.api.send(self.job, "GET", media(media_id), step=STATUS)
        if isinstance(response, ApiError) and (response.meaning is NOT_FOUND or response.status == 422):
            await forget_media(self.job)
            raise TryLater(response.explained, step=STATUS, starts_over=True, **response.reported)
        MASTODON.object_of(response, step=STATUS, now=self.job.now())
        return reply.status != _PARTIAL


async def forget_media(job: Job) -> None:
    """Store that what was uploaded is of no use."""
    progress = Progress.load(job.state)
    await Progress(keep_lost=progress.keep_lost + 1).save(job)


async def read_newest(api: Api, job: Job) -> str:
    """Return the id of the account's newest post, 0 without one. Raises Rejected, TryLater, CredentialInvalid."""
    posts = await list_own(api, job, limit=1)
    return (text_of(posts[0].get("id")) if posts else None) or "0"


async def list_own(api: Api, job: Job, *, limit: int, since: str | None = None) -> list[JsonObject]:
    """Return the account's newest posts, newest first, after the one with the id `since`. Raises Rejected, TryLater, CredentialInvalid."""
    params = {"limit": str(limit), "exclude_reblogs": "true", **({} if since is None else {"since_id": since})}
    path = f"/api/v1/accounts/{job.account.external_id.partition('@')[0]}/statuses"
    body = await api.ask(job, "GET", path, params, step=OWN, now=job.now())
    if not isinstance(body.get(ITEMS), list):
        raise TryLater("The server's response contains no list of posts.", step=OWN)
    return items_of(body, ITEMS)
