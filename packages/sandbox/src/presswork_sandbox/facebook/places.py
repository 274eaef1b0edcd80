"""Where a path of the Graph API leads: to the token endpoint, a person, a Page, an Instagram account, or something of those."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.facts import FACTS
from presswork_sandbox.facebook.page_comments import find_comment
from presswork_sandbox.facebook.page_posts import PagePosts
from presswork_sandbox.facebook.people import People, business_id, is_page, page_id, person_id
from presswork_sandbox.facebook.photos import Photos
from presswork_sandbox.facebook.videos import Videos
from presswork_sandbox.instagram.comments import ON_COMMENTS
from presswork_sandbox.instagram.comments import find_comment as find_media_comment
from presswork_sandbox.instagram.containers import Container, Containers
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, text_of

ACCOUNT_EDGES: Final = frozenset({"media", "media_publish", "stories", "content_publishing_limit", "likes"})
# (method, shape of the path) → operation. "me" stands for the token's own person or Page, "page" for a Page's id, "ig"
# for a professional account's, "id" for any other number.
OPERATIONS: Final[Mapping[tuple[str, str], str]] = {
    ("GET", "debug_token"): "debug_token",
    ("GET", "me"): "person",
    ("GET", "me/accounts"): "accounts",
    ("GET", "me/businesses"): "businesses",
    ("GET", "business/owned_pages"): "businesses",
    ("GET", "business/client_pages"): "businesses",
    ("GET", "me/permissions"): "permissions",
    ("DELETE", "me/permissions"): "revoke",
    ("DELETE", "me/permissions/scope"): "revoke",
    ("GET", "page"): "page",
    **{(method, "page/subscribed_apps"): "subscribed_apps" for method in ("GET", "POST", "DELETE")},
    ("GET", "ig"): "me",
    ("POST", "ig/media"): "media",
    ("GET", "ig/media"): "media_list",
    ("GET", "ig/stories"): "stories",
    ("POST", "ig/media_publish"): "media_publish",
    ("GET", "ig/content_publishing_limit"): "content_publishing_limit",
    ("GET", "id"): "permalink",
    ("POST", "id"): "media_update",
    ("DELETE", "id"): "media_delete",
    ("GET", "id/comments"): "comments_list",
    ("POST", "id/comments"): "comments",
    ("GET", "id/replies"): "comment_replies_list",
    ("POST", "id/replies"): "comment_replies",
    **{(method, "ig/likes"): "likes" for method in ("POST", "DELETE")},
}
# The same for Pages that can be posted to, and what is on them. Edges with phases have the phase behind a colon.
PAGE_OPERATIONS: Final[Mapping[tuple[str, str], str]] = {
    ("GET", "page"): "page",
    **{(method, "page/subscribed_apps"): "subscribed_apps" for method in ("GET", "POST", "DELETE")},
    ("POST", "page/photos"): "photos",
    ("POST", "page/feed"): "feed",
    ("GET", "page/feed"): "published_posts",
    ("GET", "page/posts"): "published_posts",
    ("GET", "page/published_posts"): "published_posts",
    ("POST", "page/videos"): "videos",
    ("POST", "page/videos:start"): "video_start",
    ("POST", "page/videos:transfer"): "video_transfer",
    ("POST", "page/videos:finish"): "video_finish",
    ("POST", "page/video_reels:start"): "reel_start",
    ("POST", "page/video_reels:finish"): "reel_finish",
    ("POST", "page/video_stories:start"): "video_story_start",
    ("POST", "page/video_stories:finish"): "video_story_finish",
    ("POST", "page/photo_stories"): "photo_stories",
    ("GET", "page/stories"): "stories_list",
    ("GET", "photo"): "photo",
    ("GET", "video"): "video_status",
    ("GET", "post"): "permalink",
    **{("POST", name): "post_update" for name in ("video", "post")},
    **{("DELETE", name): "delete" for name in ("photo", "video", "post")},
    ("GET", "comment"): "comment",
    ("POST", "comment"): "comment_update",
    ("DELETE", "comment"): "comment_delete",
    ("GET", "comment/comments"): "comments_list",
    ("POST", "comment/comments"): "comment_replies",
    **{(method, "comment/likes"): "comment_likes" for method in ("POST", "DELETE")},
    **{("GET", f"{name}/comments"): "comments_list" for name in ("video", "post")},
    **{("POST", f"{name}/comments"): "comments" for name in ("video", "post")},
}
_PHASED: Final = frozenset({"page/videos", "page/video_reels", "page/video_stories"})
_PAGE_EDGES: Final = frozenset(
    shape.partition("/")[2].partition(":")[0] for _, shape in PAGE_OPERATIONS if shape.startswith("page/")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathTarget:
    """The operation and the object that a path stands for."""

    operation: str
    subject: str
    platform: str = "instagram"
    account: Account | None = None
    container: Container | None = None
    fault_id: int | None = None  # the stuck_processing fault that holds the object


class Places:
    """Find where paths lead, as far as a token reaches it."""

    def __init__(
        self,
        sandbox: Sandbox,
        people: People,
        containers: Containers,
        photos: Photos,
        videos: Videos,
        posts: PagePosts,
    ) -> None:
        self._sandbox = sandbox
        self._people = people
        self._containers = containers
        self._photos = photos
        self._videos = videos
        self._posts = posts

    def find(
        self, method: str, parts: Sequence[str], token: Token | None, params: Mapping[str, JSONValue]
    ) -> PathTarget:
        """Return where a path leads; its operation is "unknown" if that is nowhere."""
        subject = parts[0] if parts else ""
        own = None if token is None else self._sandbox.accounts.by_id(token.account_id)
        if list(parts) == ["oauth", "access_token"] and method in {"GET", "POST"}:
            return PathTarget(operation=_token_operation(params, token), subject="", platform=_platform_of(own))
        chosen = [] if token is None else self._people.chosen(token)
        if token is not None and token.kind == "page" and own is not None and is_page(own):
            subject = own.user_id if subject == "me" and "/".join(parts[1:]) in _PAGE_EDGES else subject
        account = next((one for one in chosen if subject in {one.user_id, page_id(one)}), None)
        if account is not None and account.tier == "personal" and subject == account.user_id and not is_page(account):
            account = None  # no professional account, so nothing that Facebook would know
        if self._sandbox.accounts.by_user_id(FACTS.name, subject) is not None:
            return self._resolve_on_page(method, ["page", *parts[1:]], subject, account, params)
        thing = self._find_target(subject, own, params) if account is None else None
        if thing is not None:
            name, owner, fault_id = thing
            account = next((one for one in chosen if one.id == owner), None)
            return self._resolve_on_page(method, [name, *parts[1:]], subject, account, params, fault_id)
        name = subject
        if account is not None:
            name = "ig" if subject == account.user_id else "page"
        elif subject in {person_id(one) for one in chosen}:
            name = "me"
        elif own is not None and subject == business_id(own):
            name = "business"
        elif subject.isdigit():
            name = "ig" if len(parts) == 2 and parts[1] in ACCOUNT_EDGES else "id"
        rest = ["permissions", "scope"] if len(parts) == 3 and parts[1] == "permissions" else parts[1:]
        operation = OPERATIONS.get((method, "/".join([name, *rest])), "unknown")
        if name != "id":
            platform = _platform_of(account or own)
            return PathTarget(operation=operation, subject=subject, account=account, platform=platform)
        return self._resolve_on_instagram(operation, subject, chosen, params)

    def _resolve_on_page(
        self,
        method: str,
        shape: Sequence[str],
        subject: str,
        account: Account | None,
        params: Mapping[str, JSONValue],
        fault_id: int | None = None,
    ) -> PathTarget:
        """Return where a path leads that begins with a Page, or with something that is on one."""
        path, phase = "/".join(shape), text_of(params.get("upload_phase"))
        if method == "POST" and path in _PHASED:
            # A phase that does not exist is refused by the call that the edge is for without one.
            plain = PAGE_OPERATIONS.get((method, path)) or PAGE_OPERATIONS[method, f"{path}:start"]
            operation = PAGE_OPERATIONS.get((method, f"{path}:{phase}"), plain)
        else:
            operation = PAGE_OPERATIONS.get((method, path), "unknown")
        if operation == "post_update" and "is_published" in params:
            operation = "publish_post"
        if operation in {"video_finish", "video_transfer", "reel_finish", "video_story_finish"}:
            fault_id = self._holding_fault(account, params)
        return PathTarget(operation=operation, subject=subject, account=account, platform=FACTS.name, fault_id=fault_id)

    def _holding_fault(self, account: Account | None, params: Mapping[str, JSONValue]) -> int | None:
        session = text_of(params.get("upload_session_id"))
        by_session = None if account is None else self._videos.by_session(account, session)
        video = by_session or self._videos.find(text_of(params.get("video_id")))
        return None if video is None else video.fault_id

    def _find_target(
        self, subject: str, own: Account | None, params: Mapping[str, JSONValue]
    ) -> tuple[str, int, int | None] | None:
        """Return what is on a Page under an id: its name in PAGE_OPERATIONS, its account and the fault that holds it.

        A token of a Page that asks for an id which is nothing reads a photo, a video or a post, by the requested fields.
        """
        video = self._videos.find(subject)
        if video is not None:
            return "video", video.account_id, video.fault_id
        photo = self._photos.find(subject)
        if photo is not None:
            return "photo", photo.account_id, None
        post = self._posts.find(subject) or self._posts.draft(subject)
        if post is not None:
            return "post", post.account_id, None
        comment = find_comment(self._sandbox, subject)
        if comment is not None:  # deleted or not
            return "comment", self._sandbox.posts.owner_of(FACTS.name, comment.media_id) or 0, None
        if own is None or not is_page(own) or not subject.replace("_", "").isdigit():
            return None
        if self._containers.find(subject) is not None or self._sandbox.posts.owner_of("instagram", subject) is not None:
            return None
        if subject in {page_id(own), person_id(own), business_id(own)}:
            return None
        fields = text_of(params.get("fields"))
        return "video" if "status" in fields else "photo" if "page_story_id" in fields else "post", 0, None

    def _resolve_on_instagram(
        self, operation: str, subject: str, chosen: Sequence[Account], params: Mapping[str, JSONValue]
    ) -> PathTarget:
        """Return where the id of a container or a post leads."""
        container = self._containers.find(subject)
        post = self._sandbox.posts.by_external_id("instagram", subject)
        if operation == "permalink" and post is None and (container or "status_code" in text_of(params.get("fields"))):
            operation = "container_status"
        # The account of a post that was deleted is still that of the call.
        comment = find_media_comment(self._sandbox, subject)
        if comment is not None:
            operation = ON_COMMENTS.get(operation, operation)
        media_id = subject if comment is None else comment.media_id
        owner = self._sandbox.posts.owner_of("instagram", media_id) if container is None else container.account_id
        return PathTarget(
            operation=operation,
            subject=subject,
            account=next((one for one in chosen if one.id == owner), None),
            container=container,
            fault_id=None if container is None else container.fault_id,
        )


def _platform_of(account: Account | None) -> str:
    return "instagram" if account is None else account.platform


def _token_operation(params: Mapping[str, JSONValue], token: Token | None) -> str:
    """A short token is exchanged, a long one refreshed; the same call, distinguished for faults and the journal."""
    grant = text_of(params.get("grant_type"))
    if grant != "fb_exchange_token":
        return "app_token" if grant == "client_credentials" else "token"
    return "refresh" if token is not None and token.kind == "long_user" else "exchange"
