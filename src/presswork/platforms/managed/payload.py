"""The body of a dispatch: rendered once, and sent again unchanged."""

import json
from collections.abc import Mapping, Set
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.core.ids import POST, public_id
from presswork.core.timestamps import write_instant
from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.port import DeliveryContext, Job, Media, MediaType, PlatformName

_MUSIC: Final = "tiktokMusic"
"""The option that is sent as a mode and a link."""


async def render(
    job: Job,
    context: DeliveryContext,
    platform: PlatformName,
    *,
    accepts_music: bool,
    options: Set[str],
    requested_at: datetime,
    deadline: datetime,
    fetchable_until: datetime,
) -> dict[str, JsonValue]:
    """Return the body of a dispatch; instants in UTC. `options` are the fields of a target that a provider gets.

    Raises Rejected when the chosen track has no public URL.
    """
    media: list[JsonValue] = [
        _describe_media(one, await job.media_url(one, None, until=fetchable_until)) for one in job.media
    ]
    body: dict[str, JsonValue] = {
        "postId": public_id(POST, job.post_id),
        "account": {
            "platform": platform.value,
            "handle": job.account.handle,
            "externalId": job.account.external_id,
        },
        "mediaType": job.media_type.value,
        "media": media,
        "caption": job.caption,
        "firstComment": context.first_comment,
        "requestedAt": write_instant(requested_at),
        "deadline": write_instant(deadline),
        "callbackUrl": context.callback_url,
    }
    if accepts_music and job.media_type is not MediaType.VIDEO and (mode := _read_music_mode(job)) is not None:
        body["tiktokMusicMode"] = mode
        if mode == "manual":
            body["tiktokMusicLink"] = _require_music_link(context)
    if job.link is not None:
        body["link"] = job.link.url
    return body | {name: value for name, value in job.options.document.items() if name in options - {_MUSIC}}


def _read_music_mode(job: Job) -> str | None:
    music = job.options.document.get(_MUSIC)
    return str(music["mode"]) if isinstance(music, dict) else None


def serialize(body: Mapping[str, JsonValue]) -> bytes:
    """Serialize a body: the same bytes each time, also after it was stored and read again."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _describe_media(media: Media, url: str) -> dict[str, JsonValue]:
    return {
        "url": url,
        "contentType": media.content_type,
        "sha256": media.sha256,
        "sizeBytes": media.size_bytes,
        "width": media.width,
        "height": media.height,
        "durationSeconds": None if media.duration is None else media.duration / timedelta(seconds=1),
        "altText": media.alt_text,
    }


def _require_music_link(context: DeliveryContext) -> str:
    track = context.track
    if track is None or not track.link:
        raise Rejected(
            "The track that was chosen has no public address in the catalogue any more, so it can't be sent to a provider. "
            "Choose another track, or import the catalogue with its links, and publish again.",
            step="prepare",
            failure=FailureCode.DELIVERY_FAILED,
        )
    return track.link
