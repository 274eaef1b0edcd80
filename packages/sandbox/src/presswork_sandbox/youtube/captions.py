"""Caption tracks of videos: uploaded with their language and name in one request, then synchronized.

Source: Google, "Captions" and the discovery document of youtube.v3 of 2026-11-04, read 2026-11. Language and name are unique for a
video: clients report 409 captionExists for a repeat. How long a track is `syncing` is not documented; here two seconds.
"""

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue, Reply, json_reply
from presswork_sandbox.youtube.errors import YouTubeRefusal
from presswork_sandbox.youtube.paging import Page, paged
from presswork_sandbox.youtube.resources import with_etag, youtube_time
from presswork_sandbox.youtube.validation import read_parts
from presswork_sandbox.youtube.videos import Video, Videos
from presswork_sandbox.youtube.whole_uploads import read_whole, spool

PARTS: Final = frozenset({"id", "snippet"})
MAX_BYTES: Final = 104_857_600
MAX_NAME: Final = 150  # characters
SYNC_SECONDS: Final = 2.0
DOMAIN: Final = "youtube.caption"
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*", re.ASCII | re.IGNORECASE)
_CUE: Final = re.compile(r"\s*\d+[ \t]*\r?\n\d{1,3}:\d\d:\d\d[,.]\d{1,3} --> \d{1,3}:\d\d:\d\d[,.]\d{1,3}", re.ASCII)
_HEAD_BYTES: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """One track of a video."""

    number: int
    caption_id: str
    video_id: str
    language: str
    name: str
    is_draft: bool
    size_bytes: int
    failure: str | None
    created_at: float


def _caption(row: sqlite3.Row) -> Caption:
    return Caption(**{**dict(row), "is_draft": bool(row["is_draft"])})


class Captions:
    """Add, list and delete tracks. All calls raise YouTubeRefusal."""

    def __init__(self, sandbox: Sandbox, videos: Videos) -> None:
        self._sandbox = sandbox
        self._videos = videos

    def of_video(self, video_id: str) -> Sequence[Caption]:
        """Return the tracks of a video, the oldest first."""
        sql = "SELECT * FROM youtube_captions WHERE video_id = ? ORDER BY number"
        return [_caption(row) for row in self._sandbox.store.all(sql, video_id)]

    def to_json(self, caption: Caption) -> Mapping[str, JSONValue]:
        """Return a track as the control surface shows it."""
        return {
            "id": caption.caption_id,
            "language": caption.language,
            "name": caption.name,
            "isDraft": caption.is_draft,
            "sizeBytes": caption.size_bytes,
            "status": self._status(caption),
        }

    async def insert(self, call: Call, account: Account, query: Mapping[str, str]) -> Reply:
        """POST upload/captions?uploadType=multipart: the track's snippet, then its file."""
        parts, store = read_parts(query.get("part", ""), PARTS), self._sandbox.store
        if query.get("uploadType") != "multipart":
            raise _build_no_content()
        path = store.folder / f"youtube-caption-{store.next_number('youtube caption upload')}"
        try:
            await spool(call.request, path)
            upload = read_whole(call.request, path)
            size = upload.end - upload.first
            if size > MAX_BYTES:
                raise YouTubeRefusal("uploadTooLarge", f"Media is too large. Limit: {MAX_BYTES}")
            if not size:
                raise _build_no_content()
            head = _read_head(path, upload.first, min(size, _HEAD_BYTES))
        finally:
            path.unlink(missing_ok=True)
        video_id, language, name, is_draft = _read_snippet(upload.body)
        self._own_video(account, video_id)
        if any((one.language, one.name) == (language, name) for one in self.of_video(video_id)):
            raise YouTubeRefusal(
                "captionExists",
                "The specified video already has a caption track with the given language and name.",
                domain=DOMAIN,
                location="body.snippet",
            )
        with store.transaction():
            number = store.next_number("youtube caption")
            store.insert(
                "youtube_captions",
                number=number,
                caption_id="AUieDa" + store.secret("youtube caption", number, 50),
                video_id=video_id,
                language=language,
                name=name,
                is_draft=is_draft,
                size_bytes=size,
                failure=None if _is_readable(head) else "unknownFormat",
                created_at=self._sandbox.clock.now(),
            )
        made = _caption(store.one("SELECT * FROM youtube_captions WHERE number = ?", number))
        return json_reply(self._describe(made, parts))

    def list(self, account: Account, query: Mapping[str, str]) -> Reply:
        """GET captions?videoId=, also with `id`: the tracks of a video of one's own."""
        parts = read_parts(query.get("part", ""), PARTS)
        if not query.get("videoId"):
            raise YouTubeRefusal(
                "missingRequiredParameter",
                "No filter selected. Expected one of: videoId",
                domain="youtube.parameter",
                location="parameters.",
            )
        self._own_video(account, query["videoId"])
        wanted = set(query["id"].split(",")) if query.get("id") else None
        items = [
            self._describe(one, parts)
            for one in self.of_video(query["videoId"])
            if wanted is None or one.caption_id in wanted
        ]
        body = paged("youtube#captionListResponse", items, Page(start=0, size=len(items), total=len(items)))
        del body["pageInfo"]  # this list has no pages
        return json_reply(body)

    def delete(self, account: Account, query: Mapping[str, str]) -> Reply:
        """DELETE captions?id=."""
        store = self._sandbox.store
        row = store.first("SELECT * FROM youtube_captions WHERE caption_id = ?", query.get("id", ""))
        if row is None:
            raise YouTubeRefusal(
                "captionNotFound",
                "The caption track could not be found. Check the value of the request's id parameter.",
                domain=DOMAIN,
                location="id",
                location_type="parameter",
            )
        self._own_video(account, row["video_id"])
        store.run("DELETE FROM youtube_captions WHERE number = ?", row["number"])
        return Reply(status=204)

    def _own_video(self, account: Account, video_id: str) -> Video:
        video = self._videos.find(video_id)
        if video is None:
            raise YouTubeRefusal(
                "videoNotFound",
                "The video identified by the videoId parameter could not be found.",
                domain=DOMAIN,
                location="videoId",
                location_type="parameter",
            )
        if video.account_id != account.id:
            raise YouTubeRefusal(
                "forbidden",
                "The permissions associated with the request are not sufficient for the caption tracks of this video.",
                domain=DOMAIN,
                location="videoId",
                location_type="parameter",
            )
        return video

    def _status(self, caption: Caption) -> str:
        if self._sandbox.clock.now() < caption.created_at + SYNC_SECONDS:
            return "syncing"
        return "serving" if caption.failure is None else "failed"

    def _describe(self, caption: Caption, parts: Sequence[str]) -> JSONValue:
        shown: dict[str, JSONValue] = {"kind": "youtube#caption", "id": caption.caption_id}
        if "snippet" in parts:
            snippet: dict[str, JSONValue] = {
                "videoId": caption.video_id,
                "lastUpdated": youtube_time(caption.created_at),
                "trackKind": "standard",
                "language": caption.language,
                "name": caption.name,
                "audioTrackType": "unknown",
                "isCC": False,
                "isLarge": False,
                "isEasyReader": False,
                "isDraft": caption.is_draft,
                "isAutoSynced": False,
                "status": self._status(caption),
            }
            if snippet["status"] == "failed":
                snippet["failureReason"] = caption.failure
            shown["snippet"] = snippet
        return with_etag(shown)


def _read_snippet(body: Mapping[str, JSONValue]) -> tuple[str, str, str, bool]:
    """Return video, language, name and whether it is a draft. Raises YouTubeRefusal."""
    given = body.get("snippet")
    snippet = given if isinstance(given, Mapping) else {}
    video_id, language, name = (snippet.get(field) for field in ("videoId", "language", "name"))
    is_draft = snippet.get("isDraft", False)
    if isinstance(name, str) and len(name) > MAX_NAME:
        message = f"The snippet.name value is too long: it has at most {MAX_NAME} characters."
        raise YouTubeRefusal("nameTooLong", message, domain=DOMAIN, location="body.snippet.name")
    if (
        not isinstance(video_id, str)
        or not isinstance(language, str)
        or _LANGUAGE.fullmatch(language) is None
        or not isinstance(name, str)
        or not isinstance(is_draft, bool)
    ):
        raise YouTubeRefusal(
            "invalidMetadata",
            "The request contains invalid metadata values, which prevent the track from being created.",
            domain=DOMAIN,
            location="body.snippet",
        )
    return video_id, language, name, is_draft


def _read_head(path: Path, first: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(first)
        return file.read(size)


def _is_readable(head: bytes) -> bool:
    """Return whether a file begins as SubRip or WebVTT in UTF-8 does."""
    text = head.decode("utf-8-sig", errors="ignore")
    return text.startswith("WEBVTT") or _CUE.match(text) is not None


def _build_no_content() -> YouTubeRefusal:
    return YouTubeRefusal(
        "contentRequired", "The request does not contain the caption track's contents.", domain=DOMAIN, location="body"
    )
