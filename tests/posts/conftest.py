"""Fixtures of the publishing tests: a project with one account per platform and one container per media type."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import httpx2
import pytest
from tests.api_server import Api
from tests.world import World

from presswork.core.ids import new_id
from presswork.db.pool import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyProject:
    """A project that is ready to publish. The rows are inserted directly: these tests need no real media."""

    world: World
    pool: Pool
    client: httpx2.AsyncClient
    project: str
    instagram: str
    tiktok: str
    image: str
    video: str
    slideshow: str

    async def publish(self, container: str, *targets: Mapping[str, object], key: str | None = None) -> httpx2.Response:
        """Send a publish call."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self.client.post(
            f"/v1/content/{container}/publish", json={"targets": list(targets)}, headers=headers
        )

    async def posts(self) -> int:
        """Return the number of posts."""
        return int(await self.pool.fetchval("SELECT count(*) FROM scheduled_posts"))

    async def change(self, table: str, thing: str, **values: object) -> None:
        """Update columns of a row."""
        for column, value in values.items():
            statement = f"UPDATE {table} SET {column} = $2 WHERE id = $1"  # noqa: S608  the names come from the tests
            await self.pool.execute(statement, bare(thing), value)


def bare(public: str) -> UUID:
    """Return the UUID of a public id."""
    return UUID(public.partition("_")[2])


async def insert_account(pool: Pool, project: str, platform: str, scopes: list[str]) -> str:
    """Insert a connected account."""
    account = new_id()
    await pool.execute(
        """INSERT INTO social_accounts (id, project_id, organization_id, environment, platform, login, external_id, handle, status,
                                        scopes, sealed_tokens, connected_at, created_at, updated_at)
           SELECT $1, id, organization_id, environment, $3::text, $3::text, $1::uuid::text, 'brand', 'connected', $4, 'sealed', now(), now(), now()
             FROM projects WHERE id = $2""",
        account,
        bare(project),
        platform,
        scopes,
    )
    return f"sa_{account}"


async def insert_container(pool: Pool, project: str, media_type: str) -> str:
    """Insert a completed container."""
    container = new_id()
    await pool.execute(
        """INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status, media_type,
                                           caption, created_at, updated_at)
           SELECT $1, id, organization_id, environment, 'completed', 'not_required', $3, 'Hello', now(), now()
             FROM projects WHERE id = $2""",
        container,
        bare(project),
        media_type,
    )
    return f"cnt_{container}"


INSTAGRAM_SCOPES = ["instagram_business_basic", "instagram_business_content_publish"]
TIKTOK_SCOPES = ["user.info.basic", "video.publish"]


@pytest.fixture
async def ready_project(api: Api, world: World) -> ReadyProject:
    """A project with an Instagram and a TikTok account, an image, a video and a slideshow."""
    pool, project = api.context.pool, await world.project()
    return ReadyProject(
        world=world,
        pool=pool,
        client=world.client,
        project=project,
        instagram=await insert_account(pool, project, "instagram", INSTAGRAM_SCOPES),
        tiktok=await insert_account(pool, project, "tiktok", TIKTOK_SCOPES),
        image=await insert_container(pool, project, "image"),
        video=await insert_container(pool, project, "video"),
        slideshow=await insert_container(pool, project, "multi"),
    )
