"""Adds to a live video what its options ask for: a thumbnail, places in playlists, captions. Each is a step of its own.

Setting a thumbnail again changes nothing. A video can be in a playlist twice, and nothing but the list of its items says so; a track's
language and name are unique for a video.
Source: Google, "Thumbnails: set", "PlaylistItems: insert", "PlaylistItems: list", "Playlists: list", "Captions: insert", "Captions:
list" and the discovery document of youtube.v3 of 2026-11-04, read 2026-11.
"""

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from typing import Final
from uuid import uuid4

from pydantic import JsonValue

from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, StillSpec
from presswork.platforms.api_client import (
    ApiError,
    ApiResponse,
    ErrorMeaning,
    JsonObject,
    UnreadableResponse,
    ineligible,
    refusal,
)
from presswork.platforms.errors import FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.json_values import items_of, part_of, text_of
from presswork.platforms.port import Added, Credentials, Extra, Job, MediaFile, Playlist
from presswork.platforms.rate_limits import reserve
from presswork.platforms.youtube.api import (
    CAPTIONS,
    PLAYLIST_ITEMS,
    PLAYLISTS,
    UPLOAD_CAPTION,
    UPLOAD_THUMBNAIL,
    Api,
)
from presswork.platforms.youtube.description import EXTRA_SCOPES
from presswork.platforms.youtube.error_mapping import ERROR_MEANINGS, YOUTUBE
from presswork.platforms.youtube.rules import (
    CAPTION,
    MAX_CAPTION_BYTES,
    MAX_THUMBNAIL_BYTES,
    PLAYLIST,
    THUMBNAIL,
    WRITES_OF_A_CAPTION,
    Quota,
    YouTubeCaption,
    settings_of,
)

SET_THUMBNAIL: Final = "thumbnails_set"
INSERT_ITEM: Final = "playlist_items_insert"
INSERT_CAPTION: Final = "captions_insert"
_LIST_ITEMS: Final = "playlist_items_list"
_LIST_CAPTIONS: Final = "captions_list"
_LIST_PLAYLISTS: Final = "playlists_list"
_PICTURE: Final = ImageSpec(
    accepts=frozenset({ContentType.JPEG, ContentType.PNG}),
    max_width=3840,
    max_height=3840,
    max_size_bytes=MAX_THUMBNAIL_BYTES,
)
"""YouTube names no most pixels; its largest thumbnails have 3840."""
_STEPS: Final = {THUMBNAIL: SET_THUMBNAIL, PLAYLIST: INSERT_ITEM, CAPTION: INSERT_CAPTION}
_ADVICE: Final = {
    THUMBNAIL: "Set the thumbnail in YouTube Studio.",
    PLAYLIST: "Add the video to the playlist on YouTube.",
    CAPTION: "Add the captions in YouTube Studio.",
}
"""What to do where an extra was refused: the video is live, so "publish again" would be wrong."""
_UNVERIFIED: Final = ineligible(
    "The channel may set no thumbnails: it is not verified by phone.",
    "Verify it at youtube.com/verify, and set the thumbnail in YouTube Studio.",
)
_MAX_PAGES: Final = 20
_A_PAGE: Final = 50
_HEAD_BYTES: Final = 4096
_CUE: Final = re.compile(r"\s*\d+[ \t]*\r?\n\d{1,3}:\d\d:\d\d[,.]\d{1,3} --> \d{1,3}:\d\d:\d\d[,.]\d{1,3}", re.ASCII)
"""How a SubRip file begins: the number of a cue, and its times."""
_CAPTION_FAILURES: Final = {
    "processingFailed": "YouTube could not process the file.",
    "unknownFormat": "YouTube does not know the file's format.",
    "unsupportedFormat": "YouTube does not support the file's format.",
}


async def add_extra(api: Api, quota: Quota, job: Job, video_id: str, extra: Extra, *, may_be_there: bool) -> Added:
    """Add one extra to a live video. Raises as `SupportsExtras.add_extra`."""
    if not job.account.scopes >= EXTRA_SCOPES[extra.kind]:
        missing = ", ".join(sorted(EXTRA_SCOPES[extra.kind] - job.account.scopes))
        raise Rejected(
            f"The account did not give Presswork the permission that this needs ({missing}).",
            advice=f"{_ADVICE[extra.kind]} Connect the account again with every permission ticked.",
            step=_STEPS[extra.kind],
            failure=FailureCode.CREDENTIAL_INVALID,
        )
    adding = _Adding(api, quota, job, video_id)
    if extra.kind == THUMBNAIL:
        return await adding.set_thumbnail()
    if extra.kind == PLAYLIST:
        return await adding.add_to_playlist(extra.subject or "", may_be_there=may_be_there)
    captions = settings_of(job.options).captions or []
    (caption,) = (one for one in captions if one.subject == extra.subject)
    return await adding.upload_caption(caption, may_be_there=may_be_there)


async def list_playlists(api: Api, credentials: Credentials) -> Sequence[Playlist]:
    """Return a channel's own playlists. Raises TryLater, Rejected, CredentialInvalid."""
    found: list[Playlist] = []
    params = {"part": "snippet", "mine": "true", "maxResults": str(_A_PAGE)}
    for _ in range(_MAX_PAGES):
        page = await api.ask(credentials, "GET", PLAYLISTS, params, step=_LIST_PLAYLISTS, now=None)
        for item in items_of(page, "items"):
            if (playlist_id := text_of(item.get("id"))) is not None:
                title = text_of(part_of(item, "snippet").get("title")) or playlist_id
                found.append(Playlist(id=playlist_id, title=title))
        if (token := text_of(page.get("nextPageToken"))) is None:
            break
        params["pageToken"] = token
    return found


class _Adding:
    """The steps of one video."""

    def __init__(self, api: Api, quota: Quota, job: Job, video_id: str) -> None:
        self._api: Final = api
        self._quota: Final = quota
        self._job: Final = job
        self._video_id: Final = video_id

    async def set_thumbnail(self) -> Added:
        """Set the thumbnail; repeating the call changes nothing more. Raises TryLater, Rejected, CredentialInvalid."""
        async with self._open_picture() as file:
            await self._reserve(SET_THUMBNAIL)
            params = {"videoId": self._video_id, "uploadType": "media"}
            headers = {"Content-Type": file.content_type, "Content-Length": str(file.size_bytes)}
            with YOUTUBE.lost(step=SET_THUMBNAIL):
                _, response = await self._api.send(
                    self._job,
                    "POST",
                    UPLOAD_THUMBNAIL,
                    params,
                    step=SET_THUMBNAIL,
                    headers=headers,
                    upload=lambda: file.reader(0, file.size_bytes - 1),
                )
        if isinstance(response, ApiError):
            known_as = _UNVERIFIED if response.code == "forbidden" else None
            raise self._explain(response, THUMBNAIL, known_as)
        return Added(message="The thumbnail is set.")

    def _open_picture(self) -> AbstractAsyncContextManager[MediaFile]:
        thumbnail = settings_of(self._job.options).thumbnail
        if thumbnail is not None and thumbnail.url is not None:
            return self._job.fetched_file(thumbnail.url, max_bytes=MAX_THUMBNAIL_BYTES, spec=_PICTURE)
        at_ms = 0 if thumbnail is None else thumbnail.timestamp_ms or 0
        return self._job.media_file(self._job.media[0], StillSpec(at_ms=at_ms))

    async def add_to_playlist(self, playlist_id: str, *, may_be_there: bool) -> Added:
        """Add the video to a playlist, at its end. Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown."""
        if may_be_there and (item_id := await self._find_item(playlist_id)) is not None:
            return Added(message=f"The video is in the playlist {playlist_id}.", external_id=item_id)
        await self._reserve(INSERT_ITEM)
        resource: JsonValue = {"kind": "youtube#video", "videoId": self._video_id}
        body: JsonValue = {"snippet": {"playlistId": playlist_id, "resourceId": resource}}
        unknown = partial(YOUTUBE.publish_unknown, step=INSERT_ITEM, aim=f"add the video to the playlist {playlist_id}")
        with YOUTUBE.lost(step=INSERT_ITEM, unknown=unknown):
            _, response = await self._api.send(
                self._job, "POST", PLAYLIST_ITEMS, {"part": "snippet"}, step=INSERT_ITEM, body=body
            )
        if isinstance(response, ApiError):
            if not response.proves_nothing_changed:
                raise unknown(f"it answered HTTP {response.status}", response)
            raise self._explain(response, PLAYLIST)
        if isinstance(response, UnreadableResponse) or text_of(response.get("id")) is None:
            raise unknown("its response was unreadable")
        return Added(message=f"The video is in the playlist {playlist_id}.", external_id=text_of(response.get("id")))

    async def _find_item(self, playlist_id: str) -> str | None:
        params = {"part": "id", "playlistId": playlist_id, "videoId": self._video_id, "maxResults": "1"}
        response = await self._read(PLAYLIST_ITEMS, params, step=_LIST_ITEMS, kind=PLAYLIST)
        found = items_of(response, "items")
        return (text_of(found[0].get("id")) or playlist_id) if found else None

    async def upload_caption(self, caption: YouTubeCaption, *, may_be_there: bool) -> Added:
        """Upload one track. Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown."""
        if may_be_there and (found := await self._find_caption(caption)) is not None:
            return found
        async with self._job.fetched_file(caption.url, max_bytes=MAX_CAPTION_BYTES) as file:
            await _require_captions(file)
            await self._reserve(INSERT_CAPTION, calls=WRITES_OF_A_CAPTION)
            response = await self._send_caption(caption, file)
        if isinstance(response, ApiError):
            if response.code == "captionExists" and may_be_there:  # the lost call was slower than the list
                return _added(caption, None)
            if not response.proves_nothing_changed:
                raise _caption_unknown(caption, f"it answered HTTP {response.status}", response)
            raise self._explain(response, CAPTION)
        if isinstance(response, UnreadableResponse):
            raise _caption_unknown(caption, "its response was unreadable")
        return _added(caption, text_of(response.get("id")))

    async def _send_caption(self, caption: YouTubeCaption, file: MediaFile) -> ApiResponse:
        boundary = f"presswork-{uuid4().hex}"
        snippet = {
            "videoId": self._video_id,
            "language": caption.language,
            "name": caption.name or "",
            "isDraft": False,
        }
        head = (
            f"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{json.dumps({'snippet': snippet})}\r\n"
            f"--{boundary}\r\nContent-Type: application/octet-stream\r\n\r\n"
        ).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()

        async def parts() -> AsyncIterator[bytes]:
            yield head
            async for chunk in file.reader(0, file.size_bytes - 1):
                yield chunk
            yield tail

        headers = {
            "Content-Type": f"multipart/related; boundary={boundary}",
            "Content-Length": str(len(head) + file.size_bytes + len(tail)),
        }
        with YOUTUBE.lost(step=INSERT_CAPTION, unknown=partial(_caption_unknown, caption)):
            _, response = await self._api.send(
                self._job,
                "POST",
                UPLOAD_CAPTION,
                {"part": "snippet", "uploadType": "multipart"},
                step=INSERT_CAPTION,
                headers=headers,
                upload=parts,
            )
        return response

    async def _find_caption(self, caption: YouTubeCaption) -> Added | None:
        """Return the track where the video has it; raise Rejected where YouTube could not use its file."""
        await self._reserve(_LIST_CAPTIONS)
        params = {"part": "snippet", "videoId": self._video_id}
        response = await self._read(CAPTIONS, params, step=_LIST_CAPTIONS, kind=CAPTION)
        for item in items_of(response, "items"):
            snippet = part_of(item, "snippet")
            name = snippet.get("name") or ""
            is_made = snippet.get("trackKind") != "ASR"  # that is YouTube's own
            if not is_made or (snippet.get("language"), name) != (caption.language, caption.name or ""):
                continue
            if snippet.get("status") == "failed":
                reason = text_of(snippet.get("failureReason")) or ""
                sentence = _CAPTION_FAILURES.get(reason, "YouTube could not use the file.")
                raise Rejected(sentence, advice=_ADVICE[CAPTION], step=_LIST_CAPTIONS, platform_code=reason or None)
            return _added(caption, text_of(item.get("id")))
        return None

    async def _read(self, path: str, params: dict[str, str], *, step: str, kind: str) -> JsonObject:
        with YOUTUBE.lost(step=step):
            _, response = await self._api.send(self._job, "GET", path, params, step=step)
        if isinstance(response, ApiError):
            raise self._explain(response, kind)
        return YOUTUBE.object_of(response, step=step)

    def _explain(self, error: ApiError, kind: str, known_as: ErrorMeaning | None = None) -> PlatformError:
        """Return the error for a refused call: a new video may not be visible to it yet."""
        step, now = _STEPS[kind], self._job.now()
        if error.meaning is ERROR_MEANINGS["videoNotFound"]:
            return TryLater(f"{error.quoted} YouTube does not find the new video yet.", step=step, **error.reported)
        failure: PlatformError = refusal(error, step=step, now=now, known_as=known_as)
        if not isinstance(failure, Rejected):
            return failure
        advice = _ADVICE[kind] if known_as is None else known_as.advice
        return Rejected(failure.what, advice=advice, step=step, failure=failure.failure, **failure.reported)

    async def _reserve(self, step: str, *, calls: int = 1) -> None:
        """Reserve units of the day for a call, in writes. A sandbox's clock may be moved, so there only its own response counts."""
        if self._api.retry_policy.limit_recheck is None:
            now: datetime = self._job.now()
            await reserve(self._job, self._quota.of_writes(now), step=step, calls=calls)


def _caption_unknown(caption: YouTubeCaption, reason: str, error: ApiError | None = None) -> OutcomeUnknown:
    return YOUTUBE.publish_unknown(reason, error, step=INSERT_CAPTION, aim=f"add the captions in {caption.language}")


def _added(caption: YouTubeCaption, caption_id: str | None) -> Added:
    return Added(message=f"The video has the captions in {caption.language}.", external_id=caption_id)


async def _require_captions(file: MediaFile) -> None:
    """Check that a file begins as SubRip or WebVTT does. Raises Rejected."""
    head = b""
    async for chunk in file.reader(0, min(file.size_bytes, _HEAD_BYTES) - 1):
        head += chunk
    text = head.decode("utf-8-sig", errors="replace")
    if text.startswith("WEBVTT") or _CUE.match(text) is not None:
        return
    raise Rejected(
        "The captions are neither an SRT nor a WebVTT file in UTF-8.",
        advice=f"Send one of these the next time. {_ADVICE[CAPTION]}",
        step="fetch",
        failure=FailureCode.MEDIA_REJECTED,
    )
