"""What the demo does, only through the public HTTP API: connect accounts, bring media in, publish, watch, count."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self, TypeVar
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from presswork.errors import Unavailable
from presswork.media.samples import sample_picture, sample_slideshow, sample_video

RETURN_DOMAIN: Final = "localhost"
_RETURN_URL: Final = f"http://{RETURN_DOMAIN}/connected"
_CALL_WITHIN: Final = timedelta(seconds=30)
_TRY_WITHIN: Final = timedelta(seconds=10)
"""How long a call is repeated that was lost or answered 5xx, as any good client does."""
_LOOK: Final = timedelta(milliseconds=150)
_OVER: Final = frozenset({"published", "draft", "failed", "canceled"})
HANDLES: Final[Mapping[str, Sequence[str]]] = {
    "instagram": ("corner.bakery", "harbour.coffee", "north.cycles"),
    "tiktok": ("cornerbakery", "harbourcoffee", "northcycles"),
}
"""The sandbox accounts that the demo connects, by platform."""


class DemoFailed(Unavailable):
    """The demo could not go on; the message says where it stopped."""


class _Answer(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _Id(_Answer):
    id: str


class _OAuthURL(_Answer):
    authorize_url: str
    state: str


class _OAuthStatus(_Answer):
    status: str
    social_account_id: str | None


class _UploadTarget(_Answer):
    upload_url: str
    headers: dict[str, str]


class _Expected(_Answer):
    container_id: str
    files: list[_UploadTarget]


class _Uploads(_Answer):
    items: list[_Expected]


class _Published(_Answer):
    scheduled_post_ids: list[str]


class _Post(_Answer):
    status: str
    external_id: str | None
    external_url: str | None
    first_comment_status: str | None
    created_at: datetime
    published_at: datetime | None


class TimelineEntry(_Answer):
    """One thing that happened to a post."""

    at: datetime
    event: str
    message: str


class _Timeline(_Answer):
    items: list[TimelineEntry]


class _LivePost(_Answer):
    external_id: str


class _LivePosts(_Answer):
    items: list[_LivePost]


Shape = TypeVar("Shape", bound=_Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A connected sandbox account."""

    id: str
    platform: str
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to bring in."""

    name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One piece of content: a file, or the pictures of a slideshow."""

    label: str
    caption: str
    files: Sequence[File]


@dataclass(slots=True, kw_only=True)
class Watched:
    """A post that is being watched; changes as the API tells more."""

    id: str
    label: str
    account: Account
    wants_comment: bool
    status: str = "queued"
    took: timedelta | None = None  # from the call to live
    external_id: str | None = None
    external_url: str | None = None
    first_comment_status: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether the platform shows it."""
        return self.status == "published"

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
        self.took = None if post.published_at is None else post.published_at - post.created_at
        return before != (self.status, self.is_settled)


def make_samples() -> list[Sample]:
    """Draw the video, the picture and the slideshow that the demo publishes."""
    video = sample_video(timedelta(seconds=4), title="Fresh at six")
    picture = sample_picture(1080, 1350, seed=2, title="Cinnamon")
    slides = sample_slideshow(3, seed=3)
    return [
        Sample(
            label="video",
            caption="Fresh out of the oven at six. #bakery",
            files=[File(name="morning.mp4", content_type="video/mp4", data=video)],
        ),
        Sample(
            label="picture",
            caption="Cinnamon, butter, patience. #bakery",
            files=[File(name="cinnamon.jpg", content_type="image/jpeg", data=picture)],
        ),
        Sample(
            label="slideshow",
            caption="Three loaves, three days. #bakery",
            files=[
                File(name=f"loaf-{number}.jpg", content_type="image/jpeg", data=data)
                for number, data in enumerate(slides, 1)
            ],
        ),
    ]


class Story:
    """One run of the demo against an API. Every method raises DemoFailed when a call does not go as it should."""

    def __init__(self, url: str, key: str) -> None:
        """Take the API's address and a key for it."""
        self._url: Final = url
        # Addresses in answers (uploads, logins) are absolute; the key goes to the API's own routes only.
        self._open: Final = httpx2.AsyncClient(timeout=_CALL_WITHIN.total_seconds(), trust_env=False)
        self._key: Final = {"Authorization": f"Bearer {key}"}

    async def __aenter__(self) -> Self:
        """Return the story."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._open.aclose()

    async def make_project(self) -> str:
        """Make a project and return its id."""
        return (await self._call(_Id, "POST", "/v1/projects", {"name": "Demo", "timezone": "Europe/Lisbon"})).id

    async def connect(self, project: str, platform: str, handle: str) -> Account:
        """Connect an account as its owner would in a browser: the platform's page, yes, and back through the API."""
        login = await self._call(
            _OAuthURL,
            "POST",
            f"/v1/projects/{project}/social/oauth-url",
            {"platform": platform, "returnUrl": _RETURN_URL},
        )
        joint = "&" if urlsplit(login.authorize_url).query else "?"
        callback = await self._redirect(f"{login.authorize_url}{joint}account={handle}&decision=approve")
        home = await self._redirect(callback)
        if not home.startswith(_RETURN_URL) or parse_qs(urlsplit(home).query).get("layers_oauth_error"):
            raise DemoFailed(f"Connecting {handle} on {platform} ended at {home}.")
        status = await self._call(_OAuthStatus, "GET", f"/v1/social/oauth-status/{login.state}")
        if status.social_account_id is None:
            raise DemoFailed(f"Connecting {handle} on {platform} is {status.status}.")
        return Account(id=status.social_account_id, platform=platform, handle=handle)

    async def bring_in(self, project: str, sample: Sample) -> str:
        """Upload a sample's bytes to presigned addresses and return the finished container's id."""
        answer = await self._call(
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
            try:
                reply = await self._open.put(target.upload_url, content=file.data, headers=target.headers)
            except httpx2.HTTPError as error:
                raise DemoFailed(f"Uploading {file.name} failed: {error}") from error
            if not reply.is_success:
                raise DemoFailed(f"Uploading {file.name} was answered {reply.status_code}: {reply.text[:300]}")
        await self._call(
            _Id, "POST", f"/v1/content/{container.container_id}/finalize-upload", {"caption": sample.caption}
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
        answer = await self._call(_Published, "POST", f"/v1/content/{container}/publish", {"targets": targets})
        return [
            Watched(id=post_id, label=sample.label, account=account, wants_comment=account.id in commented)
            for post_id, account in zip(answer.scheduled_post_ids, accounts, strict=True)
        ]

    async def watch(self, posts: Sequence[Watched], *, within: timedelta, news: Callable[[Watched], None]) -> None:
        """Ask after the posts until all are settled or the time is over; `news` hears of each change."""
        async with asyncio.timeout(within.total_seconds()):
            while open_posts := [post for post in posts if not post.is_settled]:
                for post in open_posts:
                    if post.learn(await self._call(_Post, "GET", f"/v1/scheduled-posts/{post.id}")):
                        news(post)
                await asyncio.sleep(_LOOK.total_seconds())

    async def timeline(self, post: Watched) -> list[TimelineEntry]:
        """Return everything that happened to a post."""
        return (await self._call(_Timeline, "GET", f"/v1/scheduled-posts/{post.id}/timeline")).items

    async def live_ids(self, account: Account) -> list[str]:
        """Return the ids of what a viewer of the account sees, as the platform (the sandbox) has it."""
        query = f"platform={account.platform}&handle={account.handle}"
        posts = await self._call(_LivePosts, "GET", f"/sandbox/control/posts?{query}")
        return [post.external_id for post in posts.items]

    async def _redirect(self, url: str) -> str:
        try:
            reply = await self._open.get(url)
        except httpx2.HTTPError as error:
            raise DemoFailed(f"{url} did not answer: {error}") from error
        if not reply.is_redirect:
            raise DemoFailed(f"{url} was answered {reply.status_code} and not with a redirect: {reply.text[:300]}")
        return reply.headers["Location"]

    async def _call(self, shape: type[Shape], method: str, path: str, body: object = None) -> Shape:
        headers = dict(self._key)
        if method == "POST" and not path.endswith("oauth-url"):
            headers["Idempotency-Key"] = str(uuid4())
        end = time.monotonic() + _TRY_WITHIN.total_seconds()
        while (reply := await self._attempt(method, path, headers, body)) is None or reply.is_server_error:
            # The same call once more is safe: a write carries a key under which it happens once.
            if time.monotonic() > end:
                told = "not answered" if reply is None else f"answered {reply.status_code}: {reply.text[:500]}"
                raise DemoFailed(f"{method} {path} was {told}")
            await asyncio.sleep(_LOOK.total_seconds())
        if not reply.is_success:
            raise DemoFailed(f"{method} {path} was answered {reply.status_code}: {reply.text[:500]}")
        try:
            return shape.model_validate_json(reply.content)
        except ValidationError as error:
            raise DemoFailed(f"{method} {path} was answered in an unknown form: {error}") from error

    async def _attempt(
        self, method: str, path: str, headers: Mapping[str, str], body: object
    ) -> httpx2.Response | None:
        try:
            return await self._open.request(method, f"{self._url}{path}", headers=headers, json=body)
        except httpx2.HTTPError:
            return None
