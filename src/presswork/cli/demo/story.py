"""What demos are made of, only through the public HTTP API: connect accounts, bring media in, publish, watch, count."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

from presswork.cli.demo.client import Answer, Client, DemoFailed
from presswork.cli.demo.samples import Sample

RETURN_DOMAIN: Final = "localhost"
_RETURN_URL: Final = f"http://{RETURN_DOMAIN}/connected"
_LOOK: Final = timedelta(milliseconds=150)
_OVER: Final = frozenset({"published", "draft", "failed", "canceled"})
HANDLES: Final[Mapping[str, Sequence[str]]] = {
    "instagram": ("corner.bakery", "harbour.coffee", "north.cycles"),
    "tiktok": ("cornerbakery", "harbourcoffee", "northcycles"),
}
"""The sandbox accounts that the demo connects, by platform."""


class Id(Answer):
    """The thing that an answer is about."""

    id: str


class _OAuthURL(Answer):
    authorize_url: str
    state: str


class _OAuthStatus(Answer):
    status: str
    social_account_id: str | None


class _UploadTarget(Answer):
    upload_url: str
    headers: dict[str, str]


class _Expected(Answer):
    container_id: str
    files: list[_UploadTarget]


class _Uploads(Answer):
    items: list[_Expected]


class _Published(Answer):
    scheduled_post_ids: list[str]


class _Post(Answer):
    status: str
    external_id: str | None
    external_url: str | None
    first_comment_status: str | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None


class TimelineEntry(Answer):
    """One thing that happened to a post."""

    at: datetime
    event: str
    message: str
    detail: dict[str, object]


class _Timeline(Answer):
    items: list[TimelineEntry]


class LivePost(Answer):
    """One post as a viewer of the account sees it."""

    external_id: str
    caption: str


class _LivePosts(Answer):
    items: list[LivePost]


class InboxDraft(Answer):
    """A draft as it lies in the inbox of a creator's TikTok app."""

    publish_id: str
    kind: str


class _InboxDrafts(Answer):
    items: list[InboxDraft]


class _PostedDraft(Answer):
    external_id: str


class Text(Answer):
    """A text message as a phone got it."""

    sid: str
    body: str
    media_urls: list[str]
    status: str


class _Texts(Answer):
    items: list[Text]


class Dispatch(Answer):
    """A post as a managed provider was handed it."""

    post_id: str
    status: str
    external_id: str | None
    payload: dict[str, object]


class _Dispatches(Answer):
    items: list[Dispatch]


class _Posts(Answer):
    items: list[Id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A connected sandbox account."""

    id: str
    platform: str
    handle: str


@dataclass(slots=True, kw_only=True)
class Watched:
    """A post that is being watched; changes as the API tells more."""

    id: str
    label: str
    account: Account
    wants_comment: bool
    end: str = "published"  # the state that is right for it
    status: str = "queued"
    took: timedelta | None = None  # from the call to live, or to its creator's phone
    external_id: str | None = None
    external_url: str | None = None
    first_comment_status: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether the platform shows it."""
        return self.status == "published"

    @property
    def is_right(self) -> bool:
        """Whether it ended as it has to."""
        return self.status == self.end

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is to come: it is over, and if it is live its address and its comment are there too."""
        has_comment = self.first_comment_status is not None or not self.wants_comment
        return self.status in _OVER and (not self.is_live or (self.external_url is not None and has_comment))

    def learn(self, post: _Post) -> bool:
        """Take over what the API tells; returns whether that is news."""
        before = (self.status, self.is_settled)
        self.status = post.status
        self.external_id, self.external_url = post.external_id, post.external_url
        self.first_comment_status = post.first_comment_status
        arrived_at = post.updated_at if post.status == "draft" else post.published_at
        self.took = None if arrived_at is None else arrived_at - post.created_at
        return before != (self.status, self.is_settled)


class Story:
    """What a demo does as one caller. Every method raises DemoFailed when a call does not go as it should."""

    def __init__(self, api: Client) -> None:
        """Take the caller."""
        self._api: Final = api

    async def make_project(self, name: str) -> str:
        """Make a project and return its id."""
        return (await self._api.call(Id, "POST", "/v1/projects", {"name": name, "timezone": "Europe/Lisbon"})).id

    async def connect(self, project: str, platform: str, handle: str, *, login: str | None = None) -> Account:
        """Connect an account as its owner would in a browser: the platform's page, yes, and back through the API.

        `login` names another login than the platform's usual one.
        """
        way = {} if login is None else {"login": login}
        began = await self._api.call(
            _OAuthURL,
            "POST",
            f"/v1/projects/{project}/social/oauth-url",
            {"platform": platform, "returnUrl": _RETURN_URL, **way},
        )
        joint = "&" if urlsplit(began.authorize_url).query else "?"
        callback = await self._api.redirect(f"{began.authorize_url}{joint}account={handle}&decision=approve")
        home = await self._api.redirect(callback)
        if not home.startswith(_RETURN_URL) or parse_qs(urlsplit(home).query).get("layers_oauth_error"):
            raise DemoFailed(f"Connecting {handle} on {platform} ended at {home}.")
        status = await self._api.call(_OAuthStatus, "GET", f"/v1/social/oauth-status/{began.state}")
        if status.social_account_id is None:
            raise DemoFailed(f"Connecting {handle} on {platform} is {status.status}.")
        return Account(id=status.social_account_id, platform=platform, handle=handle)

    async def bring_in(self, project: str, sample: Sample) -> str:
        """Upload a sample's bytes to presigned addresses and return the finished container's id."""
        answer = await self._api.call(
            _Uploads,
            "POST",
            f"/v1/projects/{project}/content/uploads",
            {
                "grouping": "slideshow" if len(sample.files) > 1 else "per-file",
                "files": [
                    {"filename": file.name, "contentType": file.content_type, "sizeBytes": len(file.data)}
                    for file in sample.files
                ],
            },
        )
        (container,) = answer.items
        for file, target in zip(sample.files, container.files, strict=True):
            await self._api.put(file.name, file.data, url=target.upload_url, headers=target.headers)
        await self._api.call(
            Id, "POST", f"/v1/content/{container.container_id}/finalize-upload", {"caption": sample.caption}
        )
        return container.container_id

    async def publish(self, container: str, sample: Sample, accounts: Sequence[Account]) -> list[Watched]:
        """Publish a container to all accounts with one call; Instagram posts get a first comment."""
        commented = {account.id for account in accounts if account.platform == "instagram"}
        targets = [
            {
                "socialAccountId": account.id,
                "mode": "publish",
                **({"firstCommentOverride": "Which one is yours?"} if account.id in commented else {}),
            }
            for account in accounts
        ]
        answer = await self._api.call(_Published, "POST", f"/v1/content/{container}/publish", {"targets": targets})
        return [
            Watched(id=post_id, label=sample.label, account=account, wants_comment=account.id in commented)
            for post_id, account in zip(answer.scheduled_post_ids, accounts, strict=True)
        ]

    async def deliver(
        self, container: str, sample: Sample, account: Account, mode: str, *, end: str, **options: object
    ) -> Watched:
        """Send a container to one account in another way than `publish`; `options` are more of the target's fields."""
        targets = [{"socialAccountId": account.id, "mode": mode, **options}]
        answer = await self._api.call(_Published, "POST", f"/v1/content/{container}/publish", {"targets": targets})
        (post_id,) = answer.scheduled_post_ids
        return Watched(id=post_id, label=sample.label, account=account, wants_comment=False, end=end)

    async def watch(self, posts: Sequence[Watched], *, within: timedelta, news: Callable[[Watched], None]) -> None:
        """Ask after the posts until all are settled or the time is over; `news` hears of each change."""
        async with asyncio.timeout(within.total_seconds()):
            while open_posts := [post for post in posts if not post.is_settled]:
                for post in open_posts:
                    if post.learn(await self._api.call(_Post, "GET", f"/v1/scheduled-posts/{post.id}")):
                        news(post)
                await asyncio.sleep(_LOOK.total_seconds())

    async def refresh(self, post: Watched) -> None:
        """Ask after a post that is over."""
        post.learn(await self._api.call(_Post, "GET", f"/v1/scheduled-posts/{post.id}"))

    async def timeline(self, post: Watched) -> list[TimelineEntry]:
        """Return everything that happened to a post."""
        return (await self._api.call(_Timeline, "GET", f"/v1/scheduled-posts/{post.id}/timeline")).items

    async def reference(self, post: Watched) -> str:
        """Return the other side's id of a draft, as the timeline tells it; empty where it does not tell one, once."""
        told = [entry.detail.get("reference") for entry in await self.timeline(post) if entry.event == "drafted"]
        return str(told[0]) if len(told) == 1 else ""

    async def live(self, account: Account) -> list[LivePost]:
        """Return what a viewer of the account sees, as the platform (the sandbox) has it."""
        return (await self._api.call(_LivePosts, "GET", f"/sandbox/control/posts?{_of(account)}")).items

    async def posts_of(self, project: str, container: str) -> list[str]:
        """Return the ids of a container's posts, as the API lists them."""
        path = f"/v1/projects/{project}/scheduled-posts?containerId={container}"
        return [post.id for post in (await self._api.call(_Posts, "GET", path)).items]

    async def drafts(self, account: Account) -> list[InboxDraft]:
        """Return what has come into the inbox of an account's TikTok app, as the platform (the sandbox) has it."""
        return (await self._api.call(_InboxDrafts, "GET", f"/sandbox/control/drafts?{_of(account)}")).items

    async def post_draft(self, draft: InboxDraft) -> str:
        """Post a draft as its creator does in the app, and return the id of what is live then."""
        path = f"/sandbox/control/drafts/{draft.publish_id}/post"
        return (await self._api.call(_PostedDraft, "POST", path, {})).external_id

    async def texts(self, phone: str) -> list[Text]:
        """Return the text messages that a phone got, oldest first, as the message service (the sandbox) has them."""
        path = f"/sandbox/control/messages?handle={phone.removeprefix('+')}"
        return (await self._api.call(_Texts, "GET", path)).items

    async def dispatches(self, account: Account) -> list[Dispatch]:
        """Return what the managed provider (the sandbox's) was handed for an account."""
        return (await self._api.call(_Dispatches, "GET", f"/sandbox/control/dispatches?{_of(account)}")).items


def _of(account: Account) -> str:
    return f"platform={account.platform}&handle={account.handle}"
