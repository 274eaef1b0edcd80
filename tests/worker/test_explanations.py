"""What a support engineer reads about a failed or retrying post: the cause, the remedy, and a matching timeline."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pytest
from tests.api_server import Servers
from tests.sandbox_journal import read_journal
from tests.tiers import sampled
from tests.worker.causes import Cause, Story, theatre

from presswork.platforms.settings import Settings
from presswork.worker.timeline_messages import format_instant

INSTAGRAM, TIKTOK = "instagram", "tiktok"
ENDS: Final = {"published": "published", "draft": "drafted", "failed": "failed", "canceled": "canceled"}
NAMES: Final = {INSTAGRAM: "Instagram", TIKTOK: "TikTok"}
JARGON: Final = re.compile(
    r"\b(poll\w*|fence\w*|lease\w*|chunks?|None|null|Traceback|containerId|idempot\w*|backoff|\w+Error)\b|\{|\}|  |\.\."
)
"""Words of the program that a person outside of it can't know, and what a badly joined sentence looks like."""


def fault(operation: str, kind: str, **more: object) -> Mapping[str, object]:
    """Return a fault of the sandbox."""
    return {"operation": operation, "fault": kind, **more}


def answer(
    operation: str,
    code: int | str,
    subcode: int | None = None,
    *,
    times: int = -1,
    words: str = "No.",
    minutes: int | None = None,
) -> Mapping[str, object]:
    """Return a fault that makes an operation answer the platform's own error; `minutes` is its hint when to come back."""
    value = {"code": code, "message": words, "subcode": subcode, "regainMinutes": minutes}
    details = {name: part for name, part in value.items() if part is not None}
    return fault(operation, "platform_error", times=times, value=details)


@dataclass(frozen=True, kw_only=True)
class Failed:
    """How a post must fail: its code, the step that it failed in, and words of the remedy that the message names."""

    cause: Cause
    code: str
    step: str
    remedy: Sequence[str]
    says: Sequence[str] = ()
    """Further facts that the message must hold."""
    platform_code: str | None = None

    def __str__(self) -> str:
        """Name the test."""
        return f"{self.cause.platform}-{self.cause.name}"


@dataclass(frozen=True, kw_only=True)
class Struggled:
    """How a post gets through: what its timeline holds of it, as (event, words of the message)."""

    cause: Cause
    lines: Sequence[tuple[str, str]]
    status: str = "published"
    comment: str | None = None

    def __str__(self) -> str:
        """Name the test."""
        return f"{self.cause.platform}-{self.cause.name}"


def instagram(name: str, *faults: Mapping[str, object], **more: Any) -> Cause:
    """Return a cause at Instagram."""
    return Cause(name=name, platform=INSTAGRAM, faults=faults, **more)


def tiktok(name: str, *faults: Mapping[str, object], **more: Any) -> Cause:
    """Return a cause at TikTok."""
    return Cause(name=name, platform=TIKTOK, faults=faults, **more)


NOT_BUSINESS: Final = "The user is not an Instagram Business"
FAILED: Final = [
    Failed(
        cause=instagram("personal account", account={"tier": "personal"}),
        code="ACCOUNT_NOT_ELIGIBLE",
        step="media",
        remedy=["professional account", "connect it again", "publish again"],
        says=[NOT_BUSINESS],
        platform_code="10",
    ),
    Failed(
        cause=instagram("dead token", fault("media", "token_expired", times=-1)),
        code="CREDENTIAL_INVALID",
        step="media",
        remedy=["Connect the account again", "publish again"],
        says=["Session has expired"],
        platform_code="190/463",
    ),
    Failed(
        cause=instagram("token that dies at the last step", fault("media_publish", "token_expired", times=-1)),
        code="CREDENTIAL_INVALID",
        step="media_publish",
        remedy=["Connect the account again"],
        platform_code="190/463",
    ),
    Failed(
        cause=instagram("video format", fault("container_status", "media_error", times=-1), kind="video"),
        code="MEDIA_REJECTED",
        step="container_status",
        remedy=["MP4 or MOV", "H.264"],
        says=["ERROR", "2207026"],
        platform_code="2207026",
    ),
    Failed(
        cause=instagram("item of a carousel", fault("container_status", "media_error", skip=1), kind="multi"),
        code="MEDIA_REJECTED",
        step="container_status",
        remedy=["Publish an MP4 or MOV"],
        says=["Item 2: "],
        platform_code="2207026",
    ),
    Failed(
        cause=instagram(
            "video that fails each time",
            fault("container_status", "media_error", times=-1, value={"subcode": 2207082}),
            kind="video",
        ),
        code="MEDIA_REJECTED",
        step="container_status",
        remedy=["Publish a larger video"],
        says=["3 times", "Nothing was posted"],
        platform_code="2207082",
    ),
    Failed(
        cause=instagram("caption", answer("media", 36004, 2207010, words="The caption is too long.")),
        code="PLATFORM_REJECTED",
        step="media",
        remedy=["Shorten it", "publish again"],
        says=["“The caption is too long.”"],
        platform_code="36004/2207010",
    ),
    Failed(
        cause=instagram("unknown code", answer("media", 4711, words="Something odd")),
        code="PLATFORM_REJECTED",
        step="media",
        remedy=["Fix what Instagram names"],
        says=["(code 4711): “Something odd”."],
        platform_code="4711",
    ),
    Failed(
        cause=instagram("caption beyond the limit", target={"captionOverride": "x" * 2201}),
        code="PLATFORM_LIMIT",
        step="media",
        remedy=["Shorten it"],
        says=["2,201 characters; Instagram accepts 2,200"],
    ),
    Failed(
        cause=instagram("looks like spam", answer("media_publish", 4, 2207051)),
        code="PLATFORM_REJECTED",
        step="media_publish",
        remedy=["Wait a day", "vary the content"],
        says=["The post is not live"],
        platform_code="4/2207051",
    ),
    Failed(
        cause=instagram("limit that stays", answer("media", 80002, minutes=90)),
        code="PLATFORM_RATE_LIMITED",
        step="media",
        remedy=["Publish again when the limit is over"],
        says=["Presswork stopped waiting", "Nothing was posted"],
        platform_code="80002",
    ),
    Failed(
        cause=instagram("outage that stays", fault("media", "http_500", times=-1)),
        code="PLATFORM_UNAVAILABLE",
        step="media",
        remedy=["Publish again later"],
        says=["HTTP 500", "Presswork retried for", "Nothing was posted"],
        platform_code="2",
    ),
    Failed(
        cause=instagram("processing without end", fault("container_status", "stuck_processing"), kind="video"),
        code="PLATFORM_UNAVAILABLE",
        step="container_status",
        remedy=["Publish again later", "smaller file"],
        says=["after 1 min", "Nothing was posted", "container 17889"],
    ),
    Failed(
        cause=instagram("publishing that never works", fault("media_publish", "drop_before_effect", times=-1)),
        code="PLATFORM_UNAVAILABLE",
        step="make_live",
        remedy=["Publish again later"],
        says=["5 times", "Nothing was posted", "Instagram has not published the post"],
    ),
    Failed(
        cause=instagram(
            "answer lost for good",
            fault("media_publish", "drop_after_effect"),
            fault("container_status", "http_500", skip=1, times=-1),
        ),
        code="OUTCOME_UNKNOWN",
        step="look_up",
        remedy=["Check the account", "if the post is not there, publish again"],
        says=["not known whether the post went live", "does not retry", "HTTP 500"],
    ),
    Failed(
        cause=tiktok("caption beyond the limit", target={"captionOverride": "🎬" * 1101}, kind="video"),
        code="PLATFORM_LIMIT",
        step="video_init",
        remedy=["Shorten it"],
        says=["2,202 characters as TikTok counts them"],
    ),
    Failed(
        cause=tiktok("spam", answer("content_init", "spam_risk")),
        code="PLATFORM_REJECTED",
        step="content_init",
        remedy=["Change the content"],
        says=["(spam_risk): “No.”"],
        platform_code="spam_risk",
    ),
    Failed(
        cause=tiktok("caption", answer("video_init", "spam_risk_text"), kind="video"),
        code="PLATFORM_REJECTED",
        step="video_init",
        remedy=["Change the caption"],
        platform_code="spam_risk_text",
    ),
    Failed(
        cause=tiktok(
            "privacy that is not offered",
            account={"creatorInfo": {"privacy_level_options": ["SELF_ONLY"]}},
            target={"tiktokPostSettings": {"privacyLevel": "PUBLIC_TO_EVERYONE"}},
        ),
        code="PLATFORM_REJECTED",
        step="creator_info",
        remedy=["Publish with one of these"],
        says=["PUBLIC_TO_EVERYONE", "SELF_ONLY"],
        platform_code="privacy_level_option_mismatch",
    ),
    Failed(
        cause=tiktok("app without audit", account={"audited": False}),
        code="ACCOUNT_NOT_ELIGIBLE",
        step="content_init",
        remedy=["Make the account private", "have the app audited"],
        platform_code="unaudited_client_can_only_post_to_private_accounts",
    ),
    Failed(
        cause=tiktok("address without proof", account={"verifiedPrefixes": ["https://other.example/"]}),
        code="PLATFORM_REJECTED",
        step="content_init",
        remedy=["Verify PRESSWORK_PUBLIC_URL"],
        platform_code="url_ownership_unverified",
    ),
    Failed(
        cause=tiktok("barred account", answer("creator_info", "spam_risk_user_banned_from_posting")),
        code="ACCOUNT_NOT_ELIGIBLE",
        step="creator_info",
        remedy=["account status"],
        platform_code="spam_risk_user_banned_from_posting",
    ),
    Failed(
        cause=tiktok("too many drafts", answer("content_init", "spam_risk_too_many_pending_share")),
        code="DELIVERY_FAILED",
        step="content_init",
        remedy=["Ask the creator to post or delete one of them", "publish again"],
        platform_code="spam_risk_too_many_pending_share",
    ),
    Failed(
        cause=tiktok(
            "dead token",
            fault("creator_info", "token_expired", times=-1),
            fault("refresh", "token_expired", times=-1),
        ),
        code="CREDENTIAL_INVALID",
        step="creator_info",
        remedy=["Connect the account again", "publish again"],
        platform_code="access_token_invalid",
    ),
    Failed(
        cause=tiktok(
            "size in pixels",
            fault("status_fetch", "media_error", times=-1, value={"code": "picture_size_check_failed"}),
            kind="video",
        ),
        code="MEDIA_REJECTED",
        step="status_fetch",
        remedy=["360 to 4096 pixels", "another size"],
        says=["The post is not live"],
        platform_code="picture_size_check_failed",
    ),
    Failed(
        cause=tiktok(
            "pictures that can't be fetched",
            fault("status_fetch", "media_error", times=-1, value={"code": "photo_pull_failed"}),
        ),
        code="PLATFORM_UNAVAILABLE",
        step="make_live",
        remedy=["PRESSWORK_PUBLIC_URL can be reached"],
        says=["5 times", "Nothing was posted", "photo_pull_failed"],
    ),
    Failed(
        cause=tiktok("processing without end", fault("status_fetch", "stuck_processing"), kind="video"),
        code="OUTCOME_UNKNOWN",
        step="look_up",
        remedy=["Check the account"],
        says=["TikTok is processing the post", "no result for 1 min"],
    ),
    Failed(
        cause=tiktok("upload that is refused", answer("upload", 400), kind="video"),
        code="INTERNAL",
        step="upload",
        remedy=["Report it to the Presswork project"],
        says=["HTTP 400", "Nothing was published"],
    ),
]

STRUGGLED: Final = [
    Struggled(
        cause=instagram("short outage", fault("media", "html_502", times=2)),
        lines=[("retrying", "HTTP 502"), ("live", "The post is live.")],
    ),
    Struggled(
        cause=instagram("unreadable answer", fault("media_publish", "malformed_json")),
        lines=[("reconciled", "not certain whether the post went live"), ("live", "confirmed that the post is live")],
    ),
    Struggled(
        cause=instagram("lost answer", fault("media_publish", "drop_after_effect")),
        lines=[("reconciled", "the connection broke. Presswork asks"), ("live", "confirmed that the post is live")],
    ),
    Struggled(
        cause=instagram("lost call", fault("media_publish", "drop_before_effect")),
        lines=[("reconciled", "Presswork asks"), ("reconciled", "The post is not live"), ("live", "The post is live.")],
    ),
    Struggled(
        cause=instagram("quota of a day", answer("media_publish", 9, 2207042, times=2)),
        lines=[("waiting", "within 24 hours"), ("waiting", "within 24 hours"), ("live", "The post is live.")],
    ),
    Struggled(
        cause=instagram("limit that ends", answer("media", 4, times=1)),
        lines=[("waiting", "A limit is reached"), ("claimed", "continues with it"), ("live", "The post is live.")],
    ),
    Struggled(
        cause=instagram("comment refused", answer("comments", 100), content={"comment": "First!"}),
        lines=[("first_comment", "Write this comment manually"), ("published", "Published.")],
        comment="failed",
    ),
    Struggled(
        cause=instagram("comment lost", fault("comments", "drop_after_effect"), content={"comment": "First!"}),
        lines=[("retrying", "its first comment may be missing"), ("first_comment", "The first comment is posted.")],
        comment="posted",
    ),
    Struggled(
        cause=tiktok("limit of a minute", answer("creator_info", "rate_limit_exceeded", times=2)),
        lines=[("waiting", "calls a minute"), ("live", "The post is live.")],
    ),
    Struggled(
        cause=tiktok("answer of a picture lost", fault("content_init", "drop_before_effect")),
        lines=[
            ("reconciled", "its response was lost"),
            ("reconciled", "The post is not live"),
            ("retrying", "last try"),
        ],
    ),
    Struggled(
        cause=tiktok("upload unconfirmed", fault("upload", "drop_after_effect"), kind="video"),
        lines=[("reconciled", "did not confirm it"), ("live", "confirmed that the post is live")],
    ),
    Struggled(
        cause=tiktok("upload gone", answer("upload", 403, times=1), kind="video"),
        lines=[("retrying", "no longer accepts this upload"), ("live", "The post is live.")],
    ),
    Struggled(
        cause=tiktok("token that dies", fault("video_init", "token_expired"), kind="video"),
        lines=[("token_refreshed", "Presswork refreshed it"), ("live", "The post is live.")],
    ),
    Struggled(
        cause=tiktok("comment", content={"comment": "First!"}),
        lines=[("first_comment", "Write it manually"), ("published", "Published.")],
        comment="unsupported",
    ),
    Struggled(
        cause=tiktok(
            "account disconnected meanwhile",
            meanwhile="UPDATE social_accounts SET status = 'disconnected', disconnected_at = now() WHERE id = $1",
        ),
        lines=[("canceled", "Connect it again")],
        status="canceled",
    ),
    Struggled(
        cause=instagram(
            "project archived meanwhile",
            meanwhile="""UPDATE projects SET status = 'archived', archived_at = now()
                          WHERE id = (SELECT project_id FROM social_accounts WHERE id = $1)""",
        ),
        lines=[("canceled", "another project")],
        status="canceled",
    ),
]


@pytest.fixture(scope="module")
def files(picture: bytes, video: bytes) -> Mapping[str, bytes]:
    """What is posted."""
    return {"image": picture, "video": video}


@pytest.mark.parametrize("case", sampled(FAILED, *{case.code: case for case in reversed(FAILED)}.values()), ids=str)
async def test_a_failed_post_says_why_and_what_to_do(
    servers: Servers, settings: Settings, dsn: str, files: Mapping[str, bytes], case: Failed
) -> None:
    """The last error has its code, step and the platform's code, and its message names who said what and the remedy."""
    async with theatre(servers, settings, dsn=dsn, files=files) as world:
        story = await world.play(case.cause)
    error = story.error
    assert (story.post["status"], error["code"], error["step"]) == ("failed", case.code, case.step)
    assert error["platformCode"] == case.platform_code
    for words in (NAMES[case.cause.platform], *case.remedy, *case.says):
        assert words in error["message"]
    end = story.timeline[-1]
    assert (end["event"], end["message"]) == ("failed", error["message"])
    assert {name: end["detail"][name] for name in error if name != "message"} == {
        name: value for name, value in error.items() if name != "message"
    }
    assert_sound(story, case.cause.platform)


@pytest.mark.parametrize(
    "case", sampled(STRUGGLED, *{case.lines[0][0]: case for case in reversed(STRUGGLED)}.values()), ids=str
)
async def test_a_struggling_post_says_what_went_on(
    servers: Servers, settings: Settings, dsn: str, files: Mapping[str, bytes], case: Struggled
) -> None:
    """The timeline has each error in order, and its result."""
    async with theatre(servers, settings, dsn=dsn, files=files) as world:
        story = await world.play(case.cause)
    assert (story.post["status"], story.post["firstCommentStatus"]) == (case.status, case.comment)
    assert story.post["lastError"] is None
    rest = iter(story.timeline)
    for event, words in case.lines:
        assert any(entry["event"] == event and words in entry["message"] for entry in rest), (event, words)
    assert_sound(story, case.cause.platform)


def assert_sound(story: Story, platform: str) -> None:
    """Hold what is true of every timeline, whatever happened."""
    events, post = story.events(), story.post
    assert events[:2] == ["queued", "claimed"]
    assert [event for event in events if event in ENDS.values()] == [ENDS[post["status"]]] == events[-1:]
    for before, entry in zip([None, *story.timeline], story.timeline, strict=False):
        message, detail = entry["message"], entry["detail"]
        assert before is None or (message, detail) != (before["message"], before["detail"])
        assert message.endswith((".", ".”"))
        assert JARGON.search(re.sub("“[^”]*”", "“”", message)) is None, message
        if entry["event"] == "claimed":
            assert detail["worker"] in message
        if entry["event"] in {"waiting", "retrying"}:
            assert format_instant(datetime.fromisoformat(detail["nextAt"])) in message
        if entry["event"] == "preparing":
            assert detail["containerId" if platform == INSTAGRAM else "publishId"]
        if entry["event"] == "prepared":
            assert detail["containerId"]
    if post["status"] == "published":
        assert story.of("published")[0]["detail"] == {name: post[name] for name in ("externalId", "externalUrl")}
        assert post["externalId"] in {entry["detail"]["externalId"] for entry in story.of("permalink")}


async def test_what_the_platforms_support_asks_for_is_in_the_detail(
    servers: Servers, settings: Settings, dsn: str, files: Mapping[str, bytes]
) -> None:
    """A refused call has the platform's own number of it, under one name for all platforms."""
    for cause in (instagram("refused", answer("media", 4711)), tiktok("refused", answer("content_init", "spam_risk"))):
        async with theatre(servers, settings, dsn=dsn, files=files) as world:
            story = await world.play(cause)
            browser = await world.world.api.anonymous()
            journal = await read_journal(browser.get, platform=cause.platform)
        refused = next(entry for entry in journal if entry["fault"] == "platform_error")
        error = refused["response"]["error"]
        assert story.timeline[-1]["detail"]["platformTraceId"] == error.get("fbtrace_id", error.get("log_id"))
