"""Preflight: everything that publishing would refuse, for every target at once, without writing."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from tests.api_server import Api
from tests.posts.conftest import INSTAGRAM_SCOPES, ReadyProject, bare, insert_account, insert_container
from tests.world import World

from presswork.core.enums import Environment
from presswork.db.pool import Pool

Target = Mapping[str, object]


async def preflight(client: httpx2.AsyncClient, container: str, *targets: Target) -> dict[str, Any]:
    """Send a preflight call, which returns 200 for every valid body about an existing container."""
    response = await client.post(f"/v1/content/{container}/preflight", json={"targets": list(targets)})
    assert response.status_code == 200, response.text
    return dict(response.json())


def to(account: str, **more: object) -> dict[str, object]:
    """Return a target in mode publish."""
    return {"socialAccountId": account, "mode": "publish", **more}


async def rows(pool: Pool) -> dict[str, object]:
    """Return a digest of every table, row versions included, except the call counters: the API stores those every ten seconds."""
    tables = await pool.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'rate_windows' ORDER BY 1"
    )
    counted = {"usage_entries": "WHERE kind <> 'api_calls'"}
    return {
        name: await pool.fetchval(
            f"SELECT md5(coalesce(string_agg(t.xmin::text || t.ctid::text, ',' ORDER BY t.ctid), '')) FROM {name} t {counted.get(name, '')}"  # noqa: S608  names of the catalogue
        )
        for (name,) in tables
    }


async def test_a_valid_target_has_no_errors(ready_project: ReadyProject) -> None:
    """The verdict is ok, in the order of the targets and in the documented shape."""
    verdict = await preflight(
        ready_project.client, ready_project.image, to(ready_project.tiktok), to(ready_project.instagram)
    )
    assert (verdict["ok"], verdict["errors"]) == (True, [])
    assert [target["socialAccountId"] for target in verdict["targets"]] == [
        ready_project.tiktok,
        ready_project.instagram,
    ]
    assert all(
        set(target) == {"socialAccountId", "ok", "errors", "warnings", "parts", "texts", "quotaCost", "estimatedCost"}
        for target in verdict["targets"]
    )
    assert all(target["ok"] for target in verdict["targets"])


async def test_refusals_are_the_same_as_those_of_publish(ready_project: ReadyProject) -> None:
    """Code, message and details of every refusal equal those of publish for the same target."""
    other = await ready_project.world.project("Other")
    foreign = await insert_account(ready_project.pool, other, "tiktok", ["video.publish"])
    weak = await insert_account(ready_project.pool, ready_project.project, "tiktok", ["user.info.basic"])
    dead = await insert_account(ready_project.pool, ready_project.project, "instagram", INSTAGRAM_SCOPES)
    await ready_project.change("social_accounts", dead, status="reauth_required")
    gone = await insert_account(ready_project.pool, ready_project.project, "tiktok", ["video.publish"])
    await ready_project.pool.execute(
        "UPDATE social_accounts SET status = 'disconnected', disconnected_at = now() WHERE id = $1", bare(gone)
    )
    newer = await insert_account(ready_project.pool, ready_project.project, "friendster", ["write"])
    existing = f"sp_{uuid4()}"
    assert (
        await ready_project.publish(ready_project.image, to(ready_project.tiktok, scheduledPostId=existing))
    ).status_code == 200
    track = {"mode": "manual", "trackId": str(uuid4())}
    bad: list[Target] = [
        to(f"sa_{uuid4()}"),
        to(foreign),
        to(gone),
        to(newer),
        to(weak),
        to(dead),
        to(ready_project.tiktok) | {"mode": "managed"},
        to(ready_project.tiktok) | {"mode": "draft"},
        to(ready_project.tiktok, shareReelToFeed=True),
        to(ready_project.instagram, shareReelToFeed=True),
        to(ready_project.tiktok, tiktokMusic=track),
        to(ready_project.tiktok, scheduledPostId=existing),
    ]
    for target in bad:
        refusal = (await ready_project.publish(ready_project.image, target)).json()["error"]
        verdict = await preflight(ready_project.client, ready_project.image, target)
        (reported,) = verdict["targets"]
        (error,) = reported["errors"]
        assert (verdict["ok"], reported["ok"]) == (False, False)
        assert error == {
            "code": refusal["code"],
            "message": refusal["message"],
            "details": refusal.get("details", {}),
        }, target
    together = await preflight(ready_project.client, ready_project.image, *bad, to(ready_project.instagram))
    assert [target["ok"] for target in together["targets"]] == [False] * len(bad) + [True]


async def test_all_errors_of_a_target_are_reported_at_once(ready_project: ReadyProject) -> None:
    """Placement, permission, track, id and caption: the first error does not hide the others."""
    weak = await insert_account(ready_project.pool, ready_project.project, "tiktok", ["user.info.basic"])
    existing = f"sp_{uuid4()}"
    assert (
        await ready_project.publish(ready_project.image, to(ready_project.tiktok, scheduledPostId=existing))
    ).status_code == 200
    target = to(
        weak,
        scheduledPostId=existing,
        shareReelToFeed=False,
        captionOverride="🎬" * 2001,
        tiktokMusic={"mode": "manual", "trackId": str(uuid4())},
    )
    (reported,) = (await preflight(ready_project.client, ready_project.image, target))["targets"]
    assert [error["code"] for error in reported["errors"]] == [
        "VALIDATION",
        "SOCIAL_ACCOUNT_NOT_PUBLISH_READY",
        "VALIDATION",
        "CONFLICT_DUPLICATE_ID",
        "PLATFORM_LIMIT",
    ]
    assert "4,002" in reported["errors"][-1]["message"]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"status": "queued"}, ["CONFLICT"]),
        ({"approval_status": "rejected"}, ["CONTENT_REJECTED"]),
        ({"approval_status": "pending"}, ["APPROVAL_REQUIRED"]),
        ({"status": "processing", "approval_status": "pending"}, ["CONFLICT", "APPROVAL_REQUIRED"]),
    ],
)
async def test_errors_of_the_container_are_reported_beside_the_targets(
    ready_project: ReadyProject, changes: dict[str, object], codes: list[str]
) -> None:
    """The targets are checked all the same; the first container error is the one that publish returns."""
    await ready_project.change("content_containers", ready_project.image, **changes)
    verdict = await preflight(ready_project.client, ready_project.image, to(ready_project.tiktok), to(f"sa_{uuid4()}"))
    assert [error["code"] for error in verdict["errors"]] == codes
    assert verdict["ok"] is False
    assert [target["ok"] for target in verdict["targets"]] == [True, False]
    refusal = (await ready_project.publish(ready_project.image, to(ready_project.tiktok))).json()["error"]
    assert verdict["errors"][0] == {name: refusal[name] for name in ("code", "message", "details")}


async def test_an_archived_project_is_an_error(ready_project: ReadyProject) -> None:
    """Nothing can be published from it, and preflight says so."""
    await ready_project.pool.execute(
        "UPDATE projects SET status = 'archived', archived_at = now() WHERE id = $1", bare(ready_project.project)
    )
    verdict = await preflight(ready_project.client, ready_project.image, to(ready_project.tiktok))
    assert [error["details"] for error in verdict["errors"]] == [{"projectStatus": "archived"}]


async def test_only_invalid_calls_are_refused(ready_project: ReadyProject, api: Api) -> None:
    """Only a missing key, a missing scope, an invalid body or an unknown container returns another status than 200."""
    path, body = f"/v1/content/{ready_project.image}/preflight", {"targets": [to(ready_project.tiktok)]}
    anonymous = await api.anonymous()
    writer = await api.client(scopes=["publish:write"])
    reader = await api.client(scopes=["publish:read"])
    assert (await anonymous.post(path, json=body)).status_code == 401
    assert (await writer.post(path, json=body)).json()["error"]["details"] == {"requiredScope": "publish:read"}
    assert (await reader.post(path, json=body)).status_code == 200
    broken = await reader.post(path, json={"targets": [to("sa_1")] * 51, "when": "now"})
    assert broken.status_code == 422
    unknown = await reader.post(f"/v1/content/cnt_{uuid4()}/preflight", json=body)
    refusal = await ready_project.publish(f"cnt_{uuid4()}", to(ready_project.tiktok))
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (404, refusal.json()["error"]["message"])


@pytest.mark.parametrize(("organization", "environment"), [("Rival", Environment.TEST), ("Acme", Environment.LIVE)])
async def test_other_tenants_are_invisible(
    ready_project: ReadyProject, api: Api, organization: str, environment: Environment
) -> None:
    """Another organization's container is 404, and its account does not exist, whatever its state."""
    rival = await api.client(organization=organization, environment=environment)
    response = await rival.post(
        f"/v1/content/{ready_project.image}/preflight", json={"targets": [to(ready_project.tiktok)]}
    )
    assert response.status_code == 404
    made = await World(api=api, client=rival).project()
    own = await insert_container(ready_project.pool, made, "image")
    theirs, nowhere = ready_project.tiktok, f"sa_{uuid4()}"
    one = await preflight(rival, own, to(theirs, captionOverride="x" * 4000))
    other = await preflight(rival, own, to(nowhere, captionOverride="x" * 4000))
    assert str(one).replace(theirs, nowhere) == str(other)


async def test_nothing_is_written(ready_project: ReadyProject) -> None:
    """Valid or not, with or without an idempotency key: no row of any table is inserted or changed."""
    before = await rows(ready_project.pool)
    targets = [
        to(ready_project.tiktok),
        to(ready_project.instagram),
        to(f"sa_{uuid4()}"),
        to(ready_project.tiktok, scheduledPostId=f"sp_{uuid4()}"),
    ]
    for headers in ({}, {"Idempotency-Key": "k1"}):
        response = await ready_project.client.post(
            f"/v1/content/{ready_project.image}/preflight", json={"targets": targets}, headers=headers
        )
        assert (response.status_code, "idempotent-replayed" in response.headers) == (200, False)
    assert await rows(ready_project.pool) == before


async def test_repeated_targets_and_unsupported_comments_are_warnings(ready_project: ReadyProject) -> None:
    """A repeated target and first comments that will not be written do not cause an error."""
    verdict = await preflight(
        ready_project.client,
        ready_project.image,
        to(ready_project.tiktok, firstCommentOverride="First!"),
        to(ready_project.tiktok, firstCommentOverride=""),
        to(ready_project.instagram, firstCommentOverride="First!"),
    )
    assert verdict["ok"] is True
    codes = [
        [warning["code"] for warning in target["warnings"] if warning["code"] != "PLATFORM_NOT_ASKED"]
        for target in verdict["targets"]
    ]
    assert codes == [["COMMENT_UNSUPPORTED"], ["REPEATED_TARGET"], ["COMMENT_NOT_PERMITTED"]]


async def test_what_a_video_costs_of_the_days_units(ready_project: ReadyProject) -> None:
    """50 units to make it visible, and those of its comment and extras; a missing permission is said, and none elsewhere."""
    pool, project = ready_project.pool, ready_project.project
    scopes = ["https://www.googleapis.com/auth/youtube.upload", "https://www.googleapis.com/auth/youtube.force-ssl"]
    youtube = await insert_account(pool, project, "youtube", scopes)
    extras = {
        "thumbnail": {"timestampMs": 0},
        "playlistIds": ["PLa", "PLb"],
        "captions": [{"language": "de", "url": "https://example.com/de.srt"}],
    }
    options = {"youtubePostSettings": extras}
    verdict = await preflight(
        ready_project.client,
        ready_project.video,
        to(youtube),
        to(youtube, **options),
        to(youtube, **options, firstCommentOverride="First!"),
        to(youtube, **options, mode="managed"),
        to(ready_project.instagram, **options),
    )
    costs = [target["quotaCost"] and target["quotaCost"]["units"] for target in verdict["targets"]]
    assert costs == [50, 600, 650, None, None]
    assert verdict["targets"][0]["quotaCost"]["unitsPerDay"] == 10_000
    await ready_project.change("social_accounts", youtube, scopes=scopes[:1])
    verdict = await preflight(ready_project.client, ready_project.video, to(youtube, **options))
    (warning,) = [one for one in verdict["targets"][0]["warnings"] if one["code"] == "EXTRA_NOT_PERMITTED"]
    assert warning["details"] == {"missingScopes": scopes[1:], "extras": ["playlist", "caption"]}


async def test_an_unreadable_token_is_a_warning(ready_project: ReadyProject) -> None:
    """If the token can't be decrypted, the account's limits are not checked, and a warning says so."""
    (reported,) = (await preflight(ready_project.client, ready_project.image, to(ready_project.instagram)))["targets"]
    assert (reported["ok"], [warning["code"] for warning in reported["warnings"]]) == (True, ["PLATFORM_NOT_ASKED"])


async def test_a_live_platform_without_settings_is_unavailable(api: Api) -> None:
    """The target's error is UNAVAILABLE with the setting's name, and the platform is not called."""
    world = World(api=api, client=await api.client(environment=Environment.LIVE))
    project = await world.project()
    account = await insert_account(api.context.pool, project, "tiktok", ["video.publish"])
    container = await insert_container(api.context.pool, project, "image")
    (reported,) = (await preflight(world.client, container, to(account)))["targets"]
    assert [error["code"] for error in reported["errors"]] == ["UNAVAILABLE"]
    assert reported["errors"][0]["details"]["setting"].startswith("PRESSWORK_")
    assert reported["warnings"] == []
