"""Comment threads: the comments of a video, which only videos have that others can see.

Source: Google, "CommentThreads: insert" and "CommentThreads: list", read 2026-11.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.comments import Comment
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue, Reply, json_reply
from presswork_sandbox.youtube.errors import YouTubeRefusal
from presswork_sandbox.youtube.paging import page_of, paged
from presswork_sandbox.youtube.resources import is_made_for_kids, with_etag, youtube_time
from presswork_sandbox.youtube.validation import read_parts
from presswork_sandbox.youtube.videos import Video, Videos

PARTS: Final = frozenset({"id", "snippet", "replies"})
COMMENT_IDS: Final = 60_000_000_000_000  # below those of the other platforms, which share the table
MAX_TEXT: Final = 10_000  # characters; the help page's number, not in the API's documentation
DOMAIN: Final = "youtube.commentThread"
NO_PERMISSION: Final = "The comment thread could not be created due to insufficient permissions. The request might not be properly authorized."
DISABLED: Final = (
    'The video identified by the <code><a href="/youtube/v3/docs/commentThreads/list#videoId">videoId</a></code> parameter'
    " has disabled comments."
)


def _not_found() -> YouTubeRefusal:
    return YouTubeRefusal(
        "videoNotFound",
        'The video identified by the <code><a href="/youtube/v3/docs/commentThreads/list#videoId">videoId</a></code>'
        " parameter could not be found.",
        domain=DOMAIN,
        location="videoId",
        location_type="parameter",
    )


class Comments:
    """Create and list comment threads."""

    def __init__(self, sandbox: Sandbox, videos: Videos) -> None:
        self._sandbox = sandbox
        self._videos = videos

    def insert(self, account: Account, body: Mapping[str, JSONValue], query: Mapping[str, str]) -> Reply:
        """POST /youtube/v3/commentThreads. Raises YouTubeRefusal; also where the video is private."""
        parts = read_parts(query.get("part", ""), PARTS)
        snippet = _inner_mapping(body, "snippet")
        comment = _inner_mapping(_inner_mapping(snippet, "topLevelComment"), "snippet")
        video_id, text = snippet.get("videoId"), comment.get("textOriginal")
        if not isinstance(video_id, str) or not video_id:
            raise YouTubeRefusal(
                "channelOrVideoIdMissing",
                "The resource that is being inserted must specify the channel or the video to which the comment belongs.",
                domain=DOMAIN,
                location="body",
            )
        if not isinstance(text, str) or not text.strip():
            raise YouTubeRefusal(
                "commentTextRequired",
                "The commentThread resource that is being inserted must specify a value for the"
                " snippet.topLevelComment.snippet.textOriginal property.",
                domain=DOMAIN,
                location="body.snippet.topLevelComment.snippet.textOriginal",
            )
        if len(text) > MAX_TEXT:
            raise YouTubeRefusal(
                "commentTextTooLong",
                "The comment is too long.",
                domain=DOMAIN,
                location="body.snippet.topLevelComment.snippet.textOriginal",
            )
        video, owner = self._open_video(account, video_id)
        if video.privacy == "private":
            raise YouTubeRefusal("forbidden", NO_PERMISSION, domain=DOMAIN, location="body")
        channel_id = snippet.get("channelId")
        if channel_id and channel_id != owner.user_id:
            raise YouTubeRefusal("channelNotFound", "The channel could not be found.", domain=DOMAIN, location="body")
        store = self._sandbox.store
        with store.transaction():
            number = COMMENT_IDS + store.next_number("youtube comment")
            self._sandbox.comments.add(video_id, account.id, text, number, self._sandbox.clock.now())
        made = next(one for one in self._sandbox.comments.of_post(video_id) if one.id == str(number))
        return json_reply(self._thread(made, video, owner, parts))

    def list(self, account: Account, query: Mapping[str, str]) -> Reply:
        """GET /youtube/v3/commentThreads?videoId=. Raises YouTubeRefusal."""
        parts = read_parts(query.get("part", ""), PARTS)
        video_id = query.get("videoId")
        if not video_id:
            raise YouTubeRefusal(
                "missingRequiredParameter",
                "No filter selected. Expected one of: allThreadsRelatedToChannelId, channelId, videoId, id",
                domain="youtube.parameter",
                location="parameters.",
            )
        video, owner = self._open_video(account, video_id)
        newest_first = self._sandbox.comments.of_post(video_id)[::-1]
        if query.get("order", "time") not in {"time", "relevance"}:
            raise YouTubeRefusal("badRequest", "Invalid value for parameter order.")
        chosen, page = page_of(newest_first, query, default=20, max_count=100)
        return json_reply(
            paged(
                "youtube#commentThreadListResponse",
                [self._thread(comment, video, owner, parts) for comment in chosen],
                page,
            )
        )

    def _open_video(self, account: Account, video_id: str) -> tuple[Video, Account]:
        """Return a video that this channel can see and whose comments are not switched off, and its owner."""
        video = self._videos.find(video_id)
        owner = None if video is None else self._sandbox.accounts.by_id(video.account_id)
        if video is None or owner is None or (video.privacy == "private" and owner.id != account.id):
            raise _not_found()
        if not video.is_watchable:
            raise YouTubeRefusal(
                "processingFailure", "The API server failed to successfully process the request.", domain=DOMAIN
            )
        if owner.settings.get("commentsDisabled") is True or is_made_for_kids(video):
            raise YouTubeRefusal(
                "commentsDisabled", DISABLED, domain=DOMAIN, location="videoId", location_type="parameter"
            )
        return video, owner

    def _thread(self, comment: Comment, video: Video, owner: Account, parts: Sequence[str]) -> JSONValue:
        author = self._sandbox.accounts.by_id(comment.account_id) or owner
        secret = self._sandbox.store.secret("youtube comment", int(comment.id), 16)
        identifier, at = f"Ugz{secret}4AaABAg", youtube_time(comment.created_at)
        thread: dict[str, JSONValue] = {"kind": "youtube#commentThread", "id": identifier}
        if "snippet" not in parts:
            return with_etag(thread)
        top_level: dict[str, JSONValue] = {
            "kind": "youtube#comment",
            "id": identifier,
            "snippet": {
                "channelId": owner.user_id,
                "videoId": video.video_id,
                "textDisplay": comment.text,
                "textOriginal": comment.text,
                "authorDisplayName": f"@{author.handle}",
                "authorProfileImageUrl": f"https://yt3.ggpht.com/{author.user_id}=s48",
                "authorChannelUrl": f"http://www.youtube.com/@{author.handle}",
                "authorChannelId": {"value": author.user_id},
                "canRate": True,
                "viewerRating": "none",
                "likeCount": 0,
                "publishedAt": at,
                "updatedAt": at,
            },
        }
        thread["snippet"] = {
            "channelId": owner.user_id,
            "videoId": video.video_id,
            "topLevelComment": with_etag(top_level),
            "canReply": True,
            "totalReplyCount": 0,
            "isPublic": True,
        }
        return with_etag(thread)


def _inner_mapping(value: Mapping[str, JSONValue], name: str) -> Mapping[str, JSONValue]:
    inner = value.get(name)
    return inner if isinstance(inner, Mapping) else {}
