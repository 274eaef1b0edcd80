"""Reads of a Page's posts, photos, videos and comments, each with the requested fields only.

Source: Meta, "Page Post", "Post Attachment", "Photo", "Video" and "Comment" references, read 2026-11.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import graph_time
from presswork_sandbox.comments import Comment
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.insights import Insights, has_summary
from presswork_sandbox.facebook.page_posts import PagePosts
from presswork_sandbox.facebook.photos import Photo, Photos
from presswork_sandbox.facebook.videos import UPRIGHT, Video, Videos
from presswork_sandbox.instagram.fields import Fields, modifier_of
from presswork_sandbox.instagram.reads import Reader, pick
from presswork_sandbox.media import Asset
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue, base_url, text_of

# Known to the platform, and without a value here.
EMPTY_POST_FIELDS: Final = (
    "actions",
    "backdated_time",
    "event",
    "insights",
    "likes",
    "message_tags",
    "place",
    "privacy",
    "properties",
    "story",
    "targeting",
    "to",
    "via",
)
EMPTY_VIDEO_FIELDS: Final = (
    "captions",
    "comments",
    "content_category",
    "content_tags",
    "custom_labels",
    "icon",
    "likes",
    "place",
    "privacy",
    "source",
    "thumbnails",
    "universal_video_id",
    "video_insights",
    "views",
)
EMPTY_COMMENT_FIELDS: Final = ("attachment", "likes", "live_broadcast_timestamp", "message_tags", "object", "reactions")
EMPTY_PHOTO_FIELDS: Final = (
    "album",
    "backdated_time",
    "event",
    "icon",
    "name_tags",
    "place",
    "target",
    "comments",
    "likes",
)
TYPES: Final = {"text": "mobile_status_update", "link": "shared_story", "facebook_photo": "added_photos"}


def _read_nothing(_: Fields) -> JSONValue:
    return None


def _describe_link(fields: Fields, link: str) -> JSONValue:
    """Return the attachment of a link; its `url` leads through Facebook's redirect, which is general knowledge."""
    redirect = f"https://l.facebook.com/l.php?u={quote(link, safe='')}"
    shown: dict[str, JSONValue] = {
        "type": "share",
        "media_type": "link",
        "target": {"url": redirect},
        "url": redirect,
        "unshimmed_url": link,
    }
    return {name: shown[name] for name in fields if name in shown}


class PageReads:
    """Answer reads. `request` gives the URL at which the caller reaches the sandbox."""

    def __init__(self, sandbox: Sandbox, photos: Photos, videos: Videos, posts: PagePosts) -> None:
        self._sandbox = sandbox
        self._photos = photos
        self._videos = videos
        self._posts = posts
        self._insights = Insights(sandbox)

    def _describe_author(self, account: Account | None) -> JSONValue:
        return None if account is None else {"id": account.user_id, "name": account.display_name}

    def _picture(self, request: Request, asset_ids: Sequence[int]) -> str | None:
        return f"{base_url(request, 'media')}/poster/{asset_ids[0]}.jpg" if asset_ids else None

    def post(self, request: Request, post: Post, fields: Fields) -> dict[str, JSONValue]:
        """Return a post's fields: GET /{post-id}. A live post has a number, an unpublished one has none."""
        account = self._sandbox.accounts.by_id(post.account_id)
        comments = self._sandbox.comments.at_top
        readers: dict[str, Reader] = {
            "id": lambda _: post.external_id,
            "message": lambda _: post.caption or None,
            "created_time": lambda _: graph_time(post.created_at),
            "updated_time": lambda _: graph_time(post.edited_at or post.created_at),
            "permalink_url": lambda _: post.url,
            "from": lambda _: self._describe_author(account),
            "is_published": lambda _: bool(post.id),
            "is_hidden": lambda _: False,
            "is_expired": lambda _: False,
            "status_type": lambda _: TYPES.get(post.kind, "added_video"),
            "full_picture": lambda _: self._picture(request, post.asset_ids),
            "picture": lambda _: self._picture(request, post.asset_ids),
            "parent_id": lambda _: None,
            **dict.fromkeys(EMPTY_POST_FIELDS, _read_nothing),
            "attachments": lambda inner: self._attachments(request, post, inner),
            "comments": lambda inner: {
                "data": [
                    self.comment(account, post, one, inner)
                    for one in (() if modifier_of(inner, "limit") == "0" else comments(post.external_id))
                ],
                **({"summary": self._insights.comments_summary(post)} if has_summary(inner) else {}),
            },
            "reactions": lambda inner: self._insights.reactions(post, inner),
            "shares": lambda _: self._insights.shares(post),
        }
        return pick(fields, readers, "PagePost")

    def _attachments(self, request: Request, post: Post, fields: Fields) -> JSONValue:
        wanted = fields or {"media": {}, "target": {}, "type": {}, "url": {}}
        if post.kind == "link":
            return {"data": [_describe_link(wanted, text_of(post.params.get("link")))]}
        photos, video = self._photos.of_post(post.external_id), self._videos.of_post(post.external_id)
        if video is not None:
            return {"data": [self._attachment(request, wanted, "video_inline", str(video.id), post, post.asset_ids)]}
        items = [self._attachment(request, wanted, "photo", str(photo.id), post, [photo.asset_id]) for photo in photos]
        if len(items) < 2:
            return {"data": items} if items else None
        inner = wanted.get("subattachments") or wanted
        album = self._attachment(request, wanted, "album", post.external_id.partition("_")[2], post, post.asset_ids)
        if "subattachments" in wanted:
            album["subattachments"] = {
                "data": [
                    self._attachment(request, inner, "photo", str(photo.id), post, [photo.asset_id]) for photo in photos
                ]
            }
        return {"data": [album]}

    def _attachment(
        self, request: Request, fields: Fields, kind: str, target: str, post: Post, asset_ids: Sequence[int]
    ) -> dict[str, JSONValue]:
        asset = self._sandbox.media_store.asset(asset_ids[0]) if asset_ids else None
        media_types = {"video_inline": "video", "album": "album"}
        readers: dict[str, JSONValue] = {
            "type": kind,
            "media_type": media_types.get(kind, "photo"),
            "target": {"id": target, "url": post.url},
            "url": post.url,
            "media": None if asset is None else {"image": self._image(request, asset)},
            "description": post.caption or None,
        }
        return {name: readers[name] for name in fields if readers.get(name) is not None}

    def _image(self, request: Request, asset: Asset) -> dict[str, JSONValue]:
        return {"height": asset.height, "width": asset.width, "src": self._picture(request, [asset.id])}

    def photo(self, request: Request, photo: Photo, account: Account, fields: Fields) -> dict[str, JSONValue]:
        """Return a photo's fields: GET /{photo-id}. `page_story_id` is there once the post that has the photo is listed."""
        asset = self._sandbox.media_store.asset(photo.asset_id)
        image: dict[str, JSONValue] = {} if asset is None else self._image(request, asset)
        post = None if photo.post_id is None else self._posts.find(photo.post_id)
        is_named = post is not None and post.kind != "story" and self._posts.is_listed(post.external_id)
        readers: dict[str, Reader] = {
            "id": lambda _: str(photo.id),
            "created_time": lambda _: graph_time(photo.created_at),
            "updated_time": lambda _: graph_time(photo.created_at),
            "from": lambda _: self._describe_author(account),
            "name": lambda _: text_of(photo.params.get("message") or photo.params.get("caption")) or None,
            "alt_text": lambda _: photo.alt_text or None,
            "alt_text_custom": lambda _: photo.alt_text or None,
            "page_story_id": lambda _: photo.post_id if is_named else None,
            "link": lambda _: f"https://www.facebook.com/photo.php?fbid={photo.id}",
            "picture": lambda _: self._picture(request, [photo.asset_id]),
            "images": lambda _: [{**image, "source": image.get("src")}] if image else None,
            "height": lambda _: image.get("height"),
            "width": lambda _: image.get("width"),
            "can_delete": lambda _: True,
            **dict.fromkeys(EMPTY_PHOTO_FIELDS, _read_nothing),
        }
        return pick(fields, readers, "Photo")

    def video(self, request: Request, video: Video, account: Account, fields: Fields) -> dict[str, JSONValue]:
        """Return a video's fields: GET /{video-id}."""
        asset = None if video.asset_id is None else self._sandbox.media_store.asset(video.asset_id)
        post = self._posts.find(video.post_id or "")
        is_live = video.live_at is not None and post is not None
        changed_at = None if post is None else post.edited_at
        readers: dict[str, Reader] = {
            "id": lambda _: str(video.id),
            "status": lambda _: self.status(video),
            "published": lambda _: is_live,
            # Seen in responses of the real API: without the host, unlike that of a post.
            "permalink_url": lambda _: video.path if asset is not None and video.flow != "story" else None,
            "post_id": lambda _: video.post_id if is_live and self._posts.is_listed(video.post_id or "") else None,
            "description": lambda _: text_of(video.params.get("description")) or None,
            "title": lambda _: text_of(video.params.get("title")) or None,
            "length": lambda _: None if asset is None else asset.duration_seconds,
            "created_time": lambda _: graph_time(video.created_at),
            "updated_time": lambda _: graph_time(changed_at or video.live_at or video.created_at),
            "from": lambda _: self._describe_author(account),
            "picture": lambda _: None if asset is None else self._picture(request, [asset.id]),
            **dict.fromkeys(EMPTY_VIDEO_FIELDS, _read_nothing),
        }
        return pick(fields, readers, "Video")

    def status(self, video: Video) -> Mapping[str, JSONValue]:
        """Return the status of a video: how far uploading, processing and publishing are."""
        is_there = video.state in {"checking", "ready"} or (video.state == "error" and video.asset_id is not None)
        is_processed = self._videos.is_processed(video)
        uploading: dict[str, JSONValue] = {
            "status": "complete" if is_there else "in_progress" if video.stored_bytes else "not_started",
            "bytes_transfered": video.file_size if is_there and video.file_size else video.stored_bytes,
        }
        processing: dict[str, JSONValue] = {"status": "not_started"}
        publishing: dict[str, JSONValue] = {"status": "not_started"}
        match video:
            case Video(state="error", error=error) if error is not None:
                # Reels have been seen with `error`, other videos with `errors`; of stories it is an assumption.
                shown: dict[str, JSONValue] = (
                    {"error": {"message": error["message"]}} if video.flow in UPRIGHT else {"errors": [error]}
                )
                if is_there:
                    word, processing = "error", {"status": "error", **shown}
                else:
                    word, uploading = "upload_failed", {**uploading, "status": "error", **shown}
            case Video(state="uploading") if self._videos.is_expired(video):
                word = "expired"
            case Video(state="uploading" | "fetching"):
                word = "uploading"
            case Video(publication=None) | Video(state="checking") if not is_processed:
                word = "upload_complete"
            case _:
                word = "ready" if is_processed else "processing"
                processing = {"status": "complete" if is_processed else "in_progress"}
        if video.live_at is not None:
            publishing = {
                "status": "complete",
                "publish_status": "published",
                "publish_time": int(video.live_at),
            }
        elif is_processed and video.publication is not None:
            publishing = (
                {"status": "in_progress"}
                if video.publication == "PUBLISHED"
                else {"status": "not_started", "publish_status": "draft"}
            )
        return {
            "video_status": word,
            "uploading_phase": uploading,
            "processing_phase": processing,
            "publishing_phase": publishing,
        }

    def comment(self, account: Account | None, post: Post, comment: Comment, fields: Fields) -> dict[str, JSONValue]:
        """Return a comment's fields as the Page `account` sees them; `from` is missing where the author forbids it."""
        comments, author = self._sandbox.comments, self._sandbox.accounts.by_id(comment.account_id)
        is_own = account is not None and comment.account_id == account.id
        is_withheld = not is_own and any(
            one is not None and one.settings.get("withheldAuthors") is True for one in (account, author)
        )
        parent, replies = comments.parent_of(comment), comments.replies(comment)
        readers: dict[str, Reader] = {
            "id": lambda _: f"{post.shortcode}_{comment.id}",
            "message": lambda _: comment.text,
            "created_time": lambda _: graph_time(comment.created_at),
            "from": lambda _: None if is_withheld else self._describe_author(author),
            "can_remove": lambda _: True,
            "can_hide": lambda _: not is_own,
            "can_comment": lambda _: True,
            "can_like": lambda _: True,
            "can_reply_privately": lambda _: not is_own,
            "is_hidden": lambda _: comment.is_hidden,
            "is_private": lambda _: False,
            "comment_count": lambda _: len(replies),
            "like_count": lambda _: comments.like_count(comment),
            "user_likes": lambda _: account is not None and comments.is_liked_by(comment, account.id),
            "parent": lambda inner: None if parent is None else self.comment(account, post, parent, inner),
            "comments": lambda inner: (
                {"data": [self.comment(account, post, one, inner) for one in replies]} if replies else None
            ),
            **dict.fromkeys(EMPTY_COMMENT_FIELDS, _read_nothing),
            "permalink_url": lambda _: f"{post.url}?comment_id={comment.id}",
        }
        return pick(fields, readers, "Comment")
