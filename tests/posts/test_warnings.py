"""Warnings of publish and schedule: what is known to fail is said in the reply, or refused with `strict`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import httpx2
import pytest
from pydantic import JsonValue
from tests.api_server import Api
from tests.posts.conftest import bare
from tests.posts.test_preflight import preflight, rows, to
from tests.posts.test_preflight_limits import CLIP, PAPER, PICTURE, Ground
from tests.world import World

from presswork.core.enums import Environment
from presswork.db.pool import parts_of
from presswork.media.model import Probe
from presswork.platforms.names import PlatformName
from presswork.platforms.sms_port import PHONE_MISSING
from presswork.posts.create_posts import statement

LONG: Final = "x" * 2201
TOO_LONG: Final = {
    "code": "PLATFORM_LIMIT",
    "message": "The caption has 2,201 characters; Instagram accepts 2,200. Shorten it (captionOverride sets one for this "
    "target alone).",
    "reason": "caption_length",
    "value": 2201,
    "limit": 2200,
    "unit": "characters",
}


@pytest.fixture
async def ground(api: Api, world: World) -> Ground:
    """Both accounts are called brand, and there is no verified phone."""
    project = await world.project()
    return Ground(
        world=world,
        api=api,
        project=project,
        instagram=await world.account(project, "instagram", "brand"),
        tiktok=await world.account(project, "tiktok", "brand"),
    )


def tomorrow() -> str:
    """Return an instant a day ahead."""
    return f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"


async def publish(
    ground: Ground, container: str, *targets: Mapping[str, object], key: str | None = None, **more: object
) -> httpx2.Response:
    """Send a publish call."""
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"targets": list(targets), **more}
    return await ground.world.client.post(f"/v1/content/{container}/publish", json=body, headers=headers)


async def schedule(
    ground: Ground, container: str, *targets: Mapping[str, object], key: str | None = None, **more: object
) -> httpx2.Response:
    """Send a schedule call for tomorrow."""
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"targets": list(targets), "scheduledFor": tomorrow(), **more}
    return await ground.world.client.post(f"/v1/content/{container}/schedule", json=body, headers=headers)


def warning(account: str, **facts: object) -> dict[str, object]:
    """Return a warning about a target in mode publish."""
    return {"socialAccountId": account, "mode": "publish", **facts}


async def test_a_caption_over_the_limit_is_a_warning(ground: Ground) -> None:
    """Publish and schedule accept the target and report the caption with its numbers; TikTok accepts the same text."""
    content = await ground.content(PICTURE, caption=LONG)
    targets = (to(ground.tiktok), to(ground.instagram))
    for send in (publish, schedule):
        for key in (None, str(uuid4())):
            response = await send(ground, content, *targets, key=key)
            assert response.status_code == 200, response.text
            assert len(response.json()["scheduledPostIds"]) == 2
            assert response.json()["warnings"] == [warning(ground.instagram, **TOO_LONG)]


async def test_without_anything_to_report_there_are_no_warnings(ground: Ground) -> None:
    """The body has the fields of the reference only, with and without `strict`, also where TikTok takes a tall picture."""
    tall = await ground.content(replace(PICTURE, height=1920))
    bodies: list[dict[str, Any]] = [{}, {"strict": False}, {"strict": True}]
    for more in bodies:
        response = await publish(ground, tall, to(ground.tiktok), **more)
        assert (response.status_code, set(response.json())) == (200, {"scheduledPostIds"}), response.text
    response = await schedule(ground, await ground.content(CLIP), to(ground.instagram), to(ground.tiktok))
    assert set(response.json()) == {"scheduledPostIds", "gateStatus", "scheduledFor"}


@pytest.mark.parametrize(
    ("probe", "target", "expected"),
    [
        (PICTURE, {"captionOverride": "#a " * 31}, ["hashtags"]),
        (PICTURE, {"captionOverride": "@b " * 21}, ["mentions"]),
        (PICTURE, {"firstCommentOverride": LONG}, ["first_comment_length"]),
        (PICTURE, {"captionOverride": LONG, "firstCommentOverride": LONG}, ["caption_length", "first_comment_length"]),
        (replace(PICTURE, width=500), {}, ["ratio"]),
        (replace(CLIP, duration=timedelta(seconds=2)), {}, ["duration"]),
        (replace(CLIP, size_bytes=300_000_001), {}, ["size"]),
        (replace(CLIP, duration=timedelta(minutes=16), width=1900, height=100), {}, ["ratio", "duration"]),
        (replace(PICTURE, width=2600), {"captionOverride": LONG}, ["caption_length", "ratio"]),
    ],
)
async def test_the_warnings_are_the_errors_of_preflight(
    ground: Ground, probe: Probe, target: Mapping[str, object], expected: list[str]
) -> None:
    """Each problem that preflight knows without Instagram is a warning with the same code, message and numbers."""
    content = await ground.content(probe)
    verdict = await preflight(ground.world.client, content, to(ground.instagram, **target))
    errors = verdict["targets"][0]["errors"]
    reported = (await publish(ground, content, to(ground.instagram, **target))).json()["warnings"]
    assert [one["reason"] for one in reported] == expected
    assert reported == [
        warning(ground.instagram, code=error["code"], message=error["message"], **error["details"]) for error in errors
    ]


async def test_more_pictures_than_one_platform_takes(ground: Ground) -> None:
    """The limit of one platform is no limit of the content: TikTok takes what is too much for Instagram."""
    content = await ground.content(*[PICTURE] * 11)
    (found,) = (await publish(ground, content, to(ground.instagram), to(ground.tiktok))).json()["warnings"]
    assert (found["socialAccountId"], found["reason"], found["value"], found["limit"]) == (
        ground.instagram,
        "item_count",
        11,
        10,
    )


async def test_content_without_media(ground: Ground) -> None:
    """A platform without such posts refuses it; one that has them reports a text that would be empty on one target."""
    threads = await ground.world.account(ground.project, "threads", "brand")
    made = await ground.world.client.post(f"/v1/projects/{ground.project}/content", json={"text": "Spring menu"})
    content = made.json()["id"]
    refused = (await publish(ground, content, to(threads), to(ground.instagram))).json()["error"]
    assert (refused["code"], refused["details"]["reason"]) == (
        "SOCIAL_ACCOUNT_NOT_PUBLISH_READY",
        "media_not_supported",
    )
    sent = await publish(ground, content, to(threads), to(threads, mode="draft", captionOverride="Bread"))
    assert [warned["code"] for warned in sent.json()["warnings"]] == ["OPERATOR_PHONE_UNVERIFIED"]
    for text in ("", " \u00a0\n"):
        (found,) = (await publish(ground, content, to(threads, captionOverride=text))).json()["warnings"]
        assert (found["code"], found["reason"]) == ("PLATFORM_LIMIT", "text_missing"), text


KINDS: Final = {"mixed": {"instagram", "threads", "telegram"}, "document": {"linkedin"}}


async def test_kinds_of_which_most_platforms_have_no_posts(ground: Ground) -> None:
    """Pictures and videos together, and a PDF, are refused for every platform without such posts, in each mode."""
    contents = {"mixed": await ground.content(PICTURE, CLIP), "document": await ground.content(PAPER)}
    for platform in PlatformName:
        account = await ground.world.account(ground.project, platform.value, "brand")
        for kind, content in contents.items():
            for mode in ("publish", "draft"):
                verdict = await preflight(ground.world.client, content, to(account, mode=mode))
                reasons = [error["details"].get("reason") for error in verdict["targets"][0]["errors"]]
                is_refused = platform.value not in KINDS[kind]
                assert ("media_not_supported" in reasons) is is_refused, (platform, kind, mode, reasons)
                if is_refused:
                    refused = (await publish(ground, content, to(account, mode=mode))).json()["error"]
                    expected = ("SOCIAL_ACCOUNT_NOT_PUBLISH_READY", "media_not_supported", kind)
                    details = refused["details"]
                    assert (refused["code"], details["reason"], details["mediaType"]) == expected


async def test_a_post_that_is_less_public(ground: Ground) -> None:
    """What TikTok offered last is said by publish and schedule, as by preflight, unless the target names a level."""
    levels: dict[str, JsonValue] = {"privacy_level_options": ["FOLLOWER_OF_CREATOR", "SELF_ONLY"]}
    await ground.change_platform_account("tiktok", creatorInfo=levels)
    assert await ground.world.account(ground.project, "tiktok", "brand") == ground.tiktok  # a login reads it
    content, named = await ground.content(CLIP), {"privacyLevel": "SELF_ONLY"}
    (verdict,) = (await preflight(ground.world.client, content, to(ground.tiktok)))["targets"]
    (found,) = verdict["warnings"]
    assert (found["code"], found["details"]) == ("PRIVACY_REDUCED", {"privacyLevel": "FOLLOWER_OF_CREATOR"})
    expected = warning(ground.tiktok, code=found["code"], message=found["message"], **found["details"])
    for send in (publish, schedule):
        targets = (to(ground.tiktok), to(ground.tiktok, mode="draft"), to(ground.instagram))
        assert (await send(ground, content, *targets, strict=True)).json()["warnings"] == [expected]
        assert "warnings" not in (await send(ground, content, to(ground.tiktok, tiktokPostSettings=named))).json()


async def test_a_first_comment_over_the_limit(ground: Ground) -> None:
    """The comment that is written counts, the container's or that of the target, and only where one is written."""
    content = await ground.content(PICTURE)
    pool = ground.api.context.pool
    await pool.execute("UPDATE content_containers SET first_comment = $2 WHERE id = $1", bare(content), LONG)
    (found,) = (await publish(ground, content, to(ground.instagram), to(ground.tiktok))).json()["warnings"]
    assert found == warning(
        ground.instagram,
        code="PLATFORM_LIMIT",
        message="The first comment has 2,201 characters; Instagram accepts 2,200. The post would go live without it. Shorten "
        "it (firstCommentOverride sets one for this target alone).",
        reason="first_comment_length",
        value=2201,
        limit=2200,
        unit="characters",
    )
    verdict = (await preflight(ground.world.client, content, to(ground.instagram)))["targets"][0]
    assert (verdict["ok"], [error["details"]["value"] for error in verdict["errors"]]) == (False, [2201])
    for short in ("", "x" * 2200):
        target = to(ground.instagram, firstCommentOverride=short)
        response = await publish(ground, content, target, strict=True)
        assert (response.status_code, set(response.json())) == (200, {"scheduledPostIds"}), response.text
    refused = await publish(ground, content, to(ground.instagram), strict=True)
    assert (refused.status_code, refused.json()["error"]["details"]["targets"]) == (422, [found])
    (draft,) = (await preflight(ground.world.client, content, {**to(ground.instagram), "mode": "draft"}))["targets"]
    assert [error["code"] for error in draft["errors"]] == ["OPERATOR_PHONE_UNVERIFIED"]


async def test_tiktoks_limits_are_known_too(ground: Ground) -> None:
    """A text beyond TikTok's UTF-16 units, a video that is too small, and a draft that is too long."""
    long = await ground.content(CLIP, caption="🎬" * 1101)
    (found,) = (await publish(ground, long, to(ground.tiktok))).json()["warnings"]
    assert (found["value"], found["limit"], found["unit"]) == (2202, 2200, "UTF-16 units")
    small = await ground.content(replace(CLIP, width=300, height=533))
    (found,) = (await publish(ground, small, to(ground.tiktok))).json()["warnings"]
    assert (found["reason"], found["value"], found["item"]) == ("dimensions", 300, 1)


async def test_a_draft_without_a_verified_phone(ground: Ground) -> None:
    """A draft by text has no recipient until the primary operator's phone is verified."""
    content, draft = await ground.content(PICTURE), to(ground.instagram) | {"mode": "draft"}
    (found,) = (await publish(ground, content, draft)).json()["warnings"]
    assert found == {
        "socialAccountId": ground.instagram,
        "mode": "draft",
        "code": "OPERATOR_PHONE_UNVERIFIED",
        "message": PHONE_MISSING,
        "reason": "operator_phone",
    }
    refused = await publish(ground, content, draft, strict=True)
    assert (refused.status_code, refused.json()["error"]["details"]["targets"]) == (422, [found])
    await ground.api.context.pool.execute(
        """INSERT INTO operators (id, organization_id, name, phone, phone_verified_at, phone_verified_in, is_primary,
                                  created_at)
           SELECT gen_random_uuid(), organization_id, 'Ann', '+15550001111', now(), 'live', true, now()
             FROM projects WHERE id = $1""",
        bare(ground.project),
    )
    assert "warnings" not in (await publish(ground, content, draft, strict=True)).json()


async def test_the_stored_reply_contains_the_warnings(ground: Ground) -> None:
    """A retry gets the same bytes, although the caption was shortened in between; the posts exist once."""
    content = await ground.content(PICTURE, caption=LONG)
    for send, status in ((publish, "not_required"), (schedule, "not_required"), (schedule, "pending")):
        await ground.api.context.pool.execute(
            "UPDATE content_containers SET caption = $2, approval_status = $3 WHERE id = $1",
            bare(content),
            LONG,
            status,
        )
        key, more = str(uuid4()), {} if send is publish else {"scheduledFor": tomorrow()}
        first = await send(ground, content, to(ground.instagram), key=key, **more)
        assert first.json()["warnings"] == [warning(ground.instagram, **TOO_LONG)]
        assert first.status_code == (202 if status == "pending" else 200)
        await ground.api.context.pool.execute(
            "UPDATE content_containers SET caption = 'short' WHERE id = $1", bare(content)
        )
        again = await send(ground, content, to(ground.instagram), key=key, **more)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["Idempotent-Replayed"] == "true"
    assert await ground.api.context.pool.fetchval("SELECT count(*) FROM scheduled_posts") == 2
    assert await ground.api.context.pool.fetchval("SELECT count(*) FROM schedule_intents") == 1


async def test_strict_refuses_targets_that_would_fail(ground: Ground) -> None:
    """422 with the same content in `details.targets`, in publish, schedule and for content that waits; no row changes."""
    content = await ground.content(PICTURE, caption=LONG)
    for send, status in ((publish, "not_required"), (schedule, "not_required"), (schedule, "pending")):
        await ground.api.context.pool.execute(
            "UPDATE content_containers SET approval_status = $2 WHERE id = $1", bare(content), status
        )
        before = await rows(ground.api.context.pool)
        response = await send(ground, content, to(ground.tiktok), to(ground.instagram), key="k", strict=True)
        error = response.json()["error"]
        assert (response.status_code, error["code"]) == (422, "VALIDATION")
        assert error["details"]["targets"] == [warning(ground.instagram, **TOO_LONG)]
        assert error["details"]["issues"] == [
            {"path": "targets[1]", "message": TOO_LONG["message"], "code": "would_fail"}
        ]
        assert await rows(ground.api.context.pool) == before
    await ground.api.context.pool.execute(
        "UPDATE content_containers SET approval_status = 'approved', caption = 'short' WHERE id = $1", bare(content)
    )
    fixed = await publish(ground, content, to(ground.tiktok), to(ground.instagram), key="k", strict=True)
    assert fixed.status_code == 200, fixed.text


async def test_strict_comes_after_every_other_check(ground: Ground) -> None:
    """A refusal that does not depend on `strict` is the same with it: an unknown account, and an id that exists."""
    content, existing = await ground.content(PICTURE, caption=LONG), f"sp_{uuid4()}"
    assert (await publish(ground, content, to(ground.tiktok, scheduledPostId=existing))).status_code == 200
    for bad, code in (
        (to(f"sa_{uuid4()}"), "NOT_FOUND"),
        (to(ground.tiktok, scheduledPostId=existing), "CONFLICT_DUPLICATE_ID"),
    ):
        response = await publish(ground, content, to(ground.instagram), bad, strict=True)
        assert response.json()["error"]["code"] == code


async def test_a_repeated_target_is_no_failure(ground: Ground) -> None:
    """It shares the list and the shape, after the failures of its target, and `strict` accepts it."""
    content = await ground.content(PICTURE, caption=LONG)
    tiktok, instagram = to(ground.tiktok), to(ground.instagram)
    accepted = await publish(ground, content, tiktok, tiktok, strict=True)
    assert [one["code"] for one in accepted.json()["warnings"]] == ["REPEATED_TARGET"]
    both = (await publish(ground, content, tiktok, instagram, tiktok, instagram)).json()["warnings"]
    assert [(one["socialAccountId"], one["code"]) for one in both] == [
        (ground.instagram, "PLATFORM_LIMIT"),
        (ground.tiktok, "REPEATED_TARGET"),
        (ground.instagram, "PLATFORM_LIMIT"),
        (ground.instagram, "REPEATED_TARGET"),
    ]
    refused = await publish(ground, content, tiktok, instagram, tiktok, strict=True)
    assert [one["code"] for one in refused.json()["error"]["details"]["targets"]] == ["PLATFORM_LIMIT"]


async def test_preflight_accepts_the_same_body(ground: Ground) -> None:
    """`strict` is part of the body of all three calls; a preflight reports the problems all the same."""
    content = await ground.content(PICTURE, caption=LONG)
    body = {"targets": [to(ground.instagram)], "strict": True}
    response = await ground.world.client.post(f"/v1/content/{content}/preflight", json=body)
    assert (response.status_code, response.json()["ok"]) == (200, False)
    wrong = await publish(ground, content, to(ground.instagram), strict="yes")
    assert [issue["path"] for issue in wrong.json()["error"]["details"]["issues"]] == ["strict"]


async def test_an_approval_promotes_what_strict_would_refuse(ground: Ground) -> None:
    """The call was accepted with its warning, so its posts are created when the content is approved."""
    content = await ground.content(PICTURE, caption=LONG)
    await ground.api.context.pool.execute(
        "UPDATE content_containers SET approval_status = 'pending' WHERE id = $1", bare(content)
    )
    waiting = await schedule(ground, content, to(ground.instagram))
    assert (waiting.status_code, len(waiting.json()["warnings"])) == (202, 1)
    approved = await ground.world.client.post(f"/v1/content/{content}/approve", json={})
    promotion: dict[str, Any] = approved.json()["pendingSchedulePromotion"]
    assert (promotion["status"], len(promotion["scheduledPostIds"])) == ("ok", 1)


@pytest.mark.parametrize("is_idempotent", [False, True])
async def test_a_publish_call_is_one_statement(ground: Ground, is_idempotent: bool) -> None:
    """Content within the limits costs one statement. A warning costs another, and a third where its reply is stored."""
    ran: list[str] = []
    for part in parts_of(ground.api.context.pool):
        connections = [await part.acquire() for _ in range(part.get_size())]
        for connection in connections:
            connection.add_query_logger(lambda record: ran.append(record.query))
            await part.release(connection)
    offers = ground.api.context.platforms.offers(Environment.TEST)
    for caption, runs in (("Hello", 0), (LONG, 2 if is_idempotent else 1)):
        content = await ground.content(PICTURE, caption=caption)
        ran.clear()
        response = await publish(ground, content, to(ground.instagram), key=str(uuid4()) if is_idempotent else None)
        assert ("warnings" in response.json()) is (caption == LONG)
        assert ran.count(statement("publish", offers)) == 1
        assert ran.count(statement("publish_checked", offers)) == runs
