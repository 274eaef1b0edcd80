"""Preflight and the platforms' limits: fixed ones, and those that the sandbox returns for an account."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import pytest
from pydantic import TypeAdapter
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.posts.conftest import bare, insert_container
from tests.posts.test_preflight import preflight, rows, to
from tests.world import World

from presswork.content.model import media_type_of
from presswork.core.ids import new_id
from presswork.media.model import ContentType, Kind, Probe
from presswork.platforms.transport import Transport
from presswork.posts import constraints

_PROBE: Final = TypeAdapter(Probe)
PICTURE: Final = Probe(
    kind=Kind.IMAGE,
    content_type=ContentType.JPEG,
    size_bytes=1000,
    sha256="0" * 64,
    width=1080,
    height=1350,
    rotation=0,
)
CLIP: Final = replace(
    PICTURE,
    kind=Kind.VIDEO,
    content_type=ContentType.MP4,
    height=1920,
    duration=timedelta(seconds=9),
    video_codec="h264",
    audio_codec="aac",
    pixel_format="yuv420p",
    frame_rate=30.0,
    is_moov_first=True,
)


PAPER: Final = replace(PICTURE, kind=Kind.DOCUMENT, content_type=ContentType.PDF, pages=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A project with one account per sandbox platform. Media are rows only: these tests read no bytes."""

    world: World
    api: Api
    project: str
    instagram: str
    tiktok: str

    async def content(self, *probes: Probe, caption: str = "Hello") -> str:
        """Insert a completed container with these media."""
        pool = self.api.context.pool
        kind = media_type_of([probe.kind for probe in probes], path="media").value
        container = await insert_container(pool, self.project, kind)
        await pool.execute("UPDATE content_containers SET caption = $2 WHERE id = $1", bare(container), caption)
        for position, probe in enumerate(probes):
            await pool.execute(
                """INSERT INTO media_assets (id, container_id, organization_id, environment, position, object_key, sha256,
                                             width, height, duration_ms, probe, size_bytes, created_at, verified_at)
                   SELECT $1, id, organization_id, environment, $3, 'nowhere', $4, $5, $6, $7, $8, $9, now(), now()
                     FROM content_containers WHERE id = $2""",
                new_id(),
                bare(container),
                position,
                probe.sha256,
                probe.width,
                probe.height,
                None if probe.duration is None else probe.duration // timedelta(milliseconds=1),
                _PROBE.dump_json(probe).decode(),
                probe.size_bytes,
            )
        return container

    async def verdict(self, container: str, account: str, **more: object) -> dict[str, Any]:
        """Return the verdict of one target."""
        (reported,) = (await preflight(self.world.client, container, to(account, **more)))["targets"]
        return dict(reported)

    async def change_platform_account(self, platform: str, **changes: object) -> None:
        """Change the account on the fake platform."""
        browser = await self.api.anonymous()
        response = await browser.post(
            "/sandbox/control/accounts", json={"platform": platform, "handle": "brand", **changes}
        )
        assert response.status_code == 200, response.text


@pytest.fixture
async def ground(api: Api, world: World) -> Ground:
    """Both accounts are called brand."""
    project = await world.project()
    return Ground(
        world=world,
        api=api,
        project=project,
        instagram=await world.account(project, "instagram", "brand"),
        tiktok=await world.account(project, "tiktok", "brand"),
    )


def messages(verdict: Mapping[str, Any], kind: str = "errors") -> str:
    """Return all messages of a verdict."""
    return "\n".join(one["message"] for one in verdict[kind])


def codes(verdict: Mapping[str, Any], kind: str = "errors") -> Sequence[str]:
    """Return all codes of a verdict."""
    return [one["code"] for one in verdict[kind]]


async def test_valid_content_has_no_findings(ground: Ground) -> None:
    """A video, an image and a slideshow within all limits have neither errors nor warnings."""
    for content in (
        await ground.content(CLIP),
        await ground.content(replace(PICTURE, width=1000, height=1250)),
        await ground.content(PICTURE, PICTURE, PICTURE),
    ):
        for account in (ground.instagram, ground.tiktok):
            reported = await ground.verdict(content, account)
            assert (reported["ok"], reported["errors"], reported["warnings"]) == (True, [], [])


@pytest.mark.parametrize(
    ("probe", "caption", "words", "details"),
    [
        (PICTURE, "x" * 2201, "2,201 characters; Instagram accepts 2,200", {"value": 2201, "limit": 2200}),
        (PICTURE, "#a " * 31, "31 hashtags; Instagram accepts 30", {"reason": "hashtags", "value": 31}),
        (PICTURE, "@b " * 21, "21 accounts; Instagram accepts 20", {"reason": "mentions", "limit": 20}),
        (replace(PICTURE, width=500), "", "500 × 1350 pixels, 0.37:1", {"reason": "ratio", "limit": 0.8}),
        (replace(PICTURE, width=2600), "", "1.93:1; Instagram accepts 0.80:1 (4:5) to 1.91:1", {"limit": 1.91}),
        (replace(CLIP, duration=timedelta(seconds=2.5)), "", "is 2.5 s; Instagram accepts reels of 3 s", {"limit": 3}),
        (replace(CLIP, duration=timedelta(minutes=16, seconds=5)), "", "is 16 min 5 s", {"value": 965, "limit": 900}),
        (replace(CLIP, size_bytes=305_000_000), "", "has 305 MB; Instagram accepts 300 MB", {"reason": "size"}),
        (replace(CLIP, width=1900, height=100), "", "19.00:1; Instagram accepts 0.01:1 to 10:1", {"limit": 10}),
    ],
)
async def test_instagrams_fixed_limits(
    ground: Ground, probe: Probe, caption: str, words: str, details: Mapping[str, object]
) -> None:
    """Each limit is a separate error, with the values in the message and in the details."""
    reported = await ground.verdict(await ground.content(probe), ground.instagram, captionOverride=caption)
    (error,) = reported["errors"]
    assert (reported["ok"], words in error["message"]) == (False, True), error["message"]
    assert details.items() <= error["details"].items()


@pytest.mark.parametrize(
    ("probe", "caption", "words"),
    [
        (CLIP, "🎬" * 1101, "2,202 characters as TikTok counts them (UTF-16 units); it accepts 2,200"),
        (PICTURE, "🎬" * 2001, "4,002 characters as TikTok counts them (UTF-16 units); it accepts 4,000"),
        (replace(CLIP, width=300, height=533), "", "300 × 533 pixels; TikTok accepts 360 at least"),
    ],
)
async def test_tiktoks_fixed_limits(ground: Ground, probe: Probe, caption: str, words: str) -> None:
    """Texts are counted in UTF-16 units, and small videos are refused."""
    reported = await ground.verdict(await ground.content(probe), ground.tiktok, captionOverride=caption)
    (error,) = reported["errors"]
    assert words in error["message"]


async def test_an_override_replaces_the_containers_caption(ground: Ground) -> None:
    """Six hashtags cause a warning; with an override, only those of the override count."""
    content = await ground.content(PICTURE, caption="#a " * 6)
    reported = await ground.verdict(content, ground.instagram)
    assert (reported["ok"], codes(reported, "warnings")) == (True, ["TOO_MANY_HASHTAGS"])
    assert "6 hashtags; Instagram's own app allows 5" in messages(reported, "warnings")
    assert (await ground.verdict(content, ground.instagram, captionOverride=""))["warnings"] == []


async def test_conversions_are_warnings(ground: Ground) -> None:
    """A PNG, a VP9 video and one with 120 fps are converted, and each slideshow item is named."""
    png = replace(PICTURE, content_type=ContentType.PNG)
    slideshow = await ground.content(PICTURE, png, replace(PICTURE, height=1080))
    reported = await ground.verdict(slideshow, ground.instagram)
    assert (reported["ok"], codes(reported, "warnings")) == (True, ["MEDIA_CROPPED", "MEDIA_CONVERTED"])
    assert "Item 2: the picture is PNG, and JPEG is accepted" in messages(reported, "warnings")
    for probe in (replace(CLIP, video_codec="vp9"), replace(CLIP, frame_rate=120.0)):
        for account in (ground.instagram, ground.tiktok):
            reported = await ground.verdict(await ground.content(probe), account)
            assert (reported["ok"], codes(reported, "warnings")) == (True, ["MEDIA_CONVERTED"])


async def test_what_tiktok_allows_the_account_now(ground: Ground) -> None:
    """Duration and privacy are checked against the current creator_info, and both errors are reported at once."""
    content = await ground.content(replace(CLIP, duration=timedelta(minutes=14, seconds=3)))
    await ground.change_platform_account(
        "tiktok",
        creatorInfo={"max_video_post_duration_sec": 600, "privacy_level_options": ["FOLLOWER_OF_CREATOR", "SELF_ONLY"]},
    )
    reported = await ground.verdict(content, ground.tiktok, tiktokPostSettings={"privacyLevel": "PUBLIC_TO_EVERYONE"})
    assert codes(reported) == ["PLATFORM_REJECTED", "MEDIA_REJECTED"]
    assert "it offers: FOLLOWER_OF_CREATOR, SELF_ONLY" in messages(reported)
    assert "The video is 14 min 3 s; this account may post up to 10 min" in messages(reported)
    assert reported["errors"][1]["details"] == {
        "reason": "duration",
        "value": 843,
        "limit": 600,
        "unit": "seconds",
        "item": 1,
    }
    await ground.change_platform_account("tiktok", creatorInfo={"max_video_post_duration_sec": 3600})
    private = {"privacyLevel": "SELF_ONLY", "isBrandedContent": True}
    reported = await ground.verdict(content, ground.tiktok, tiktokPostSettings=private)
    assert [error["details"]["reason"] for error in reported["errors"]] == ["private_branded_content"]
    assert (await ground.verdict(content, ground.tiktok))["ok"] is True


@pytest.mark.parametrize(
    ("code", "status", "errors", "warnings"),
    [
        ("spam_risk_too_many_posts", 200, ["PLATFORM_RATE_LIMITED"], []),
        ("reached_active_user_cap", 200, ["PLATFORM_RATE_LIMITED"], []),
        ("spam_risk_user_banned_from_posting", 200, ["ACCOUNT_NOT_ELIGIBLE"], []),
        ("scope_not_authorized", 401, ["CREDENTIAL_INVALID"], []),
        ("rate_limit_exceeded", 429, [], ["RATE_LIMITED"]),
        ("internal_error", 500, [], ["PLATFORM_NOT_ASKED"]),
    ],
)
async def test_an_account_that_can_not_post_now(
    ground: Ground, code: str, status: int, errors: list[str], warnings: list[str]
) -> None:
    """TikTok's refusal of the account is an error with its code; a short rate limit or a fault is a warning."""
    await ground.world.fault(
        platform="tiktok", operation="creator_info", fault="platform_error", value={"code": code, "status": status}
    )
    reported = await ground.verdict(await ground.content(PICTURE), ground.tiktok)
    assert (codes(reported), codes(reported, "warnings"), reported["ok"]) == (errors, warnings, not errors)
    if errors:
        assert reported["errors"][0]["details"]["platformCode"] == code


async def test_instagrams_remaining_quota(ground: Ground) -> None:
    """The numbers are Instagram's, minus the earlier targets of the same call to that account."""
    await ground.change_platform_account("instagram", quotaTotal=2)
    target = to(ground.instagram)
    verdict = await preflight(ground.world.client, await ground.content(PICTURE), target, target, target)
    first, second, third = verdict["targets"]
    assert [codes(first, "warnings"), codes(second, "warnings")] == [["QUOTA_LOW"], ["QUOTA_LOW", "REPEATED_TARGET"]]
    assert "published 0 of the 2 posts" in messages(first, "warnings")
    assert "2 are left" in messages(first, "warnings")
    assert (codes(third), third["errors"][0]["details"]["limit"]) == (["PLATFORM_RATE_LIMITED"], 2)
    assert "2 of this call go first" in messages(third)


@pytest.mark.parametrize("fault", ["http_500", "html_502", "malformed_json", "drop_before_effect", "token_expired"])
@pytest.mark.parametrize(
    ("platform", "operation"), [("instagram", "content_publishing_limit"), ("tiktok", "creator_info")]
)
async def test_an_unreachable_platform_is_a_warning(ground: Ground, platform: str, operation: str, fault: str) -> None:
    """A fault causes no error: the fixed limits are checked, the warning names what was not, and nothing is written."""
    await ground.world.fault(platform=platform, operation=operation, fault=fault, times=10)
    content = await ground.content(PICTURE)
    account = ground.instagram if platform == "instagram" else ground.tiktok
    before = await rows(ground.api.context.pool)
    reported = await ground.verdict(content, account)
    assert (reported["ok"], codes(reported, "warnings")) == (True, ["PLATFORM_NOT_ASKED"])
    assert "act." not in str(reported)
    assert await rows(ground.api.context.pool) == before


async def test_an_expired_token_is_not_refreshed(ground: Ground, clock: MovableClock) -> None:
    """A refresh writes, so the platform is not called, and the warning says that publishing refreshes it."""
    clock.advance(timedelta(days=2))
    content, before = await ground.content(PICTURE), await rows(ground.api.context.pool)
    reported = await ground.verdict(content, ground.tiktok)
    assert (reported["ok"], codes(reported, "warnings")) == (True, ["PLATFORM_NOT_ASKED"])
    assert "Publishing refreshes it" in messages(reported, "warnings")
    assert (await rows(ground.api.context.pool))["social_accounts"] == before["social_accounts"]


@pytest.mark.exhaustive
async def test_a_slow_platform_does_not_delay_others(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time-out only that platform is reported as not checked."""
    monkeypatch.setattr(constraints, "FETCH_TIMEOUT", timedelta(seconds=2))
    await ground.world.fault(
        platform="instagram", operation="content_publishing_limit", fault="latency", value={"ms": 8000}
    )
    content = await ground.content(PICTURE)
    verdict = await preflight(
        ground.world.client,
        content,
        to(ground.instagram),
        to(ground.tiktok, tiktokPostSettings={"privacyLevel": "FOLLOWER_OF_CREATOR"}),
    )
    instagram, tiktok = verdict["targets"]
    assert (instagram["ok"], codes(instagram, "warnings")) == (True, ["PLATFORM_NOT_ASKED"])
    assert "within 2 s" in messages(instagram, "warnings")
    assert "FOLLOWER_OF_CREATOR" in messages(tiktok)


async def test_fifty_accounts_are_checked_concurrently(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call is under way before the first one gets its response, and every target has its own verdict."""
    accounts = [
        *await asyncio.gather(*(ground.world.account(ground.project, "tiktok", f"brand{n}") for n in range(25))),
        *await asyncio.gather(*(ground.world.account(ground.project, "instagram", f"brand{n}") for n in range(25))),
    ]
    content = await ground.content(PICTURE, caption="#a " * 6)
    call, all_made = Transport.call, asyncio.Barrier(len(accounts))

    async def call_with_all(*arguments: Any, **more: Any) -> Any:  # Any: passed on
        await all_made.wait()
        return await call(*arguments, **more)

    monkeypatch.setattr(Transport, "call", call_with_all)
    monkeypatch.setattr(constraints, "FETCH_TIMEOUT", timedelta(seconds=30))
    verdict = await preflight(ground.world.client, content, *map(to, accounts))
    assert verdict["ok"] is True
    assert [target["socialAccountId"] for target in verdict["targets"]] == accounts
    reported = [codes(target, "warnings") for target in verdict["targets"]]
    assert reported == [[]] * 25 + [["TOO_MANY_HASHTAGS"]] * 25
