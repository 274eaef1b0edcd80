"""Stories of Pages: the call that makes a photo one, and their list. Those of videos are made in page_videos.py.

Source: Meta, "Page Stories" (updated 2026-05-06), read 2026-11. A story has no text, link or comment, and is over after a day.
"""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.errors import PHOTO_REFUSED, parameter
from presswork_sandbox.facebook.page_posts import NewPost, PagePosts, instant_of
from presswork_sandbox.facebook.photos import Photos
from presswork_sandbox.facebook.videos import Videos
from presswork_sandbox.forms import Sent
from presswork_sandbox.instagram.errors import GraphRefusal
from presswork_sandbox.instagram.fields import Fields
from presswork_sandbox.instagram.reads import LIST_DEFAULT, LIST_LIMIT, paged, read_fields, read_page
from presswork_sandbox.posts import Post
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, Reply, base_url, json_reply, text_of

STORY_FORMATS: Final = frozenset({"JPEG", "BMP", "PNG", "GIF", "TIFF"})
FIELDS: Final = ("post_id", "status", "creation_time", "media_type", "media_id", "url")
STATUSES: Final = ("PUBLISHED", "ARCHIVED")


class PageStories:
    """Publishes photos as stories and lists stories. Every method raises GraphRefusal."""

    def __init__(self, sandbox: Sandbox, photos: Photos, videos: Videos, posts: PagePosts) -> None:
        self._sandbox = sandbox
        self._photos = photos
        self._videos = videos
        self._posts = posts

    def answer(self, call: Call, token: Token, account: Account, sent: Sent) -> Reply:
        """Answer a call that makes a photo a story, or lists stories."""
        if call.operation == "photo_stories":
            return self._publish_photo(call, token, account, sent.shown)
        return self._list(call, account, sent.params)

    def _publish_photo(self, call: Call, token: Token, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        """POST /{page}/photo_stories: a staged photo, which no post may have had."""
        now = self._sandbox.clock.now()
        with self._sandbox.store.transaction():
            [photo] = self._photos.check(account, [text_of(params.get("photo_id"))])
            asset = self._sandbox.media_store.asset(photo.asset_id)
            if asset is None or asset.format not in STORY_FORMATS:
                raise GraphRefusal(PHOTO_REFUSED)
            new = NewPost(
                kind="story",
                caption="",
                params=params,
                asset_ids=[asset.id],
                client_id=token.client_id,
                post_id=self._posts.new_story_id(),
            )
            post_id = self._posts.make(account, new, call.job_fault, now)
            self._photos.attach([photo], post_id)
        return json_reply({"success": True, "post_id": post_id})

    def _list(self, call: Call, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        """GET /{page}/stories: those of the last day, newest first. No Page has the archive on, so none is ARCHIVED."""
        status = text_of(params.get("status")).upper()
        if status not in {"", *STATUSES}:
            raise GraphRefusal(parameter(f"Param status must be one of {{{', '.join(STATUSES)}}}"))
        fields = read_fields(params, ",".join(FIELDS))
        unknown = [name for name in fields if name not in FIELDS]
        if unknown:
            raise GraphRefusal(parameter(f"Tried accessing nonexisting field ({unknown[0]})"))
        page = read_page(params, LIST_DEFAULT, LIST_LIMIT)
        rows = self._sandbox.posts.of_account(
            account.id,
            stories=True,
            before=page.after,
            after=page.before,
            since=instant_of(params, "since"),
            until=instant_of(params, "until"),
        )
        oldest = self._sandbox.clock.now() - DAY
        present = [post for post in rows if post.created_at > oldest and self._posts.is_listed(post.external_id)]
        return paged(
            [] if status == "ARCHIVED" else present,
            lambda post: post.id,
            lambda post: self._describe_story(post, fields),
            page,
            base_url(call.request, call.host) + call.path,
            params,
        )

    def _describe_story(self, post: Post, fields: Fields) -> JSONValue:
        video, photos = self._videos.of_post(post.external_id), self._photos.of_post(post.external_id)
        shown: dict[str, JSONValue] = {
            "post_id": post.external_id,
            "status": "published",
            "creation_time": str(int(post.created_at)),
            "media_type": "photo" if video is None else "video",
            "media_id": str(video.id) if video is not None else str(photos[0].id) if photos else None,
            "url": post.url,
        }
        return {name: shown[name] for name in fields}
