"""What the Graph API does for a Page: photos, posts and lists. Videos are in page_videos.py, comments in page_comments.py.

Source: Meta, "Pages API: Posts", "Comments" and the references of "Page Feed" and "Page Photos", read 2026-11.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.errors import (
    ANALYZE_NEEDED,
    COMMENTS_NOT_ALLOWED,
    EMPTY_POST,
    NOT_ALLOWED,
    OTHER_APP,
    PAGE_TOKEN_NEEDED,
    needs_permission,
    parameter,
)
from presswork_sandbox.facebook.insights import Insights
from presswork_sandbox.facebook.page_comments import OPERATIONS as COMMENT_OPERATIONS
from presswork_sandbox.facebook.page_comments import WRITES as COMMENT_WRITES
from presswork_sandbox.facebook.page_comments import PageComments
from presswork_sandbox.facebook.page_posts import (
    NewPost,
    PagePosts,
    check_message,
    check_schedule,
    feed_post,
    instant_of,
)
from presswork_sandbox.facebook.page_reads import PageReads
from presswork_sandbox.facebook.page_stories import PageStories
from presswork_sandbox.facebook.page_videos import PageVideos
from presswork_sandbox.facebook.people import TASKS
from presswork_sandbox.facebook.photos import Photos
from presswork_sandbox.facebook.videos import Video, Videos
from presswork_sandbox.forms import Sent
from presswork_sandbox.instagram.errors import GraphRefusal, missing
from presswork_sandbox.instagram.fields import Fields
from presswork_sandbox.instagram.options import list_of
from presswork_sandbox.instagram.reads import LIST_DEFAULT, LIST_LIMIT, paged, read_fields, read_page
from presswork_sandbox.plain_thread import PlainThread
from presswork_sandbox.posts import Post
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, Reply, base_url, json_reply, text_of

MANAGE: Final = "pages_manage_posts"
READ: Final = "pages_read_engagement"
COMMENT: Final = "pages_manage_engagement"
READ_COMMENTS: Final = "pages_read_user_content"
READ_INSIGHTS: Final = "read_insights"
INSIGHTS: Final = frozenset({"page_insights", "post_insights", "video_insights"})
COUNTED: Final = frozenset({"comments", "reactions"})  # fields of a post that say what people did
WRITES: Final = frozenset(
    {
        "photos",
        "feed",
        "videos",
        "video_start",
        "video_transfer",
        "video_finish",
        "reel_start",
        "reel_finish",
        "video_story_start",
        "video_story_finish",
        "photo_stories",
        "publish_post",
        "post_update",
        "delete",
    }
)
VIDEO_TEXTS: Final[Mapping[str, str]] = {"description": "description", "title": "title", "name": "title"}
_ATTACHED: Final = re.compile(r"attached_media\[(\d{1,3})\](\[media_fbid\])?")


def tasks_of(account: Account) -> list[str]:
    """Return what the person may do on a Page: everything, unless the account says otherwise."""
    tasks = account.settings.get("tasks")
    return list_of(tasks) if isinstance(tasks, list) else list(TASKS)


def attached_media(params: Mapping[str, JSONValue]) -> tuple[list[str], dict[str, JSONValue]]:
    """Return the photo ids of attached_media, and the parameters with it as a list of objects.

    It comes as JSON, as `attached_media[0]` with an object in JSON, or as `attached_media[0][media_fbid]`. Raises GraphRefusal.
    """
    rest: dict[str, JSONValue] = {}
    numbered: dict[int, JSONValue] = {}
    for name, value in params.items():
        match = _ATTACHED.fullmatch(name)
        if match is None:
            rest[name] = value
        else:
            numbered[int(match.group(1))] = {"media_fbid": value} if match.group(2) else value
    given = rest.pop("attached_media", None)
    listed = _nested_document(given) if given else [numbered[number] for number in sorted(numbered)]
    if not isinstance(listed, list):
        raise GraphRefusal(parameter("Param attached_media must be an array"))
    items = [_nested_document(item) for item in listed]
    ids = [text_of(item.get("media_fbid")) if isinstance(item, Mapping) else "" for item in items]
    if not all(ids):
        raise GraphRefusal(parameter("Param attached_media must be an array of objects with media_fbid"))
    return ids, rest | ({"attached_media": items} if items else {})


def _nested_document(value: JSONValue) -> JSONValue:
    if not isinstance(value, str):
        return value
    try:
        nested: JSONValue = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return nested


class PageApi:
    """Answers calls about Pages and what is on them. Every method raises GraphRefusal."""

    def __init__(self, sandbox: Sandbox, photos: Photos, videos: Videos, posts: PagePosts, thread: PlainThread) -> None:
        self._sandbox = sandbox
        self._photos = photos
        self._videos = videos
        self._posts = posts
        self._reads = PageReads(sandbox, photos, videos, posts)
        self._page_videos = PageVideos(sandbox, videos, self._reads)
        self._insights = Insights(sandbox)
        self._stories = PageStories(sandbox, photos, videos, posts)
        self._comments = PageComments(sandbox, self._reads, thread)

    async def answer(self, call: Call, subject: str, token: Token, account: Account, sent: Sent) -> Reply:
        """Answer a call about a Page, or about what `subject` names on it."""
        self._sandbox.run_due()
        self._check_permissions(call.operation, subject, token, account)
        if call.operation in COMMENT_OPERATIONS:
            post = self._find_own_post(account, subject)
            return self._comments.answer(call, subject, account, post, sent.params)
        match call.operation:
            case "photos":
                return await self._upload_photo(call, token, account, sent)
            case "feed":
                return self._publish(call, token, account, sent.shown)
            case "published_posts":
                return self._list(call, token, account, sent.params)
            case "photo_stories" | "stories_list":
                return self._stories.answer(call, token, account, sent)
            case "photo":
                return self._photo(call, subject, account, sent.params)
            case "permalink":
                return self._post(call, subject, token, account, sent.params)
            case "publish_post" | "post_update":
                return self._update(call, subject, token, account, sent.params)
            case operation if operation in INSIGHTS:
                return self._read_insights(call, subject, token, account)
            case "delete":
                return self._delete(call, subject, account)
            case _:
                return await self._page_videos.answer(call, subject, token, account, sent)

    # Permissions

    def _check_permissions(self, operation: str, subject: str, token: Token, account: Account) -> None:
        if operation in WRITES:
            self._check_write(token, account)
        elif operation == "comment_delete":
            self._check_moderation(token, account)
            granted = account.allows(token.scopes)
            self._comments.check_delete(subject, account, granted, own=COMMENT, others=READ_COMMENTS)
        elif operation in COMMENT_WRITES:
            self._check_moderation(token, account)
            if COMMENT not in account.allows(token.scopes):
                raise GraphRefusal(COMMENTS_NOT_ALLOWED)
        else:
            self._check_read(operation, token, account)

    def _check_write(self, token: Token, account: Account) -> None:
        if token.kind != "page":
            raise GraphRefusal(PAGE_TOKEN_NEEDED)
        if not {MANAGE, READ} <= set(account.allows(token.scopes)) or "CREATE_CONTENT" not in tasks_of(account):
            raise GraphRefusal(NOT_ALLOWED)

    def _check_moderation(self, token: Token, account: Account) -> None:
        if token.kind != "page":
            raise GraphRefusal(PAGE_TOKEN_NEEDED)
        if "MODERATE" not in tasks_of(account):
            raise GraphRefusal(COMMENTS_NOT_ALLOWED)

    def _check_read(self, operation: str, token: Token, account: Account) -> None:
        granted = account.allows(token.scopes)
        more = {
            **dict.fromkeys(("comments_list", "comment"), (READ_COMMENTS,)),
            **dict.fromkeys(INSIGHTS, (READ_INSIGHTS,)),
        }
        for scope in (READ, *more.get(operation, ())):
            if scope not in granted:
                raise GraphRefusal(needs_permission(scope))
        if operation in INSIGHTS and "ANALYZE" not in tasks_of(account):
            raise GraphRefusal(ANALYZE_NEEDED)
        if operation in {"published_posts", "stories_list"} and token.kind != "page":
            raise GraphRefusal(PAGE_TOKEN_NEEDED)

    # Photos and posts

    async def _upload_photo(self, call: Call, token: Token, account: Account, sent: Sent) -> Reply:
        check_schedule(sent.params)
        caption = check_message(sent.params, "message") or check_message(sent.params, "caption")
        photo = await self._photos.stage(account, sent)
        if text_of(sent.params.get("published")).lower() in {"false", "0"}:
            return json_reply({"id": str(photo.id)})
        new = NewPost(
            kind="facebook_photo",
            caption=caption,
            params=sent.shown,
            asset_ids=[photo.asset_id],
            client_id=token.client_id,
        )
        with self._sandbox.store.transaction():
            post_id = self._posts.make(account, new, call.job_fault, self._sandbox.clock.now())
            self._photos.attach([photo], post_id)
        return json_reply({"id": str(photo.id), "post_id": post_id})

    def _publish(self, call: Call, token: Token, account: Account, given: Mapping[str, JSONValue]) -> Reply:
        ids, params = attached_media(given)
        now = self._sandbox.clock.now()
        with self._sandbox.store.transaction():
            new, staged = feed_post(account, token.client_id, params, ids, self._photos)
            if new.is_published:
                self._posts.check_duplicate(account, new, now)
            post_id = self._posts.make(account, new, call.job_fault, now)
            self._photos.attach(staged, post_id)
        return json_reply({"id": post_id})

    def _find_own_post(self, account: Account, subject: str) -> Post | None:
        """Find a live post of an account by its own id, or by that of its video."""
        video = self._videos.find(subject)
        post = self._posts.find(video.post_id or "" if video is not None else subject)
        return post if post is not None and post.account_id == account.id else None

    def _own_draft(self, account: Account, subject: str) -> Post | None:
        draft = self._posts.draft(subject)
        return draft if draft is not None and draft.account_id == account.id else None

    def _post(self, call: Call, subject: str, token: Token, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        post = self._find_own_post(account, subject) or self._own_draft(account, subject)
        if post is None:
            raise GraphRefusal(missing(call, subject))
        fields = self._read_post_fields(token, account, params)
        return json_reply(self._reads.post(call.request, post, fields))

    def _read_post_fields(self, token: Token, account: Account, params: Mapping[str, JSONValue]) -> Fields:
        fields = read_fields(params, "created_time,message,id")
        if COUNTED & set(fields) and READ_COMMENTS not in account.allows(token.scopes):
            raise GraphRefusal(needs_permission(READ_COMMENTS))
        return fields

    def _photo(self, call: Call, subject: str, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        photo = self._photos.find(subject)
        if photo is None or photo.account_id != account.id:
            raise GraphRefusal(missing(call, subject))
        return json_reply(self._reads.photo(call.request, photo, account, read_fields(params, "created_time,id")))

    def _update(
        self, call: Call, subject: str, token: Token, account: Account, params: Mapping[str, JSONValue]
    ) -> Reply:
        video = self._videos.find(subject)
        if video is not None and call.operation == "post_update":
            return self._update_video(call, video, token, account, params)
        post = self._find_own_post(account, subject) or self._own_draft(account, subject)
        if post is None or post.kind == "story":
            raise GraphRefusal(missing(call, subject))
        if self._posts.client_of(post.external_id) != token.client_id:
            raise GraphRefusal(OTHER_APP)
        if call.operation == "publish_post":
            if text_of(params["is_published"]).lower() not in {"true", "1"}:
                raise GraphRefusal(parameter("Param is_published can be changed to true only"))
        elif "message" not in params:
            raise GraphRefusal(parameter("The parameter message is required"))
        with self._sandbox.store.transaction():
            if "message" in params:
                message = check_message(params)
                if post.kind == "text" and not message.strip():
                    raise GraphRefusal(EMPTY_POST)
                video = self._videos.of_post(post.external_id)
                if video is None:
                    self._posts.edit(post, message)
                else:
                    self._videos.edit(video, {"description": message})
            draft = self._own_draft(account, subject)
            if draft is not None and call.operation == "publish_post":
                now = self._sandbox.clock.now()
                self._posts.check_duplicate(account, draft, now)
                self._posts.publish(account, draft, call.job_fault, now)
        return json_reply({"success": True})

    def _update_video(
        self, call: Call, video: Video, token: Token, account: Account, params: Mapping[str, JSONValue]
    ) -> Reply:
        """POST /{video-id}: `description`, and the title, which the SDK also calls `name`."""
        if video.account_id != account.id or video.flow == "story":
            raise GraphRefusal(missing(call, str(video.id)))
        if video.client_id != token.client_id:
            raise GraphRefusal(OTHER_APP)
        sent = {VIDEO_TEXTS[name]: text_of(value) for name, value in params.items() if name in VIDEO_TEXTS}
        if not sent:
            raise GraphRefusal(parameter("The parameter description is required"))
        check_message(params, "description")
        with self._sandbox.store.transaction():
            self._videos.edit(video, sent)
        return json_reply({"success": True})

    def _delete(self, call: Call, subject: str, account: Account) -> Reply:
        video, photo = self._videos.find(subject), self._photos.find(subject)
        post = self._find_own_post(account, subject) or self._own_draft(account, subject)
        if post is None and photo is not None and photo.account_id == account.id:
            post = self._find_own_post(account, photo.post_id or "")
            if post is None or len(post.asset_ids) > 1:  # of several photos the others stay: general knowledge
                with self._sandbox.store.transaction():
                    self._photos.delete(photo)
                return json_reply({"success": True})
        if post is None and (video is None or video.account_id != account.id):
            raise GraphRefusal(missing(call, subject))
        with self._sandbox.store.transaction():
            if post is not None:
                self._posts.delete(post.external_id)
            if video is not None:
                self._videos.delete(video)
        return json_reply({"success": True})

    # Lists

    def _read_insights(self, call: Call, subject: str, token: Token, account: Account) -> Reply:
        """GET /{page-id}/insights, /{post-id}/insights, and /{video-id}/video_insights with the id of the video alone."""
        if call.operation == "page_insights":
            return self._insights.answer(call, token, account, None, subject)
        video = self._videos.find(subject)
        if call.operation == "post_insights" and video is not None:
            raise GraphRefusal(parameter("Tried accessing nonexisting field (insights) on node type (Video)"))
        post = self._find_own_post(account, subject)
        if post is None:
            raise GraphRefusal(missing(call, subject))
        return self._insights.answer(call, token, account, post, subject)

    def _list(self, call: Call, token: Token, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        fields = self._read_post_fields(token, account, params)
        page = read_page(params, LIST_DEFAULT, LIST_LIMIT)
        rows = self._sandbox.posts.of_account(
            account.id,
            before=page.after,
            after=page.before,
            since=instant_of(params, "since"),
            until=instant_of(params, "until"),
        )
        url = base_url(call.request, call.host) + call.path
        return paged(
            [post for post in rows if self._posts.is_listed(post.external_id)],
            lambda post: post.id,
            lambda post: self._reads.post(call.request, post, fields),
            page,
            url,
            params,
        )
