"""Preflight of drafts by SMS: a verified phone is required, and content that does not fit is a warning."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import TypeAdapter
from tests.posts.conftest import Scene, bare
from tests.posts.test_preflight import preflight, rows, to
from tests.posts.test_preflight_limits import PICTURE

from presswork.media.model import Probe


async def operator(scene: Scene, *, verified_in: str | None) -> None:
    """Insert the organization's primary operator."""
    await scene.pool.execute(
        """INSERT INTO operators (id, organization_id, name, phone, phone_verified_at, phone_verified_in, is_primary, created_at)
           SELECT $1, organization_id, 'Ines', '+15551230001', $2, $3, true, now() FROM projects WHERE id = $4""",
        uuid4(),
        datetime.now(UTC) if verified_in else None,
        verified_in,
        bare(scene.project),
    )


async def media(scene: Scene, container: str, size_bytes: int) -> None:
    """Insert a media file of a given size."""
    probe = replace(PICTURE, size_bytes=size_bytes)
    await scene.pool.execute(
        """INSERT INTO media_assets (id, container_id, organization_id, environment, position, object_key, sha256, probe, created_at,
                                     verified_at)
           SELECT $1, id, organization_id, environment, 0, 'x', $3, $4, now(), now() FROM content_containers WHERE id = $2""",
        uuid4(),
        bare(container),
        probe.sha256,
        TypeAdapter(Probe).dump_json(probe).decode(),
    )


@pytest.mark.parametrize(
    ("verified_in", "environment", "is_reached"),
    [
        ("no operator", "test", False),
        (None, "test", False),
        ("test", "test", True),
        ("live", "test", True),
        ("test", "live", False),
        ("live", "live", True),
    ],
)
async def test_drafts_by_sms_require_a_verified_phone(
    scene: Scene, verified_in: str | None, environment: str, is_reached: bool
) -> None:
    """Without a phone of the primary operator verified for the environment, drafts by SMS have the error they would fail with.

    A phone that was verified in `live` counts in both environments.
    """
    if verified_in != "no operator":
        await operator(scene, verified_in=verified_in)
    for table in ("projects", "social_accounts", "content_containers"):
        await scene.pool.execute(f"UPDATE {table} SET environment = $1", environment)  # noqa: S608  names from here
    client = await scene.stage.api.client(environment=environment)
    await client.get("/v1/whoami")  # this writes lastUsedAt, once a minute
    before = await rows(scene.pool)
    verdict = await preflight(client, scene.image, to(scene.instagram, mode="draft"), to(scene.instagram))
    assert await rows(scene.pool) == before
    errors = [{error["code"]: error["message"] for error in target["errors"]} for target in verdict["targets"]]
    reported = [list(messages) for messages in errors]
    assert ("OPERATOR_PHONE_UNVERIFIED" in reported[0], "OPERATOR_PHONE_UNVERIFIED" in reported[1]) == (
        not is_reached,
        False,
    )
    if environment == "test":  # a live project needs settings, too, and preflight names them
        assert reported == [[] if is_reached else ["OPERATOR_PHONE_UNVERIFIED"], []]
    if not is_reached:
        assert "verify-phone" in errors[0]["OPERATOR_PHONE_UNVERIFIED"]


async def test_operators_of_other_organizations_do_not_count(scene: Scene) -> None:
    """Only the organization's own operator counts."""
    await operator(scene, verified_in="test")
    other = await scene.pool.fetchval(
        "INSERT INTO organizations (id, name, created_at) VALUES (gen_random_uuid(), 'Rival', now()) RETURNING id"
    )
    await scene.pool.execute("UPDATE operators SET organization_id = $1", other)
    verdict = await preflight(scene.client, scene.image, to(scene.instagram, mode="draft"))
    assert verdict["targets"][0]["errors"][0]["code"] == "OPERATOR_PHONE_UNVERIFIED"


async def test_content_that_does_not_fit_an_sms_is_a_warning(scene: Scene) -> None:
    """Large media and a long caption are warnings with their values; for mode publish there are none."""
    await operator(scene, verified_in="test")
    await media(scene, scene.image, 5_000_001)
    long = {"captionOverride": "x" * 1500}
    verdict = await preflight(
        scene.client,
        scene.image,
        to(scene.instagram, mode="draft", **long),
        to(scene.instagram, mode="draft"),
        to(scene.instagram, **long),
    )
    reported = [{warning["code"] for warning in target["warnings"]} for target in verdict["targets"]]
    assert reported[0] >= {"MEDIA_LINKED", "CAPTION_ON_PAGE"}
    assert reported[1] >= {"MEDIA_LINKED"}
    assert not reported[2] & {"MEDIA_LINKED", "CAPTION_ON_PAGE"}
    assert "CAPTION_ON_PAGE" not in reported[1]
    (linked,) = (w for w in verdict["targets"][1]["warnings"] if w["code"] == "MEDIA_LINKED")
    assert linked["details"] == {"value": 5_000_001, "limit": 5_000_000, "unit": "bytes"}
