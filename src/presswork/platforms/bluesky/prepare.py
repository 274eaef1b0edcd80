"""Prepares a post: uploads its media, resolves mentions, chooses its key, and writes what limits replies and quotes.

Nothing of it is visible: a blob needs a record, and a limit on replies needs the post that it is about.
"""

import secrets
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from presswork.platforms.api_client import Action
from presswork.platforms.bluesky.api import Api, refusal
from presswork.platforms.bluesky.error_mapping import BLUESKY
from presswork.platforms.bluesky.identity import resolve_handle
from presswork.platforms.bluesky.media_rules import check
from presswork.platforms.bluesky.options import BlueskyPostSettings, gates, record_fields, settings_of
from presswork.platforms.bluesky.quota import POSTS
from presswork.platforms.bluesky.record import (
    ENTROPY,
    Place,
    Record,
    images_embed,
    post_record,
    uri_of,
    video_embed,
)
from presswork.platforms.bluesky.session import Session
from presswork.platforms.bluesky.text import Link, spans
from presswork.platforms.bluesky.uploads import BLOBS, upload_pictures
from presswork.platforms.bluesky.video import VIDEO, VideoUpload
from presswork.platforms.bluesky.writes import PUT, put_record
from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.port import Job, MediaType, RetryPolicy, draft_of
from presswork.platforms.rate_limits import reserve

PLACE: Final = "keep_place"
"""The key of the post's record and its instant: the same from the first attempt that could write it, so that no attempt can
publish a second post."""
LOST_BLOBS: Final = "keep_lost_blobs"
"""How often the server no longer had the uploaded media."""
MOST_LOST_BLOBS: Final = 3
_GATED: Final = "gated"


class Preparation:
    """The work before the call that makes a post live."""

    def __init__(self, api: Api, retry_policy: RetryPolicy, job: Job) -> None:
        """Store the API client, the waits, and the post."""
        self._api = api
        self._retry_policy = retry_policy
        self._job = job

    async def run(self) -> Record:
        """Return `did`, `pds`, `rkey` and the `record`, as `make_live` writes it. Raises Rejected, TryLater, CredentialInvalid."""
        job = self._job
        check(draft_of(job)).require_none(step=PUT)
        _require_media_left(job)
        embed = await self._embed()
        settings = settings_of(job.options)
        dids = await resolve_mentions(self._api, job.caption)
        await reserve(job, POSTS, step=PUT)
        place = await self._place()  # after all waits: it has the instant by which feeds sort the post
        session = Session.read(await job.access_token(), step=PUT)
        await self._write_gates(settings, session.did, place)
        record = post_record(
            job.caption, created_at=place.created_at, dids=dids, embed=embed, fields=record_fields(settings)
        )
        return {"did": session.did, "pds": session.pds, "rkey": place.rkey, "record": record}

    async def _place(self) -> Place:
        place = Place.read(self._job.state.get(PLACE))
        if place is None:
            place = Place.choose(self._job.now(), entropy=secrets.randbelow(ENTROPY))
            await self._job.save(**{PLACE: place.as_json()})
        return place

    async def _embed(self) -> Record:
        media = self._job.media
        if self._job.media_type is MediaType.VIDEO:
            return video_embed(media[0], await VideoUpload(self._api, self._retry_policy, self._job).run())
        return images_embed(media, await upload_pictures(self._api, self._job, self._retry_policy))

    async def _write_gates(self, settings: BlueskyPostSettings, did: str, place: Place) -> None:
        """Write the records that limit replies and quotes, so that the post is never without them. Safe to repeat."""
        records = gates(settings, post_uri=uri_of(did, place.rkey), created_at=place.created_at)
        if not records or self._job.state.get(_GATED) == place.rkey:
            return
        for collection, record in records.items():
            with BLUESKY.lost(step=PUT):
                answer = await put_record(
                    self._api,
                    self._job,
                    did=did,
                    collection=collection,
                    rkey=place.rkey,
                    record=record,
                )
            is_there = answer.meaning.action is Action.LOOK  # an earlier attempt wrote it
            if not answer.is_ok and not is_there:
                raise refusal(answer, step=PUT)
        await self._job.save(**{_GATED: place.rkey})


async def resolve_mentions(api: Api, text: str) -> Mapping[str, str]:
    """Return the accounts that a text mentions, by their handles, without those that do not exist. Raises TryLater."""
    handles = dict.fromkeys(span.value for span in spans(text) if span.kind is Link.MENTION)
    found = {handle: await resolve_handle(api, handle) for handle in handles}
    return {handle: did for handle, did in found.items() if did is not None}


def _require_media_left(job: Job) -> None:
    """Raise Rejected where the server has lost the uploaded media too often."""
    lost = job.state.get(LOST_BLOBS)
    if isinstance(lost, int) and lost >= MOST_LOST_BLOBS:
        raise Rejected(
            f"Bluesky lost the uploaded media {lost} times before the post could refer to them. Nothing was published.",
            advice="Publish again later; if it happens again, replace the file.",
            step=PUT,
            failure=FailureCode.PLATFORM_UNAVAILABLE,
        )


def lost_blobs(job: Job) -> Mapping[str, JsonValue]:
    """Return the change of the state after the server no longer had the media: what was uploaded is of no use."""
    lost = job.state.get(LOST_BLOBS)
    return {BLOBS: None, VIDEO: None, LOST_BLOBS: (lost if isinstance(lost, int) else 0) + 1}
