"""The quota of an organization: what counts, what a call beyond it returns, and what makes room again."""

import asyncio
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from tests.databases import as_owner

from presswork.content.quota import count_media_bytes
from presswork.content.sweep import sweep_uploads
from presswork.db.queries import load
from presswork.media.store import MediaStore
from presswork.platforms.settings import Settings

MEDIA_SQL: Final = load("presswork.media")
JPEG, MP4 = "image/jpeg", "video/mp4"
QUOTA: Final = 1024**3
LARGE_BYTES: Final = 100 * 1024**2
VIDEO: Final = ("a.mp4", MP4, LARGE_BYTES)
LEFT: Final = QUOTA - 10 * LARGE_BYTES
"""What ten such videos leave: less than one image of the largest size."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings with the smallest quota."""
    return settings.model_copy(update={"media_quota_bytes": QUOTA})


_RECOUNT: Final = """
SELECT ((SELECT coalesce(sum(size_bytes), 0) FROM media_assets
          WHERE organization_id = $1 AND size_bytes IS NOT NULL AND removed_at IS NULL)
      + (SELECT coalesce(sum(size_bytes), 0) FROM media_renditions WHERE organization_id = $1)
      + (SELECT coalesce(sum(a.declared_size_bytes), 0)
           FROM content_containers c JOIN media_assets a ON a.container_id = c.id
          WHERE c.organization_id = $1 AND c.status = 'queued' AND a.size_bytes IS NULL))::bigint"""


async def used(content_client: Any) -> int:
    """Return the bytes that count for the organization of the client, which are what its rows add up to."""
    pool = content_client.api.context.pool
    owner = "SELECT organization_id FROM projects WHERE id = $1"
    organization = await pool.fetchval(owner, UUID(content_client.project_id.removeprefix("prj_")))
    kept = await count_media_bytes(pool, organization)
    assert kept == await pool.fetchval(_RECOUNT, organization)
    return kept


def refused(response: Any) -> dict[str, int]:
    """Return the numbers of a refusal."""
    assert response.status_code == 413, response.text
    error = response.json()["error"]
    assert error["code"] == "PAYLOAD_TOO_LARGE"
    assert str(error["details"]["remainingBytes"]) in error["message"]
    details: dict[str, int] = error["details"]
    return details


async def project_of(client: Any) -> str:
    """Create a project and return its id."""
    return str((await client.post("/v1/projects", json={"name": "Other", "timezone": "UTC"})).json()["id"])


async def fill(content_client: Any, *, leave: int) -> None:
    """Promise uploads until so many bytes are left."""
    response = await content_client.open(*[VIDEO] * 10)
    assert response.status_code == 201, response.text
    if leave < LEFT:
        assert (await content_client.open(("b.jpg", JPEG, LEFT - leave))).status_code == 201
    assert await used(content_client) == QUOTA - leave


async def test_promised_uploads_count_with_their_declared_sizes(content_client: Any) -> None:
    """The last byte can be promised; one byte more is 413 with the bytes that are left, and creates nothing."""
    await fill(content_client, leave=LEFT)
    containers = await content_client.count("content_containers")
    too_many = await content_client.open(("b.jpg", JPEG, LEFT), ("c.jpg", JPEG, 1))
    assert refused(too_many) == {"remainingBytes": LEFT, "requestedBytes": LEFT + 1, "quotaBytes": QUOTA}
    assert await content_client.count("content_containers") == containers
    assert (await content_client.open(("b.jpg", JPEG, LEFT))).status_code == 201
    assert refused(await content_client.open(("c.jpg", JPEG, 1)))["remainingBytes"] == 0


async def test_environments_share_the_quota_and_organizations_do_not(content_client: Any) -> None:
    """A live project of the same organization has no more room; another organization has all of its quota."""
    await fill(content_client, leave=0)
    for organization, environment, status in (("Acme", "live", 413), ("Other", "test", 201)):
        client = await content_client.api.client(organization=organization, environment=environment)
        body = {"files": [{"filename": "a.jpg", "contentType": JPEG, "sizeBytes": 1}], "grouping": "per-file"}
        response = await client.post(f"/v1/projects/{await project_of(client)}/content/uploads", json=body)
        assert response.status_code == status, response.text


async def test_a_file_counts_once_from_its_promise_to_its_end(content_client: Any, clock: Any, picture: bytes) -> None:
    """Uploading, uploading again and finalizing change nothing; the sweep returns what was not finalized."""
    kept, dropped, missing = [
        await content_client.expect((f"{name}.jpg", JPEG, picture), grouping="per-file") for name in "abc"
    ]
    for item in (kept, kept, dropped):
        assert (await content_client.put(item["files"][0], picture)).status_code == 204
        assert await used(content_client) == 3 * len(picture)
    assert (await content_client.finalize(kept["containerId"])).status_code == 200
    assert await used(content_client) == 3 * len(picture)
    clock.advance(timedelta(hours=24, seconds=1))
    context = content_client.api.context
    assert await sweep_uploads(context.pool, context.part(MediaStore), clock.now()) == 2
    assert missing["containerId"] != dropped["containerId"]
    assert (await used(content_client), len(content_client.originals())) == (len(picture), 1)


async def test_promises_that_lapsed_make_room(content_client: Any, clock: Any) -> None:
    """After 24 hours without files the whole quota can be promised again."""
    await fill(content_client, leave=0)
    clock.advance(timedelta(hours=24, seconds=1))
    context = content_client.api.context
    await sweep_uploads(context.pool, context.part(MediaStore), clock.now())
    await fill(content_client, leave=0)


async def test_media_by_url_counts_with_its_size(content_client: Any, files: Any, picture: bytes) -> None:
    """A file that fits exactly is stored; one byte less room is 413 after the fetch, and no room is 413 before it."""
    url = files.put("a.jpg", picture)
    await fill(content_client, leave=2 * len(picture) - 1)
    assert (await content_client.upload(url)).status_code == 201
    assert await used(content_client) == QUOTA - len(picture) + 1
    response = await content_client.upload(url)
    numbers = {"remainingBytes": len(picture) - 1, "requestedBytes": len(picture), "quotaBytes": QUOTA}
    assert refused(response) == numbers
    assert (len(content_client.originals()), len(files.hits)) == (1, 2)
    assert (await content_client.open(("b.jpg", JPEG, len(picture) - 1))).status_code == 201
    assert refused(await content_client.upload(url)) == {"remainingBytes": 0, "quotaBytes": QUOTA}
    assert (len(content_client.originals()), len(files.hits)) == (1, 2)


async def test_calls_at_the_same_time_do_not_exceed_the_quota_together(content_client: Any) -> None:
    """Of twelve calls for two videos each, the five that fit are accepted, whatever their order."""
    responses = await asyncio.gather(*(content_client.open(VIDEO, VIDEO) for _ in range(12)))
    statuses = sorted(response.status_code for response in responses)
    assert statuses == [201] * 5 + [413] * 7
    assert await used(content_client) == 10 * LARGE_BYTES


async def test_the_kept_number_is_exact_after_calls_at_the_same_time(
    content_client: Any, files: Any, clock: Any, picture: bytes
) -> None:
    """Uploads of all kinds, refused ones, files sent twice, and sweeps that race with them and with each other."""
    context = content_client.api.context
    url = files.put("a.jpg", picture)
    files.put("broken.jpg", b"no picture")

    async def send(data: bytes, *, is_finalized: bool) -> None:
        item = await content_client.expect(("a.jpg", JPEG, picture), ("b.jpg", JPEG, picture))
        await asyncio.gather(*(content_client.put(target, data) for target in (*item["files"], item["files"][0])))
        if is_finalized:
            await content_client.finalize(item["containerId"])

    async def sweep() -> None:
        later = clock.now() + timedelta(hours=24, seconds=1)
        await asyncio.gather(*(sweep_uploads(context.pool, context.part(MediaStore), later, limit=3) for _ in range(3)))

    async def convert_and_delete(*, is_finalized: bool) -> None:
        """Record conversions of content, as workers do, while it is deleted, twice."""
        item = await content_client.expect(("a.jpg", JPEG, picture), grouping="per-file")
        await content_client.put(item["files"][0], picture)
        if is_finalized:
            await content_client.finalize(item["containerId"])
        container = UUID(item["containerId"].removeprefix("cnt_"))
        await asyncio.gather(
            *(
                context.pool.fetchval(
                    MEDIA_SQL["add_rendition"], f"renditions/{container}/{n}.jpg", container, size, None
                )
                for n, size in ((1, 10), (2, 20), (1, 11), (3, 30))
            ),
            *(content_client.client.delete(f"/v1/content/{item['containerId']}") for _ in range(2)),
        )

    await asyncio.gather(
        *(convert_and_delete(is_finalized=number % 2 == 0) for number in range(6)),
        *(content_client.upload(url) for _ in range(3)),
        content_client.upload(url, url),
        content_client.upload(url.replace("a.jpg", "broken.jpg")),
        *(content_client.open(*[VIDEO] * 10) for _ in range(2)),  # only one of them fits
        content_client.open(("c.jpg", JPEG, LEFT // 2)),
        *(send(picture, is_finalized=number % 2 == 0) for number in range(6)),
        send(picture + b"!", is_finalized=True),
        send(picture[:-1], is_finalized=True),
        *(sweep() for _ in range(3)),
    )
    assert await used(content_client) >= 4 * len(picture)
    for _ in range(20):
        await sweep()
    assert await used(content_client) == len(content_client.originals()) * len(picture)
    assert await content_client.count("media_renditions") == 0
    await as_owner(context.pool, "DELETE FROM media_assets")
    assert await used(content_client) == 0
