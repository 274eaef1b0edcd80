"""The calls of the YouTube Data API about channels, videos and thumbnails.

Source: Google, "YouTube Data API: Reference", read 2026-11.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from starlette.requests import ClientDisconnect

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.core import Sandbox
from presswork_sandbox.media import Asset
from presswork_sandbox.media_info import NotMedia
from presswork_sandbox.wire import JSONValue, Reply, base_url, json_reply
from presswork_sandbox.youtube.errors import YouTubeRefusal
from presswork_sandbox.youtube.facts import FACTS
from presswork_sandbox.youtube.paging import Page, paged
from presswork_sandbox.youtube.resources import CHANNEL_PARTS, Resources, own_thumbnails, with_etag
from presswork_sandbox.youtube.sessions import Session, Sessions
from presswork_sandbox.youtube.validation import OWNER_PARTS, check_video, read_parts
from presswork_sandbox.youtube.videos import Video, Videos, is_short, long_uploads_status
from presswork_sandbox.youtube.whole_uploads import read_whole, spool

MAX_IDS: Final = 50  # of a videos.list call
STATS_PARTS: Final = frozenset({"id", "snippet", "statistics", "contentDetails"})
MAX_VIDEO_BYTES: Final = 256 * 1024**3
# By the discovery document of google-api-python-client 2.202, read 2026-11. Older pages say 2 MB.
MAX_THUMBNAIL_BYTES: Final = 50 * 1024**2
THUMBNAIL_TYPES: Final = frozenset({"image/jpeg", "image/png", "application/octet-stream"})
THUMBNAIL_FORMATS: Final = frozenset({"JPEG", "PNG"})
NOT_FOUND: Final = (
    'The video that you are trying to {} cannot be found. Check the value of the <code><a href="/youtube/v3/docs/videos/{}#id">'
    "id</a></code> field in the request body to ensure that it is correct."
)


class API:
    """The calls that a token of one channel opens. All raise YouTubeRefusal."""

    def __init__(self, sandbox: Sandbox, videos: Videos, sessions: Sessions, resources: Resources) -> None:
        self._sandbox = sandbox
        self._videos = videos
        self._sessions = sessions
        self._resources = resources

    def channels(self, account: Account, query: Mapping[str, str]) -> Reply:
        """GET channels: one's own (`mine`), or others by id or handle."""
        parts, found = read_parts(query.get("part", ""), CHANNEL_PARTS), self._chosen_channels(account, query)
        page = Page(start=0, size=5, total=len(found))
        items = [
            self._resources.channel(channel, parts, is_own="mine" in query or channel.id == account.id)
            for channel in found
        ]
        body = paged("youtube#channelListResponse", items, page)
        if not items:
            del body["items"]  # seen: a Google account without a channel gets a response without items
        return json_reply(body)

    def _chosen_channels(self, account: Account, query: Mapping[str, str]) -> list[Account]:
        if query.get("mine") == "true":
            others = account.settings.get("otherChannels")
            now, handles = self._sandbox.clock.now(), others if isinstance(others, list) else []
            own = [account, *(self._sandbox.accounts.ensure(FACTS.name, str(handle), now) for handle in handles)]
        elif "id" in query:
            wanted = set(query["id"].split(","))
            own = [channel for channel in self._sandbox.accounts.listed(FACTS.name) if channel.user_id in wanted]
        elif "forHandle" in query:
            channel = self._sandbox.accounts.by_handle(FACTS.name, query["forHandle"].removeprefix("@"))
            own = [] if channel is None else [channel]
        else:
            raise YouTubeRefusal(
                "missingRequiredParameter",
                "No filter selected. Expected one of: forHandle, forUsername, id, managedByMe, mine",
                domain="youtube.parameter",
                location="parameters.",
            )
        return [channel for channel in own if has_channel(channel)]

    # Uploads

    def start_upload(
        self, call: Call, host: str, account: Account, body: Mapping[str, JSONValue], query: Mapping[str, str]
    ) -> Reply:
        """POST upload/videos?uploadType=resumable: a session, whose URL is in Location."""
        if query.get("uploadType") != "resumable":
            raise YouTubeRefusal(
                "mediaBodyRequired",
                "The request does not include the video content.",
                domain="youtube.video",
                location="body",
            )
        headers = call.request.headers
        kind = headers.get("x-upload-content-type", "application/octet-stream")
        total = _length(headers.get("x-upload-content-length"))
        session = self._session(call, account, body, query, kind=kind, total=total)
        url = f"{base_url(call.request, host)}/{call.path.strip('/')}"
        shown = {name: value for name, value in query.items() if name != "access_token"}
        location = f"{url}?{urlencode({**shown, 'upload_id': session.upload_id})}"
        return Reply(
            headers={"Location": location, "X-GUploader-UploadID": session.upload_id},
            shown={"session": session.number},
        )

    async def upload_whole(self, call: Call, account: Account, query: Mapping[str, str]) -> Reply:
        """POST upload/videos?uploadType=multipart or media: the video and its bytes in one request."""
        store = self._sandbox.store
        path = store.folder / f"youtube-whole-{store.next_number('youtube whole upload')}"
        try:
            await spool(call.request, path)
            upload = read_whole(call.request, path)
            body, total = upload.body or {"snippet": {"title": "unknown"}}, upload.end - upload.first
            session = self._session(call, account, body, query, kind=upload.content_type, total=total)
            return await self._sessions.complete_whole(session, path, upload)
        finally:
            path.unlink(missing_ok=True)

    def _session(
        self,
        call: Call,
        account: Account,
        body: Mapping[str, JSONValue],
        query: Mapping[str, str],
        *,
        kind: str,
        total: int | None,
    ) -> Session:
        """Start a session for a video that can be accepted."""
        parts = read_parts(query.get("part", ""))
        kind = kind.partition(";")[0].strip().lower()
        if not kind.startswith("video/") and kind != "application/octet-stream":
            raise YouTubeRefusal(
                "badContent",
                f"Media type '{kind}' is not supported. Valid media types: [video/*, application/octet-stream]",
            )
        checked = check_video(body, parts, self._sandbox.clock.now())
        if self._videos.is_full(account):
            raise YouTubeRefusal("uploadLimitExceeded", location="body")
        defaults = check_video({"snippet": {"title": "unknown"}}, ("snippet", "status"), 0)
        sent = {name: body[name] for name in parts if name in body}
        params = {name: value for name, value in query.items() if name not in {"access_token", "uploadType", "alt"}}
        return self._sessions.start(
            call,
            account,
            params={**params, "part": ",".join(parts), **sent},
            resource={**defaults, **checked},
            total_bytes=total,
        )

    # Videos

    def list_videos(self, call: Call, account: Account, query: Mapping[str, str]) -> Reply:
        """GET videos?id=: those that this channel may see, without a word about the others."""
        parts = read_parts(query.get("part", ""))
        items: list[JSONValue] = []
        for video, owner in self._chosen_videos(account, query):
            if owner.id != account.id and OWNER_PARTS & set(parts):
                raise YouTubeRefusal(
                    "forbidden", "The request cannot access user rating information.", domain="youtube.video"
                )
            is_polled = owner.id == account.id and {"status", "processingDetails"} & set(parts)
            shown = self._videos.poll(call, video) if is_polled else video
            items.append(self._resources.video(shown, owner, parts))
        return json_reply(paged("youtube#videoListResponse", items, Page(start=0, size=len(items), total=len(items))))

    def batch_get_stats(self, account: Account, query: Mapping[str, str]) -> Reply:
        """GET videos:batchGetStats?id=: the numbers of those that this channel may see."""
        parts = read_parts(query.get("part", ""), STATS_PARTS)
        items = [
            self._resources.video_stats(video, owner, parts) for video, owner in self._chosen_videos(account, query)
        ]
        return json_reply(with_etag({"kind": "youtube#batchGetStatsResponse", "items": items, "summary": {}}))

    def _chosen_videos(self, account: Account, query: Mapping[str, str]) -> list[tuple[Video, Account]]:
        """Return the videos of a list of ids that a channel may see, each with its owner. Raises YouTubeRefusal."""
        ids = [one for one in query.get("id", "").split(",") if one]
        if not ids:
            raise YouTubeRefusal(
                "missingRequiredParameter",
                "No filter selected. Expected one of: chart, id, myRating",
                domain="youtube.parameter",
                location="parameters.",
            )
        if len(ids) > MAX_IDS:
            raise YouTubeRefusal("invalidFilters", "The request specifies too many values of id.", location="id")
        chosen: list[tuple[Video, Account]] = []
        for video_id in dict.fromkeys(ids):
            video = self._videos.find(video_id)
            owner = None if video is None else self._sandbox.accounts.by_id(video.account_id)
            if video is None or owner is None:
                continue
            if owner.id == account.id or (video.privacy != "private" and video.is_watchable):
                chosen.append((video, owner))
        return chosen

    def update_video(self, account: Account, body: Mapping[str, JSONValue], query: Mapping[str, str]) -> Reply:
        """PUT videos: each part that is named is replaced as a whole."""
        parts, video_id = read_parts(query.get("part", "")), body.get("id")
        video = self._own_video(account, video_id if isinstance(video_id, str) else "", "update")
        snippet = body.get("snippet")
        if "snippet" in parts and isinstance(snippet, Mapping) and not snippet.get("categoryId"):
            raise YouTubeRefusal(
                "invalidCategoryId",
                "The snippet.categoryId property specifies an invalid category ID.",
                domain="youtube.video",
                location="body.snippet.categoryId",
            )
        checked = check_video(body, parts, self._sandbox.clock.now())
        video = self._videos.update(video, {name: body.get(name) or {} for name in checked}, checked)
        return json_reply(self._resources.video(video, account, parts))

    def delete_video(self, account: Account, query: Mapping[str, str]) -> Reply:
        """DELETE videos?id=."""
        self._videos.delete(self._own_video(account, query.get("id", ""), "delete"))
        return Reply(status=204)

    def _own_video(self, account: Account, video_id: str, verb: str) -> Video:
        video = self._videos.find(video_id)
        if video is None:
            raise YouTubeRefusal(
                "videoNotFound", NOT_FOUND.format(verb, verb), domain="youtube.video", location="body.id"
            )
        if video.account_id != account.id:
            raise YouTubeRefusal(
                "forbidden",
                f"The video that you are trying to {verb} can't be changed by this channel. The request might not be"
                " properly authorized.",
                domain="youtube.video",
                location="body",
            )
        return video

    async def set_thumbnail(self, call: Call, account: Account, query: Mapping[str, str]) -> Reply:
        """POST upload/thumbnails/set?videoId=&uploadType=media, with the picture as the body."""
        video = self._videos.find(query.get("videoId", ""))
        if video is None:
            raise YouTubeRefusal(
                "videoNotFound",
                "The video that you are trying to set a thumbnail for cannot be found.",
                domain="youtube.thumbnail",
                location="videoId",
                location_type="parameter",
            )
        if video.account_id != account.id or long_uploads_status(account) != "allowed":
            raise YouTubeRefusal(
                "forbidden",
                "The authenticated user doesn't have permissions to upload and set custom video thumbnails.",
                domain="youtube.thumbnail",
                location="body",
            )
        asset = None if video.asset_id is None else self._sandbox.media_store.asset(video.asset_id)
        shows_short = asset is not None and is_short(asset)
        # Shorts have thumbnails since 2026-11-03, once they are processed.
        if shows_short and video.state == "uploaded":
            raise YouTubeRefusal(
                "failedPrecondition", "The video is still being processed.", domain="youtube.thumbnail"
            )
        self._videos.set_thumbnail(video, await self._picture(call))
        pictures = own_thumbnails(video.video_id, is_short=shows_short)
        return json_reply(with_etag({"kind": "youtube#thumbnailSetResponse", "items": [pictures]}))

    async def _picture(self, call: Call) -> Asset:
        kind = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in THUMBNAIL_TYPES:
            raise YouTubeRefusal(
                "badContent",
                f"Media type '{kind}' is not supported. Valid media types: [image/jpeg, image/png,"
                " application/octet-stream]",
            )
        store = self._sandbox.store
        path = store.folder / f"youtube-thumbnail-{store.next_number('youtube thumbnail')}"
        try:
            await _receive_picture(call, path)
            asset = await self._sandbox.media_store.keep(path)
        except NotMedia as bad:
            raise _invalid_image() from bad
        finally:
            path.unlink(missing_ok=True)
        if asset.is_video:
            raise _invalid_image()
        if asset.format not in THUMBNAIL_FORMATS:
            raise YouTubeRefusal(
                "imageFormatUnsupported",
                "The format of the provided image is not supported.",
                domain="youtube.thumbnail",
                location="body",
            )
        return asset


def has_channel(account: Account) -> bool:
    """Return whether there is a channel behind a Google account."""
    return account.settings.get("hasChannel") is not False


def _length(text: str | None) -> int | None:
    """Return the announced length of a file, in bytes; None where it is not known."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise YouTubeRefusal("badRequest", "Invalid value for X-Upload-Content-Length.")
    if int(text) > MAX_VIDEO_BYTES:
        raise YouTubeRefusal("uploadTooLarge", f"Media is too large. Limit: {MAX_VIDEO_BYTES}")
    return int(text)


async def _receive_picture(call: Call, path: Path) -> None:
    size = 0
    with path.open("wb") as file:
        try:
            async for part in call.request.stream():
                size += len(part)
                if size > MAX_THUMBNAIL_BYTES:
                    raise YouTubeRefusal(
                        "failedPrecondition",
                        f"The image is too large. Limit: {MAX_THUMBNAIL_BYTES}",
                        domain="youtube.thumbnail",
                        location="body",
                    )
                file.write(part)
        except ClientDisconnect:
            size = 0
    if not size:
        raise YouTubeRefusal(
            "mediaBodyRequired",
            "The request does not include the image content.",
            domain="youtube.thumbnail",
            location="body",
        )


def _invalid_image() -> YouTubeRefusal:
    return YouTubeRefusal(
        "invalidImage", "The provided image content is invalid.", domain="youtube.thumbnail", location="body"
    )
