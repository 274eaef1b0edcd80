"""Comment threads and their replies: of videos that others can see, with moderation by the video's owner.

Source: Google, "CommentThreads: insert", "CommentThreads: list" and the methods of "Comments", read 2026-11. There is one level
of replies, a thread carries five of them at most (general knowledge), and what is held for review is in no list but that of
held comments.
"""

import html
from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.comments import Comment
from presswork_sandbox.core import Sandbox
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue, Reply, json_reply
from presswork_sandbox.youtube.errors import YouTubeRefusal
from presswork_sandbox.youtube.facts import FACTS
from presswork_sandbox.youtube.paging import Page, page_of, paged, read_page
from presswork_sandbox.youtube.resources import is_made_for_kids, with_etag, youtube_time
from presswork_sandbox.youtube.validation import read_parts
from presswork_sandbox.youtube.videos import Video, Videos

PARTS: Final = frozenset({"id", "snippet", "replies"})
COMMENT_IDS: Final = 60_000_000_000_000  # below those of the other platforms, which share the table
MAX_REPLIES: Final = 5  # of a thread in the list of threads; general knowledge
PUBLISHED: Final = "published"
HELD: Final = "heldForReview"
SPAM: Final = "likelySpam"
REJECTED: Final = "rejected"
NOT_FOUND: Final = "commentNotFound"
PARENT_NOT_FOUND: Final = "parentCommentNotFound"
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
    """Create, list, change and moderate comments."""

    def __init__(self, sandbox: Sandbox, videos: Videos) -> None:
        self._sandbox = sandbox
        self._videos = videos

    # People, apart from the API

    def root_of(self, post: Post) -> str:
        """Return the id of the video."""
        return post.external_id

    def add(self, post: Post, author: Account, text: str, parent: Comment | None) -> Comment:
        """Add a comment or a reply; a channel with `holdsComments` holds those of others for review."""
        owner = self._sandbox.accounts.by_id(post.account_id)
        holds = owner is not None and owner.id != author.id and owner.settings.get("holdsComments") is True
        top = parent if parent is None else self._sandbox.comments.parent_of(parent) or parent
        return self._make(post.external_id, author, text, top, HELD if holds else PUBLISHED)

    def remove(self, comment: Comment) -> None:
        """Delete a comment and its replies."""
        self._sandbox.comments.remove(comment, self._sandbox.clock.now())

    def _make(self, video_id: str, author: Account, text: str, top: Comment | None, moderation: str) -> Comment:
        """Store a comment. Belongs in a transaction."""
        store, comments = self._sandbox.store, self._sandbox.comments
        number = COMMENT_IDS + store.next_number("youtube comment")
        secret = store.secret("youtube comment", number, 22)
        external_id = f"Ugz{secret[:16]}4AaABAg" if top is None else f"{top.external_id}.{secret}"
        comments.add(
            video_id,
            author.id,
            text,
            number,
            self._sandbox.clock.now(),
            parent=top,
            external_id=external_id,
            moderation=moderation,
        )
        made = comments.by_number(number)
        if made is None:
            raise LookupError(number)
        return made

    # Threads

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
        with self._sandbox.store.transaction():
            made = self._make(video_id, account, text, None, PUBLISHED)
        return json_reply(self._thread(account, made, video, owner, parts, query))

    def list(self, account: Account, query: Mapping[str, str]) -> Reply:
        """GET /youtube/v3/commentThreads by videoId, allThreadsRelatedToChannelId or id. Raises YouTubeRefusal."""
        parts = read_parts(query.get("part", ""), PARTS)
        if query.get("order", "time") not in {"time", "relevance"}:
            raise YouTubeRefusal("badRequest", "Invalid value for parameter order.")
        moderation = _read_moderation(query, PUBLISHED)
        videos = self._chosen_videos(account, query)
        if moderation != PUBLISHED and any(owner.id != account.id for _, owner in videos.values()):
            raise YouTubeRefusal("forbidden", NO_PERMISSION, domain=DOMAIN)
        ids = [one for one in query.get("id", "").split(",") if one]
        found = [
            comment
            for video_id in videos
            for comment in self._listed(self._sandbox.comments.at_top(video_id), account)
            if (not ids or comment.external_id in ids) and self._is_in(comment, moderation)
        ]
        newest_first = sorted(found, key=lambda one: int(one.id), reverse=True)
        chosen, page = self._page(account, newest_first, query)
        items = [self._thread(account, one, *videos[one.media_id], parts, query) for one in chosen]
        return json_reply(paged("youtube#commentThreadListResponse", items, page))

    def _chosen_videos(self, account: Account, query: Mapping[str, str]) -> Mapping[str, tuple[Video, Account]]:
        """Return the videos whose threads are asked for, by id, with their owners."""
        if query.get("videoId"):
            return {query["videoId"]: self._open_video(account, query["videoId"])}
        if query.get("id"):
            found = [self._sandbox.comments.find(FACTS.name, one) for one in query["id"].split(",")]
            ids = [one.media_id for one in found if one is not None]
        elif query.get("allThreadsRelatedToChannelId"):
            channel = self._sandbox.accounts.by_user_id(FACTS.name, query["allThreadsRelatedToChannelId"])
            if channel is None:
                raise YouTubeRefusal("channelNotFound", "The channel could not be found.", domain=DOMAIN)
            ids = [post.external_id for post in self._sandbox.posts.of_account(channel.id)]
        else:
            raise YouTubeRefusal(
                "missingRequiredParameter",
                "No filter selected. Expected one of: allThreadsRelatedToChannelId, channelId, videoId, id",
                domain="youtube.parameter",
                location="parameters.",
            )
        videos: dict[str, tuple[Video, Account]] = {}
        for video_id in ids:
            try:
                videos[video_id] = self._open_video(account, video_id)
            except YouTubeRefusal:  # others' private videos, and those without comments
                continue
        return videos

    def _page(
        self, account: Account, comments: Sequence[Comment], query: Mapping[str, str]
    ) -> tuple[Sequence[Comment], Page]:
        """Return a page of comments. With `emptyCommentPage` of the channel the first one is empty and leads on."""
        if account.settings.get("emptyCommentPage") is not True:
            return page_of(comments, query, default=20, max_count=100)
        page = read_page(query, len(comments), default=20, max_count=100)
        if "pageToken" not in query:
            return (), Page(start=-page.size, size=page.size, total=page.total)
        return comments[page.start : page.start + page.size], page

    def _listed(self, comments: Sequence[Comment], account: Account) -> Sequence[Comment]:
        """Return the comments that lists know yet: by `commentDelaySeconds` of the channel they are late."""
        delay = account.settings.get("commentDelaySeconds")
        until = self._sandbox.clock.now() - (delay if isinstance(delay, int) else 0)
        return [one for one in comments if one.created_at <= until]

    def _is_in(self, thread: Comment, moderation: str) -> bool:
        """Return whether a thread is in the list of a moderation status: also for replies that are held."""
        if _moderation_of(thread) in {moderation, REJECTED}:
            return _moderation_of(thread) == moderation != REJECTED
        replies = self._sandbox.comments.replies(thread) if moderation != PUBLISHED else ()
        return any(_moderation_of(reply) == moderation for reply in replies)

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

    def _thread(
        self,
        viewer: Account,
        comment: Comment,
        video: Video,
        owner: Account,
        parts: Sequence[str],
        query: Mapping[str, str],
    ) -> JSONValue:
        thread: dict[str, JSONValue] = {"kind": "youtube#commentThread", "id": comment.external_id}
        moderation = _read_moderation(query, PUBLISHED)
        replies = self._listed(self._sandbox.comments.replies(comment), viewer)
        published = [one for one in replies if _moderation_of(one) == PUBLISHED]
        if "snippet" in parts:
            thread["snippet"] = {
                "channelId": owner.user_id,
                "videoId": video.video_id,
                "topLevelComment": self._resource(viewer, comment, owner, query),
                "canReply": True,
                "totalReplyCount": len(published),
                "isPublic": _moderation_of(comment) == PUBLISHED,
            }
        shown = [one for one in replies if _moderation_of(one) == moderation][:MAX_REPLIES]
        if "replies" in parts and shown:
            thread["replies"] = {"comments": [self._resource(viewer, one, owner, query) for one in shown]}
        return with_etag(thread)

    def _resource(self, viewer: Account, comment: Comment, owner: Account, query: Mapping[str, str]) -> JSONValue:
        """Return a comment. Its original text is there for its author alone, its moderation status for the video's owner."""
        author = self._sandbox.accounts.by_id(comment.account_id) or owner
        comments, parent = self._sandbox.comments, self._sandbox.comments.parent_of(comment)
        is_plain = query.get("textFormat", "html") == "plainText"
        snippet: dict[str, JSONValue] = {
            "channelId": owner.user_id,
            "videoId": comment.media_id,
            "textDisplay": comment.text if is_plain else html.escape(comment.text).replace("\n", "<br>"),
            "authorDisplayName": f"@{author.handle}",
            "authorProfileImageUrl": f"https://yt3.ggpht.com/{author.user_id}=s48",
            "authorChannelUrl": f"http://www.youtube.com/@{author.handle}",
            "authorChannelId": {"value": author.user_id},
            "canRate": True,
            "viewerRating": "none",
            "likeCount": comments.like_count(comment),
            "publishedAt": youtube_time(comment.created_at),
            "updatedAt": youtube_time(comment.edited_at or comment.created_at),
        }
        if author.id == viewer.id:
            snippet["textOriginal"] = comment.text
        if parent is not None:
            snippet["parentId"] = parent.external_id
        if owner.id == viewer.id:
            snippet["moderationStatus"] = _moderation_of(comment)
        return with_etag({"kind": "youtube#comment", "id": comment.external_id, "snippet": snippet})

    # Comments

    def list_comments(self, account: Account, query: Mapping[str, str]) -> Reply:
        """GET /youtube/v3/comments: the published replies of a thread, oldest first, or comments by id."""
        read_parts(query.get("part", ""), PARTS)
        if query.get("parentId"):
            parent, owner = self._open_comment(account, query["parentId"], PARENT_NOT_FOUND)
            replies = self._listed(self._sandbox.comments.replies(parent), account)
            chosen, page = self._page(account, [one for one in replies if _moderation_of(one) == PUBLISHED], query)
            items = [self._resource(account, one, owner, query) for one in chosen]
        elif query.get("id"):
            asked = [self._sandbox.comments.find(FACTS.name, one) for one in query["id"].split(",")]
            found = [
                (one, self._open_comment(account, one.external_id, NOT_FOUND)[1]) for one in asked if one is not None
            ]
            items = [self._resource(account, one, owner, query) for one, owner in found]
            page = Page(start=0, size=len(items), total=len(items))
        else:
            raise YouTubeRefusal(
                "missingRequiredParameter",
                "No filter selected. Expected one of: id, parentId",
                domain="youtube.parameter",
                location="parameters.",
            )
        return json_reply(paged("youtube#commentListResponse", items, page))

    def insert_comment(self, account: Account, body: Mapping[str, JSONValue], query: Mapping[str, str]) -> Reply:
        """POST /youtube/v3/comments: a reply to a comment at the top. With `holdsReplies` of the channel it is held."""
        read_parts(query.get("part", ""), PARTS)
        snippet = _inner_mapping(body, "snippet")
        parent_id = snippet.get("parentId")
        if not isinstance(parent_id, str) or not parent_id:
            raise _refuse("parentIdMissing", "The comment must specify the snippet.parentId property.")
        text = _read_text(snippet.get("textOriginal"))
        parent, owner = self._open_comment(account, parent_id, PARENT_NOT_FOUND)
        if parent.parent_id is not None:
            raise _refuse("operationNotSupported", "A reply can't be replied to.")
        video = self._videos.find(parent.media_id)
        if video is not None and video.privacy == "private":
            raise _refuse("parentCommentIsPrivate", "The specified parent comment is private.")
        held = account.settings.get("holdsReplies") is True
        with self._sandbox.store.transaction():
            made = self._make(parent.media_id, account, text, parent, HELD if held else PUBLISHED)
        return json_reply(self._resource(account, made, owner, query))

    def update_comment(self, account: Account, body: Mapping[str, JSONValue], query: Mapping[str, str]) -> Reply:
        """PUT /youtube/v3/comments: another text of an own comment."""
        read_parts(query.get("part", ""), PARTS)
        comment_id = body.get("id")
        comment, owner = self._open_comment(account, comment_id if isinstance(comment_id, str) else "", NOT_FOUND)
        if comment.account_id != account.id:
            raise _refuse("forbidden", "The comment cannot be updated due to insufficient permissions.")
        text = _read_text(_inner_mapping(body, "snippet").get("textOriginal"))
        with self._sandbox.store.transaction():
            self._sandbox.comments.edit(comment, text, self._sandbox.clock.now())
        changed = self._sandbox.comments.by_number(int(comment.id)) or comment
        return json_reply(self._resource(account, changed, owner, query))

    def delete_comment(self, account: Account, query: Mapping[str, str]) -> Reply:
        """DELETE /youtube/v3/comments?id=: an own one is gone, one of another on an own video is rejected."""
        comment, owner = self._open_comment(account, query.get("id", ""), NOT_FOUND)
        with self._sandbox.store.transaction():
            if comment.account_id == account.id:
                self.remove(comment)
            elif owner.id == account.id:
                self._sandbox.comments.moderate(comment, REJECTED)
            else:
                raise _refuse("forbidden", "The comment cannot be deleted due to insufficient permissions.")
        return Reply(status=204)

    def moderate(self, account: Account, query: Mapping[str, str]) -> Reply:
        """POST /youtube/v3/comments/setModerationStatus?id=&moderationStatus=, of comments on own videos."""
        status = _read_moderation(query, "")
        if status not in {HELD, PUBLISHED, REJECTED}:
            raise _refuse("badRequest", "Invalid value for parameter moderationStatus.")
        ids = [one for one in query.get("id", "").split(",") if one]
        if not ids:
            raise _refuse("missingRequiredParameter", "The request must specify the id parameter.")
        found = [self._open_comment(account, one, NOT_FOUND) for one in ids]
        if any(owner.id != account.id for _, owner in found):
            raise _refuse("forbidden", "The comments cannot be moderated due to insufficient permissions.")
        with self._sandbox.store.transaction():
            for comment, _ in found:
                self._sandbox.comments.moderate(comment, status)
        return Reply(status=204)

    def _open_comment(self, account: Account, comment_id: str, reason: str) -> tuple[Comment, Account]:
        """Return a comment that this channel can see, and the owner of its video. Raises YouTubeRefusal with a reason."""
        comment = self._sandbox.comments.find(FACTS.name, comment_id)
        video = None if comment is None else self._videos.find(comment.media_id)
        if comment is None or video is None or _moderation_of(comment) == REJECTED:
            raise _refuse(reason, "The specified comment could not be found.")
        try:
            return comment, self._open_video(account, video.video_id)[1]
        except YouTubeRefusal as refused:
            if refused.reason != "videoNotFound":
                raise
            raise _refuse(reason, "The specified comment could not be found.") from refused


def _refuse(reason: str, message: str) -> YouTubeRefusal:
    return YouTubeRefusal(reason, message, domain="youtube.comment", location="body")


def _moderation_of(comment: Comment) -> str:
    return comment.moderation or PUBLISHED


def _read_moderation(query: Mapping[str, str], default: str) -> str:
    status = query.get("moderationStatus", default)
    if status not in {HELD, PUBLISHED, REJECTED, SPAM, default}:
        raise YouTubeRefusal("badRequest", "Invalid value for parameter moderationStatus.")
    return status


def _read_text(text: JSONValue) -> str:
    if not isinstance(text, str) or not text.strip():
        raise _refuse("commentTextRequired", "The comment must specify a value for the snippet.textOriginal property.")
    if len(text) > MAX_TEXT:
        raise _refuse("commentTextTooLong", "The comment is too long.")
    return text


def _inner_mapping(value: Mapping[str, JSONValue], name: str) -> Mapping[str, JSONValue]:
    inner = value.get(name)
    return inner if isinstance(inner, Mapping) else {}
