"""Request and response bodies of the routes of the sandbox."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, JsonValue
from pydantic.config import JsonDict

from presswork.api.http.body import In, Name, Out, Text, with_examples
from presswork.api.http.paging import NoNextPage
from presswork.core.timestamps import Instant
from presswork.platforms.names import PlatformName

SandboxPlatform = Literal[
    "instagram",
    "tiktok",
    "threads",
    "facebook",
    "youtube",
    "linkedin",
    "bluesky",
    "mastodon",
    "x",
    "telegram",
    "pinterest",
    "sms",
    "provider",
]
"""Every platform, and what posts are delivered through besides."""
Tier = Literal["personal", "creator", "business"]
FaultKind = Literal[
    "latency",
    "http_500",
    "html_502",
    "malformed_json",
    "drop_before_effect",
    "drop_after_effect",
    "late_effect",
    "platform_error",
    "token_expired",
    "stuck_processing",
    "media_error",
]
Handle = Annotated[Text, Field(min_length=1, max_length=65, description="With or without `@`.")]

_MAX_SECONDS: Final = 10 * 366 * 86_400
_FAULT: Final[JsonDict] = {
    "id": 7,
    "platform": "instagram",
    "operation": "media_publish",
    "handle": "luna",
    "fault": "platform_error",
    "times": -1,
    "skip": 0,
    "value": {"code": 4, "subcode": 2207051},
    "fired": 2,
}
_STATE: Final[JsonDict] = {
    "url": "http://127.0.0.1:8000/sandbox/",
    "now": "2026-11-25T18:30:00.000Z",
    "offsetSeconds": 86400.0,
    "requirePkce": False,
    "faults": [_FAULT],
}
_ACCOUNT: Final[JsonDict] = {
    "platform": "instagram",
    "handle": "luna",
    "tier": "business",
    "displayName": "Luna",
    "createdAt": "2026-11-24T18:30:00.000Z",
    "feedUrl": "http://127.0.0.1:8000/sandbox/feed/instagram/luna",
}
_POST: Final[JsonDict] = {
    "platform": "instagram",
    "handle": "luna",
    "kind": "feed_image",
    "externalId": "17900000000000001",
    "url": "https://www.instagram.com/p/DNWZ2K0AAAB/",
    "pageUrl": "http://127.0.0.1:8000/sandbox/www.instagram.com/p/DNWZ2K0AAAB/",
    "caption": "Warm bread at six",
    "media": [
        {"contentType": "image/jpeg", "width": 1080, "height": 1350, "thumbnailUrl": "/v1/sandbox/media/1"},
    ],
    "comments": ["Which one is your favourite?"],
    "params": {"image_url": "http://127.0.0.1:8000/media/…", "caption": "Warm bread at six"},
    "createdAt": "2026-11-24T18:30:00.000Z",
}


class SandboxFault(Out):
    """Something that goes wrong on purpose."""

    model_config = with_examples(_FAULT)

    id: int
    platform: SandboxPlatform
    operation: str
    handle: Annotated[str | None, Field(description="The one account that it is limited to.")]
    fault: FaultKind
    times: Annotated[int, Field(description="How many more calls it applies to; -1: until it is cleared.")]
    skip: Annotated[int, Field(description="How many matching calls pass before.")]
    value: dict[str, JsonValue]
    fired: Annotated[int, Field(description="How often it has been applied.")]


class SandboxState(Out):
    """The sandbox: its time, what it demands of apps, and the faults that are set."""

    model_config = with_examples(_STATE)

    url: Annotated[str, Field(description="Its page in a browser, with all accounts and feeds.")]
    now: Annotated[Instant, Field(description="The sandbox's time.")]
    offset_seconds: Annotated[float, Field(description="How far its time is ahead of the system's.")]
    require_pkce: Annotated[bool, Field(description="Whether TikTok's logins need PKCE.")]
    faults: Annotated[list[SandboxFault], Field(description="In the order in which they were set.")]


class SandboxChanges(In):
    """Settings of the sandbox. Those that are left out stay as they are."""

    model_config = with_examples({"requirePkce": True})

    require_pkce: Annotated[bool, Field(description="Refuse TikTok's logins without PKCE.")]


class ClockAdvance(In):
    """How far to advance the sandbox's clock."""

    model_config = with_examples({"advanceSeconds": 86400})

    advance_seconds: Annotated[int, Field(ge=1, le=_MAX_SECONDS, description="Time only moves forward.")]


class NewSandboxFault(In):
    """A fault to set. docs/sandbox.md lists operations, faults and their values."""

    model_config = with_examples(
        {"platform": "instagram", "operation": "media_publish", "fault": "drop_after_effect", "handle": "luna"},
        {
            "platform": "tiktok",
            "operation": "video_init",
            "fault": "platform_error",
            "value": {"code": "spam_risk_too_many_posts"},
            "times": -1,
        },
    )

    platform: SandboxPlatform
    operation: Annotated[Text, Field(min_length=1, max_length=50, description="For example `media_publish`.")]
    fault: FaultKind
    handle: Annotated[
        Handle | None, Field(description="Limits it to one account; of a text message, the receiver's number.")
    ] = None
    times: Annotated[
        int, Field(ge=-1, le=1_000_000, description="How many calls it applies to; -1: until it is cleared.")
    ] = 1
    skip: Annotated[int, Field(ge=0, le=1_000_000, description="How many matching calls pass before.")] = 0
    value: Annotated[
        dict[Text, JsonValue] | None,
        Field(
            description='`{"ms"}` for `latency` and `late_effect`, `{"code", "subcode"?, "message"?}` for `platform_error`.'
        ),
    ] = None


class ClearedFaults(Out):
    """How many faults were cleared."""

    model_config = with_examples({"cleared": 2})

    cleared: int


class SandboxAccount(Out):
    """An account on a fake platform."""

    model_config = with_examples(_ACCOUNT)

    platform: PlatformName
    handle: str
    tier: Annotated[Tier, Field(description="Instagram refuses to publish to a `personal` account.")]
    display_name: str
    created_at: Instant
    feed_url: Annotated[str, Field(description="Its feed, as a page.")]

    @classmethod
    def of(cls, shown: Mapping[str, Any], *, url: str) -> Self:  # Any: the sandbox's JSON, which the model validates
        """Convert an account as the control surface shows it."""
        return cls.model_validate({**shown, "feedUrl": f"{url}/feed/{shown['platform']}/{shown['handle']}"})


class ListedSandboxAccount(SandboxAccount):
    """An account on a fake platform, and how many posts it has."""

    model_config = with_examples({**_ACCOUNT, "posts": 3})

    posts: int


class SandboxAccounts(Out):
    """Accounts, newest first."""

    model_config = with_examples({"items": [{**_ACCOUNT, "posts": 3}], "nextCursor": None})

    items: list[ListedSandboxAccount]
    next_cursor: NoNextPage = None


class NewSandboxAccount(In):
    """An account to create, or to change if the handle exists."""

    model_config = with_examples({"platform": "instagram", "handle": "luna", "tier": "creator"})

    platform: PlatformName
    handle: Handle
    tier: Annotated[Tier, Field(description="Instagram refuses to publish to a `personal` account.")] = "business"
    display_name: Annotated[Name | None, Field(description="Default: made from the handle.")] = None


class SandboxMedium(Out):
    """A picture or video of a post, as the platform received it."""

    content_type: str
    width: int
    height: int
    thumbnail_url: Annotated[str, Field(description="Path of a JPEG; read it with the same credentials.")]


class SandboxPost(Out):
    """What a viewer of a fake account sees."""

    model_config = with_examples(_POST)

    platform: PlatformName
    handle: str
    kind: Annotated[
        str,
        Field(
            description="What it is: `text`, `link`, `story`, `reel`, `tiktok_photo`, …; docs/sandbox.md has all of them."
        ),
    ]
    external_id: Annotated[str, Field(description="The platform's id: `externalId` of the scheduled post.")]
    url: Annotated[str, Field(description="As the platform reports it: `externalUrl` of the scheduled post.")]
    page_url: Annotated[str, Field(description="The page of the sandbox that it stands for.")]
    caption: str
    media: list[SandboxMedium]
    comments: list[str]
    params: Annotated[dict[str, JsonValue], Field(description="What was sent, by the platform's own names.")]
    created_at: Instant

    @classmethod
    def of(cls, shown: Mapping[str, Any], *, url: str) -> Self:  # Any: the sandbox's JSON, which the model validates
        """Convert a post as the control surface shows it."""
        media = [{**one, "thumbnailUrl": f"/v1/sandbox/media/{one['poster']}"} for one in shown["media"]]
        page_url = f"{url}/{str(shown['url']).partition('://')[2]}"
        return cls.model_validate({**shown, "media": media, "pageUrl": page_url})


class SandboxPosts(Out):
    """Live posts, newest first."""

    model_config = with_examples({"items": [_POST], "nextCursor": None})

    items: list[SandboxPost]
    next_cursor: NoNextPage = None

    @classmethod
    def of(cls, items: Sequence[Mapping[str, Any]], *, url: str) -> Self:  # Any: as above
        """Convert posts as the control surface shows them."""
        return cls(items=[SandboxPost.of(one, url=url) for one in items])
