"""Prepares a post: uploads its media, resolves mentions, chooses its key, and writes what limits replies and quotes.

Nothing of it is visible, and every call may be repeated: a blob needs a record, and a limit on replies needs the post that it is about.
A blob that no record refers to is removed after a while, which no page states exactly (hours): then the post is refused with
BlobNotFound, and the pictures are uploaded again.
Source: lexicon com.atproto.repo.uploadBlob, read 2026-11.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import JsonValue

from presswork.media.specs import ImageSpec
from presswork.platforms.api_client import Action
from presswork.platforms.bluesky.api import Api, refusal
from presswork.platforms.bluesky.client import Session
from presswork.platforms.bluesky.error_mapping import BLUESKY
from presswork.platforms.bluesky.options import BlueskyPostSettings, gates, record_fields, settings_of
from presswork.platforms.bluesky.record import (
    ENTROPY,
    Link,
    Place,
    Record,
    images_embed,
    link_embed,
    post_record,
    refer,
    spans,
    uri_of,
    video_embed,
)
from presswork.platforms.bluesky.record_cid import cid_of
from presswork.platforms.bluesky.repository import APPLY, POSTS, PUT, count_as_posts, put_record, resolve_handle
from presswork.platforms.bluesky.rules import IMAGE_UPLOAD, LINK_PICTURE, check
from presswork.platforms.bluesky.video import VideoUpload
from presswork.platforms.errors import TryLater, unavailable
from presswork.platforms.job_state import JobState
from presswork.platforms.port import Job, LinkCard, Media, MediaType, PostPart, RetryPolicy, Thread, draft_of
from presswork.platforms.rate_limits import reserve

PLACE: Final = "keep_place"
UPLOAD: Final = "upload_blob"
MAX_LOST_BLOBS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Progress(JobState):
    """What is stored of a post while it is prepared, besides its video."""

    blobs: list[dict[str, JsonValue]] = field(default_factory=list)
    """The uploaded pictures, in order; of a thread, those of all its parts."""
    keep_place: Place | None = None
    """The key of the post's record and its instant: the same from the first attempt that could write it, so that no attempt can publish
    a second post."""
    gated: str | None = None
    """The key of the record whose replies and quotes are limited."""
    keep_lost_blobs: int = 0
    """How often the server no longer had the uploaded media."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """The work before the call that makes a post live."""

    api: Api
    retry_policy: RetryPolicy
    job: Job

    async def run(self) -> Record:
        """Return `did`, `pds`, `rkey` and the `record`, as `make_live` writes it; of a thread, `records` with a key and a record for
        each part. Raises Rejected, TryLater, CredentialInvalid.
        """
        job = self.job
        if job.thread is not None:
            return await self._prepare_thread(job.thread)
        check(draft_of(job)).require_none(step=PUT)
        _require_media_left(job)
        embed = await self._build_embed()
        settings = settings_of(job.options)
        dids = await resolve_mentions(self.api, job.caption)
        await reserve(job, POSTS, step=PUT)
        place = await self._choose_place()  # after all waits: it has the instant by which feeds sort the post
        session = Session.read(await job.access_token(), step=PUT)
        await self._write_gates(settings, session.did, place)
        record = post_record(
            job.caption, created_at=place.created_at, dids=dids, embed=embed, fields=record_fields(settings)
        )
        return {"did": session.did, "pds": session.pds, "rkey": place.rkey, "record": record}

    async def _prepare_thread(self, thread: Thread) -> Record:
        """Build the records of all parts: each names the first and the one before by URI and CID, which are known beforehand."""
        job = self.job
        check(draft_of(job)).require_none(step=APPLY)
        _require_media_left(job)
        embeds = []
        uploaded = 0
        for part in thread.parts:
            embeds.append(await self._build_part_embed(part, skip=uploaded))
            uploaded += sum(not media.is_video for media in part.media)
        settings = settings_of(job.options)
        fields = record_fields(settings)
        mentions = [await resolve_mentions(self.api, part.text) for part in thread.parts]
        await reserve(job, POSTS, step=APPLY, calls=count_as_posts(len(thread.parts)))
        root = await self._choose_place()
        session = Session.read(await job.access_token(), step=APPLY)
        await self._write_gates(settings, session.did, root)
        records: list[JsonValue] = []
        first: dict[str, JsonValue] = {}
        before: dict[str, JsonValue] = {}
        for index, part in enumerate(thread.parts):
            place = root.of_part(index)
            record = post_record(
                part.text, created_at=place.created_at, dids=mentions[index], embed=embeds[index], fields=fields
            )
            if index:
                record = refer(record, root=first, parent=before)
            cid = cid_of(record)
            before = {"uri": uri_of(session.did, place.rkey), "cid": cid}
            first = first or before
            records.append({"rkey": place.rkey, "cid": cid, "record": record})
        return {"did": session.did, "pds": session.pds, "rkey": root.rkey, "records": records}

    async def _build_part_embed(self, part: PostPart, *, skip: int) -> Record | None:
        """Build the embed of one part; `skip` pictures belong to the parts before."""
        if part.media_type is MediaType.VIDEO:
            upload = VideoUpload(self.api, self.retry_policy, self.job, of_part=part.media[0])
            return video_embed(part.media[0], await upload.run())
        if part.media_type is MediaType.TEXT:
            return None if part.link is None else await self._build_link_embed(part.link)
        return images_embed(part.media, await self._upload_pictures(part.media, IMAGE_UPLOAD, skip=skip))

    async def _choose_place(self) -> Place:
        progress = _Progress.load(self.job.state)
        place = progress.keep_place
        if place is None:
            place = Place.choose(self.job.now(), entropy=secrets.randbelow(ENTROPY))
            await replace(progress, keep_place=place).save(self.job)
        return place

    async def _build_embed(self) -> Record | None:
        media, link = self.job.media, self.job.link
        if self.job.media_type is MediaType.TEXT:
            return None if link is None else await self._build_link_embed(link)
        if self.job.media_type is MediaType.VIDEO:
            return video_embed(media[0], await VideoUpload(self.api, self.retry_policy, self.job).run())
        return images_embed(media, await self._upload_pictures(media, IMAGE_UPLOAD))

    async def _build_link_embed(self, link: LinkCard) -> Record:
        picture = self.job.link_picture
        blobs = await self._upload_pictures([picture], LINK_PICTURE) if picture else []
        return link_embed(link, *blobs)

    async def _upload_pictures(
        self, pictures: Sequence[Media], spec: ImageSpec, *, skip: int = 0
    ) -> list[dict[str, JsonValue]]:
        """Upload the pictures that the state does not have; return the blobs of all. `skip` pictures were uploaded before them."""
        job = self.job
        blobs = _Progress.load(job.state).blobs
        for media in pictures[max(len(blobs) - skip, 0) :]:
            blobs = [*blobs, await self._upload_picture(media, spec)]
            job.note_later("preparing", f"Bluesky has picture {len(blobs) - skip} of {len(pictures)}.")
            await replace(_Progress.load(job.state), blobs=blobs).save(job)
        return blobs[skip : skip + len(pictures)]

    async def _upload_picture(self, media: Media, spec: ImageSpec) -> dict[str, JsonValue]:
        async with self.job.media_file(media, spec) as file:
            body = b"".join([piece async for piece in file.reader(0, file.size_bytes - 1)])
            content_type = file.content_type
        response, _ = await self.api.send_repeatable(
            self.job,
            "POST",
            "com.atproto.repo.uploadBlob",
            step=UPLOAD,
            data=body,
            headers={"Content-Type": content_type},
            timeout=self.retry_policy.timeouts.upload,
        )
        blob = response.object("blob")
        if not blob:
            raise TryLater("Bluesky's response to the upload names no blob.", step=UPLOAD)
        return dict(blob)

    async def _write_gates(self, settings: BlueskyPostSettings, did: str, place: Place) -> None:
        """Write the records that limit replies and quotes, so that the post is never without them. Safe to repeat."""
        records = gates(settings, post_uri=uri_of(did, place.rkey), created_at=place.created_at)
        if not records or _Progress.load(self.job.state).gated == place.rkey:
            return
        for collection, record in records.items():
            with BLUESKY.lost(step=PUT):
                response = await put_record(
                    self.api, self.job, did=did, collection=collection, rkey=place.rkey, record=record
                )
            is_there = response.meaning.action is Action.LOOK  # an earlier attempt wrote it
            if not response.is_ok and not is_there:
                raise refusal(response, step=PUT)
        await replace(_Progress.load(self.job.state), gated=place.rkey).save(self.job)


async def resolve_mentions(api: Api, text: str) -> Mapping[str, str]:
    """Return the accounts that a text mentions, by their handles, without those that do not exist. Raises TryLater."""
    handles = dict.fromkeys(span.value for span in spans(text) if span.kind is Link.MENTION)
    found = {handle: await resolve_handle(api, handle) for handle in handles}
    return {handle: did for handle, did in found.items() if did is not None}


def _require_media_left(job: Job) -> None:
    """Raise Rejected where the server has lost the uploaded media too often."""
    lost = _Progress.load(job.state).keep_lost_blobs
    if lost >= MAX_LOST_BLOBS:
        what = f"Bluesky lost the uploaded media {lost} times before the post could refer to them."
        advice = "Publish again later; if it happens again, replace the file."
        raise unavailable(f"{what} Nothing was published.", advice=advice, step=PUT)


async def forget_blobs(job: Job) -> None:
    """Store that the server no longer had the media: what was uploaded is of no use."""
    progress = _Progress.load(job.state)
    lost = replace(progress, blobs=[], keep_lost_blobs=progress.keep_lost_blobs + 1)
    await job.save(**lost.as_state(), video=None, partVideos=None)
